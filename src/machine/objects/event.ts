/** KEVENT, both kinds (SY-1, SY-2). No owner: nobody can be asked who will set it (SY-3). */
import { hitBound } from "../frames.ts";
import { Irql, T, waysMax } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { eligible, ordersOf, satisfy, satisfyOne, takesOne, waiters } from "../waits.ts";

/**
 * How many ways a set can go: one for each waiter that a synchronization event could release, and
 * one for each order in which those of a notification event are served, where that matters.
 */
export function setWays(m: Machine, event: number): number {
  return takesOne(m, event) ? Math.max(1, waiters(m, event)) : ordersOf(m, event);
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

/** Whether a kernel APC can take this thread out of its wait for a moment (SY-4, APC-2). */
function canBeAway(m: Machine, thread: number): boolean {
  const base = baseOf(m, thread);
  return m.words[base + T.irql] < Irql.apc && m.words[base + T.guarded] === 0;
}

function waitersAway(m: Machine, event: number): number {
  let count = 0;
  for (let t = 0; t < m.program.threads.length; t++) {
    if (eligible(m, t, event) >= 0 && canBeAway(m, t)) count++;
  }
  return count;
}

/** Each waiter that can be away when a notification event is pulsed may be, or not. */
const pulseSets = (m: Machine, event: number): number => 2 ** waitersAway(m, event);

/** How many ways a pulse can go: whom it releases, and who misses it. */
export function pulseWays(m: Machine, event: number): number {
  if (!takesOne(m, event)) return Math.min(waysMax, pulseSets(m, event));
  const waiting = waiters(m, event);
  const nobody = waitersAway(m, event) === waiting ? 1 : 0;
  return Math.max(1, waiting + nobody);
}

/** KePulseEvent: signalled for no longer than it takes to release who waits at that moment. */
export function pulseEvent(m: Machine, thread: number, event: number, way: number): void {
  if (takesOne(m, event)) {
    // Behind the last waiter there is nobody whom it releases.
    setEvent(m, thread, event, way);
  } else {
    if (pulseSets(m, event) > waysMax || ordersOf(m, event) > 1) return hitBound(m, thread, "ways");
    m.words[event + 1] = 1;
    const now = m.clocks[baseOf(m, thread)];
    if (now > m.clocks[event]) m.clocks[event] = now;
    let missing = way;
    for (let t = 0; t < m.program.threads.length; t++) {
      if (eligible(m, t, event) < 0) continue;
      const away = canBeAway(m, t) && missing % 2 === 1;
      if (canBeAway(m, t)) missing >>= 1;
      if (!away) satisfyOne(m, t, event);
    }
  }
  resetEvent(m, thread, event);
}
