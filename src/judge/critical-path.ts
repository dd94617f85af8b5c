/**
 * Where a latency went: backwards from its end, over whoever was waited for, so that every
 * microsecond belongs to a named step of a named thread (design, point 6).
 */
import { bounds } from "../base/bounds.ts";
import type { Program } from "../machine/program.ts";
import type { Activity } from "./activity.ts";
import { partText, turnText, type WorkKind } from "./mechanism-text.ts";

/** A stretch of a thread's time: it worked, or it waited until another thread did something. */
export interface Segment {
  readonly thread: number;
  readonly from: number;
  readonly to: number;
  readonly site: number;
  readonly who: string;
  readonly activity: Activity;
  /** The thread whose step ended the wait, −1 for work and for the thread's own timeouts. */
  readonly cause: number;
  readonly waited: boolean;
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
  readonly who: string;
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

export interface PathPart {
  readonly who: string;
  readonly what: string;
  readonly us: number;
  readonly activity: Activity;
  readonly opId: string;
  readonly users: boolean;
  /** Primitives of the call that it is spent in. */
  readonly does: readonly string[];
  /** A wait that nobody ended: its time had come. */
  readonly waits: boolean;
  /** See `Part`. */
  readonly slowed: boolean;
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
): PathPart[] {
  const { sites } = program;
  const from = beginOf(root);
  const byThread = segmentsByThread(segments);
  const parts: PathPart[] = [];
  let thread = root.thread;
  let time = root.to;
  const hops = new Set<string>();
  /** Who waits for the thread at hand, and since when: before that its time is its own again. */
  const behind: { readonly thread: number; readonly since: number }[] = [];
  const push = (segment: Segment | undefined, us: number, who: string): void => {
    if (us <= 0) return;
    const site = segment === undefined ? undefined : sites[segment.site];
    parts.push({
      who: segment?.who ?? who,
      what: site?.text ?? turnText,
      us,
      activity: segment?.activity ?? "system",
      opId: site?.opId ?? "",
      users: site?.users ?? false,
      does: site?.does ?? [],
      waits: segment?.waited === true && segment.cause < 0,
      slowed: site?.slowed === true,
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
      behind.push({ thread, since: segment.from });
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
        behind.pop();
        thread = waiter.thread;
      }
      continue;
    }
    const start = Math.max(segment.from, least);
    push(segment, time - start, "");
    time = start;
  }
  return mergeParts(parts.reverse());
}

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

function mergeParts(parts: readonly PathPart[]): PathPart[] {
  const merged: PathPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last !== undefined && last.who === part.who && last.what === part.what) {
      const { waits } = part.us > last.us ? part : last;
      merged[merged.length - 1] = { ...last, us: last.us + part.us, waits };
    } else merged.push(part);
  }
  return merged;
}

/** Kinds of step on a path, with names and counts erased. What is under a hundredth does not count. */
export function pathMechanism(parts: readonly PathPart[]): string {
  const total = parts.reduce((sum, part) => sum + part.us, 0);
  const labels = new Set<string>();
  const sums = new Map<string, number>();
  for (const part of parts) {
    const label = partText(part.activity, workKind(part));
    sums.set(label, (sums.get(label) ?? 0) + part.us);
    if (part.us * 100 >= total) labels.add(label);
  }
  // Many small parts of a kind count once they are a good part of the whole.
  for (const [label, us] of sums) if (us * 10 >= total) labels.add(label);
  return [...labels].join(" > ");
}

/** Primitives that wait for somebody, as long as they were told. */
const awaiting: readonly string[] = ["wait", "send", "dequeue"];

function workKind(part: PathPart): WorkKind {
  if (part.does.includes("delay")) return "delay";
  if (part.does.some((op) => awaiting.includes(op))) return "timeout";
  if (part.activity === "poolManager") return "look";
  return "work";
}
