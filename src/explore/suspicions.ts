/**
 * Runs that end by their length while something is still owed. Such a run may hang, or be slow, or
 * only be long: it is gone on with, each thread in its turn, and what can follow is searched.
 */
import { type BoundName, boundAt, bounds } from "../base/bounds.ts";
import type { RuleShape } from "../language/shape.ts";
import { enabled, isAllAnswered } from "../machine/enabled.ts";
import { Alternative, alternativeOf, H, threadOf } from "../machine/layout.ts";
import { createMachine, isOver, type Machine, reset } from "../machine/machine.ts";
import { closeArrival } from "../machine/open-arrival.ts";
import { begin, step } from "../machine/step.ts";
import { defaultPick, followCodes } from "./choices.ts";
import { graphFindings, isCrowded, quietHangs, stuckHangs } from "./hang-findings.ts";
import type { Observation } from "./observation.ts";
import { search } from "./search.ts";
import { weightOf } from "./weight.ts";

/** A run that ended by its length: plain data, so that a later look can come back to it. */
export interface Suspicion {
  readonly timed: boolean;
  readonly codes: readonly number[];
  /** It is the run by default, which every look would come to again. */
  readonly isDefault?: true;
}

export interface Settling {
  /**
   * Whether it is still open if what is owed can be met from there; and, with times, how long all
   * of it takes.
   */
  readonly unsettled: { readonly hangs: boolean; readonly latency: boolean };
  /** Hangs and crashes that it comes to. */
  readonly observations: readonly Observation[];
  /** The decisions behind those of the run. */
  readonly further: readonly number[];
  readonly bound: BoundName | undefined;
  readonly spent: number;
}

/** Share of the budget for searching where the run ended, before it is gone on with. */
const firstShare = 0.3;

/** Settles the run that a machine has just come to the end of; the machine goes on. */
export function settleRun(
  m: Machine,
  codes: readonly number[],
  budget: number,
  rules: readonly RuleShape[],
): Settling {
  const weight = weightOf(m.program);
  const settled = { hangs: false, latency: false };
  const seen = { unsettled: settled, bound: undefined, observations: [] };
  const here = hangsFrom(m, codes, budget * firstShare, rules);
  let spent = here.spent;
  if (here.isComplete && (here.observations.length > 0 || !m.timed)) {
    return { ...seen, observations: here.observations, further: [], spent };
  }
  // What else hangs beside it is still open.
  if (here.observations.length > 0) {
    const unsettled = { hangs: true, latency: m.timed };
    return { ...seen, unsettled, observations: here.observations, further: [], spent };
  }
  const most = Math.floor((budget - spent) / weight);
  const stepsMax = Math.min(bounds.settleSteps.max, Math.max(1, most));
  m.work = 0;
  const further = goOn(m, stepsMax, most);
  const isCut = further.length === stepsMax || m.work > most;
  spent += further.length * weight + m.work;
  const all = (): readonly number[] => [...codes, ...further];
  if (isAllAnswered(m)) return { ...seen, further, spent };
  if (isOver(m)) {
    const bound = m.words[H.bound] === 0 ? undefined : boundAt(m.words[H.bound]);
    return { ...seen, bound, further, spent };
  }
  if (!isCut) {
    return { ...seen, observations: quietHangs(m, m.timed, all(), rules), further, spent };
  }
  const latency = m.timed;
  if (here.isComplete) return { ...seen, unsettled: { hangs: false, latency }, further, spent };
  const there = hangsFrom(m, all(), budget - spent, rules);
  return {
    ...seen,
    unsettled: { hangs: !there.isComplete, latency },
    observations: there.observations,
    further,
    spent: spent + there.spent,
  };
}

/** Puts a machine where a suspicion's run ended. Returns how many decisions that took. */
export function returnTo(m: Machine, { codes }: Suspicion): number {
  reset(m);
  begin(m);
  const source = followCodes(codes);
  let last = -1;
  for (let i = 0; i < codes.length && enabled(m) > 0; i++) {
    const index = source.pick(m, last);
    last = threadOf(m.codes[index]);
    step(m, m.codes[index], m.times[index]);
  }
  return codes.length;
}

function untimedAt(m: Machine): Machine {
  const untimed = createMachine(m.program, false);
  untimed.words.set(m.words);
  closeArrival(untimed);
  return untimed;
}

/** What hangs where a run has come to, as far as that is seen without a search. */
export const stuckAt = (
  m: Machine,
  codes: readonly number[],
  rules: readonly RuleShape[],
): readonly Observation[] => stuckHangs(untimedAt(m), m.timed, codes, rules);

/** What can never be met from here, without times: then it cannot with them, either. */
function hangsFrom(
  m: Machine,
  codes: readonly number[],
  budget: number,
  rules: readonly RuleShape[],
) {
  const untimed = untimedAt(m);
  const stuck = stuckHangs(untimed, m.timed, codes, rules);
  if (stuck.length > 0 && isCrowded(untimed)) {
    return { isComplete: false, observations: stuck, spent: 0 };
  }
  const graph = search(untimed, { budget, here: true, onlyWhole: true });
  const found = graph.complete ? graphFindings(graph, rules, true) : stuck;
  return {
    isComplete: graph.complete && graph.bounds.size === 0,
    observations: found.map((one) => ({ ...one, timed: m.timed, codes })),
    spent: graph.spent,
  };
}

/** Goes on until everything is answered, nothing can move, or the steps or the work are used up. */
function goOn(m: Machine, stepsMax: number, workMax: number): number[] {
  const codes: number[] = [];
  const moved = new Float64Array(m.program.threads.length);
  while (codes.length < stepsMax && m.work <= workMax && !isAllAnswered(m) && enabled(m) > 0) {
    const index = m.timed ? defaultPick(m, -1) : fairPick(m, moved);
    const code = m.codes[index];
    codes.push(code);
    moved[threadOf(code)] = codes.length;
    step(m, code, m.times[index]);
  }
  return codes;
}

/** The thread that has not moved for longest, and of its ways a timeout last; a fault or a stop never. */
function fairPick(m: Machine, moved: Float64Array): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < m.count; i++) {
    const alternative = alternativeOf(m.codes[i]);
    const isFailure = alternative === Alternative.fault || alternative === Alternative.stop;
    const rank = isFailure ? 1e9 : alternative >= Alternative.timeout ? 0.5 : 0;
    const key = moved[threadOf(m.codes[i])] + rank;
    if (key >= least) continue;
    least = key;
    best = i;
  }
  return best;
}
