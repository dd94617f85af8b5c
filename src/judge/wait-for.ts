/**
 * Who waits for whom, in a given state. Owned locks say it themselves; for an event, which has no
 * owner (SY-3), the question is who could still set it: a queued item, or a thread whose remaining
 * code comes to it.
 */
import { memo } from "../base/memo.ts";
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
import { Op } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { framesOf, objectAt, routineOfFrame } from "./objects.ts";
import { canReturn, operandKey, reachable, routineAt } from "./reach.ts";

export interface Waiting {
  readonly thread: number;
  readonly site: number;
  /** Addresses, one unless it waits for any or all of several. */
  readonly objects: readonly number[];
  readonly what: "object" | "lock" | "entry" | "rundown" | "time" | "nothing";
}

export type Satisfier =
  | { readonly kind: "thread"; readonly thread: number; readonly how: string }
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

/** Those who could end this wait, whether or not they can move themselves. */
export function satisfiersOf(m: Machine, waiting: Waiting, address: number): Satisfier[] {
  const tag = m.words[address];
  if (waiting.what === "time" || waiting.what === "nothing") return [];
  if (waiting.what === "rundown") return rundownHolders(m, address);
  if (waiting.what === "lock") {
    const held = holdersOf(m, address);
    const line = held.length > 0 ? held : inLineBefore(m, waiting.thread, address);
    return line.map((thread) => ({ kind: "thread", thread, how: "holds it" }));
  }
  if (tag === Tag.mutex) {
    return holdersOf(m, address).map((thread) => ({ kind: "thread", thread, how: "owns it" }));
  }
  if (tag === Tag.process) return processThreads(m, address);
  const isThread = address >= m.program.threadFirst && baseOf(m, threadAt(m, address)) === address;
  if (isThread && (tag === Status.dormant || tag === Status.created)) {
    const creator = creatorOf(m, threadAt(m, address));
    return creator === undefined
      ? []
      : [{ kind: "thread", thread: creator, how: "is still creating it" }];
  }
  if (isThread) {
    return [{ kind: "thread", thread: threadAt(m, address), how: "has to end" }];
  }
  if (tag === Tag.message) return messageHandlers(m, address);
  if (m.program.dpcQueues.includes(address)) {
    return [...m.program.dpcThreads]
      .filter((thread) => runsDpc(m, thread))
      .map((thread) => ({ kind: "thread", thread, how: "has to finish its DPC" }));
  }
  if (tag === Tag.notificationTimer || tag === Tag.synchronizationTimer)
    return setters(m, address, Op.setTimer);
  if (tag === Tag.semaphore) return setters(m, address, Op.release);
  return setters(m, address, waiting.what === "entry" ? Op.enqueue : Op.set);
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
    if (inside) found.push({ kind: "thread", thread: t, how: "is inside the callback" });
  }
  if (registration !== undefined) return found;
  const key = objectAt(m, address).key;
  for (const t of alive(m)) {
    if (comesTo(m, t, key, 0, Op.unprotect) || carries(m, t, address))
      found.push({ kind: "thread", thread: t, how: "holds protection" });
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
      found.push({ kind: "thread", thread: t, how: "has to leave the process" });
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
        found.push({ kind: "thread", thread: t, how: "is still creating it" });
      }
    }
  }
  return found;
}

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
      found.push({ kind: "thread", thread: t, how: "has fetched it and not replied" });
      break;
    }
  }
  if (found.length > 0) return found;
  const key = objectAt(m, port).key;
  for (const t of alive(m)) {
    if (comesTo(m, t, key, 0, Op.dequeue) || comesTo(m, t, key, 0, Op.pop)) {
      found.push({ kind: "thread", thread: t, how: "would have to fetch it" });
    }
  }
  return found.length > 0 ? found : absent(m, key, [Op.dequeue, Op.pop], "would have to fetch it");
}

const howOf: Readonly<Record<number, string>> = {
  [Op.enqueue]: "would fill it",
  [Op.release]: "would release it",
};

/** Queued items first: where the work is is the shortest explanation. */
function setters(m: Machine, address: number, op: number): Satisfier[] {
  const object = objectAt(m, address);
  const items = queuedItems(m, (entry, _) => {
    const routine = m.words[entry + E.routine] - 1;
    const captured = m.words[entry + E.reference];
    const frame = isRef(captured) ? addressOf(captured) : 0;
    if (object.frame !== 0 && frame !== object.frame) return false;
    return hasOperation(m, m.program.routines[routine].pc, object.key, op);
  });
  const found: Satisfier[] = [...items];
  const how = howOf[op] ?? "would set it";
  for (const t of alive(m)) {
    if (comesTo(m, t, object.key, object.frame, op)) found.push({ kind: "thread", thread: t, how });
    else if (hasPendingApc(m, t, object.key, op)) {
      found.push({ kind: "thread", thread: t, how: "has to run a kernel APC, which is held off" });
    }
  }
  return found.length > 0 ? found : absent(m, object.key, [op], how);
}

function hasPendingApc(m: Machine, thread: number, key: string, op: number): boolean {
  const routine = m.words[baseOf(m, thread) + T.apcRoutine] - 1;
  return routine >= 0 && hasOperation(m, m.program.routines[routine].pc, key, op);
}

/** Service threads that would have done it but have not started, or have ended. */
function absent(m: Machine, key: string, ops: readonly number[], how: string): Satisfier[] {
  const found: Satisfier[] = [];
  m.program.threads.forEach((info, t) => {
    const status = m.words[baseOf(m, t) + T.status];
    // One that is leaving its process will not come back to its loop either.
    const leaving = (m.words[baseOf(m, t) + T.flags] & threadFlags.exiting) !== 0;
    const isThere = status === Status.ready || status === Status.waiting;
    if (isThere && !leaving) return;
    if (!info.isService) return;
    const { pc } = m.program.routines[info.routine];
    if (ops.some((op) => hasOperation(m, pc, key, op)))
      found.push({ kind: "thread", thread: t, how });
  });
  return found;
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

/**
 * Whether what a thread still has to run holds an `op` on the object: from where it stands, and
 * behind each call on its stack. For an object in a frame, that frame has to be in its reach.
 */
function comesTo(m: Machine, thread: number, key: string, frame: number, op: number): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  let pc = words[base + T.pc];
  for (const at of [...framesOf(m, thread), 0]) {
    if (pc !== 0 && hasOperation(m, pc, key, op) && (frame === 0 || inReach(m, at, frame)))
      return true;
    if (at === 0 || !canReturn(m.program, pc)) break;
    pc = words[at + F.returnPc];
  }
  return false;
}

function inReach(m: Machine, from: number, wanted: number): boolean {
  for (let at = from; at !== 0; ) {
    if (at === wanted) return true;
    const captured = m.words[at + F.captured];
    at = isRef(captured) && addressOf(captured) >= m.program.threadFirst ? addressOf(captured) : 0;
  }
  return false;
}

const operations = new WeakMap<Program, Map<string, Map<number, boolean>>>();

/** Whether code that begins here can come to the operation: asked of few places, many times. */
function hasOperation({ program }: Machine, pc: number, key: string, op: number): boolean {
  const ofProgram = memo(operations, program, () => new Map<string, Map<number, boolean>>());
  const ofKey = memo(ofProgram, key, () => new Map<number, boolean>());
  return memo(ofKey, pc * opcodesMax + op, () => findOperation(program, pc, key, op));
}

/** More than there are opcodes. */
const opcodesMax = 128;

function findOperation(program: Program, pc: number, key: string, op: number): boolean {
  // A field of a record is only ever reached through a pointer.
  const isRecord = program.recordKeys.has(key);
  return reachable(program, pc).some((at) => {
    const does = program.code[at];
    if (does !== op && !(op === Op.set && does === Op.pulse))
      return op === Op.set && does === Op.reply && key === "message";
    const named = operandKey(program, routineAt(program, at), program.code[at + 2]);
    return named === key || (named === "*" && isRecord);
  });
}
