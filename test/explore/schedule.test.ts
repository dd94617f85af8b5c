import fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { codesOf, codesUnder, deviationsOf } from "../../src/campaign/schedule-run.ts";
import { defaultSource, followCodes, randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { countVisit, nameOf, noVisits } from "../../src/explore/schedule.ts";
import { createMachine } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Scenario } from "../../src/windows/scenario.ts";
import { crowdedScenarios, scenarios } from "./support/scenarios.ts";
import { worldWith } from "./support/worlds.ts";

const anyScenario: fc.Arbitrary<Scenario> = fc.oneof(scenarios, crowdedScenarios);
const seeds = fc.integer();

/** The decisions of a random run. */
function codesOfWalk(program: Program, timed: boolean, seed: number, stepMax = 150): number[] {
  const codes: number[] = [];
  run(createMachine(program, timed), randomWalk(randomFrom(seed)), {
    stepMax,
    onDecision: (m, index) => codes.push(m.codes[index]),
  });
  return codes;
}

test("a run's deviations lead back to the same run", () => {
  fc.assert(
    fc.property(anyScenario, fc.boolean(), seeds, (scenario, timed, seed) => {
      const program = compileScenario(scenario);
      const codes = codesOfWalk(program, timed, seed);
      const deviations = deviationsOf(program, timed, codes);
      expect(codesOf(program, timed, deviations, codes.length)).toEqual({
        codes,
        failed: undefined,
      });
    }),
    { numRuns: 300 },
  );
});

test("of the transitions that can go, each has a name of its own", () => {
  fc.assert(
    fc.property(anyScenario, fc.boolean(), seeds, (scenario, timed, seed) => {
      const program = compileScenario(scenario);
      const visits = noVisits();
      run(createMachine(program, timed), randomWalk(randomFrom(seed)), {
        stepMax: 100,
        onDecision(m, index) {
          const names = Array.from(m.codes.subarray(0, m.count), (code) => nameOf(m, code, visits));
          expect(new Set(names).size).toBe(names.length);
          countVisit(m, m.codes[index], visits);
        },
      });
    }),
    { numRuns: 150 },
  );
});

test("no two decisions of a run have one name", () => {
  fc.assert(
    fc.property(anyScenario, fc.boolean(), seeds, (scenario, timed, seed) => {
      const program = compileScenario(scenario);
      const visits = noVisits();
      const taken = new Set<string>();
      run(createMachine(program, timed), randomWalk(randomFrom(seed)), {
        stepMax: 100,
        onDecision(m, index) {
          const name = nameOf(m, m.codes[index], visits);
          expect(taken).not.toContain(name);
          taken.add(name);
          countVisit(m, m.codes[index], visits);
        },
      });
    }),
    { numRuns: 150 },
  );
});

test("items of other drivers have a name for each queue that they are put on", () => {
  const driver = defineDriver("queues", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const item = a.workItem("Item", () => undefined);
      a.IoQueueWorkItem(item, "NormalWorkQueue");
      a.IoQueueWorkItem(item, "BackgroundWorkQueue");
    });
  });
  const world = worldWith({ pool: { profile: "tiny", load: "exhausted", items: 1 } });
  const { sites } = compileScenario({ drivers: [driver], world });
  const names = sites.map(({ opId }) => opId).filter((opId) => opId.endsWith("foreign items"));
  expect(new Set(names).size).toBe(2);
  expect(names).toHaveLength(2);
});

test("the default schedule has no deviations, and none lead to it", () => {
  fc.assert(
    fc.property(anyScenario, fc.boolean(), (scenario, timed) => {
      const program = compileScenario(scenario);
      const codes: number[] = [];
      run(createMachine(program, timed), defaultSource, {
        stepMax: 120,
        onDecision: (m, index) => codes.push(m.codes[index]),
      });
      expect(deviationsOf(program, timed, codes)).toEqual([]);
      expect(codesOf(program, timed, [], codes.length)).toEqual({ codes, failed: undefined });
    }),
    { numRuns: 100 },
  );
});

test("codes that are followed are taken, one after the other", () => {
  fc.assert(
    fc.property(anyScenario, fc.boolean(), seeds, (scenario, timed, seed) => {
      const program = compileScenario(scenario);
      const codes = codesOfWalk(program, timed, seed);
      const taken: number[] = [];
      run(createMachine(program, timed), followCodes(codes), {
        stepMax: codes.length,
        onDecision: (m, index) => taken.push(m.codes[index]),
      });
      expect(taken).toEqual(codes);
    }),
    { numRuns: 100 },
  );
});

test("a schedule that names what is not there says so and leads nowhere", () => {
  fc.assert(
    fc.property(anyScenario, seeds, fc.nat(), (scenario, seed, which) => {
      const program = compileScenario(scenario);
      const codes = codesOfWalk(program, false, seed, 40);
      const deviations = deviationsOf(program, false, codes);
      fc.pre(deviations.length > 0);
      const at = which % deviations.length;
      const strange = deviations.map((d, i) => (i === at ? { ...d, take: "nobody: nothing" } : d));
      expect(codesOf(program, false, strange, codes.length).failed).toBe(
        `not reproducible at decision ${at + 1}: "nobody: nothing" cannot go there`,
      );
      expect(codesUnder(program, false, strange, codes.length)).toBeUndefined();
      const late = deviations.map((d, i) => (i === at ? { ...d, instead: "nobody: nothing" } : d));
      expect(codesOf(program, false, late, codes.length).failed).toBe(
        `not reproducible: decision ${at + 1} ("nobody: nothing") never came`,
      );
      expect(codesUnder(program, false, late, codes.length)).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});

test("a run that ends before its length says how far it came", () => {
  fc.assert(
    fc.property(anyScenario, seeds, (scenario, seed) => {
      const program = compileScenario(scenario);
      const codes = codesOfWalk(program, false, seed, 400);
      fc.pre(codes.length < 400);
      const deviations = deviationsOf(program, false, codes);
      expect(codesOf(program, false, deviations, codes.length + 7).failed).toBe(
        `the run ends after ${codes.length} of ${codes.length + 7} decisions`,
      );
    }),
    { numRuns: 100 },
  );
});
