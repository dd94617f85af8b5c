/**
 * KMUTEX: recursive by owner; holding it is a critical region (SY-5, APC-3). Its words: tag, owner,
 * depth, and 1 where its owner ended and left it behind.
 */
import { crash } from "../frames.ts";
import { Crash, refTo, T } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { satisfy, waiters } from "../waits.ts";

export function mutexReleaseWays(m: Machine, mutex: number): number {
  return m.words[mutex + 2] === 1 ? Math.max(1, waiters(m, mutex)) : 1;
}

export function releaseMutex(m: Machine, thread: number, mutex: number, pick: number): void {
  const base = baseOf(m, thread);
  if (m.words[mutex + 1] !== refTo(base)) {
    crash(m, thread, Crash.notOwner);
    return;
  }
  m.clocks[mutex] = m.clocks[base];
  if (--m.words[mutex + 2] > 0) return;
  m.words[mutex + 1] = 0;
  m.words[base + T.critical]--;
  satisfy(m, mutex, pick);
}

/** Whether a thread owns any mutex. */
export function ownsMutex(m: Machine, thread: number): boolean {
  const reference = refTo(baseOf(m, thread));
  for (const mutex of m.program.mutexes) if (m.words[mutex + 1] === reference) return true;
  return false;
}

/** How many ways there are for a thread's end to hand its mutexes on: of each, to any who waits (SY-4). */
export function abandonWays(m: Machine, thread: number): number {
  const reference = refTo(baseOf(m, thread));
  let ways = 1;
  for (const mutex of m.program.mutexes)
    if (m.words[mutex + 1] === reference) ways *= Math.max(1, waiters(m, mutex));
  return ways;
}

/** A thread that ends leaves its mutexes to one who waits, who is told so (SY-6). */
export function abandon(m: Machine, thread: number, pick: number): void {
  const base = baseOf(m, thread);
  let rest = pick;
  for (const mutex of m.program.mutexes) {
    if (m.words[mutex + 1] !== refTo(base)) continue;
    m.words[mutex + 1] = 0;
    m.words[mutex + 2] = 0;
    m.words[mutex + 3] = 1;
    m.clocks[mutex] = m.clocks[base];
    const ways = Math.max(1, waiters(m, mutex));
    satisfy(m, mutex, rest % ways);
    rest = Math.floor(rest / ways);
  }
}
