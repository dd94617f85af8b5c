import fc from "fast-check";
import { expect, test } from "vitest";
import { nextBelow, nextInt, randomFrom } from "../../src/base/random.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { Drawn, hop } from "../../src/machine/hop.ts";
import { threadOf } from "../../src/machine/layout.ts";
import { createMachine, type Machine, reset } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import {
  createStanding,
  fillEnabled,
  type Standing,
  settleAll,
  stepStanding,
} from "../../src/machine/standing.ts";
import { begin, step } from "../../src/machine/step.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { plansFor, s4Program, s4Scenario } from "../bench/s4.ts";
import { crowdedScenarios, scenarios } from "../explore/support/scenarios.ts";

const stepsMax = 300;

/** What can go, with its times: as the state alone says. */
function asked(m: Machine): readonly (readonly [number, number])[] {
  const count = enabled(m);
  return Array.from({ length: count }, (_, i) => [m.codes[i], m.times[i]]);
}

/** In the order in which `hop` draws: those that have to be asked come last. */
const asThreadsThenAsked = (
  known: ReturnType<typeof asked>,
  { ask }: Standing,
): ReturnType<typeof asked> =>
  [0, 1].flatMap((last) => known.filter(([code]) => ((ask >>> threadOf(code)) & 1) === last));

/** That two machines are in the same state, times included. */
function expectAlike(kept: Machine, plain: Machine): void {
  expect(kept.words.findIndex((word, i) => word !== plain.words[i])).toBe(-1);
  expect(kept.clocks.findIndex((clock, i) => clock !== plain.clocks[i])).toBe(-1);
  expect(kept.skewUs).toBe(plain.skewUs);
}

/**
 * One random run on two machines: one is asked anew at each step, one keeps account, and hops from
 * lock to lock where it may. Returns how many steps were hops.
 */
function compareRun(program: Program, timed: boolean, seed: number): number {
  const plain = createMachine(program, timed);
  const kept = createMachine(program, timed);
  const standing = createStanding(kept);
  const random = randomFrom(seed);
  const shadow = randomFrom(seed);
  const codes = new Int32Array(stepsMax);
  for (const m of [plain, kept]) {
    reset(m);
    begin(m);
  }
  settleAll(kept, standing);
  let hops = 0;
  for (let steps = 0; steps < stepsMax; steps++) {
    const end = hop(kept, standing, random, codes, steps);
    for (; steps < end; steps++, hops++) {
      const known = asThreadsThenAsked(asked(plain), standing);
      const [code, time] = known[nextBelow(shadow, known.length)];
      expect(codes[steps]).toBe(code);
      step(plain, code, time);
    }
    expectAlike(kept, plain);
    const next = asThreadsThenAsked(asked(plain), standing);
    if (standing.drawn === Drawn.none) expect(end === stepsMax || next.length === 0).toBe(true);
    if (standing.drawn >= 0) {
      const [code, time] = next[nextBelow(shadow, next.length)];
      expect([standing.drawn, timed ? standing.drawnUs : time]).toEqual([code, time]);
      expect(kept.earliest).toBe(plain.earliest);
    }
    const known = asked(plain);
    const filled = fillEnabled(kept, standing);
    expect(Array.from({ length: filled }, (_, i) => [kept.codes[i], kept.times[i]])).toEqual(known);
    if (known.length === 0) break;
    const [code, time] = known[nextInt(random, known.length)];
    shadow.state = random.state;
    step(plain, code, time);
    stepStanding(kept, standing, code, time);
    expectAlike(kept, plain);
  }
  return hops;
}

/** Of scenarios, and of code that does nothing but take locks and give them back. */
const programs = fc.oneof(
  fc.oneof(scenarios, crowdedScenarios).map(compileScenario),
  fc.integer({ min: 2, max: 12 }).map((threads) => s4Program(plansFor(threads))),
  fc.integer({ min: 2, max: 6 }).map((threads) => compileScenario(s4Scenario(plansFor(threads)))),
);

test.each([
  ["without times", false],
  ["with times", true],
])("what is kept from step to step %s is what the state says", (_, timed) => {
  let hops = 0;
  fc.assert(
    fc.property(programs, fc.integer(), (program, seed) => {
      hops += compareRun(program, timed, seed);
    }),
    { numRuns: 60 },
  );
  expect(hops).toBeGreaterThan(1_000);
});
