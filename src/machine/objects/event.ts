/** KEVENT, both kinds (SY-1, SY-2). No owner: nobody can be asked who will set it (SY-3). */

import { Tag } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { satisfy, waiters } from "../waits.ts";

/** How many ways a set can go: one for each waiter that a synchronization event could release. */
export function setWays(m: Machine, event: number): number {
  if (m.words[event] !== Tag.synchronizationEvent) return 1;
  return Math.max(1, waiters(m, event));
}

export function setEvent(m: Machine, thread: number, event: number, pick: number): void {
  m.words[event + 1] = 1;
  const now = m.clocks[baseOf(m, thread)];
  if (now > m.clocks[event]) m.clocks[event] = now;
  satisfy(m, event, pick);
}

export function resetEvent(m: Machine, thread: number, event: number): void {
  m.words[event + 1] = 0;
  m.clocks[event] = m.clocks[baseOf(m, thread)];
}
