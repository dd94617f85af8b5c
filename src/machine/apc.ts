/**
 * Kernel APCs: a routine that a thread runs between two of its own operations, or in the middle of a
 * wait, which is then begun again (SY-4). A critical region holds normal ones off, a guarded region
 * or APC_LEVEL all (APC-2). One can be pending for a thread, and none interrupts another.
 */
import { captureFrame, crash, frameOf, locate, pushFrame, takeSubject } from "./frames.ts";
import {
  apcFlags,
  Crash,
  F,
  Irql,
  P,
  processState,
  Result,
  refTo,
  Status,
  T,
  Tag,
  threadFlags,
  waitObjectsMax,
} from "./layout.ts";
import { codeState } from "./life.ts";
import { baseOf, type Machine, threadAt } from "./machine.ts";
import { stride } from "./opcodes.ts";
import { unblock } from "./waits.ts";

/** Whether the thread's pending APC can be delivered where it stands. */
export function isDeliverable(m: Machine, thread: number): boolean {
  const base = baseOf(m, thread);
  return reaches(
    m,
    base,
    m.words[base + T.irql],
    m.words[base + T.guarded],
    m.words[base + T.critical],
  );
}

/** Whether a thread's pending APC can be delivered at this IRQL and this deep in regions. */
export function reaches(
  { words }: Machine,
  base: number,
  irql: number,
  guarded: number,
  critical: number,
): boolean {
  const flags = words[base + T.apcFlags];
  return (
    words[base + T.apcRoutine] !== 0 &&
    (flags & apcFlags.active) === 0 &&
    irql < Irql.apc &&
    guarded === 0 &&
    words[base + T.line] === 0 &&
    ((flags & apcFlags.special) !== 0 || critical === 0)
  );
}

/**
 * KeInsertQueueApc: fails for a thread that has ended, or that has one pending. One that has not begun
 * takes it first of all, as is documented of a user APC that is queued before a thread begins.
 */
export function queueApc(m: Machine, t: number, base: number, pc: number): void {
  const { words } = m;
  const { code } = m.program;
  const target = locate(m, t, code[pc + 4]);
  words[base + T.result] = Result.failure;
  if (target < m.program.threadFirst || words[target + T.apcRoutine] !== 0) return;
  if (!isThere(m, target)) return;
  const captured = captureFrame(m, t, code[pc + 3]);
  words[base + T.result] = Result.success;
  pend(m, t, target, code[pc + 2], captured, code[pc + 5] !== 0);
}

/** Whether a thread is there, begun or not: the first of a process is from the process's creation on. */
function isThere({ words, program }: Machine, base: number): boolean {
  const status = words[base + T.status];
  if (status === Status.ended) return false;
  if (status !== Status.dormant) return true;
  return program.processes.some(
    ({ base: process }) =>
      words[process + P.initialThread] === refTo(base) &&
      words[process + P.state] === processState.created,
  );
}

function pend(
  m: Machine,
  by: number,
  target: number,
  routine: number,
  captured: number,
  special: boolean,
): void {
  const { words, clocks } = m;
  words[target + T.apcRoutine] = routine;
  words[target + T.apcFrame] = captured;
  if (special) words[target + T.apcFlags] |= apcFlags.special;
  const thread = threadAt(m, target);
  const runs = words[target] === Status.ready || words[target] === Status.waiting;
  if (!runs || thread === by || !isDeliverable(m, thread)) return;
  const now = clocks[baseOf(m, by)];
  if (clocks[target] < now) clocks[target] = now;
  deliver(m, thread);
  m.woken[m.wokenCount++] = thread;
}

/** Suspending is a normal kernel APC too (APC-6): a thread of which none has run yet takes it first;
 * one that is on its way out takes none. */
export function suspend(m: Machine, t: number, process: number, routine: number): void {
  const { words } = m;
  if (words[process + P.tag] !== Tag.process) return;
  for (let i = 0; i < m.program.threads.length; i++) {
    const target = baseOf(m, i);
    if (!isIn(m, target, process)) continue;
    if (words[target] === Status.ended || words[target + T.apcRoutine] !== 0) continue;
    if (words[target + T.flags] & threadFlags.leaving) continue;
    pend(m, t, target, routine, 0, false);
  }
}

/**
 * Each thread of the process is resumed once (SV-41): of an APC that would suspend it nothing comes
 * where it is still pending, else the wait of one that has is over. One that stands in both was
 * suspended twice.
 */
export function resume(m: Machine, t: number, process: number, routine: number): void {
  const { words, clocks } = m;
  if (words[process + P.tag] !== Tag.process) return;
  const now = clocks[baseOf(m, t)];
  for (let i = 0; i < m.program.threads.length; i++) {
    const target = baseOf(m, i);
    if (!isIn(m, target, process) || words[target] === Status.ended) continue;
    if (words[target + T.apcRoutine] === routine) {
      words[target + T.apcRoutine] = 0;
      words[target + T.apcFrame] = 0;
    } else if (isSuspended(m, i, routine)) {
      if (clocks[target] < now) clocks[target] = now;
      if (words[target] === Status.waiting) unblock(m, i, Result.success);
      else {
        words[target + T.pc] += stride;
        m.woken[m.wokenCount++] = i;
      }
    }
  }
}

/** Whether a thread stands in the routine, which does nothing but wait, or is about to. */
export function isSuspended(m: Machine, thread: number, routine: number): boolean {
  const frame = frameOf(m, thread);
  return frame !== 0 && m.words[frame + F.routine] === routine;
}

/** Whether a thread is one of the process, begun or not. */
const isIn = ({ words }: Machine, target: number, process: number): boolean =>
  words[target + T.process] === refTo(process) ||
  words[process + P.initialThread] === refTo(target);

/** The thread runs the routine next; what it was at goes on behind it. */
export function deliver(m: Machine, thread: number): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  const routine = words[base + T.apcRoutine] - 1;
  const captured = words[base + T.apcFrame];
  if (words[base + T.status] === Status.waiting) {
    // The deadline stays what it was.
    clocks[base + T.apcFlags] = clocks[base + T.wait];
    words[base + T.status] = Status.ready;
    words[base + T.wait] = 0;
    clocks[base + T.wait] = 0;
    for (let i = 0; i < waitObjectsMax; i++) words[base + T.waitObject + i] = 0;
  }
  words[base + T.apcRoutine] = 0;
  words[base + T.apcFrame] = 0;
  words[base + T.apcFlags] = apcFlags.active;
  m.callsAtApc = m.calls;
  words[base + T.savedResult] = words[base + T.result];
  words[base + T.savedPointer] = words[base + T.pointer];
  const { module = 0, pc } = m.program.routines[routine];
  if (module !== 0 && words[module + 1] === codeState.gone) {
    crash(m, thread, Crash.codeIsGone, m.program.code[pc + 1]);
    return;
  }
  const frame = frameOf(m, thread);
  // Outside of any event the subject is the process that runs.
  const subject = frame === 0 ? 0 : words[frame + F.subject] || words[base + T.process];
  if (pushFrame(m, thread, routine, words[base + T.pc], captured, subject))
    takeSubject(m, thread, captured);
}

/** Behind the routine the interrupted code finds its registers as they were. */
export function leaveApc(m: Machine, base: number): void {
  const { words } = m;
  words[base + T.result] = words[base + T.savedResult];
  words[base + T.pointer] = words[base + T.savedPointer];
  words[base + T.savedResult] = 0;
  words[base + T.savedPointer] = 0;
  // One that was queued meanwhile stays of its kind.
  words[base + T.apcFlags] &= ~apcFlags.active;
}
