/** Who stands before a lock, and until when. */
import { locate } from "./frames.ts";
import { addressOf, H, Status, T, Tag, waitFlags } from "./layout.ts";
import { baseOf, type Machine, noteDone } from "./machine.ts";
import { AcquireMode, Op } from "./opcodes.ts";

/**
 * Whether this thread stands before a lock or a rundown, and not only tries: in a state that nothing
 * leads out of, that is a request for a lock that somebody else has.
 */
export function requestsLock(m: Machine, thread: number): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  if (words[base + T.status] === Status.waiting) {
    const count = words[base + T.wait] & waitFlags.count;
    return count === 1 && words[addressOf(words[base + T.waitObject])] === Tag.mutex;
  }
  if (words[base + T.status] !== Status.ready) return false;
  const pc = words[base + T.pc];
  const { code } = m.program;
  const op = code[pc];
  // Who only tries goes on either way.
  if (op === Op.acquire) {
    const isTry = (code[pc + 3] & AcquireMode.try) !== 0;
    return !isTry && !isOfStopped(m, thread, code[pc + 2]);
  }
  return op === Op.runDown;
}

/** Marks a thread's request for a lock as granted, or given up, for those who count obligations. */
export function requestMet(m: Machine, thread: number): void {
  const base = baseOf(m, thread);
  if (m.words[base + T.roots] === 0 && m.words[base + T.items] === 0) {
    noteDone(m, m.rootsDone, thread);
  }
}

/** A lock of user mode, in a process that has stopped: who waits for it has stopped with the rest. */
function isOfStopped(m: Machine, thread: number, operandWord: number): boolean {
  const { words } = m;
  if (words[H.stopped] === 0 || words[H.stopped] !== words[baseOf(m, thread) + T.process])
    return false;
  const lock = locate(m, thread, operandWord);
  return lock >= 0 && words[lock] === Tag.criticalSection;
}
