/**
 * Locks with one owner and no line: FAST_MUTEX (APC_LEVEL, SY-8), guarded mutex (guarded region,
 * SY-9), spin lock (DISPATCH_LEVEL, SY-16), WDF wait lock (critical region), a user-mode critical
 * section (recursive). A waiter takes the lock when it is free; which one does is a choice. Taking
 * one's own again never succeeds, except for the critical section.
 *
 * The plain forms (ExAcquireFastMutexUnsafe) leave region and IRQL to the caller, on both ends.
 *
 * Words: tag, owner, IRQL before (or depth, for the critical section).
 */
import { crash } from "../frames.ts";
import { Crash, Irql, refTo, T, Tag } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";

export function canTake(m: Machine, thread: number, lock: number): boolean {
  const owner = m.words[lock + 1];
  if (owner === 0) return true;
  return m.words[lock] === Tag.criticalSection && owner === refTo(baseOf(m, thread));
}

export function takeLock(m: Machine, thread: number, lock: number, plain: boolean): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  if (clocks[lock] > clocks[base]) clocks[base] = clocks[lock];
  own(words, base, lock, plain);
}

/** What of taking a lock is in the words: of the thread at `base`. */
export function own(words: Int32Array, base: number, lock: number, plain: boolean): void {
  words[lock + 1] = refTo(base);
  words[base + T.locks]++;
  if (plain) return;
  switch (words[lock]) {
    case Tag.fastMutex:
      words[lock + 2] = words[base + T.irql];
      if (words[base + T.irql] < Irql.apc) words[base + T.irql] = Irql.apc;
      return;
    case Tag.spinLock:
      words[lock + 2] = words[base + T.irql];
      words[base + T.irql] = Irql.dispatch;
      return;
    case Tag.guardedMutex:
      words[base + T.guarded]++;
      return;
    case Tag.waitLock:
      words[base + T.critical]++;
      return;
    default:
      words[lock + 2]++;
  }
}

export function dropLock(m: Machine, thread: number, lock: number, plain: boolean): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  // A FAST_MUTEX may be released by another routine, but only by the thread that took it (SY-8).
  if (words[lock + 1] !== refTo(base)) {
    crash(m, thread, Crash.notOwner);
    return;
  }
  clocks[lock] = clocks[base];
  disown(words, base, lock, plain);
  if (words[base + T.guarded] < 0) crash(m, thread, Crash.regionUnderflow);
}

/** What of giving a lock back is in the words: of the thread at `base`, which owns it. */
export function disown(words: Int32Array, base: number, lock: number, plain: boolean): void {
  words[base + T.locks]--;
  if (plain) {
    words[lock + 1] = 0;
    words[lock + 2] = 0;
    return;
  }
  switch (words[lock]) {
    case Tag.fastMutex:
    case Tag.spinLock:
      words[base + T.irql] = words[lock + 2];
      words[lock + 2] = 0;
      break;
    case Tag.guardedMutex:
      words[base + T.guarded]--;
      break;
    case Tag.waitLock:
      words[base + T.critical]--;
      break;
    default:
      if (--words[lock + 2] > 0) return;
  }
  words[lock + 1] = 0;
}
