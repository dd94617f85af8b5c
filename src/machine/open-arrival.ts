/**
 * Timed reading: the clocks that depend on when the user arrived whose arrival is open. They stand
 * half a microsecond behind a whole one, all others on a whole one: so the mark goes along with all
 * that is done to a clock, and of two that are joined the later one says whether it is kept.
 */
import { bounds } from "../base/bounds.ts";
import { addressOf, H, refTo, T } from "./layout.ts";
import { baseOf, type Machine, threadAt } from "./machine.ts";

const mark = 0.5;

/** Whether a time or clock depends on when the user arrived whose arrival is open. */
export const isMarked = (timeUs: number): boolean => timeUs !== Math.floor(timeUs);

/** A time or clock without its mark, and with it. */
export const unmarked = (timeUs: number): number => Math.floor(timeUs);
export const marked = (timeUs: number): number => Math.floor(timeUs) + mark;

/** The user that arrived. */
export const openUser = (m: Machine): number => threadAt(m, addressOf(m.words[H.floating]));

/** Whether an arrival is open. */
export const isArrivalOpen = (m: Machine): boolean => m.words[H.floating] !== 0;

/** Whether one is open that something has followed from. */
export function isArrivalFollowed(m: Machine): boolean {
  const floating = m.words[H.floating];
  return floating !== 0 && addressOf(floating) !== baseOf(m, openUser(m));
}

/** A user arrives. Returns the time with its mark. */
export function openArrival(m: Machine, base: number, timeUs: number): number {
  m.words[H.floating] = refTo(base);
  m.clocks[H.floating] = bounds.times.max;
  return marked(timeUs);
}

/** A transition that depends on the open arrival is taken, ahead of those of others at `othersUs`. */
export function noteAlong(m: Machine, timeUs: number, othersUs: number): void {
  const { words, clocks } = m;
  if (!isArrivalFollowed(m)) words[H.floating]++;
  clocks[H.floating] = Math.min(clocks[H.floating], othersUs - unmarked(timeUs));
}

/** From here on it is settled when the user arrived. */
export function closeArrival(m: Machine): void {
  if (m.words[H.floating] !== 0) postponeArrival(m, 0);
}

/** Puts the open arrival later, with all that followed from it, and settles it there. */
export function postponeArrival({ words, clocks, program }: Machine, delayUs: number): void {
  words[H.floating] = 0;
  clocks[H.floating] = 0;
  const { threadFirst, threadWords } = program;
  moveMarked(clocks, 0, threadFirst, delayUs);
  for (let base = threadFirst; base < clocks.length; base += threadWords) {
    const top = words[base + T.top];
    moveMarked(clocks, base, base + (top > T.size ? top : T.size), delayUs);
  }
}

function moveMarked(clocks: Float64Array, from: number, to: number, delayUs: number): void {
  for (let i = from; i < to; i++) {
    const clock = clocks[i];
    if (clock === Math.floor(clock)) continue;
    // What a request has taken stands there as less than 0: it has taken longer.
    clocks[i] = clock > 0 ? clock - mark + delayUs : clock + mark - delayUs;
  }
}
