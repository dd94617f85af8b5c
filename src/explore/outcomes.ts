/** What came of each step of a told run: waits, time-outs, signals that reach nobody. */
import type { Came } from "../judge/came.ts";
import type { Step } from "../judge/finding.ts";
import type { Mention } from "../judge/instances.ts";
import { roundUs } from "../judge/loops.ts";
import { holdersOf, isHolder } from "../judge/wait-for.ts";
import { usOf } from "../machine/durations.ts";
import { locate, staleRecord } from "../machine/frames.ts";
import {
  Alternative,
  addressOf,
  H,
  Q,
  Result,
  refTo,
  Status,
  T,
  Tag,
  waitFlags,
} from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { entryBehind } from "../machine/objects/list.ts";
import { hasLine } from "../machine/objects/shared-lock.ts";
import { AcquireMode, Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { leavesRegions } from "../machine/returning.ts";
import type { Done } from "./signals.ts";

/** A step while it is being told. */
export interface Draft {
  step: Step;
  readonly thread: number;
  readonly site: number;
  /** The running frame, and the last instruction of the call so far. */
  readonly frame: number;
  pc: number;
  /** Locks that it asks for and that it gives back, by address. */
  readonly asks: number[];
  readonly gives: number[];
  /** What it does to signals, of a run that is made to be told. */
  readonly done: Done[];
  mentions: readonly Mention[];
  /** Words that name pointers. */
  readonly pointers: readonly string[];
  activation: string;
  /** Whether its thread ran an APC then. */
  readonly isInApc: boolean;
}

export function note(draft: Draft, ...came: readonly Came[]): void {
  draft.step = { ...draft.step, came: [...draft.step.came, ...came] };
}

/** The running transition: an instruction of a thread, as it stood before it. */
interface Before {
  readonly thread: number;
  readonly pc: number;
  readonly op: number;
  readonly at: number;
  readonly wasSet: boolean;
  readonly alternative: number;
  readonly isRefused: boolean;
  /** What it begins to wait for. */
  readonly objects: readonly number[];
}

export interface Outcomes {
  /** `alternative`: which way the transition goes, as its code has it. */
  before(thread: number, alternative: number): void;
  /** `draft`: the step of the transition; `released`: whether it let another thread go. */
  after(draft: Draft, released: boolean): void;
}

const located: readonly number[] = [
  Op.send,
  Op.set,
  Op.pulse,
  Op.reset,
  Op.acquire,
  Op.release,
  Op.protect,
  Op.unprotect,
  Op.pop,
  Op.walk,
  Op.dereference,
];

export function createOutcomes(m: Machine): Outcomes {
  const { words, program } = m;
  const { code } = program;
  /** Events that were set while nobody waited, and that nobody has seen since. */
  const unseen = new Map<number, { draft: Draft; reach: ReturnType<typeof reachOf> }>();
  const polling = new Set<string>();
  let now: Before | undefined;

  const waitedFor = (thread: number, pc: number): number[] =>
    Array.from({ length: code[pc + 7] & waitFlags.count }, (_, i) =>
      locate(m, thread, code[pc + 2 + i]),
    ).filter((at) => at >= 0);

  function signals(draft: Draft, released: boolean): void {
    if (now === undefined || now.at < 0) return;
    const { op, at, wasSet } = now;
    const known = unseen.get(at);
    if (op === Op.pulse) {
      if (!released) note(draft, { kind: reachOf(m, at) });
    } else if (op === Op.set) {
      if (released) unseen.delete(at);
      else {
        // A second set of a synchronization event adds nothing to the first.
        if (known !== undefined && wasSet && words[at] === Tag.synchronizationEvent) {
          note(known.draft, { kind: known.reach });
          note(draft, { kind: "setAlready" });
        }
        if (known === undefined || !wasSet) unseen.set(at, { draft, reach: reachOf(m, at) });
      }
    } else if (op === Op.reset && known !== undefined) {
      if (wasSet) {
        note(known.draft, { kind: known.reach });
        note(draft, { kind: "takesSignalBack" });
      }
      unseen.delete(at);
    }
  }

  return {
    before(thread, alternative) {
      const base = baseOf(m, thread);
      const pc = words[base + T.pc];
      const begins = words[base + T.status] === Status.ready;
      const op = code[pc];
      const at = begins && located.includes(op) ? locate(m, thread, code[pc + 2]) : -1;
      const objects = begins && op === Op.wait ? waitedFor(thread, pc) : [];
      const wasSet = at >= 0 && words[at + 1] !== 0;
      const isRefused = at >= 0 && refuses(m, thread, pc, at);
      now = { thread, pc, op, at, objects, alternative, wasSet, isRefused };
      // Whoever asks for an event that is set has seen it.
      for (const object of objects) {
        if (words[object + 1] !== 0) unseen.delete(object);
      }
    },
    after(draft, released) {
      if (now === undefined) return;
      const { thread, pc, op, at, objects } = now;
      // Who stops ahead of an operation has not made it.
      const isMade = at >= 0 && now.alternative !== Alternative.stop;
      if (op === Op.acquire && isMade) draft.asks.push(at);
      if (op === Op.release && isMade) draft.gives.push(at);
      draft.asks.push(...objects.filter((object) => words[object] === Tag.mutex));
      if (op === Op.unprotect && program.registrations.has(at))
        note(draft, { kind: isBehindApc(program, pc) ? "releasesRegistration" : "returns" });
      signals(draft, released);
      const came = cameOf(m, now, draft.site);
      if (came !== undefined) draft.step = { ...draft.step, came: [came, ...draft.step.came] };
      if (op === Op.dereference && at >= 0 && words[at] === 0) note(draft, { kind: "frees" });
      const every = op === Op.wait || op === Op.dequeue ? roundUs(program, pc) : undefined;
      const key = `${thread}/${pc}`;
      if (every === undefined || came === undefined || polling.has(key)) return;
      polling.add(key);
      note(draft, { kind: "looksAgain", everyUs: every });
    },
  };
}

/** Whether a callback that has returned long ago comes to the protection of its registration now. */
const isBehindApc = ({ code }: Program, pc: number): boolean =>
  code[pc - stride] === Op.unprotect && leavesRegions(code, pc - stride);

/** A thread stops ahead of the operation: for good, or for as long as a slow one takes. */
function stopOf({ program: { stopping, routines, code, longUs } }: Machine): Came {
  if (stopping === undefined || stopping.isForGood) return { kind: "stopsAhead" };
  return { kind: "stopsAhead", forUs: usOf(longUs, code[routines[stopping.routine].pc + 2]) };
}

function reachOf(m: Machine, event: number): "releasesNobody" | "nobodyWaits" {
  for (let t = 0; t < m.program.threads.length; t++) {
    const base = baseOf(m, t);
    if (m.words[base + T.status] !== Status.waiting) continue;
    const count = m.words[base + T.wait] & waitFlags.count;
    for (let i = 0; i < count; i++) {
      if (addressOf(m.words[base + T.waitObject + i]) === event) return "releasesNobody";
    }
  }
  return "nobodyWaits";
}

/** For no object and without a timeout: nothing that could happen would end it. */
function isEndless(m: Machine, base: number): boolean {
  return (m.words[base + T.wait] & (waitFlags.count | waitFlags.timed)) === 0;
}

const triesFor = ({ program: { code } }: Machine, pc: number): boolean =>
  code[pc] === Op.acquire && (code[pc + 3] & AcquireMode.try) !== 0;

/** Whether what is asked for cannot be had, so that the call comes back without it. */
function refuses(m: Machine, thread: number, pc: number, at: number): boolean {
  const { words, program } = m;
  switch (program.code[pc]) {
    case Op.pop:
      return words[at + Q.count] === 0;
    case Op.send:
      return words[at + Q.flag] !== 0;
    case Op.walk: {
      const isFirst = program.code[pc + 3] === 1;
      const from = isFirst ? 0 : words[baseOf(m, thread) + T.pointer];
      // What leads nowhere is a crash.
      return (isFirst || from > staleRecord) && entryBehind(m, at, from) === 0;
    }
    case Op.acquire:
      // Who has a lock that has no line does not get it again.
      return triesFor(m, pc) && !hasLine(m, at) && words[at + 1] !== 0;
    case Op.protect:
      return words[at + 1] !== 0;
    default:
      return false;
  }
}

function cameOf(
  m: Machine,
  { thread, op, pc, at, alternative, isRefused }: Before,
  site: number,
): Came | undefined {
  const base = baseOf(m, thread);
  if (
    m.words[H.crash] !== 0 &&
    m.words[H.crashThread] === refTo(base) &&
    m.words[H.crashSite] === site
  )
    return { kind: "crashes" };
  if (alternative === Alternative.stop) return stopOf(m);
  // The end of a wait is told by how it ended: the thread can have waited again since.
  const ends = alternative === Alternative.timeout || alternative === Alternative.interrupt;
  if (!ends && m.words[base + T.status] === Status.waiting)
    return isEndless(m, base) ? { kind: "waits", noEnd: true } : { kind: "waits" };
  if (!ends && m.words[base + T.line] !== 0) return { kind: "waits", inLine: true };
  if (alternative === Alternative.fault) return { kind: "fails" };
  if (at >= 0 && triesFor(m, pc) && !isHolder(m, at, thread)) return { kind: "fails" };
  if (isRefused && op === Op.send) return { kind: "disconnected" };
  if (isRefused && m.program.registrations.has(at)) return { kind: "notCalled" };
  if (isRefused) return { kind: op === Op.pop || op === Op.walk ? "findsNone" : "fails" };
  if (op !== Op.wait && op !== Op.dequeue) return undefined;
  const isDelay = op === Op.wait && (m.program.code[pc + 7] & waitFlags.count) === 0;
  if (alternative === Alternative.interrupt) return { kind: "toldToEnd" };
  if (alternative === Alternative.timeout) return { kind: isDelay ? "goesOn" : "timesOut" };
  switch (m.words[base + T.result]) {
    case Result.timeout:
      return { kind: isDelay ? "goesOn" : "timesOut" };
    case Result.terminated:
      return { kind: "toldToEnd" };
    case Result.alerted:
      return { kind: "alerted" };
    case Result.userApc:
      return { kind: "userApc" };
    case Result.disconnected:
      return { kind: "disconnected" };
    default:
      return undefined;
  }
}

/** The step, by index, since which a thread holds a lock; −1 if none of these shows it. */
export function heldSince(
  m: Machine,
  drafts: readonly Draft[],
  lock: number,
  thread: number,
): number {
  if (!holdersOf(m, lock).includes(thread)) return -1;
  let since = -1;
  for (let i = drafts.length - 1; i >= 0; i--) {
    if (drafts[i].thread !== thread) continue;
    if (drafts[i].gives.includes(lock)) break;
    if (drafts[i].asks.includes(lock)) since = i;
  }
  return since;
}
