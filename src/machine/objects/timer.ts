/**
 * KTIMER, both kinds (SY-21, SY-22): signalled at its due time, by a transition of the clock's own; a
 * DPC that was given along is queued in the same step. The set ones stand in the clock's table, each
 * with its due time as the entry's clock and the place of the call that set it: in the order of those
 * places, and of one place in the order of calls, which threads that are alike can swap.
 *
 * Words: tag, signalled, the DPC's queue, its routine from 1, the period in milliseconds.
 */
import { usOf } from "../durations.ts";
import { crash, frameOf, hitBound, markEscaped, resolve, staleRecord } from "../frames.ts";
import {
  addressOf,
  Crash,
  E,
  isRef,
  Mode,
  Q,
  Result,
  refTo,
  stale,
  T,
  waysMax,
} from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { insertDpc } from "./dpc.ts";
import { setEvent, setWays } from "./event.ts";
import { removeEntry } from "./queue.ts";

export const timerWords = 5;

const entryAt = (m: Machine, index: number): number =>
  m.program.timers + Q.entries + index * E.size;

/** Takes a timer out of the table. Returns whether it was there. */
function unset(m: Machine, timer: number): boolean {
  const reference = refTo(timer);
  for (let i = 0; i < m.words[m.program.timers + Q.count]; i++) {
    if (m.words[entryAt(m, i) + E.reference] !== reference) continue;
    removeEntry(m, m.program.timers, i);
    return true;
  }
  return false;
}

/** Words of `Op.setTimer`: the timer, microseconds, period, the DPC's queue and routine. */
export function setTimer(m: Machine, t: number, pc: number): boolean {
  const { words, clocks } = m;
  const { code, timers } = m.program;
  const timer = resolve(m, t, code[pc + 2]);
  if (timer < 0) return false;
  unset(m, timer);
  const count = words[timers + Q.count];
  if (count >= words[timers + Q.capacity]) {
    hitBound(m, t, "timers");
    return false;
  }
  // The table keeps a reference to where the timer is.
  if (code[pc + 2] >>> 24 === Mode.local) markEscaped(m, frameOf(m, t));
  words[timer + 1] = 0;
  words[timer + 2] = code[pc + 5];
  words[timer + 3] = code[pc + 6];
  words[timer + 4] = code[pc + 4];
  let place = 0;
  while (place < count && words[entryAt(m, place) + E.item] <= code[pc + 1]) place++;
  for (let i = count; i > place; i--) {
    const to = entryAt(m, i);
    words.copyWithin(to, to - E.size, to);
    clocks[to] = clocks[to - E.size];
  }
  const at = entryAt(m, place);
  const base = baseOf(m, t);
  words[at + E.reference] = refTo(timer);
  words[at + E.item] = code[pc + 1];
  words[at + E.cause] = words[base + T.cause];
  clocks[at] = clocks[base] + usOf(m.program.longUs, code[pc + 3]);
  words[timers + Q.count] = count + 1;
  words[base + T.result] = Result.success;
  return true;
}

/** KeCancelTimer: neither its signal nor a DPC that is queued already is taken back (SY-23). */
export function cancelTimer(m: Machine, t: number, timer: number): void {
  m.words[baseOf(m, t) + T.result] = unset(m, timer) ? Result.success : Result.failure;
}

const isGone = (reference: number): boolean => reference === stale || reference === staleRecord;

const waysOf = (m: Machine, index: number): number => {
  const reference = m.words[entryAt(m, index) + E.reference];
  return isGone(reference) ? 1 : setWays(m, addressOf(reference));
};

/** How many alternatives the clock has for the timers before this one. */
export function waysBefore(m: Machine, index: number): number {
  let ways = 0;
  for (let i = 0; i < index; i++) ways += waysOf(m, i);
  return ways;
}

/** Which timer an alternative of the clock's is about. */
function indexOf(m: Machine, alternative: number): number {
  let index = 0;
  for (let left = alternative - waysOf(m, 0); left >= 0; left -= waysOf(m, index)) index++;
  return index;
}

export const timersSet = (m: Machine): number => m.words[m.program.timers + Q.count];
/** The timers that are set, by address; of memory that is gone, what is left of the reference. */
export const timersIn = (m: Machine): number[] =>
  m.program.timers === 0
    ? []
    : Array.from({ length: timersSet(m) }, (_, i) =>
        addressOf(m.words[entryAt(m, i) + E.reference]),
      );
export const dueAt = (m: Machine, index: number): number => m.clocks[entryAt(m, index)];

/** A timer's time has come. */
export function expire(m: Machine, clock: number, alternative: number): void {
  const { words, clocks } = m;
  if (waysBefore(m, timersSet(m)) > waysMax) return hitBound(m, clock, "ways");
  const index = indexOf(m, alternative);
  const at = entryAt(m, index);
  const reference = words[at + E.reference];
  if (isGone(reference)) {
    const kind = reference === stale ? Crash.useAfterReturn : Crash.useAfterFree;
    return crash(m, clock, kind, words[at + E.item]);
  }
  const timer = addressOf(reference);
  const pick = alternative - waysBefore(m, index);
  words[baseOf(m, clock) + T.cause] = words[at + E.cause];
  const due = clocks[at];
  // Each at its own time: another one that was due later may have gone first, within the skew.
  clocks[baseOf(m, clock)] = due;
  if (words[timer + 4] > 0) clocks[at] = due + words[timer + 4] * 1000;
  else removeEntry(m, m.program.timers, index);
  setEvent(m, clock, timer, pick);
  if (words[timer + 2] !== 0) insertDpc(m, clock, words[timer + 2], words[timer + 3]);
  words[baseOf(m, clock) + T.cause] = 0;
}

/**
 * The call that set a timer which is still set and whose DPC, or whose memory, goes; −1 if none. Of
 * memory that is gone already only who set the timer there is left.
 */
export function setTimerOf(m: Machine, first: number, last: number): number {
  const { words, program } = m;
  const { owner } = program.routines[first];
  const isOf = (timer: number): boolean => {
    const routine = words[timer + 3] - 1;
    const goes = routine >= first && routine < last;
    return goes || program.objects.get(timer)?.owner === owner;
  };
  let site = -1;
  for (let i = 0; i < timersSet(m); i++) {
    const reference = words[entryAt(m, i) + E.reference];
    if (!isRef(reference)) continue;
    const set = words[entryAt(m, i) + E.item];
    if (!(isGone(reference) ? program.sites[set].owner === owner : isOf(addressOf(reference))))
      continue;
    // Timers of threads that are alike have no first.
    site = site < 0 ? set : Math.min(site, set);
  }
  return site;
}
