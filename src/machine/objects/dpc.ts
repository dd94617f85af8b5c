/**
 * KDPC: a queue of one entry, and threads of the system's that run it at DISPATCH_LEVEL, as many as
 * it can run on processors at once (SY-24).
 */
import { Q, Result, T } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { putEntry, removeEntry } from "./queue.ts";

/** Queues a DPC, unless it is queued already. */
export function insertDpc(m: Machine, t: number, queue: number, routine: number): void {
  const isQueued = m.words[queue + Q.count] !== 0;
  if (!isQueued) putEntry(m, t, queue, routine, 0, 0);
  m.words[baseOf(m, t) + T.result] = isQueued ? Result.failure : Result.success;
}

/** Takes a DPC back, if it is still queued. */
export function removeDpc(m: Machine, t: number, queue: number): void {
  const { words } = m;
  const isQueued = words[queue + Q.count] !== 0;
  if (isQueued) removeEntry(m, queue, 0);
  words[baseOf(m, t) + T.result] = isQueued ? Result.success : Result.failure;
}

/** Whether a thread is in a DPC: all frames but its first are. */
export const runsDpc = (m: Machine, thread: number): boolean =>
  m.words[baseOf(m, thread) + T.frame] !== T.size;

/** A DPC that is queued, −1 if none is. */
export function queuedDpc(m: Machine): number {
  for (const queue of m.program.dpcQueues) if (m.words[queue + Q.count] !== 0) return queue;
  return -1;
}

/** Whether no DPC is queued or running: what KeFlushQueuedDpcs waits for. */
export function dpcsAreDone(m: Machine): boolean {
  if (queuedDpc(m) !== -1) return false;
  for (const thread of m.program.dpcThreads) if (runsDpc(m, thread)) return false;
  return true;
}

/** When the last of them was done. */
export function dpcsDoneAt(m: Machine): number {
  let at = 0;
  for (const thread of m.program.dpcThreads) at = Math.max(at, m.clocks[baseOf(m, thread)]);
  return at;
}
