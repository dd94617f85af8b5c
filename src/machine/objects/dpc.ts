/**
 * KDPC: a queue of one entry, and threads of the system's that run it at DISPATCH_LEVEL, as many as
 * it can run on processors at once (SY-24).
 */
import { E, Q, Result, T } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { putEntry } from "./queue.ts";

/** Queues a DPC, unless it is queued already. */
export function insertDpc(m: Machine, t: number, queue: number, routine: number): void {
  const isQueued = m.words[queue + Q.count] > 0;
  if (!isQueued) putEntry(m, t, queue, routine, 0, 0);
  m.words[baseOf(m, t) + T.result] = isQueued ? Result.failure : Result.success;
}

/** Takes a DPC back, if it is still queued. */
export function removeDpc(m: Machine, t: number, queue: number): void {
  const { words, clocks } = m;
  const isQueued = words[queue + Q.count] > 0;
  words[queue + Q.count] = 0;
  words.fill(0, queue + Q.entries, queue + Q.entries + E.size);
  clocks[queue + Q.entries] = 0;
  words[baseOf(m, t) + T.result] = isQueued ? Result.success : Result.failure;
}

/** Whether a thread is in a DPC: all frames but its first are. */
export const runsDpc = (m: Machine, thread: number): boolean =>
  m.words[baseOf(m, thread) + T.frame] !== T.size;

/** A DPC that is queued, −1 if none is. */
export function queuedDpc(m: Machine): number {
  const { dpcQueues } = m.program;
  for (let i = 0; i < dpcQueues.length; i++) {
    if (m.words[dpcQueues[i] + Q.count] > 0) return dpcQueues[i];
  }
  return -1;
}

/** Whether no DPC is queued or running: what KeFlushQueuedDpcs waits for. */
export function dpcsAreDone(m: Machine): boolean {
  const { dpcThreads } = m.program;
  if (queuedDpc(m) >= 0) return false;
  for (let i = 0; i < dpcThreads.length; i++) if (runsDpc(m, dpcThreads[i])) return false;
  return true;
}

/** When the last of them was done. */
export function dpcsDoneAt(m: Machine): number {
  const { dpcThreads } = m.program;
  let at = 0;
  for (let i = 0; i < dpcThreads.length; i++) {
    const clock = m.clocks[baseOf(m, dpcThreads[i])];
    if (clock > at) at = clock;
  }
  return at;
}
