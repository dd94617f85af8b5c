/**
 * The one source of choices. A strategy is told which transitions are enabled (in the machine's
 * `codes`) and picks one by index; random walk, replay and search differ in nothing else.
 */
import { nextInt, type Random } from "../base/random.ts";
import { Alternative, alternativeOf, threadOf } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { unmarked } from "../machine/open-arrival.ts";

export interface ChoiceSource {
  /** Index into `m.codes`, given the thread that moved last. */
  pick(m: Machine, lastThread: number): number;
  /** Of a random walk: where its numbers come from, for loops that need no list of codes. */
  readonly random?: Random;
}

/**
 * Ordinary progress first; a timeout only when nothing else can go; nothing fails or stops by itself,
 * and nobody comes later.
 */
function rank(code: number): number {
  switch (alternativeOf(code)) {
    case Alternative.interrupt:
      return 1;
    case Alternative.timeout:
      return 2;
    case Alternative.fault:
      return 3;
    case Alternative.stop:
      return 4;
    case Alternative.later:
      return 5;
    default:
      return 0;
  }
}

/**
 * The fixed schedule that all others are told as deviations from: not pre-emptive, in order of
 * threads; in the timed reading the earliest transition.
 */
export function defaultPick(m: Machine, lastThread: number): number {
  let best = 0;
  for (let i = 1; i < m.count; i++) if (isBefore(m, i, best, lastThread)) best = i;
  return m.count === 0 ? -1 : best;
}

/** Whether one transition of the list comes before another: earlier, then of lower rank, thread, way. */
function isBefore(m: Machine, one: number, other: number, lastThread: number): boolean {
  if (m.timed) {
    // An arrival is no earlier than the earliest step: who comes when is chosen, and not what is due.
    const first = Math.max(unmarked(m.times[one]), m.earliest);
    const second = Math.max(unmarked(m.times[other]), m.earliest);
    if (first !== second) return first < second;
  }
  const a = m.codes[one];
  const b = m.codes[other];
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks < 0;
  const places = placeOf(a, lastThread) - placeOf(b, lastThread);
  if (places !== 0) return places < 0;
  return alternativeOf(a) < alternativeOf(b);
}

/** Whoever moved last goes on; else the threads in their order. */
const placeOf = (code: number, lastThread: number): number => {
  const thread = threadOf(code);
  return thread === lastThread ? 0 : thread + 1;
};

export const defaultSource: ChoiceSource = { pick: defaultPick };

/** Uniform over what is enabled. */
export function randomWalk(random: Random): ChoiceSource {
  return {
    random,
    pick(m) {
      return nextInt(random, m.count);
    },
  };
}

/** Follows a list of codes as long as it lasts and fits, then the default. */
export function followCodes(codes: readonly number[]): ChoiceSource {
  let at = 0;
  return {
    pick(m, lastThread) {
      if (at < codes.length) {
        for (let i = 0; i < m.count; i++) {
          if (m.codes[i] === codes[at]) {
            at++;
            return i;
          }
        }
        at = codes.length;
      }
      return defaultPick(m, lastThread);
    },
  };
}
