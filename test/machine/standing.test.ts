import fc from "fast-check";
import { expect, test } from "vitest";
import { nextInt, randomFrom } from "../../src/base/random.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { createMachine, reset } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import {
  codeAt,
  countFree,
  createStanding,
  fillEnabled,
  knowsAll,
  settleAll,
  stepStanding,
} from "../../src/machine/standing.ts";
import { begin, step } from "../../src/machine/step.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { crowdedScenarios, scenarios } from "../explore/support/scenarios.ts";

const stepsMax = 300;

/** What can go, with its times: as the state alone says. */
function asked(m: ReturnType<typeof createMachine>): readonly (readonly [number, number])[] {
  const count = enabled(m);
  return Array.from({ length: count }, (_, i) => [m.codes[i], m.times[i]]);
}

/** One random run on two machines: one is asked anew at each step, one keeps account. */
function compareRun(program: Program, timed: boolean, seed: number): number {
  const plain = createMachine(program, timed);
  const kept = createMachine(program, timed);
  const standing = createStanding(kept);
  const random = randomFrom(seed);
  reset(plain);
  reset(kept);
  begin(plain);
  begin(kept);
  settleAll(kept, standing);
  let quick = 0;
  for (let steps = 0; steps < stepsMax; steps++) {
    const known = asked(plain);
    if (knowsAll(kept, standing) && standing.ask === 0) {
      quick++;
      expect(countFree(kept, standing)).toBe(known.length);
      expect(known.map((_, i) => codeAt(standing, i))).toEqual(known.map(([code]) => code));
    }
    const filled = fillEnabled(kept, standing);
    expect(Array.from({ length: filled }, (_, i) => [kept.codes[i], kept.times[i]])).toEqual(known);
    if (known.length === 0) break;
    const [code, time] = known[nextInt(random, known.length)];
    step(plain, code, time);
    stepStanding(kept, standing, code, time);
    expect(kept.words.findIndex((word, i) => word !== plain.words[i])).toBe(-1);
    expect(kept.clocks.findIndex((clock, i) => clock !== plain.clocks[i])).toBe(-1);
    expect(kept.skewUs).toBe(plain.skewUs);
  }
  return quick;
}

test.each([
  ["without times", false],
  ["with times", true],
])("what is kept from step to step %s is what the state says", (_, timed) => {
  let quick = 0;
  fc.assert(
    fc.property(fc.oneof(scenarios, crowdedScenarios), fc.integer(), (scenario, seed) => {
      quick += compareRun(compileScenario(scenario), timed, seed);
    }),
    { numRuns: 100 },
  );
  expect(quick > 100).toBe(!timed);
});
