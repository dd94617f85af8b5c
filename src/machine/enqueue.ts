/** Putting something into a queue: a work item, a reference, a request. */
import { captureFrame, crash, frameOf, isFrame, resolve } from "./frames.ts";
import { addressOf, Crash, E, F, isRef, Q, Result, refTo, T, Tag } from "./layout.ts";
import { Event, emit, type Machine } from "./machine.ts";
import { dropLink } from "./objects/list.ts";
import { putEntry } from "./objects/queue.ts";
import { EnqueueFlags } from "./opcodes.ts";

/** Queues a work item, a reference or a request; see `Op.enqueue` in the compiler for the words. */
export function enqueue(m: Machine, t: number, base: number, pc: number): boolean {
  const { words, clocks } = m;
  const { code } = m.program;
  const queue = resolve(m, t, code[pc + 2]);
  if (queue < 0) return false;
  const routine = code[pc + 3];
  words[base + T.result] = Result.success;
  if (routine === 0) {
    const reference = words[base + T.pointer];
    if (!isRef(reference)) {
      crash(m, t, Crash.nullPointer);
      return false;
    }
    dropLink(m, queue, reference);
    return putEntry(m, t, queue, 0, reference, 0);
  }
  const counted = code[pc + 6];
  const flags = code[pc + 7];
  if ((flags & EnqueueFlags.refused) !== 0 && words[counted + 1] !== 0) {
    words[base + T.result] = Result.failure;
    return true;
  }
  const item = code[pc + 5];
  if (item !== 0) {
    // A driver-wide item stands in one place at most (B7).
    if (words[item + 1] !== 0) {
      emit(m, Event.breach, t, code[pc + 1], 0);
      words[base + T.result] = Result.failure;
      return true;
    }
    words[item + 1] = 1;
    words[item + 2] = counted === 0 ? 0 : refTo(counted);
  }
  const captured = captureFrame(m, t, code[pc + 4]);
  if (counted !== 0) {
    words[counted + 2]++;
    clocks[counted] = Math.max(clocks[counted], clocks[base]);
  }
  return putEntry(
    m,
    t,
    queue,
    routine,
    captured,
    item !== 0 ? refTo(item) : counted !== 0 ? refTo(counted) : 0,
    (flags & EnqueueFlags.context) !== 0 ? words[base + T.pointer] : 0,
  );
}

/**
 * Whether a work item stands in a queue: the driver's at `item`, or, where that is 0, the one of
 * `routine` (from 1) whose frame this thread's running frame is, or captured.
 */
export function isQueued(m: Machine, t: number, item: number, routine: number): boolean {
  const { words } = m;
  if (item !== 0) return words[item + 1] !== 0;
  for (let frame = frameOf(m, t); frame !== 0; ) {
    for (const { base, queue } of m.program.components) {
      if (!queue || words[base] !== Tag.queue) continue;
      const end = base + Q.entries + words[base + Q.count] * E.size;
      for (let at = base + Q.entries; at < end; at += E.size) {
        if (words[at + E.routine] === routine && words[at + E.reference] === refTo(frame))
          return true;
      }
    }
    const captured = words[frame + F.captured];
    frame = isFrame(m, captured) ? addressOf(captured) : 0;
  }
  return false;
}
