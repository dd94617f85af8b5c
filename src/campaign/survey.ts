/**
 * Looks at every world in rounds, each round with a larger budget for the worlds that are not
 * exhausted yet. What is done, and in which order, does not depend on the budget, which only says
 * where to end: a smaller one gives a prefix.
 */
import type { Observation } from "../explore/observation.ts";
import { observe } from "../explore/observe.ts";
import { needsLadder } from "../judge/finding.ts";
import { targetKey } from "../judge/mechanism.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { rules } from "../windows/rules.ts";
import type { Scenario } from "../windows/scenario.ts";
import { worldsFor } from "../worlds/worlds.ts";
import { needsOf } from "./needs.ts";
import type { CheckOptions, Subject } from "./report.ts";

/** Transitions for one world in the first round, and how they grow. */
const firstSlice = 2_000;
const growth = 5;

export interface Seen {
  readonly scenario: Scenario;
  readonly observation: Observation;
  /** Threads of the program. */
  readonly size: number;
}

export interface WorldResult {
  readonly name: string;
  /** Every state without times was compared; with times. */
  readonly untimedComplete: boolean;
  readonly timedComplete: boolean;
  readonly states: number;
  readonly runs: number;
  readonly boundHits: number;
  /** The budget reached as far as this world. */
  readonly isLookedAt: boolean;
}

export interface Survey {
  readonly seen: readonly Seen[];
  readonly worlds: readonly WorldResult[];
  readonly unreached: readonly string[];
  readonly spent: number;
  readonly stopped: boolean;
}

export function survey(subject: Subject, options: CheckOptions): Survey {
  const worlds = subject.worlds ?? worldsFor(subject.drivers, options.scope);
  const seen = new Map<string, Seen>();
  const results = new Map<string, WorldResult>();
  const reached = new Set<string>();
  const all = new Set<string>();
  const driver = subject.drivers.map((d) => d.name).join(", ");
  let spent = 0;
  let stopped = false;

  let open = [...worlds];
  for (
    let slice = firstSlice;
    open.length > 0 && spent < options.budget && !stopped;
    slice *= growth
  ) {
    const left: typeof open = [];
    for (const world of open) {
      if (spent >= options.budget || stopped) break;
      options.onProgress?.({
        driver,
        world: world.name,
        done: worlds.length - open.length,
        worlds: worlds.length,
        spent,
        findings: seen.size,
      });
      const scenario: Scenario = { drivers: subject.drivers, world };
      const program = compileScenario(scenario);
      const seed = `${options.seed}/${world.name}/${slice}`;
      const result = observe(program, { budget: slice, seed, rules, stop: options.shouldStop });
      // What was broken off in the middle does not count, so that what counts can be repeated.
      stopped = options.shouldStop?.() === true;
      if (stopped) break;
      spent += result.spent;
      for (const site of program.sites) {
        if (site.counts === true) all.add(`${site.owner}: ${site.opId}`);
      }
      for (const site of result.reached) reached.add(site);
      for (const observation of result.observations) {
        const key = targetKey(observation.target);
        const size = program.threads.length;
        if (isSimpler(scenario, size, seen.get(key)))
          seen.set(key, { scenario, observation, size });
      }
      const { untimedComplete, timedComplete, states, runs, boundHits } = result;
      results.set(world.name, {
        name: world.name,
        untimedComplete,
        timedComplete,
        states,
        runs,
        boundHits,
        isLookedAt: true,
      });
      if (!untimedComplete || !timedComplete) left.push(world);
    }
    open = left;
  }
  return {
    seen: [...seen.values()],
    worlds: worlds.map((world) => results.get(world.name) ?? { name: world.name, ...nothingSeen }),
    unreached: [...all].filter((id) => !reached.has(id)).sort(),
    spent,
    stopped,
  };
}

const nothingSeen = {
  untimedComplete: false,
  timedComplete: false,
  states: 0,
  runs: 0,
  boundHits: 0,
  isLookedAt: false,
};

const rung = (scenario: Scenario): number => needsLadder.indexOf(needsOf(scenario));

/** Lower on the ladder than what is known, or on the same rung with fewer threads. */
const isSimpler = (scenario: Scenario, size: number, known: Seen | undefined): boolean =>
  known === undefined ||
  rung(scenario) < rung(known.scenario) ||
  (rung(scenario) === rung(known.scenario) && size < known.size);
