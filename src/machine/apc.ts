/**
 * Kernel APCs: a routine that a thread runs between two of its own operations, or in the middle of a
 * wait, which is then begun again (SY-4). A critical region holds normal ones off, a guarded region
 * or APC_LEVEL all (APC-2). One can be pending for a thread, and none interrupts another.
 */
import { frameOf, locate, markEscaped, pushFrame } from "./frames.ts";
import { apcFlags, F, Irql, Result, refTo, Status, T, waitObjectsMax } from "./layout.ts";
import { baseOf, type Machine, threadAt } from "./machine.ts";

/** Whether the thread's pending APC can be delivered where it stands. */
export function isDeliverable(m: Machine, thread: number): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  const flags = words[base + T.apcFlags];
  return (
    words[base + T.apcRoutine] !== 0 &&
    (flags & apcFlags.active) === 0 &&
    words[base + T.irql] < Irql.apc &&
    words[base + T.guarded] === 0 &&
    words[base + T.line] === 0 &&
    ((flags & apcFlags.special) !== 0 || words[base + T.critical] === 0)
  );
}

/** KeInsertQueueApc: fails for a thread that has ended, or that has one pending. */
export function queueApc(m: Machine, t: number, base: number, pc: number): void {
  const { words, clocks } = m;
  const { code } = m.program;
  const target = locate(m, t, code[pc + 4]);
  words[base + T.result] = Result.failure;
  if (target < m.program.threadFirst || words[target + T.apcRoutine] !== 0) return;
  const status = words[target];
  if (status !== Status.ready && status !== Status.waiting && status !== Status.created) return;
  const frame = frameOf(m, t);
  const captured = code[pc + 3] !== 0 && frame !== 0 ? refTo(frame) : 0;
  if (captured !== 0) markEscaped(m, frame);
  words[target + T.apcRoutine] = code[pc + 2];
  words[target + T.apcFrame] = captured;
  words[target + T.apcFlags] |= code[pc + 5] !== 0 ? apcFlags.special : 0;
  words[base + T.result] = Result.success;
  const thread = threadAt(m, target);
  if (status === Status.created || thread === t || !isDeliverable(m, thread)) return;
  if (clocks[target] < clocks[base]) clocks[target] = clocks[base];
  deliver(m, thread);
  m.woken[m.wokenCount++] = thread;
}

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
  words[base + T.savedResult] = words[base + T.result];
  words[base + T.savedPointer] = words[base + T.pointer];
  const frame = frameOf(m, thread);
  const subject = frame === 0 ? 0 : words[frame + F.subject];
  pushFrame(m, thread, routine, words[base + T.pc], captured, subject);
}

/** Behind the routine the interrupted code finds its registers as they were. */
export function leaveApc(m: Machine, base: number): void {
  const { words } = m;
  words[base + T.result] = words[base + T.savedResult];
  words[base + T.pointer] = words[base + T.savedPointer];
  words[base + T.savedResult] = 0;
  words[base + T.savedPointer] = 0;
  words[base + T.apcFlags] = 0;
}
