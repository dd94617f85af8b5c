/** Taking locks and giving them back, whatever their kind. */
import { resolve } from "./frames.ts";
import { Result, T, Tag } from "./layout.ts";
import { requestMet } from "./lock-requests.ts";
import { baseOf, Event, emit, type Machine } from "./machine.ts";
import { canTake, dropLock, takeLock } from "./objects/exclusive-lock.ts";
import { mutexReleaseWays, releaseMutex } from "./objects/mutex.ts";
import { releaseSemaphore, semaphoreReleaseWays } from "./objects/semaphore.ts";
import { canShareOrTake, dropShared, grant, hasLine, joinLine } from "./objects/shared-lock.ts";
import { AcquireMode } from "./opcodes.ts";

/** Whether a request can be granted now. */
export const canAcquire = (m: Machine, t: number, lock: number, mode: number): boolean =>
  hasLine(m, lock) ? canShareOrTake(m, t, lock, mode) : canTake(m, t, lock);

/** Takes a lock, or joins its line. Returns whether the thread goes on behind the request. */
export function acquire(m: Machine, t: number, lock: number, mode: number): boolean {
  if (lock < 0) return false;
  const base = baseOf(m, t);
  m.words[base + T.result] = Result.success;
  if (canAcquire(m, t, lock, mode)) {
    if (hasLine(m, lock)) grant(m, t, lock, mode);
    else takeLock(m, t, lock, (mode & AcquireMode.plain) !== 0);
  } else if ((mode & AcquireMode.try) !== 0 || !hasLine(m, lock)) {
    m.words[base + T.result] = Result.failure;
    return true;
  } else {
    joinLine(m, t, lock);
    emit(m, Event.blocked, t, m.program.code[m.words[base + T.pc] + 1]);
    return false;
  }
  requestMet(m, t);
  return true;
}

/** Takes a lock without a line that is free. */
export function acquireFree(m: Machine, t: number, lock: number, mode: number): void {
  takeLock(m, t, lock, (mode & AcquireMode.plain) !== 0);
  m.words[baseOf(m, t) + T.result] = Result.success;
  requestMet(m, t);
}

/** How many ways the release at `pc` can go. */
export function releaseWays(m: Machine, lock: number, pc: number): number {
  if (m.words[lock] === Tag.mutex) return mutexReleaseWays(m, lock);
  if (m.words[lock] === Tag.semaphore) {
    return semaphoreReleaseWays(m, lock, m.program.code[pc + 3]);
  }
  return 1;
}

/** The release at `pc`: its operand b is how much of a semaphore, or 1 for the plain form. */
export function release(m: Machine, t: number, pc: number, alternative: number): boolean {
  const { code } = m.program;
  const lock = resolve(m, t, code[pc + 2]);
  if (lock < 0) return false;
  if (m.words[lock] === Tag.mutex) releaseMutex(m, t, lock, alternative);
  else if (m.words[lock] === Tag.semaphore) {
    releaseSemaphore(m, t, lock, code[pc + 3], alternative);
  } else if (hasLine(m, lock)) dropShared(m, t, lock);
  else dropLock(m, t, lock, code[pc + 3] !== 0);
  return true;
}
