/**
 * The one source of choices. A strategy is told which transitions are enabled (in the machine's
 * `codes`) and picks one by index; random walk, replay and search differ in nothing else.
 */
import { nextInt, type Random } from "../base/random.ts";
import { Alternative, alternativeOf, threadOf } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";

export interface ChoiceSource {
  /** Index into `m.codes`, given the thread that moved last. */
  pick(m: Machine, lastThread: number): number;
  /** Of a random walk: where its numbers come from, for loops that need no list of codes. */
  readonly random?: Random;
}

/** Ordinary progress first; a timeout only when nothing else can go; nothing fails or stops by itself. */
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
    default:
      return 0;
  }
}

/**
 * The fixed schedule that all others are told as deviations from: not pre-emptive, in order of
 * threads; in the timed reading the earliest transition.
 */
export function defaultPick(m: Machine, lastThread: number): number {
  let best = -1;
  let bestKey = Number.POSITIVE_INFINITY;
  for (let i = 0; i < m.count; i++) {
    const code = m.codes[i];
    const thread = threadOf(code);
    const place = thread === lastThread ? 0 : thread + 1;
    const tie = rank(code) * 4096 + place * 32 + (alternativeOf(code) & 31);
    const key = m.timed ? m.times[i] * 65_536 + tie : tie;
    if (key < bestKey) {
      bestKey = key;
      best = i;
    }
  }
  return best;
}

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
