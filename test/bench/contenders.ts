/** What is measured: ours through the path of a fuzz campaign, and beside it what it could cost. */
import { nextInt, randomFrom } from "../../src/base/random.ts";
import { sampleRuns } from "../../src/explore/readings.ts";
import type { DriverModel } from "../../src/index.ts";
import { enabled, isAllAnswered } from "../../src/machine/enabled.ts";
import { createMachine, reset } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { begin, step } from "../../src/machine/step.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { rules } from "../../src/windows/rules.ts";
import type { World } from "../../src/windows/scenario.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { bareLoop } from "./bare.ts";
import type { Contender } from "./measure.ts";
import type { Plan } from "./s4.ts";
import { schedulerRuns } from "./scheduler.ts";

export type Reading = "timed" | "untimed";

/** As in a campaign. */
const runSteps = 4_000;

/** Random runs as `loophole fuzz` makes them, with all properties observing; counts operations. */
export function campaignRuns(
  name: string,
  program: Program,
  readings: readonly Reading[],
  runs: number,
): Contender {
  let round = 0;
  return {
    name,
    work() {
      const look = { program, add: () => {}, reached: new Set<string>() };
      const options = { budget: Number.MAX_SAFE_INTEGER, runSteps, runsMax: runs, readings, rules };
      return sampleRuns(look, { ...options, seed: `bench ${round++}` }).spent;
    },
  };
}

/** The same, counting runs. */
export function campaignRunsCounted(contender: Contender, runs: number): Contender {
  return {
    name: contender.name,
    async work() {
      await contender.work();
      return runs;
    },
  };
}

/** The same machine with nobody watching: what can go is asked from the state, one goes, again. */
export function machineRuns(name: string, program: Program, runs: number): Contender {
  const m = createMachine(program, false);
  const random = randomFrom(1);
  return {
    name,
    work() {
      let operations = 0;
      for (let i = 0; i < runs; i++) {
        reset(m);
        begin(m);
        for (let steps = 0; steps < runSteps && enabled(m) > 0; steps++) {
          step(m, m.codes[nextInt(random, m.count)], 0);
          operations++;
          if (isAllAnswered(m)) break;
        }
      }
      return operations;
    },
  };
}

export function bareRuns(plans: readonly Plan[], runs: number): Contender {
  const run = bareLoop(plans, 1);
  return {
    name: "bare loop",
    work() {
      let operations = 0;
      for (let i = 0; i < runs; i++) operations += run();
      return operations;
    },
  };
}

export function fastCheckRuns(plans: readonly Plan[], runs: number): Contender {
  let seed = 0;
  return {
    name: "fast-check's scheduler",
    work: () => schedulerRuns(plans, runs, ++seed),
  };
}

/** The plainest world that `loophole check --scope small` would put the driver into. */
export function inPlainWorld(driver: DriverModel, world?: World): Program {
  return compileScenario({
    drivers: [driver],
    world: world ?? worldsFor([driver], "small")[0],
  });
}
