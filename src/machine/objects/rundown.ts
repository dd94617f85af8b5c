/**
 * Rundown protection: EX_RUNDOWN_REF, and the same on registrations and on a driver object (SY-17,
 * CB-U5, W4). Words: tag, running down, count. Not owned: recursion is a count, and a holder that
 * waits for the rundown waits for itself.
 */
import { baseOf, type Machine } from "../machine.ts";

export function protect(m: Machine, rundown: number): boolean {
  if (m.words[rundown + 1] !== 0) return false;
  m.words[rundown + 2]++;
  return true;
}

export function unprotect(m: Machine, thread: number, rundown: number): void {
  if (m.words[rundown + 2] > 0) m.words[rundown + 2]--;
  const now = m.clocks[baseOf(m, thread)];
  if (now > m.clocks[rundown]) m.clocks[rundown] = now;
}
