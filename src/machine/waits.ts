/**
 * Waiting on dispatcher objects. A signal satisfies its eligible waiters inside its own transition:
 * a thread that is not waiting yet can miss a set followed by a reset, a waiting one cannot
 * (SY-1, SY-2; design, point 4).
 */
import { hitBound } from "./frames.ts";
import {
  addressOf,
  apcFlags,
  P,
  processState,
  Q,
  Result,
  refTo,
  Status,
  T,
  Tag,
  waitFlags,
  waitObjectsMax,
} from "./layout.ts";
import { requestMet, requestsLock } from "./lock-requests.ts";
import { baseOf, Event, emit, type Machine, siteAt } from "./machine.ts";
import { stride } from "./opcodes.ts";

/** States of a message (or pended IRP). */
export const messageState = { pending: 0, replied: 1, fetched: 2, disconnected: 3 } as const;
/** What the sender of a message waits for: the answer, its being fetched (SV-8), room for it (SV-33). */
export const wanted = { reply: 0, fetch: 1, room: 2 } as const;

/** Its port has closed: there is nothing left to wait for, and nobody who would hear a reply. */
export function isCutOff(m: Machine, message: number): boolean {
  const port = m.words[message + 2];
  return m.words[port] === Tag.port && m.words[port + Q.flag] !== 0;
}

export function isSignalled(m: Machine, address: number, thread: number): boolean {
  const { words } = m;
  switch (words[address]) {
    case Tag.notificationEvent:
    case Tag.synchronizationEvent:
      return words[address + 1] !== 0;
    case Tag.message:
      return words[address + 1] !== 0 || isCutOff(m, address);
    case Tag.mutex:
      return words[address + 1] === 0 || words[address + 1] === refTo(baseOf(m, thread));
    case Tag.semaphore:
    case Tag.notificationTimer:
    case Tag.synchronizationTimer:
      return words[address + 1] !== 0;
    case Tag.process:
      return words[address + P.state] === processState.dead;
    case Status.ended:
      return true;
    default:
      return false;
  }
}

/** Recursive by owner; holding it is a critical region (SY-5, APC-3). */
function mutexGranted(m: Machine, mutex: number, thread: number): void {
  const base = baseOf(m, thread);
  if (m.words[mutex + 2] === 0) m.words[base + T.critical]++;
  m.words[mutex + 1] = refTo(base);
  m.words[mutex + 2]++;
  m.words[mutex + 3] = 0;
}

/** What a satisfied wait does to the object. */
function consume(m: Machine, address: number, thread: number): void {
  switch (m.words[address]) {
    case Tag.synchronizationEvent:
    case Tag.synchronizationTimer:
      m.words[address + 1] = 0;
      return;
    case Tag.semaphore:
      m.words[address + 1]++;
      return;
    case Tag.mutex:
      mutexGranted(m, address, thread);
      return;
    default:
  }
}

function resultOf(m: Machine, address: number, index: number, count: number): number {
  if (m.words[address] === Tag.message) {
    const state = m.words[address + 1];
    const gone =
      state === messageState.disconnected ||
      (state === messageState.pending && isCutOff(m, address));
    return gone ? Result.disconnected : Result.success;
  }
  if (m.words[address] === Tag.mutex && m.words[address + 3] !== 0) return Result.abandoned;
  return count > 1 ? Result.object0 + index : Result.success;
}

/** Takes a wait that can be satisfied at once. Returns its result, or −1 if it cannot. */
export function tryWait(
  m: Machine,
  thread: number,
  objects: Int32Array,
  count: number,
  all: boolean,
): number {
  if (all) {
    for (let i = 0; i < count; i++) if (!isSignalled(m, objects[i], thread)) return -1;
    let result: number = Result.success;
    for (let i = 0; i < count; i++) {
      if (resultOf(m, objects[i], i, 1) === Result.abandoned) result = Result.abandoned;
      take(m, objects[i], thread);
    }
    return result;
  }
  for (let i = 0; i < count; i++) {
    if (!isSignalled(m, objects[i], thread)) continue;
    const result = resultOf(m, objects[i], i, count);
    take(m, objects[i], thread);
    return result;
  }
  return -1;
}

function take(m: Machine, address: number, thread: number): void {
  const base = baseOf(m, thread);
  if (m.clocks[address] > m.clocks[base]) m.clocks[base] = m.clocks[address];
  consume(m, address, thread);
}

/** The deadline of the wait that an APC interrupted, for the wait that begins behind it; else 0. */
export function resumedDeadline({ words, clocks }: Machine, base: number): number {
  if ((words[base + T.apcFlags] & apcFlags.active) !== 0) return 0;
  const deadline = clocks[base + T.apcFlags];
  clocks[base + T.apcFlags] = 0;
  return deadline;
}

export function block(
  m: Machine,
  thread: number,
  objects: Int32Array,
  count: number,
  flags: number,
  timeoutUs: number,
): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  words[base + T.status] = Status.waiting;
  words[base + T.wait] = count | flags | waitFlags.active | (timeoutUs > 0 ? waitFlags.timed : 0);
  for (let i = 0; i < count; i++) words[base + T.waitObject + i] = refTo(objects[i]);
  // Begun again behind an APC, it keeps its deadline.
  const deadline = resumedDeadline(m, base) || clocks[base] + timeoutUs;
  clocks[base + T.wait] = timeoutUs > 0 ? deadline : 0;
  emit(m, Event.blocked, thread, siteAt(m, thread));
}

/** Ends a wait with a result; the thread runs on behind it. */
export function unblock(m: Machine, thread: number, result: number): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  emit(m, Event.woken, thread, siteAt(m, thread), m.actor, result);
  if (requestsLock(m, thread)) requestMet(m, thread);
  words[base + T.status] = Status.ready;
  words[base + T.wait] = 0;
  clocks[base + T.wait] = 0;
  for (let i = 0; i < waitObjectsMax; i++) words[base + T.waitObject + i] = 0;
  words[base + T.result] = result;
  words[base + T.pc] += stride;
  m.woken[m.wokenCount++] = thread;
}

/** Index of `address` among what a waiting thread waits for, or −1 if it is not eligible. */
export function eligible(m: Machine, thread: number, address: number): number {
  const { words } = m;
  const base = baseOf(m, thread);
  if (words[base + T.status] !== Status.waiting) return -1;
  const flags = words[base + T.wait];
  const count = flags & waitFlags.count;
  const reference = refTo(address);
  let found = -1;
  for (let i = 0; i < count; i++) {
    if (words[base + T.waitObject + i] === reference) found = i;
    else if (
      flags & waitFlags.all &&
      !isSignalled(m, addressOf(words[base + T.waitObject + i]), thread)
    ) {
      return -1;
    }
  }
  return found;
}

/** How many threads a signal of this object could release. */
export function waiters(m: Machine, address: number): number {
  let count = 0;
  for (let t = 0; t < m.program.threads.length; t++) if (eligible(m, t, address) >= 0) count++;
  return count;
}

/** Whether a waiter of this object takes, with it, others that somebody else could want as well. */
function takesOthers(m: Machine, thread: number, address: number): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  if ((words[base + T.wait] & waitFlags.all) === 0 || eligible(m, thread, address) < 0)
    return false;
  const count = words[base + T.wait] & waitFlags.count;
  for (let i = 0; i < count; i++) {
    const other = addressOf(words[base + T.waitObject + i]);
    if (other !== address && (takesOne(m, other) || words[other] === Tag.semaphore)) return true;
  }
  return false;
}

function rivals(m: Machine, address: number): number {
  let count = 0;
  for (let t = 0; t < m.program.threads.length; t++) if (takesOthers(m, t, address)) count++;
  return count;
}

/** In how many orders those waiters can be served who may take what another of them needs (SY-19). */
export function ordersOf(m: Machine, address: number): number {
  let orders = 1;
  for (let left = rivals(m, address); left > 1; left--) orders *= left;
  return orders;
}

/**
 * Releases the waiters of an object that has just been signalled. Where only one goes, `pick` says
 * which: NT's order is first in, first out, but a kernel APC puts a waiter back at the end (SY-4),
 * so any order is possible. Where all go, it says in which order rivals are served.
 */
export function satisfy(m: Machine, address: number, pick: number): void {
  if (!takesOne(m, address)) return satisfyAll(m, address, pick);
  let skip = pick;
  for (let t = 0; t < m.program.threads.length; t++) {
    if (eligible(m, t, address) < 0) continue;
    if (!isSignalled(m, address, t)) return;
    if (skip-- > 0) continue;
    return satisfyOne(m, t, address);
  }
}

function satisfyAll(m: Machine, address: number, pick: number): void {
  const { threads } = m.program;
  for (let t = 0; t < threads.length; t++) {
    if (eligible(m, t, address) < 0 || takesOthers(m, t, address)) continue;
    if (!isSignalled(m, address, t)) return;
    satisfyOne(m, t, address);
  }
  // The end of a thread or process is one transition with one way: further orders are not tried.
  const { words } = m;
  const isEnd = words[address] === Status.ended || words[address] === Tag.process;
  if (isEnd && rivals(m, address) > 1) return hitBound(m, m.actor, "ways");
  let rest = pick;
  for (let left = rivals(m, address); left > 0; left = rivals(m, address)) {
    let skip = rest % left;
    rest = Math.floor(rest / left);
    let t = 0;
    while (!takesOthers(m, t, address) || skip-- > 0) t++;
    if (!isSignalled(m, address, t)) return;
    satisfyOne(m, t, address);
  }
}

/** Ends the wait of an eligible thread with what it waits for. */
export function satisfyOne(m: Machine, thread: number, address: number): void {
  const { words } = m;
  const base = baseOf(m, thread);
  const flags = words[base + T.wait];
  const count = flags & waitFlags.count;
  if ((flags & waitFlags.all) === 0) {
    const result = resultOf(m, address, eligible(m, thread, address), count);
    take(m, address, thread);
    return unblock(m, thread, result);
  }
  let result: number = Result.success;
  for (let i = 0; i < count; i++) {
    const object = addressOf(words[base + T.waitObject + i]);
    if (resultOf(m, object, i, 1) === Result.abandoned) result = Result.abandoned;
    take(m, object, thread);
  }
  unblock(m, thread, result);
}

export const takesOne = (m: Machine, address: number): boolean =>
  m.words[address] === Tag.synchronizationEvent ||
  m.words[address] === Tag.synchronizationTimer ||
  m.words[address] === Tag.mutex;

/** Removes every entry of queues that refers to `reference`. */
export function withdraw(m: Machine, reference: number, entrySize: number, offset: number): void {
  const { words, clocks } = m;
  for (const queue of m.program.queues) {
    let kept = 0;
    const count = words[queue + Q.count];
    for (let i = 0; i < count; i++) {
      const from = queue + Q.entries + i * entrySize;
      if (words[from + offset] === reference) continue;
      const to = queue + Q.entries + kept * entrySize;
      if (to !== from) {
        words.copyWithin(to, from, from + entrySize);
        clocks[to] = clocks[from];
      }
      kept++;
    }
    for (let i = kept; i < count; i++) {
      const at = queue + Q.entries + i * entrySize;
      words.fill(0, at, at + entrySize);
      clocks[at] = 0;
    }
    words[queue + Q.count] = kept;
  }
}
