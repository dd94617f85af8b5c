/**
 * Who waits for whom, in a given state. Owned locks say it themselves; for an event, which has no
 * owner (SY-3), the question is who could still set it: a queued item, or a thread whose remaining
 * code comes to it.
 */
import { locate } from "../machine/frames.ts";
import {
  addressOf,
  E,
  F,
  isRef,
  P,
  Q,
  refTo,
  Status,
  T,
  Tag,
  threadFlags,
  waitFlags,
} from "../machine/layout.ts";
import { baseOf, type Machine, siteAt, threadAt } from "../machine/machine.ts";
import { dpcsAreDone, queuedDpc, runsDpc } from "../machine/objects/dpc.ts";
import { hasLine, sharersMax } from "../machine/objects/shared-lock.ts";
import { AcquireMode, Op } from "../machine/opcodes.ts";
import { comesTo, hasOperation, type Until } from "./comes-to.ts";
import type { Relation } from "./finding.ts";
import { framesOf, objectAt, routineOfFrame } from "./objects.ts";

export interface Waiting {
  readonly thread: number;
  readonly site: number;
  /** Addresses, one unless it waits for any or all of several. */
  readonly objects: readonly number[];
  /** Of a variable: what would end the wait. */
  readonly until?: Until;
  readonly what: "object" | "lock" | "entry" | "rundown" | "time" | "nothing";
}

export type Satisfier =
  | { readonly kind: "thread"; readonly thread: number; readonly relation: Relation }
  | {
      readonly kind: "item";
      readonly queue: number;
      readonly index: number;
      readonly routine: number;
    };

/** What a thread waits for, or undefined while it can move. */
export function waitingOf(m: Machine, thread: number): Waiting | undefined {
  const { words } = m;
  const base = baseOf(m, thread);
  const status = words[base + T.status];
  if (status === Status.waiting) {
    const count = words[base + T.wait] & waitFlags.count;
    const objects = Array.from({ length: count }, (_, i) =>
      addressOf(words[base + T.waitObject + i]),
    );
    return { thread, site: siteAt(m, thread), objects, what: count === 0 ? "time" : "object" };
  }
  if (status !== Status.ready) return undefined;
  const pc = words[base + T.pc];
  const { code } = m.program;
  const op = code[pc];
  if (op === Op.flushDpcs) {
    const queue = dpcsAreDone(m) ? -1 : (m.program.dpcQueues[0] ?? -1);
    const busy = queuedDpc(m);
    const objects = [busy >= 0 ? busy : queue];
    return queue < 0 ? undefined : { thread, site: code[pc + 1], objects, what: "object" };
  }
  const at = addressing.includes(op) ? locate(m, thread, code[pc + 2]) : -1;
  if (at < 0) return undefined;
  const waits = (what: Waiting["what"]): Waiting => ({
    thread,
    site: code[pc + 1],
    objects: [at],
    what,
  });
  switch (op) {
    case Op.acquire:
      return words[at] !== 0 && isHeld(m, at, thread) ? waits("lock") : undefined;
    case Op.dequeue:
      return words[at + Q.count] > 0 ? undefined : waits("entry");
    case Op.runDown:
      return words[at + 2] === 0 ? undefined : waits("rundown");
    default:
      return waits("nothing");
  }
}

/** Operations that a ready thread can stand at and wait. */
const addressing: readonly number[] = [Op.acquire, Op.dequeue, Op.runDown, Op.tick];

function isHeld(m: Machine, lock: number, thread: number): boolean {
  return m.words[baseOf(m, thread) + T.line] !== 0 || holdersOf(m, lock).length > 0;
}

/** Threads that hold an owned lock. */
export function holdersOf(m: Machine, lock: number): number[] {
  const { words } = m;
  const holders: number[] = [];
  const add = (word: number): void => {
    if (isRef(word)) holders.push(threadAt(m, addressOf(word)));
  };
  add(words[lock + 1]);
  if (hasLine(m, lock)) {
    for (let i = 0; i < sharersMax; i++) add(words[lock + 3 + 2 * i]);
  }
  return holders;
}

/** Whether a thread waits for I/O whose completion no kernel APC can bring (APC-4). */
export function isHeldOff(m: Machine, thread: number): boolean {
  const [object] = waitingOf(m, thread)?.objects ?? [];
  return object !== undefined && objectAt(m, object).kind === "completion";
}

/** What puts an entry into a queue, list, port or cancel-safe queue. */
const filling: readonly number[] = [Op.enqueue, Op.send, Op.pend];

/** Those who could end this wait, whether or not they can move themselves. */
export function satisfiersOf(m: Machine, waiting: Waiting, address: number): Satisfier[] {
  const tag = m.words[address];
  if (waiting.what === "time" || waiting.what === "nothing") return [];
  if (waiting.what === "rundown") return rundownHolders(m, address);
  if (waiting.what === "lock") {
    return lockEnders(m, waiting.thread, address);
  }
  // A variable's value is no tag.
  if (objectAt(m, address).kind === "variable") {
    return setters(m, address, [Op.store, Op.add], waiting.until);
  }
  if (tag === Tag.mutex) {
    return holdersOf(m, address).map((thread) => ({ kind: "thread", thread, relation: "holds" }));
  }
  if (tag === Tag.process) return processThreads(m, address);
  const isThread = address >= m.program.threadFirst && baseOf(m, threadAt(m, address)) === address;
  if (isThread && (tag === Status.dormant || tag === Status.created)) {
    const creator = creatorOf(m, threadAt(m, address));
    return creator === undefined ? [] : [{ kind: "thread", thread: creator, relation: "creates" }];
  }
  if (isThread) {
    return [{ kind: "thread", thread: threadAt(m, address), relation: "hasToEnd" }];
  }
  if (tag === Tag.message) return messageHandlers(m, address);
  if (m.program.dpcQueues.includes(address)) {
    return [...m.program.dpcThreads]
      .filter((thread) => runsDpc(m, thread))
      .map((thread) => ({ kind: "thread", thread, relation: "runsDpc" }));
  }
  if (tag === Tag.notificationTimer || tag === Tag.synchronizationTimer)
    return setters(m, address, [Op.setTimer]);
  if (tag === Tag.semaphore) return setters(m, address, [Op.release]);
  if (waiting.what === "entry") return setters(m, address, filling);
  return setters(m, address, [Op.set]);
}

/**
 * Who shares a lock holds up nobody who only wants to share it, too: what does are those in line
 * before him who want it alone (SY-11, SY-15).
 */
function lockEnders(m: Machine, thread: number, lock: number): Satisfier[] {
  const line = inLineBefore(m, thread, lock);
  const ahead: Satisfier[] = line.map((t) => ({ kind: "thread", thread: t, relation: "inLine" }));
  const isOwned = m.words[lock + 1] !== 0;
  if (ahead.length > 0 && !isOwned && asksToShare(m, thread)) {
    const writers = ahead.filter((s) => s.kind === "thread" && !asksToShare(m, s.thread));
    if (writers.length > 0) return writers;
  }
  const held = holdersOf(m, lock);
  if (held.length === 0) return ahead;
  return held.map((t) => ({ kind: "thread", thread: t, relation: "holds" }));
}

/** Whether a thread that stands at a request for a lock wants to share it. */
export function asksToShare(m: Machine, thread: number): boolean {
  const pc = m.words[baseOf(m, thread) + T.pc];
  const { code } = m.program;
  return code[pc] === Op.acquire && (code[pc + 3] & AcquireMode.shared) !== 0;
}

function inLineBefore(m: Machine, thread: number, lock: number): number[] {
  const mine = m.words[baseOf(m, thread) + T.line];
  const found: number[] = [];
  for (let t = 0; t < m.program.threads.length; t++) {
    const base = baseOf(m, t);
    if (
      m.words[base + T.waitObject] === refTo(lock) &&
      m.words[base + T.line] > 0 &&
      m.words[base + T.line] < mine
    ) {
      found.push(t);
    }
  }
  return found;
}

/** Threads inside a callback whose registration is being removed, or holders of its protection. */
function rundownHolders(m: Machine, address: number): Satisfier[] {
  const registration = m.program.registrations.get(address);
  const found: Satisfier[] = [];
  for (let t = 0; t < m.program.threads.length; t++) {
    const inside =
      registration !== undefined &&
      framesOf(m, t).some((frame) => m.words[frame + F.routine] - 1 === registration.routine);
    if (inside) found.push({ kind: "thread", thread: t, relation: "insideCallback" });
  }
  if (registration !== undefined) return found;
  const key = objectAt(m, address).key;
  for (const t of alive(m)) {
    if (comesTo(m, t, (pc) => hasOperation(m, pc, key, Op.unprotect)) || carries(m, t, address))
      found.push({ kind: "thread", thread: t, relation: "holdsProtection" });
  }
  return [...found, ...queuedItems(m, (_, item) => countsOn(m, item, address))];
}

/** Whether a work item's reference drops this rundown's count: itself, or through its item. */
const countsOn = (m: Machine, reference: number, address: number): boolean =>
  isRef(reference) &&
  (reference === refTo(address) || m.words[addressOf(reference) + 2] === refTo(address));

/** Whether a worker runs an item that gives the count back when it has returned. */
function carries(m: Machine, thread: number, address: number): boolean {
  if (m.words[baseOf(m, thread) + T.items] === 0) return false;
  const outermost = framesOf(m, thread).at(-1) ?? 0;
  return countsOn(m, m.words[outermost + F.size], address);
}

function processThreads(m: Machine, process: number): Satisfier[] {
  const found: Satisfier[] = [];
  for (const t of alive(m)) {
    if (m.words[baseOf(m, t) + T.process] === refTo(process)) {
      found.push({ kind: "thread", thread: t, relation: "hasToLeave" });
    }
  }
  const initial = m.words[process + P.initialThread];
  if (found.length === 0 && isRef(initial)) {
    // Not started yet: whoever is creating it has to finish first (CB-Q2).
    for (const t of alive(m)) {
      if (
        framesOf(m, t).some(
          (f) => m.words[f + F.subject] === refTo(process) && routineOfFrame(m, f).role === "path",
        )
      ) {
        found.push({ kind: "thread", thread: t, relation: "creates" });
      }
    }
  }
  return found;
}

const fetching: readonly number[] = [Op.dequeue, Op.pop];

function messageHandlers(m: Machine, message: number): Satisfier[] {
  const port = m.words[message + 2];
  const reference = refTo(message);
  const found: Satisfier[] = [];
  for (const t of alive(m)) {
    const base = baseOf(m, t);
    const end = base + m.words[base + T.top];
    for (let at = base + T.pointer; at < end; at++) {
      if (m.words[at] !== reference || (at < base + T.size && at !== base + T.pointer)) continue;
      if (waitingOf(m, t)?.objects.includes(message) === true) break;
      found.push({ kind: "thread", thread: t, relation: "hasMessage" });
      break;
    }
  }
  if (found.length > 0) return found;
  const key = objectAt(m, port).key;
  for (const t of alive(m)) {
    if (comesTo(m, t, (pc) => fetching.some((op) => hasOperation(m, pc, key, op)))) {
      found.push({ kind: "thread", thread: t, relation: "wouldFetch" });
    }
  }
  return found.length > 0
    ? found
    : absent(m, 0, (pc) => fetching.some((op) => hasOperation(m, pc, key, op)), "wouldFetch");
}

/** Queued items first: where the work is is the shortest explanation. */
function setters(m: Machine, address: number, ops: readonly number[], until?: Until): Satisfier[] {
  const object = objectAt(m, address);
  const has = (pc: number): boolean => ops.some((op) => hasOperation(m, pc, object.key, op, until));
  const items = queuedItems(m, (entry, _) => {
    const routine = m.words[entry + E.routine] - 1;
    const captured = m.words[entry + E.reference];
    const frame = isRef(captured) ? addressOf(captured) : 0;
    if (object.frame !== 0 && frame !== object.frame) return false;
    return has(m.program.routines[routine].pc);
  });
  const found: Satisfier[] = [...items];
  for (const t of alive(m)) {
    if (comesTo(m, t, has, object.frame))
      found.push({ kind: "thread", thread: t, relation: "wouldEnd" });
    else if (hasPendingApc(m, t, has))
      found.push({ kind: "thread", thread: t, relation: "heldApc" });
  }
  // What a process has of its own is for its own threads to see to, those to come included.
  if (found.length > 0 && processOf(m, address) === 0) return found;
  return [...found, ...absent(m, address, has, "wouldEnd")];
}

function hasPendingApc(m: Machine, thread: number, has: (pc: number) => boolean): boolean {
  const routine = m.words[baseOf(m, thread) + T.apcRoutine] - 1;
  return routine >= 0 && has(m.program.routines[routine].pc);
}

/**
 * Threads that would have done it but have not started, and whom somebody would have to let start,
 * or of a service that has ended. What a process has of its own is its own threads' business.
 */
function absent(
  m: Machine,
  address: number,
  has: (pc: number) => boolean,
  relation: Relation,
): Satisfier[] {
  const found: Satisfier[] = [];
  const process = address === 0 ? 0 : processOf(m, address);
  m.program.threads.forEach((info, t) => {
    const base = baseOf(m, t);
    const status = m.words[base + T.status];
    // One that is leaving its process will not come back to its loop either.
    const leaving = (m.words[base + T.flags] & threadFlags.exiting) !== 0;
    const isThere = status === Status.ready || status === Status.waiting;
    if (isThere && !leaving) return;
    if (process !== 0 && info.process !== process) return;
    const canStart = status !== Status.ended && !isThere && creatorOf(m, t) !== undefined;
    if (!info.isService && !canStart) return;
    if (has(m.program.routines[info.routine].pc))
      found.push({ kind: "thread", thread: t, relation });
  });
  return found;
}

/** The process, by address, whose own this object is; 0 for none. */
function processOf({ program }: Machine, address: number): number {
  const owner = program.processes.find(({ base }) => program.processObjects.has(address - base));
  return owner?.base ?? 0;
}

/** The thread that is creating a thread that has not started, or its process. */
export function creatorOf(m: Machine, thread: number): number | undefined {
  const self = refTo(baseOf(m, thread));
  const process = refTo(m.program.threads[thread].process);
  return alive(m).find((t) =>
    framesOf(m, t).some(
      (f) =>
        routineOfFrame(m, f).role === "path" &&
        (m.words[f + F.thread] === self ||
          (m.words[f + F.subject] === process && m.words[baseOf(m, t) + T.process] !== process)),
    ),
  );
}

function queuedItems(m: Machine, wanted: (entry: number, item: number) => boolean): Satisfier[] {
  const found: Satisfier[] = [];
  for (const queue of m.program.queues) {
    for (let i = 0; i < m.words[queue + Q.count]; i++) {
      const entry = queue + Q.entries + i * E.size;
      const routine = m.words[entry + E.routine];
      if (routine === 0) continue;
      if (wanted(entry, m.words[entry + E.item]))
        found.push({ kind: "item", queue, index: i, routine: routine - 1 });
    }
  }
  return found;
}

function alive(m: Machine): number[] {
  const found: number[] = [];
  for (let t = 0; t < m.program.threads.length; t++) {
    const status = m.words[baseOf(m, t) + T.status];
    if (status === Status.ready || status === Status.waiting) found.push(t);
  }
  return found;
}
