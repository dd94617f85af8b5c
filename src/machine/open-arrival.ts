/** Timed reading: the user whose arrival can still be put later, and the timers that it set since. */
import { addressOf, E, H, Q, refTo } from "./layout.ts";
import { baseOf, type Machine, threadAt } from "./machine.ts";

/** The thread of that user, where there is one. */
export const openUser = (m: Machine): number => threadAt(m, addressOf(m.words[H.floating]));

/** Whether this thread, by its base, is the one: see `H.floating`. */
export function isOpen(m: Machine, base: number): boolean {
  const floating = m.words[H.floating];
  return floating === refTo(base) || floating === refTo(base) + 1;
}

/** Whether there is one, and it has done more than arrive. */
export function isMovedOpen(m: Machine): boolean {
  const floating = m.words[H.floating];
  return floating !== 0 && addressOf(floating) !== baseOf(m, openUser(m));
}

/** From here on it is settled when the user arrived. */
export function closeArrival(m: Machine): void {
  m.words[H.floating] = 0;
  const { timers } = m.program;
  if (timers === 0) return;
  const end = timers + Q.entries + m.words[timers + Q.count] * E.size;
  for (let at = timers + Q.entries; at < end; at += E.size) m.words[at + E.routine] = 0;
}

/** A timer that the user set falls due so much after it was set: later with it. */
export function putTimersLater(m: Machine, delayUs: number): void {
  const { timers } = m.program;
  if (timers === 0) return;
  const end = timers + Q.entries + m.words[timers + Q.count] * E.size;
  for (let at = timers + Q.entries; at < end; at += E.size)
    if (m.words[at + E.routine] !== 0) m.clocks[at] += delayUs;
}
