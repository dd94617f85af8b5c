/**
 * A campaign over generated drivers, or over given ones in generated worlds: each run is one
 * scenario, looked at under a small budget; what is seen is sorted by mechanism, and the smallest
 * case of each is kept. A run depends on its number alone, so that any number of threads can share
 * them, and what was done can be gone on with.
 */
import fc from "fast-check";
import { InvariantError } from "../base/invariant.ts";
import { seedFrom } from "../base/random.ts";
import { observe } from "../explore/observe.ts";
import { scenarios, worldsAround } from "../generate/arbitraries.ts";
import type { Outcome } from "../judge/finding.ts";
import type { DriverModel } from "../language/model.ts";
import type { Extension } from "../language/shape.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import type { Scenario, TimeProfile } from "../windows/scenario.ts";
import { withTimes } from "../worlds/worlds.ts";
import { addStatistics, noStatistics, type Statistics, statisticsOf } from "./fuzz-statistics.ts";
import type { Seen } from "./survey.ts";

export interface FuzzOptions {
  readonly seed: string;
  /** Scenarios, at most; transitions of the machine over all of them, about. */
  readonly runs: number;
  readonly budget: number;
  /** Transitions for one scenario. */
  readonly runBudget: number;
  /** The share of generated drivers with illegal use, 0 to 1. */
  readonly illegal: number;
  /** Drivers of one machine each, to be put into generated worlds, in turn. */
  readonly given: readonly (readonly DriverModel[])[];
  /** Whether generated drivers take their turn, too. */
  readonly generated: boolean;
  /** Tables that generated drivers are drawn from, beside those of Windows. */
  readonly extension?: Extension;
  /** Times that differ from the model's. */
  readonly times?: Partial<TimeProfile>;
}

/** What one run showed. */
export interface FuzzRun {
  readonly index: number;
  readonly spent: number;
  readonly hits: readonly Hit[];
  readonly statistics: Statistics;
  /** A fault of Loophole's own that ended it. */
  readonly fault?: string;
}

interface Hit {
  readonly outcome: Outcome;
  readonly mechanism: string;
  readonly size: number;
  /** Left out where a run before this one, of the same part, has a case as small. */
  readonly case?: Seen;
}

/** One mechanism, and how often it came up. */
export interface MechanismSeen {
  readonly outcome: Outcome;
  readonly mechanism: string;
  /** Runs that showed it, and the first of them. */
  readonly count: number;
  readonly first: number;
  readonly size: number;
  readonly case: Seen;
}

/** A campaign so far: plain data, that a file can keep. */
export interface FuzzState {
  /** Runs that are done: all from 0 on. */
  readonly done: number;
  readonly spent: number;
  readonly mechanisms: readonly MechanismSeen[];
  readonly statistics: Statistics;
  readonly faults: readonly { readonly run: number; readonly message: string }[];
}

export const freshState: FuzzState = {
  done: 0,
  spent: 0,
  mechanisms: [],
  statistics: noStatistics,
  faults: [],
};

export const isOver = (state: FuzzState, { runs, budget }: FuzzOptions): boolean =>
  state.done >= runs || state.spent >= budget;

/** The scenario of run `index`: the same wherever it is asked for. */
export function scenarioOf(index: number, options: FuzzOptions): Scenario {
  const { given, generated, illegal, extension, times } = options;
  const seed = seedFrom(`${options.seed}/${index}`);
  const turns = given.length + (generated ? 1 : 0);
  const drivers = given[index % Math.max(1, turns)];
  const one = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed })[0];
  const scenario =
    drivers === undefined
      ? one(scenarios({ illegal, extension }))
      : { drivers, world: one(worldsAround(drivers)) };
  const [world] = withTimes([scenario.world], times);
  return { ...scenario, world };
}

/** Runs `from` to `to` − 1; fewer when it is stopped. */
export function fuzzPart(
  options: FuzzOptions,
  from: number,
  to: number,
  shouldStop?: () => boolean,
): FuzzRun[] {
  const done: FuzzRun[] = [];
  const smallest = new Map<string, number>();
  for (let index = from; index < to; index++) {
    const one = runOf(index, options, smallest, shouldStop);
    // What was broken off in the middle does not count.
    if (shouldStop?.() === true) break;
    done.push(one);
  }
  return done;
}

function runOf(
  index: number,
  options: FuzzOptions,
  smallest: Map<string, number>,
  stop?: () => boolean,
): FuzzRun {
  const scenario = scenarioOf(index, options);
  const size = JSON.stringify(scenario).length;
  try {
    const program = compileScenario(scenario);
    const seed = `${options.seed}/${index}`;
    const { rules } = languageOf(scenario.drivers);
    const seen = observe(program, { budget: options.runBudget, seed, rules, stop });
    const hits = new Map<string, Hit>();
    for (const observation of seen.observations) {
      const { outcome, mechanism } = observation.target;
      const key = `${outcome}|${mechanism}`;
      if (hits.has(key)) continue;
      const isSmallest = size < (smallest.get(key) ?? Number.POSITIVE_INFINITY);
      if (isSmallest) smallest.set(key, size);
      const found = { scenario, observation, size: program.threads.length };
      hits.set(key, { outcome, mechanism, size, ...(isSmallest ? { case: found } : {}) });
    }
    return {
      index,
      spent: seen.spent,
      hits: [...hits.values()],
      statistics: statisticsOf(scenario, program, seen),
    };
  } catch (error) {
    // Of what a thousand drivers show, one fault of ours must not be the end.
    if (!(error instanceof InvariantError)) throw error;
    return { index, spent: 0, hits: [], statistics: noStatistics, fault: error.message };
  }
}

/** The campaign with one run more, which has to be the next. */
export function withRun(state: FuzzState, run: FuzzRun): FuzzState {
  const mechanisms = new Map(state.mechanisms.map((one) => [keyOf(one), one]));
  for (const hit of run.hits) {
    const known = mechanisms.get(keyOf(hit));
    const { outcome, mechanism, size } = hit;
    if (known !== undefined) {
      const smaller = hit.case !== undefined && size < known.size ? { size, case: hit.case } : {};
      mechanisms.set(keyOf(hit), { ...known, count: known.count + 1, ...smaller });
    } else if (hit.case !== undefined) {
      const first = run.index;
      mechanisms.set(keyOf(hit), { outcome, mechanism, count: 1, first, size, case: hit.case });
    }
  }
  return {
    done: state.done + 1,
    spent: state.spent + run.spent,
    mechanisms: [...mechanisms.values()],
    statistics: addStatistics(state.statistics, run.statistics),
    faults:
      run.fault === undefined
        ? state.faults
        : [...state.faults, { run: run.index, message: run.fault }],
  };
}

const keyOf = ({ outcome, mechanism }: Pick<Hit, "outcome" | "mechanism">): string =>
  `${outcome}|${mechanism}`;

/** The whole campaign in this thread. */
export function fuzz(options: FuzzOptions): FuzzState {
  let state = freshState;
  while (!isOver(state, options)) {
    const to = Math.min(options.runs, state.done + partSize);
    for (const run of fuzzPart(options, state.done, to)) {
      if (!isOver(state, options)) state = withRun(state, run);
    }
  }
  return state;
}

/** Runs of one part: what a thread does at a time. */
export const partSize = 20;
