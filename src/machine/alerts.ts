/**
 * User APCs and alerts: what ends an alertable wait with a result of its own (SY-20). Both stay with
 * the thread until such a wait finds them. An alert is gone with the wait that it ends; a user APC
 * runs where the thread is next in user mode after a UserMode wait ended for it, and every alertable
 * wait before that ends at once. A KernelMode wait ends, too, but its APC stays queued: so the page
 * on waits and APCs has it.
 */
import { frameOf } from "./frames.ts";
import { F, Irql, Result, Status, T, threadFlags, waitFlags } from "./layout.ts";
import { baseOf, isAlive, type Machine } from "./machine.ts";
import { AlertKind } from "./opcodes.ts";
import { unblock } from "./waits.ts";

/** Whether user APCs and termination reach this thread: a region or APC_LEVEL holds them off (APC-2, APC-5). */
export function hearsUserApcs(m: Machine, base: number): boolean {
  return (
    m.words[base + T.critical] === 0 &&
    m.words[base + T.guarded] === 0 &&
    m.words[base + T.irql] < Irql.apc
  );
}

/** Whether a thread is inside the routine. */
function runs(m: Machine, thread: number, routine: number): boolean {
  if (!isAlive(m, thread)) return false;
  const base = baseOf(m, thread);
  for (let frame = frameOf(m, thread); frame !== 0; ) {
    if (m.words[frame + F.routine] - 1 === routine) return true;
    frame = m.words[frame + F.caller] === 0 ? 0 : base + m.words[frame + F.caller];
  }
  return false;
}

/** How many ways there are to alert a thread that runs the routine: one for each such thread. */
export function alertWays(m: Machine, routine: number): number {
  let count = 0;
  for (let t = 0; t < m.program.threads.length; t++) if (runs(m, t, routine)) count++;
  return Math.max(1, count);
}

/** Queues a user APC to, or alerts, one of the threads that run the routine. */
export function alert(
  m: Machine,
  actor: number,
  routine: number,
  kind: number,
  pick: number,
): void {
  const { words, clocks } = m;
  const flag = kind === AlertKind.alert ? threadFlags.alerted : threadFlags.userApc;
  words[baseOf(m, actor) + T.result] = Result.failure;
  let skip = pick;
  for (let t = 0; t < m.program.threads.length; t++) {
    if (!runs(m, t, routine) || skip-- > 0) continue;
    const base = baseOf(m, t);
    words[base + T.flags] |= flag;
    words[baseOf(m, actor) + T.result] = Result.success;
    if (words[base + T.status] !== Status.waiting) return;
    const result = alertedBy(m, base, words[base + T.wait]);
    if (result < 0) return;
    if (clocks[baseOf(m, actor)] > clocks[base]) clocks[base] = clocks[baseOf(m, actor)];
    return unblock(m, t, result);
  }
}

/** What an alertable wait ends with at once, −1 if nothing is there to end it. */
export function alertedBy(m: Machine, base: number, wait: number): number {
  const { words } = m;
  if ((wait & waitFlags.alertable) === 0) return -1;
  const flags = words[base + T.flags];
  if (flags & threadFlags.alerted) {
    words[base + T.flags] = flags & ~threadFlags.alerted;
    return Result.alerted;
  }
  if ((flags & threadFlags.userApc) === 0 || !hearsUserApcs(m, base)) return -1;
  if (wait & waitFlags.interruptible) words[base + T.flags] = flags | threadFlags.apcDue;
  return Result.userApc;
}

/** User APCs that are due run on the way back to user mode. */
export function runUserApcs(m: Machine, base: number): void {
  if (m.words[base + T.flags] & threadFlags.apcDue) {
    m.words[base + T.flags] &= ~(threadFlags.apcDue | threadFlags.userApc);
  }
}
