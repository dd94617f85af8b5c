import fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { randomWalk } from "../../src/explore/choices.ts";
import { graphFindings, quietHangs } from "../../src/explore/hang-findings.ts";
import { run } from "../../src/explore/run.ts";
import { search } from "../../src/explore/search.ts";
import { crashTarget, targetKey } from "../../src/judge/mechanism.ts";
import { createMachine } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { crowdedScenarios, scenarios } from "./support/scenarios.ts";

/** What one random run ends in: hangs if nothing moves, or its crash. */
function endOf(program: Program, timed: boolean, seed: number): string[] {
  const m = createMachine(program, timed);
  const { quiet } = run(m, randomWalk(randomFrom(seed)), { stepMax: 400 });
  const crash = crashTarget(m);
  const hangs = quiet ? quietHangs(m, timed, []) : [];
  return [
    ...(crash === undefined ? [] : [targetKey(crash)]),
    ...hangs.map(({ target }) => targetKey(target)),
  ];
}

const runs = fc.array(fc.integer(), { minLength: 1, maxLength: 12 });

test.each([
  ["without times", false],
  ["with times", true],
])("a random run %s ends in nothing that the whole search does not know", (_, timed) => {
  let ended = 0;
  fc.assert(
    fc.property(fc.oneof(scenarios, crowdedScenarios), runs, (scenario, seeds) => {
      const program = compileScenario(scenario);
      const graph = search(createMachine(program, false), { budget: 4_000 });
      if (!graph.complete) return;
      const known = new Set(graphFindings(graph).map(({ target }) => targetKey(target)));
      for (const seed of seeds) {
        for (const end of endOf(program, timed, seed)) {
          expect(known).toContain(end);
          ended++;
        }
      }
    }),
    { numRuns: 100 },
  );
  expect(ended).toBeGreaterThan(50);
});
