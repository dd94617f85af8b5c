/**
 * KSEMAPHORE: a count with a limit and no owner, so that nothing tells who could give it back
 * (SY-7). A release satisfies as many waiters as its count allows, any of them. Words: tag, and
 * the count and limit below 0, where the largest of C fit and none is taken for a reference.
 */
import { crash, hitBound } from "../frames.ts";
import { Crash, waysMax } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { eligible, ordersOf, satisfyOne, waiters } from "../waits.ts";

/** Sets of `k` out of `n`. */
function choices(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

const exceeds = (m: Machine, semaphore: number, adjustment: number): boolean =>
  adjustment - m.words[semaphore + 1] > -m.words[semaphore + 2];

/** How many ways a release can go: one for each set of waiters that it could satisfy. */
export function semaphoreReleaseWays(m: Machine, semaphore: number, adjustment: number): number {
  if (exceeds(m, semaphore, adjustment)) return 1;
  const waiting = waiters(m, semaphore);
  return Math.min(waysMax, choices(waiting, Math.min(waiting, adjustment)));
}

export function releaseSemaphore(
  m: Machine,
  thread: number,
  semaphore: number,
  adjustment: number,
  pick: number,
): void {
  // STATUS_SEMAPHORE_LIMIT_EXCEEDED is raised, and nobody in the kernel catches it.
  if (exceeds(m, semaphore, adjustment)) return crash(m, thread, Crash.semaphoreLimit);
  let left = waiters(m, semaphore);
  let free = Math.min(left, adjustment);
  const isOrdered = free > 1 && ordersOf(m, semaphore) > 1;
  if (isOrdered || choices(left, free) > waysMax) return hitBound(m, thread, "ways");
  m.words[semaphore + 1] -= adjustment;
  const now = m.clocks[baseOf(m, thread)];
  if (now > m.clocks[semaphore]) m.clocks[semaphore] = now;
  let rank = pick;
  for (let t = 0; t < m.program.threads.length && free > 0; t++) {
    if (eligible(m, t, semaphore) < 0) continue;
    const withThis = choices(--left, free - 1);
    if (rank >= withThis) rank -= withThis;
    else {
      satisfyOne(m, t, semaphore);
      free--;
    }
  }
}
