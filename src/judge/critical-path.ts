/**
 * Where a latency went: backwards from its end, over whoever was waited for, so that every
 * microsecond belongs to a named step of a named thread (design, point 6).
 */
import { bounds } from "../base/bounds.ts";
import type { Program } from "../machine/program.ts";
import type { Activity } from "./activity-kinds.ts";
import type { Part, WorkKind } from "./finding.ts";
import { partText } from "./mechanism-text.ts";
import { isSameThread, type ThreadActor } from "./thread-activity.ts";

/** A stretch of a thread's time: it worked, or it waited until another thread did something. */
export interface Segment {
  readonly thread: number;
  readonly from: number;
  readonly to: number;
  readonly site: number;
  readonly who: ThreadActor;
  readonly activity: Activity;
  /** The thread whose step ended the wait, −1 for work and for the thread's own timeouts. */
  readonly cause: number;
  readonly waited: boolean;
  /** The wait was broken, since the thread was told to end: it was for nobody. */
  readonly broken?: boolean;
  /** It had not started yet: the time is that of whoever had to let it start. */
  readonly absent?: boolean;
  /** A user's thread that has not arrived: when it does is up to whoever tells the story. */
  readonly arrives?: boolean;
  /** Threads that had the waiter's message, each from a time on. */
  readonly handlers?: readonly Handler[];
}

/** Who has fetched a message, and when. */
export interface Handler {
  readonly thread: number;
  readonly from: number;
}

export interface RootSpan {
  readonly kind: number;
  readonly thread: number;
  readonly site: number;
  readonly to: number;
  readonly took: number;
  readonly who: ThreadActor;
  readonly callback: string;
  /** Steps told when it ended. */
  readonly steps: number;
  /** When its thread was at rest, in order: that is no part of what it took. */
  readonly rests?: readonly Rest[];
}

/** A time in which a thread waited for what was up to others. */
export interface Rest {
  readonly thread: number;
  readonly from: number;
  readonly to: number;
}

/** When a root began: what it took before its end, and the rests in between. */
export function beginOf({ to, took, rests = [] }: RootSpan): number {
  let from = to - took;
  for (const rest of rests.toReversed()) {
    if (rest.to > from && rest.to <= to) from -= rest.to - rest.from;
  }
  return from;
}

/** The rest that a time lies in, or at the end of. */
const restAt = ({ rests = [] }: RootSpan, time: number): Rest | undefined =>
  rests.find(({ from, to }) => from < time && time <= to);

/** Who waits for the thread that a path goes on with, and since when. */
interface Waiter {
  readonly thread: number;
  readonly since: number;
  readonly asksForLock: boolean;
}

const roundsMax = bounds.pathRounds.max;

const indexes = new WeakMap<readonly Segment[], ReadonlyMap<number, readonly Segment[]>>();

/** A run's segments by thread, in order of time. */
export function segmentsByThread(
  segments: readonly Segment[],
): ReadonlyMap<number, readonly Segment[]> {
  const known = indexes.get(segments);
  if (known !== undefined) return known;
  const byThread = new Map<number, Segment[]>();
  for (const segment of segments) {
    if (segment.to <= segment.from) continue;
    const own = byThread.get(segment.thread);
    if (own === undefined) byThread.set(segment.thread, [segment]);
    else own.push(segment);
  }
  for (const list of byThread.values()) list.sort((a, b) => a.from - b.from || a.to - b.to);
  indexes.set(segments, byThread);
  return byThread;
}

/** The last segment that began before a time, of segments in order. */
function lastBefore(segments: readonly Segment[], time: number): Segment | undefined {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle].from < time) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}

export function criticalPath(
  program: Program,
  segments: readonly Segment[],
  root: RootSpan,
): Part[] {
  const { sites } = program;
  const from = beginOf(root);
  const byThread = segmentsByThread(segments);
  const parts: Part[] = [];
  let thread = root.thread;
  let time = root.to;
  const hops = new Set<string>();
  /** Who waits for the thread at hand, and since when: before that its time is its own again. */
  const behind: Waiter[] = [];
  /** Who came from outside, and let go the one whose time is next. */
  let comes: string | undefined;
  const push = (segment: Segment | undefined, us: number, who: string): void => {
    if (us <= 0) return;
    if (segment === undefined) {
      parts.push({ who: { kind: "thread", name: who }, activity: "system", work: "work", us });
      return;
    }
    const { text, opId, api, does = [], slowed } = sites[segment.site];
    const until = segment.waited && segment.cause >= 0 ? comes : undefined;
    comes = undefined;
    const { activity } = segment;
    parts.push({
      who: segment.who,
      operation: text,
      opId,
      ...(api === "" ? {} : { api }),
      activity,
      work: workKind(activity, does),
      us,
      ...(segment.waited ? (segment.cause < 0 ? { waits: true } : { idle: true }) : {}),
      ...(until === undefined ? {} : { until }),
      ...(slowed === true ? { slowed } : {}),
      ...(behind.at(-1)?.asksForLock === true ? { underLock: true } : {}),
    });
  };
  for (let i = 0; i < roundsMax && time > from; i++) {
    const waiter = behind.at(-1);
    if (waiter !== undefined && time <= waiter.since) {
      behind.pop();
      thread = waiter.thread;
      continue;
    }
    const rest = waiter === undefined ? restAt(root, time) : undefined;
    if (rest !== undefined) {
      time = rest.from;
      continue;
    }
    const least = Math.max(from, waiter?.since ?? from);
    const segment = lastBefore(byThread.get(thread) ?? [], time);
    if (segment === undefined) {
      push(undefined, time - least, program.threads[thread].name);
      time = least;
      continue;
    }
    if (segment.to < time) {
      // Nothing of its own in between: the time passed before it was needed again.
      const start = Math.max(segment.to, least);
      push(undefined, time - start, program.threads[thread].name);
      time = start;
      continue;
    }
    // Going back and forth at one moment would get nowhere.
    const isNew = (other: number): boolean => other >= 0 && !hops.has(`${other}@${time}`);
    const next = segment.waited ? causesAt(segment, time).find(isNew) : undefined;
    if (next !== undefined) {
      hops.add(`${thread}@${time}`);
      const asksForLock = sites[segment.site].does?.includes("acquire") === true;
      behind.push({ thread, since: segment.from, asksForLock });
      thread = next;
      continue;
    }
    // Nobody waited for a user to come: until then it was for whoever had the message, else the
    // waiter's own.
    if (segment.arrives === true && waiter !== undefined) {
      hops.add(`${thread}@${time}`);
      const handled = handledBehind(byThread, behind, time);
      if (handled !== undefined && isNew(handled.by)) {
        behind.length = handled.depth;
        thread = handled.by;
      } else {
        comes = program.threads[segment.thread].name;
        // A wait that was broken says nothing of whose the time before is.
        do thread = behind.pop()?.thread ?? thread;
        while (behind.length > 0 && isBroken(byThread.get(thread), time));
      }
      continue;
    }
    const start = Math.max(segment.from, least);
    push(segment, time - start, "");
    time = start;
  }
  return mergeParts(parts.reverse());
}

const isBroken = (segments: readonly Segment[] = [], time: number): boolean =>
  lastBefore(segments, time)?.broken === true;

/** Who had the message of a waiter at a time: the last to fetch it. */
const handlerAt = ({ handlers = [] }: Segment, time: number): number =>
  handlers.findLast(({ from }) => from < time)?.thread ?? -1;

/**
 * Whom a wait is for, seen from a time in it: at its end that is whoever ended it. What nobody ended
 * is the waiter's own.
 */
function causesAt(segment: Segment, time: number): number[] {
  if (segment.cause < 0) return [];
  const handler = handlerAt(segment, time);
  return time === segment.to ? [segment.cause, handler] : [handler, segment.cause];
}

/** Of those who wait behind one another, the last whose message somebody had at a time. */
function handledBehind(
  byThread: ReadonlyMap<number, readonly Segment[]>,
  behind: readonly { readonly thread: number }[],
  time: number,
): { readonly by: number; readonly depth: number } | undefined {
  for (let depth = behind.length; depth > 0; depth--) {
    const segment = lastBefore(byThread.get(behind[depth - 1].thread) ?? [], time);
    const by = segment?.waited === true ? handlerAt(segment, time) : -1;
    if (by >= 0) return { by, depth };
  }
  return undefined;
}

function mergeParts(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last !== undefined && isSamePart(last, part)) {
      const { waits: _, idle: __, until: ___, ...whole } = last;
      const { waits, idle, until } = part.us > last.us ? part : last;
      merged[merged.length - 1] = {
        ...whole,
        us: last.us + part.us,
        ...(waits === true ? { waits } : {}),
        ...(idle === true ? { idle } : {}),
        ...(until === undefined ? {} : { until }),
      };
    } else merged.push(part);
  }
  return merged;
}

/** Whether two parts are of one thread's time at one operation. */
export const isSamePart = (a: Part, b: Part): boolean =>
  a.who.kind === "thread" &&
  b.who.kind === "thread" &&
  isSameThread(a.who, b.who) &&
  a.operation === b.operation;

/**
 * The parts that stand for a path's kinds of step, the first of each: what is under a hundredth does
 * not count, but many small ones of a kind do once they are a good part of the whole.
 */
export function tellingParts(parts: readonly Part[]): readonly Part[] {
  const total = parts.reduce((sum, { us }) => sum + us, 0);
  const first = new Map<string, Part>();
  const sums = new Map<string, { readonly part: Part; readonly us: number }>();
  for (const part of parts) {
    const label = partText(part.activity, part.work);
    const sum = sums.get(label);
    sums.set(label, { part: sum?.part ?? part, us: (sum?.us ?? 0) + part.us });
    if (part.us * 100 >= total && !first.has(label)) first.set(label, part);
  }
  for (const [label, { part, us }] of sums)
    if (us * 10 >= total && !first.has(label)) first.set(label, part);
  return [...first.values()];
}

/** Kinds of step on a path, with names and counts erased. */
export const pathMechanism = (parts: readonly Part[]): string =>
  tellingParts(parts)
    .map(({ activity, work }) => partText(activity, work))
    .join(" > ");

/** Primitives that wait for somebody, as long as they were told. */
const awaiting: readonly string[] = ["wait", "send", "dequeue"];

function workKind(activity: Activity, does: readonly string[]): WorkKind {
  if (does.includes("delay")) return "delay";
  if (does.some((op) => awaiting.includes(op))) return "timeout";
  return activity === "poolManager" ? "look" : "work";
}
