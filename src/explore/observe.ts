/**
 * Everything that a program's runs show, in both readings, under a budget: each thing seen comes
 * with the run that shows it. Complete where a search came to its end, sampled elsewhere.
 */
import { type BoundName, bounds, inOrder } from "../base/bounds.ts";
import { targetKey } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import type { Program } from "../machine/program.ts";
import type { Observation } from "./observation.ts";
import {
  exhaustTimed,
  exhaustUntimed,
  type Look,
  type Looked,
  type Sampled,
  sampleRuns,
} from "./readings.ts";
import type { Suspicion } from "./suspicions.ts";
import { waitsOf } from "./waits-of.ts";
import { weightOfCompiling } from "./weight.ts";

export interface Observed {
  readonly observations: readonly Observation[];
  readonly untimedComplete: boolean;
  readonly timedComplete: boolean;
  readonly states: number;
  readonly runs: number;
  /** Bounds that made each reading less than it says, in the order of their list. */
  readonly untimedBounds: readonly BoundName[];
  readonly timedBounds: readonly BoundName[];
  /** Runs that ended by their length and are not settled. */
  readonly suspicions: readonly Suspicion[];
  readonly spent: number;
  /** Operation ids of users' drivers that ran. */
  readonly reached: ReadonlySet<string>;
  /** Those that can wait, and those of them that had to. */
  readonly waits: readonly string[];
  readonly contended: readonly string[];
}

export interface ObserveOptions {
  /** Transitions, both readings together. */
  readonly budget: number;
  readonly seed: string;
  readonly rules: readonly RuleShape[];
  readonly stop?: () => boolean;
  /** Runs that an earlier look at the same program could not settle. */
  readonly suspicions?: readonly Suspicion[];
}

/** How a budget is shared: what the searches leave over goes to the samples. */
const shares = { untimed: 0.6, timed: 0.25 };
/** What settling runs may take beside that, where an earlier look left some. */
export const settlingShare = 0.5;
const sampling = { runSteps: bounds.decisions.max, runsMax: bounds.runs.max };

export function observe(program: Program, options: ObserveOptions): Observed {
  const { budget, seed, rules, stop } = options;
  const found = new Map<string, Observation>();
  const contended = new Uint8Array(program.sites.length);
  const look: Look = { program, reached: new Set(), contended, stop, add: keepWorst(found) };
  const untimed = exhaustUntimed(look, Math.ceil(budget * shares.untimed), rules);
  const timed = exhaustTimed(look, Math.ceil(budget * shares.timed), rules);
  const readings = [
    ...(timed.complete ? [] : ["timed" as const]),
    ...(untimed.complete ? [] : ["untimed" as const]),
  ];
  const left = budget - untimed.spent - timed.spent;
  const { suspicions = [] } = options;
  const settleBudget = suspicions.length > 0 ? budget * settlingShare : 0;
  const sampled =
    readings.length === 0
      ? nothingSampled
      : sampleRuns(look, {
          seed,
          budget: left,
          readings,
          rules,
          suspicions,
          settleBudget,
          ...sampling,
        });
  const bounded = (reading: "untimed" | "timed", { complete, bounds: reached }: Looked) =>
    inOrder([
      ...reached,
      ...(complete ? [] : sampled.bounds[reading]),
      ...(complete || sampled.runs > 0 || suspicions.length > 0 ? [] : (["unlooked"] as const)),
    ]);
  return {
    observations: [...found.values()],
    untimedComplete: untimed.complete,
    timedComplete: timed.complete,
    states: untimed.states + timed.states,
    runs: sampled.runs,
    untimedBounds: bounded("untimed", untimed),
    timedBounds: bounded("timed", timed),
    suspicions: sampled.suspicions,
    spent: untimed.spent + timed.spent + sampled.spent + weightOfCompiling(program),
    reached: look.reached,
    ...waitsOf(program, contended),
  };
}

const nothingSampled: Sampled = {
  runs: 0,
  spent: 0,
  bounds: { untimed: new Set(), timed: new Set() },
  suspicions: [],
};

/** Of one target: a longer latency; a hang with a timing, where the other has none. */
export function showsMore(one: Observation, other: Observation): boolean {
  const { outcome } = one.target;
  if (outcome === "latency") return (one.latencyUs ?? 0) > (other.latencyUs ?? 0);
  return (outcome === "deadlock" || outcome === "livelock") && one.timed && !other.timed;
}

/** One observation of each kind: what shows most, and of those the first. */
export function keepWorst(found: Map<string, Observation>): (observation: Observation) => void {
  return (observation) => {
    const key = targetKey(observation.target);
    const known = found.get(key);
    if (known === undefined || showsMore(observation, known)) found.set(key, observation);
  };
}
