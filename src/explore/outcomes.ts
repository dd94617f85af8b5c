/** What came of each step of a told run: waits, time-outs, signals that reach nobody. */
import type { Step } from "../judge/finding.ts";
import type { Mention } from "../judge/instances.ts";
import { roundUs } from "../judge/poll.ts";
import { holdersOf } from "../judge/wait-for.ts";
import { printDuration } from "../language/print.ts";
import { locate } from "../machine/frames.ts";
import {
  Alternative,
  addressOf,
  H,
  Result,
  refTo,
  Status,
  T,
  Tag,
  waitFlags,
} from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op } from "../machine/opcodes.ts";

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
  mentions: readonly Mention[];
  /** Words that name pointers. */
  readonly pointers: readonly string[];
  activation: string;
}

const join = (first: string, second: string): string =>
  first === "" ? second : second === "" ? first : `${first}, ${second}`;

export function say(draft: Draft, words: string): void {
  draft.step = { ...draft.step, outcome: join(draft.step.outcome, words) };
}

/** The running transition: an instruction of a thread, as it stood before it. */
interface Before {
  readonly thread: number;
  readonly pc: number;
  readonly op: number;
  readonly at: number;
  readonly wasSet: boolean;
  readonly alternative: number;
  /** What it begins to wait for. */
  readonly objects: readonly number[];
}

export interface Outcomes {
  /** `alternative`: which way the transition goes, as its code has it. */
  before(thread: number, alternative: number): void;
  /** `draft`: the step of the transition; `released`: whether it let another thread go. */
  after(draft: Draft, released: boolean): void;
}

const located: readonly number[] = [Op.set, Op.reset, Op.acquire, Op.release, Op.unprotect];

export function createOutcomes(m: Machine): Outcomes {
  const { words, program } = m;
  const { code } = program;
  /** Events that were set while nobody waited, and that nobody has seen since. */
  const unseen = new Map<number, { draft: Draft; reach: string }>();
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
    if (op === Op.set) {
      if (released) unseen.delete(at);
      else {
        // A second set of a synchronization event adds nothing to the first.
        if (known !== undefined && wasSet && words[at] === Tag.synchronizationEvent) {
          say(known.draft, known.reach);
          say(draft, "is set already");
        }
        if (known === undefined || !wasSet) unseen.set(at, { draft, reach: reachOf(m, at) });
      }
    } else if (op === Op.reset && known !== undefined) {
      if (wasSet) {
        say(known.draft, known.reach);
        say(draft, "takes the signal back");
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
      now = { thread, pc, op, at, objects, alternative, wasSet: at >= 0 && words[at + 1] !== 0 };
      // Whoever asks for an event that is set has seen it.
      for (const object of objects) {
        if (words[object + 1] !== 0) unseen.delete(object);
      }
    },
    after(draft, released) {
      if (now === undefined) return;
      const { thread, pc, op, at, objects } = now;
      if (op === Op.acquire && at >= 0) draft.asks.push(at);
      if (op === Op.release && at >= 0) draft.gives.push(at);
      draft.asks.push(...objects.filter((object) => words[object] === Tag.mutex));
      if (op === Op.unprotect && program.registrations.has(at)) say(draft, "returns");
      signals(draft, released);
      const came = outcomeOf(m, now, draft.site);
      draft.step = { ...draft.step, outcome: join(came, draft.step.outcome) };
      const every = op === Op.wait || op === Op.dequeue ? roundUs(program, pc) : undefined;
      const key = `${thread}/${pc}`;
      if (every === undefined || came === "" || polling.has(key)) return;
      polling.add(key);
      say(draft, `looks again ${everyWords(every)}`);
    },
  };
}

/** "every second", "every 100 ms". */
const everyWords = (us: number): string =>
  us === 1_000_000 ? "every second" : `every ${printDuration(us)}`;

function reachOf(m: Machine, event: number): string {
  for (let t = 0; t < m.program.threads.length; t++) {
    const base = baseOf(m, t);
    if (m.words[base + T.status] !== Status.waiting) continue;
    const count = m.words[base + T.wait] & waitFlags.count;
    for (let i = 0; i < count; i++) {
      if (addressOf(m.words[base + T.waitObject + i]) === event) return "releases nobody";
    }
  }
  return "nobody waits";
}

/** For no object and without a timeout: nothing that could happen would end it. */
function isEndless(m: Machine, base: number): boolean {
  return (m.words[base + T.wait] & (waitFlags.count | waitFlags.timed)) === 0;
}

function outcomeOf(m: Machine, { thread, op, pc, alternative }: Before, site: number): string {
  const base = baseOf(m, thread);
  if (
    m.words[H.crash] !== 0 &&
    m.words[H.crashThread] === refTo(base) &&
    m.words[H.crashSite] === site
  )
    return "crashes";
  // The end of a wait is told by how it ended: the thread can have waited again since.
  const ends = alternative === Alternative.timeout || alternative === Alternative.interrupt;
  if (!ends && m.words[base + T.status] === Status.waiting)
    return isEndless(m, base) ? "hangs" : "waits";
  if (!ends && m.words[base + T.line] !== 0) return "waits in line";
  if (op !== Op.wait && op !== Op.dequeue) return "";
  const isDelay = op === Op.wait && (m.program.code[pc + 7] & waitFlags.count) === 0;
  if (alternative === Alternative.interrupt) return "is told to end";
  if (alternative === Alternative.timeout) return isDelay ? "goes on" : "times out";
  switch (m.words[base + T.result]) {
    case Result.timeout:
      return isDelay ? "goes on" : "times out";
    case Result.terminated:
      return "is told to end";
    case Result.alerted:
      return "is alerted";
    case Result.userApc:
      return "is ended by a user APC";
    case Result.disconnected:
      return "disconnected";
    default:
      return "";
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
