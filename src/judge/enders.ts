/**
 * Who could end a wait, in a given state. Owned locks say it themselves; for an event, which has no
 * owner (SY-3), the question is who could still set it: what is queued, a timer whose DPC comes to
 * it, a thread whose remaining code does, or one that would start something that does.
 */
import { staleRecord } from "../machine/frames.ts";
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
} from "../machine/layout.ts";
import { baseOf, type Machine, threadAt } from "../machine/machine.ts";
import { runsDpc } from "../machine/objects/dpc.ts";
import { Op } from "../machine/opcodes.ts";
import { callersOf } from "./callers.ts";
import { anything, comesTo, hasOperation, startedFrom, type Until } from "./comes-to.ts";
import { contextOf, handsOn, hasAnotherRecord, isHandedTo } from "./contexts.ts";
import { endingOps } from "./ending-ops.ts";
import type { Relation } from "./finding.ts";
import { dueDpcs, isKnown, queuedItems } from "./not-begun.ts";
import { capturesLeadTo, framesOf, hasReference, objectAt, routineOfFrame } from "./objects.ts";
import { portClosers } from "./port-closers.ts";
import { carries, countsOn, givesBack } from "./protection.ts";
import { handedOver, type Runner, routineAt, runnerOf } from "./reach.ts";
import type { Satisfier } from "./satisfier.ts";
import { asksForUnit, givesUntaken, isSharedOut } from "./shared-out.ts";
import { alive, creatorOf, starterOf } from "./starting.ts";
import { asksToShare, holdersOf, type Waiting, waitingOf } from "./wait-for.ts";

/** Whether code from a place on, in a frame, comes to it, if a given thread runs it. */
type Has = (pc: number, at: number, runner: Runner) => boolean;

/** Those who could end this wait, whether or not they can move themselves. */
export function satisfiersOf(m: Machine, waiting: Waiting, address: number): Satisfier[] {
  if (waiting.what === "time" || waiting.what === "nothing") return [];
  if (waiting.what === "rundown") return rundownHolders(m, address);
  if (waiting.what === "lock") {
    return lockEnders(m, waiting.thread, address);
  }
  const tag = m.words[address];
  if (objectAt(m, address).kind !== "variable") {
    if (tag === Tag.mutex) {
      return holdersOf(m, address).map((thread) => ({ kind: "thread", thread, relation: "holds" }));
    }
    if (tag === Tag.process) return processThreads(m, address);
    const isThread =
      address >= m.program.threadFirst && baseOf(m, threadAt(m, address)) === address;
    if (isThread && (tag === Status.dormant || tag === Status.created)) {
      const creator = creatorOf(m, threadAt(m, address));
      return creator === undefined
        ? []
        : [{ kind: "thread", thread: creator, relation: "creates" }];
    }
    if (isThread) {
      return [{ kind: "thread", thread: threadAt(m, address), relation: "hasToEnd" }];
    }
    if (tag === Tag.message) return messageHandlers(m, address);
    if (m.program.dpcQueues.includes(address)) {
      const processors = [...m.program.dpcThreads];
      const busy = processors.filter((thread) => runsDpc(m, thread));
      // One that is queued is taken by any of them.
      return (busy.length > 0 ? busy : processors).map((thread) => ({
        kind: "thread",
        thread,
        relation: "runsDpc",
      }));
    }
  }
  return setters(m, address, endingOps(m, waiting, address), waiting.until);
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
  return [
    ...held.map((t): Satisfier => ({ kind: "thread", thread: t, relation: "holds" })),
    ...ahead.filter((s) => s.kind === "thread" && !held.includes(s.thread)),
  ];
}

/** Whether a thread that holds a lock comes to nothing any more that would release it. */
export function isPastRelease(m: Machine, thread: number, lock: number): boolean {
  const { key, frame } = objectAt(m, lock);
  // The end of a thread gives back its mutexes.
  const ends = m.words[lock] === Tag.mutex ? [Op.release, Op.end] : [Op.release];
  const releases: Has = (pc, _at, runner) =>
    ends.some((op) => hasOperation(m, pc, op === Op.end ? anything : key, op, undefined, runner));
  return !comesTo(m, thread, releases, frame);
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

/** Holders of protection: of a registration, those who call what is registered. */
function rundownHolders(m: Machine, address: number): Satisfier[] {
  const registration = m.program.registrations.get(address);
  if (registration !== undefined)
    return callersOf(m, address).map((one) => ({ kind: "thread", ...one }));
  const found: Satisfier[] = [];
  const { key } = objectAt(m, address);
  const gives = (pc: number, runner?: Runner): boolean => givesBack(m.program, pc, key, runner);
  for (const t of alive(m)) {
    const holds =
      comesTo(m, t, (pc, _at, runner) => gives(pc, runner)) ||
      carries(m, t, address) ||
      hasPendingApc(m, t, gives, () => true);
    if (holds) found.push({ kind: "thread", thread: t, relation: "holdsProtection" });
  }
  // Where it was handed on: the item or DPC has it, whoever took it.
  const items = queuedItems(
    m,
    (entry, item) =>
      countsOn(m, item, address) || gives(m.program.routines[m.words[entry + E.routine] - 1].pc),
  );
  return [...found, ...items, ...dueDpcs(m, (pc) => gives(pc))];
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

/** Who has a message, or would fetch it; then who would close the port, which ends the wait, too. */
function messageHandlers(m: Machine, message: number): Satisfier[] {
  const port = m.words[message + 2];
  const holders = alive(m).filter((t) => hasMessage(m, t, message));
  const others = alive(m).filter((t) => !holders.includes(t));
  const closers = portClosers(m, port, others);
  if (holders.length > 0) {
    return [
      ...holders.map((thread): Satisfier => ({ kind: "thread", thread, relation: "hasMessage" })),
      ...closers,
    ];
  }
  const { key } = objectAt(m, port);
  const fetches: Has = (pc, _at, runner) =>
    fetching.some((op) => hasOperation(m, pc, key, op, undefined, runner));
  const gone = absent(m, 0, fetches, "hadMessage");
  // Fetched by somebody who is not there any more: nobody can fetch it once more.
  if (!isQueued(m, port, message) && gone.length > 0) return [...gone, ...closers];
  const found = alive(m)
    .filter((t) => comesTo(m, t, fetches))
    .map((thread): Satisfier => ({ kind: "thread", thread, relation: "wouldFetch" }));
  if (found.length > 0) return [...found, ...closers];
  return [...absent(m, 0, fetches, "wouldFetch"), ...closers];
}

/** Whether a thread has the message in a pointer, and does not wait for it itself. */
const hasMessage = (m: Machine, thread: number, message: number): boolean =>
  waitingOf(m, thread)?.objects.includes(message) !== true &&
  hasReference(m, thread, refTo(message));

function isQueued({ words }: Machine, port: number, message: number): boolean {
  for (let i = 0; i < words[port + Q.count]; i++) {
    if (words[port + Q.entries + i * E.size + E.reference] === refTo(message)) return true;
  }
  return false;
}

/** Queued items first: where the work is is the shortest explanation. */
function setters(m: Machine, address: number, ops: readonly number[], until?: Until): Satisfier[] {
  const { key, frame } = objectAt(m, address);
  const has = (pc: number, runner?: Runner): boolean =>
    ops.some((op) => hasOperation(m, pc, key, op, until, runner));
  const hasHanded = (pc: number, runner?: Runner): boolean =>
    ops.some((op) => hasOperation(m, pc, handedOver, op, until, runner));
  const reaches = (captured: number): boolean =>
    frame === 0 || (captured > staleRecord && capturesLeadTo(m, addressOf(captured), frame));
  const does: Has = (pc, at, runner) =>
    has(pc, runner) &&
    !(at !== 0 && hasAnotherRecord(m, routineAt(m.program, pc), contextOf(m, at), address));
  const doesHanded: Has = (pc, at, runner) =>
    at !== 0 && isHandedTo(m, at, address) && hasHanded(pc, runner);
  const isShared = isSharedOut(m, address);
  /** Of code that has not begun: it gives more than it takes. */
  const gives = (pc: number): boolean => !isShared || givesUntaken(m.program, pc, key);
  const queued = queuedItems(m, (entry) => {
    const routine = m.words[entry + E.routine] - 1;
    const context = m.words[entry + E.context];
    const { pc } = m.program.routines[routine];
    if (!gives(pc)) return false;
    if (context === refTo(address) && hasHanded(pc)) return true;
    if (!reaches(m.words[entry + E.reference]) || !has(pc)) return false;
    return !hasAnotherRecord(m, routine, context, address);
  });
  const found: Satisfier[] = [...queued, ...dueDpcs(m, has)];
  for (const t of alive(m)) {
    if (comesTo(m, t, does, frame) || comesTo(m, t, doesHanded)) {
      const { exitPc } = m.program.threads[t];
      // Told to end, it goes on to where it would be in user mode again, and leaves there.
      const inKernel: Has = (pc, at, runner) =>
        at !== 0 && routineOfFrame(m, at).role !== "userThread" && does(pc, at, runner);
      const leaves = exitPc > 0 && has(exitPc, runnerOf(m.program, t));
      const endDoes = leaves || comesTo(m, t, inKernel, frame);
      found.push({ kind: "thread", thread: t, relation: "wouldEnd", endDoes });
    } else if (hasPendingApc(m, t, has, reaches))
      found.push({ kind: "thread", thread: t, relation: "heldApc" });
  }
  // One that has not begun takes an APC, and runs it first of all.
  for (let t = 0; t < m.program.threads.length; t++) {
    if (hasNotStarted(m, t) && hasPendingApc(m, t, has, reaches))
      found.push({ kind: "thread", thread: t, relation: "wouldEnd" });
  }
  // What a process has of its own is for its own threads to see to, those to come included.
  if (found.length === 0 || processOf(m, address) !== 0) {
    const begins: Has = (pc, _at, runner) => has(pc, runner);
    found.push(...absent(m, address, begins, "wouldEnd"));
  }
  /** What code from `pc` on starts does it, be it with the object that it is handed. */
  const startedDoes = (routine: number, pc: number, at: number): boolean =>
    (gives(m.program.routines[routine].pc) && has(m.program.routines[routine].pc)) ||
    (hasHanded(m.program.routines[routine].pc) &&
      (handsOn(m.program, pc, key) ||
        (at !== 0 && isHandedTo(m, at, address) && handsOn(m.program, pc, handedOver))));
  /** What an item or a DPC that has not begun would start for it. */
  const startedBy = (routine: number): number => {
    const { pc } = m.program.routines[routine];
    return startedFrom(m.program, pc).find((one) => startedDoes(one, pc, 0)) ?? -1;
  };
  const later = queuedItems(m, (entry) => {
    const isReached = reaches(m.words[entry + E.reference]);
    return isReached && startedBy(m.words[entry + E.routine] - 1) >= 0;
  });
  const due = frame === 0 ? dueDpcs(m, (_, routine) => startedBy(routine) >= 0) : [];
  const indirect = [...later, ...due].filter((one) => !isKnown(found, one));
  return [
    ...found,
    ...indirect.map((one) => ({ ...one, by: startedBy(one.routine) })),
    ...starters(m, startedDoes, frame, found),
  ];
}

/** Threads that would have to start something first, which would then do it. */
function starters(
  m: Machine,
  does: (routine: number, pc: number, at: number) => boolean,
  frame: number,
  known: readonly Satisfier[],
): Satisfier[] {
  const { program } = m;
  const found: Satisfier[] = [];
  for (const thread of alive(m)) {
    if (known.some((s) => s.kind === "thread" && s.thread === thread)) continue;
    let by: number | undefined;
    const starts: Has = (pc, at, runner) => {
      by = startedFrom(program, pc, runner).find((routine) => does(routine, pc, at));
      return by !== undefined;
    };
    if (comesTo(m, thread, starts, frame))
      found.push({ kind: "thread", thread, relation: "wouldEnd", by });
  }
  return found;
}

function hasPendingApc(
  m: Machine,
  thread: number,
  has: (pc: number) => boolean,
  reaches: (captured: number) => boolean,
): boolean {
  const base = baseOf(m, thread);
  const routine = m.words[base + T.apcRoutine] - 1;
  return routine >= 0 && has(m.program.routines[routine].pc) && reaches(m.words[base + T.apcFrame]);
}

function hasNotStarted(m: Machine, thread: number): boolean {
  const status = m.words[baseOf(m, thread) + T.status];
  return status === Status.dormant || status === Status.created;
}

/**
 * Threads that would have done it but have not started, and whom somebody would have to let start,
 * or of a service that has ended. What a process has of its own is its own threads' business.
 */
function absent(m: Machine, address: number, has: Has, relation: Relation): Satisfier[] {
  const found: Satisfier[] = [];
  const process = address === 0 ? 0 : processOf(m, address);
  const isShared = isSharedOut(m, address);
  m.program.threads.forEach((info, t) => {
    const base = baseOf(m, t);
    const status = m.words[base + T.status];
    // One that is leaving its process will not come back to its loop either.
    const leaving = (m.words[base + T.flags] & threadFlags.exiting) !== 0;
    const isThere = status === Status.ready || status === Status.waiting;
    if (isThere && !leaving) return;
    if (process !== 0 && info.process !== process) return;
    if (!has(m.program.routines[info.routine].pc, 0, runnerOf(m.program, t))) return;
    const starter = status === Status.ended || isThere ? undefined : starterOf(m, t);
    // What he would give back is what his creator asks for here.
    if (starter !== undefined && isShared && asksForUnit(m, starter.thread, address)) return;
    if (info.isService || starter !== undefined)
      found.push({ kind: "thread", thread: t, relation });
  });
  return found;
}

/** The process, by address, whose own this object is; 0 for none. */
function processOf({ program }: Machine, address: number): number {
  const owner = program.processes.find(({ base }) => program.processObjects.has(address - base));
  return owner?.base ?? 0;
}
