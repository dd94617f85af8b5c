import { expect, test } from "vitest";
import { driver as processManager } from "../../properties/drivers/process-manager.driver.ts";
import { driver as asksService } from "../../properties/patterns/service-spawns-2.driver.ts";
import { driver as queueAndWait } from "../../properties/patterns/timeout-on-stack-event.driver.ts";
import { randomFrom } from "../../src/base/random.ts";
import { check } from "../../src/campaign/check.ts";
import { type ChoiceSource, randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { createMachine } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";

/** Runs everything twice: the second time the first run's choices, compared state by state. */
function runTwice(program: Program, timed: boolean, source: ChoiceSource): void {
  const states: Int32Array[] = [];
  const chosen: number[] = [];
  run(
    createMachine(program, timed),
    {
      pick(m, last) {
        const index = source.pick(m, last);
        chosen.push(m.codes[index]);
        return index;
      },
    },
    { stepMax: 400, onDecision: (m) => states.push(m.words.slice()) },
  );
  let at = 0;
  run(
    createMachine(program, timed),
    { pick: (m) => m.codes.subarray(0, m.count).indexOf(chosen[at]) },
    {
      stepMax: chosen.length,
      onDecision(m) {
        const before = states[at++];
        if (!m.words.every((word, i) => word === before[i])) expect(m.words).toEqual(before);
      },
    },
  );
  expect(at).toBe(chosen.length);
}

for (const driver of [queueAndWait, asksService, processManager]) {
  test(`every run of ${driver.name} is the same when it is made again`, () => {
    for (const [i, world] of worldsFor([driver], "small").entries()) {
      const program = compileScenario({ drivers: [driver], world });
      runTwice(program, i % 2 === 0, randomWalk(randomFrom(i + 1)));
    }
  });
}

test("the same drivers, seed and budget give the same report, to the byte", () => {
  const again = () =>
    JSON.stringify(
      check({ drivers: [asksService] }, { scope: "small", budget: 30_000, seed: "twice" }),
    );
  expect(again()).toBe(again());
});
