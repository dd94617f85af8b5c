/**
 * Lines of entries: KQUEUE, LIST_ENTRY, cancel-safe IRP queue, filter port. An entry is a routine
 * with the frame that it captured and its context (a work item) or a reference (a payload, a
 * message, an IRP), and it remembers which callbacks stand behind it.
 */
import { hitBound } from "../frames.ts";
import { addressOf, E, Q, Result, T, Tag } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";

export function putEntry(
  m: Machine,
  thread: number,
  queue: number,
  routine: number,
  reference: number,
  item: number,
  context = 0,
): boolean {
  const { words, clocks } = m;
  const count = words[queue + Q.count];
  if (count >= words[queue + Q.capacity]) {
    hitBound(m, thread, m.program.workers.has(queue) ? "poolRoom" : "queueRoom");
    return false;
  }
  const base = baseOf(m, thread);
  const at = queue + Q.entries + count * E.size;
  words[at + E.routine] = routine;
  words[at + E.reference] = reference;
  words[at + E.item] = item;
  words[at + E.cause] = words[base + T.cause];
  words[at + E.context] = context;
  clocks[at] = clocks[base];
  words[queue + Q.count] = count + 1;
  return true;
}

/** Takes the head entry into the thread's registers. The queue moves up. */
export function takeEntry(m: Machine, thread: number, queue: number): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  const at = queue + Q.entries;
  words[base + T.entryRoutine] = words[at + E.routine];
  words[base + T.entryFrame] = words[at + E.routine] !== 0 ? words[at + E.reference] : 0;
  words[base + T.entryContext] = words[at + E.context];
  words[base + T.pointer] =
    words[at + E.routine] !== 0 ? begun(m, words[at + E.item]) : words[at + E.reference];
  // Who takes an item or a message acts for whoever queued it; a callback acts for itself.
  if (words[at + E.routine] !== 0 || words[base + T.roots] === 0) {
    words[base + T.cause] = words[at + E.cause];
  }
  if (clocks[at] > clocks[base]) clocks[base] = clocks[at];
  removeEntry(m, queue, 0);
  // The mark of the pool's manager; a port's says that it is closed, and stays.
  if (words[queue] === Tag.queue) words[queue + Q.flag] = 0;
  words[base + T.result] = Result.success;
}

/**
 * A driver-wide item may be queued again once its routine has begun (B7). Returns what the worker
 * has to release when the routine returns: the count that keeps the driver loaded (W4).
 */
function begun(m: Machine, item: number): number {
  if (item === 0 || m.words[addressOf(item)] !== Tag.workItem) return item;
  m.words[addressOf(item) + 1] = 0;
  return m.words[addressOf(item) + 2];
}

/** Those behind it move up. */
export function removeEntry({ words, clocks }: Machine, queue: number, index: number): void {
  const last = queue + Q.entries + --words[queue + Q.count] * E.size;
  const from = queue + Q.entries + index * E.size;
  words.copyWithin(from, from + E.size, last + E.size);
  for (let at = from; at < last; at += E.size) clocks[at] = clocks[at + E.size];
  words.fill(0, last, last + E.size);
  clocks[last] = 0;
}

export const headClock = (m: Machine, queue: number): number => m.clocks[queue + Q.entries];
