/**
 * Everything that a program's runs show, in both readings, under a budget: each thing seen comes
 * with the run that shows it. Complete where a search came to its end, sampled elsewhere.
 */
import { targetKey } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import type { Program } from "../machine/program.ts";
import type { Observation } from "./observation.ts";
import { exhaustTimed, exhaustUntimed, type Look, sampleRuns } from "./readings.ts";

export interface Observed {
  readonly observations: readonly Observation[];
  readonly untimedComplete: boolean;
  readonly timedComplete: boolean;
  readonly states: number;
  readonly runs: number;
  readonly boundHits: number;
  readonly spent: number;
  /** Operation ids of users' drivers that ran. */
  readonly reached: ReadonlySet<string>;
}

export interface ObserveOptions {
  /** Transitions, both readings together. */
  readonly budget: number;
  readonly seed: string;
  readonly rules: readonly RuleShape[];
  readonly stop?: () => boolean;
}

/** How a budget is shared: what the searches leave over goes to the samples. */
const shares = { untimed: 0.6, timed: 0.25 };
const sampling = { runSteps: 4_000, runsMax: 60 };

export function observe(program: Program, options: ObserveOptions): Observed {
  const { budget, seed, rules, stop } = options;
  const found = new Map<string, Observation>();
  const look: Look = { program, reached: new Set(), stop, add: keepWorst(found) };
  const untimed = exhaustUntimed(look, Math.ceil(budget * shares.untimed), rules);
  const timed = exhaustTimed(look, Math.ceil(budget * shares.timed), rules);
  const readings = [
    ...(timed.complete ? [] : ["timed" as const]),
    ...(untimed.complete ? [] : ["untimed" as const]),
  ];
  const left = budget - untimed.spent - timed.spent;
  const sampled =
    readings.length === 0
      ? { runs: 0, spent: 0, boundHits: 0 }
      : sampleRuns(look, { seed, budget: left, readings, rules, ...sampling });
  return {
    observations: [...found.values()],
    untimedComplete: untimed.complete,
    timedComplete: timed.complete,
    states: untimed.states + timed.states,
    runs: sampled.runs,
    boundHits: untimed.boundHits + timed.boundHits + sampled.boundHits,
    spent: untimed.spent + timed.spent + sampled.spent,
    reached: look.reached,
  };
}

/** One observation of each kind: the first, or the longest latency. */
export function keepWorst(found: Map<string, Observation>): (observation: Observation) => void {
  return (observation) => {
    const key = targetKey(observation.target);
    const known = found.get(key);
    if (known === undefined || (observation.latencyUs ?? 0) > (known.latencyUs ?? 0))
      found.set(key, observation);
  };
}
