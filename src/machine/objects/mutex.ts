/** KMUTEX: recursive by owner; holding it is a critical region (SY-5, APC-3). */

import { crash } from "../frames.ts";
import { addressOf, Crash, refTo, T } from "../layout.ts";
import { baseOf, type Machine, threadAt } from "../machine.ts";
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

/** Thread of an owner word, −1 if free. */
export const ownerThread = (m: Machine, lock: number): number =>
  m.words[lock + 1] === 0 ? -1 : threadAt(m, addressOf(m.words[lock + 1]));
