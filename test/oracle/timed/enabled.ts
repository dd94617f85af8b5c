/** When transitions happen, and which of them may go (section 15). */
import { type Context, top } from "../context.ts";
import type { Move } from "../explore.ts";
import { hasLine } from "../locks.ts";
import { processors } from "../rules/dpcs.ts";
import { queueNamed } from "../rules/pool.ts";
import { Unsupported } from "../scenario.ts";
import type { Task, Thread } from "../state.ts";
import { waitingOf } from "../waits.ts";
import { changeOf, clockOf, closeArrival, timesOf } from "./clocks.ts";

export const skewUs = 100;

export interface TimedMove extends Move {
  readonly at: number;
  /** Which of several DPCs a processor takes. */
  readonly first?: number;
  /** An arrival beside one that stays open. */
  readonly isBeside?: true;
}

function timeOf(c: Context, move: Move): number {
  const { t: id, how } = move;
  if (how === "due") return timesOf(c).timers[id].due;
  if (how === "stray") throw new Unsupported("a timer of memory that has gone, in time");
  const t = c.state.threads[id];
  const task = top(t) as Task;
  const clock = clockOf(c, id);
  if (how === "timeout") return Number(task.began) + Number(task.timeout);
  if (how === "terminated") return Math.max(clock, timesOf(c).told[id] ?? 0);
  return Math.max(clock, enabledSince(c, task));
}

/** What a step waits for before it. */
function enabledSince(c: Context, task: Task): number {
  const key = String(task.key);
  switch (task.k) {
    case "acquire": {
      // Asking is open to anybody at any time; only who stands before the lock waits for it.
      const asks = task.isTry === true || (hasLine(String(task.type)) && task.inLine !== true);
      return asks ? 0 : changeOf(c, key);
    }
    case "take": {
      const it = c.state.things[key];
      return it?.entries?.[0]?.at ?? (it?.gone === true ? changeOf(c, key) : 0);
    }
    case "runDownWait":
      return changeOf(c, key);
    case "drained":
      return changeOf(c, `registration ${task.r}`);
    case "filterItems":
      return changeOf(c, `filter ${task.d}`);
    case "driverObject":
      return changeOf(c, `driver object ${task.d}`);
    case "worker":
      return c.state.pool[String(task.queue)].entries[0]?.at ?? 0;
    case "flushDpcs":
      return Math.max(...processors.map((id) => clockOf(c, id)));
    case "manager":
      return lookAt(c, String(task.queue));
    default:
      return 0;
  }
}

const second = 1_000_000;

/** The manager's next look (section 10). */
function lookAt(c: Context, queue: string): number {
  const { phase = 0, last = -1, occupied } = timesOf(c).managers[queueNamed(c, queue)];
  const least = Math.max(last + 1, c.state.pool[queue].entries[0]?.at ?? 0, occupied);
  return phase + Math.max(0, Math.ceil((least - phase) / second)) * second;
}

/** All that is enabled, with its time. */
export function timedMoves(c: Context, moves: readonly Move[]): TimedMove[] {
  return moves.flatMap((move): TimedMove[] => {
    const task = top(c.state.threads[move.t] ?? ({ todo: [] } as unknown as Thread));
    if (task?.k === "processor") {
      return Object.keys(c.state.dpcs)
        .sort()
        .map((key, first) => ({
          ...move,
          first,
          at: Math.max(clockOf(c, move.t), c.state.dpcs[key].at ?? 0),
        }));
    }
    return [{ ...move, at: timeOf(c, move) }];
  });
}

export const isArrival = (c: Context, { t, how }: Move): boolean =>
  how === "step" && top(c.state.threads[t])?.k === "arrive";

/** Who has arrived and can still be put later; nobody while others ask in vain for what he may hold. */
function openArrival(c: Context, moves: readonly TimedMove[]): string | undefined {
  const { open } = timesOf(c);
  if (open === undefined) return undefined;
  const asks = Object.values(c.state.threads).some(
    (t) =>
      t.id !== open.t &&
      !t.ended &&
      t.begun &&
      isBeforeLock(t) &&
      !moves.some((one) => one.t === t.id && one.how === "step"),
  );
  return asks ? undefined : open.t;
}

function isBeforeLock(t: Thread): boolean {
  const task = top(t);
  if (task === undefined) return false;
  if (task.k === "acquire") return task.isTry !== true;
  if (["runDownWait", "drained", "driverObject", "filterItems"].includes(task.k)) return true;
  const wait = waitingOf(t);
  return wait?.handles.length === 1 && wait.handles[0].type === "KMUTEX";
}

/** What a step means to the open arrival: the skew that is booked. */
export function noteArrival(c: Context, move: Choice): number {
  const times = timesOf(c);
  const { open } = times;
  if (isArrival(c, move)) {
    if (move.isBeside === true) return 0;
    closeArrival(c);
    times.open = { t: move.t, did: false };
    return 0;
  }
  if (open === undefined) return move.skew;
  if (open.t === move.t) {
    open.did = true;
    return move.skew;
  }
  const by = move.at - times.clocks[open.t];
  // In its own time it books skew, as ever.
  if (by > 0 && move.skew > skewUs) {
    putLater(c, open.t, by);
    return 0;
  }
  if (open.did) closeArrival(c);
  return move.skew;
}

/** All that it did happened so much later, and that is when it arrived. */
export function putLater(c: Context, id: string, by: number): void {
  const times = timesOf(c);
  const { clocks, things, timers } = times;
  const t = c.state.threads[id];
  clocks[id] += by;
  for (const root of t.roots ?? []) if (root.since !== undefined) root.since += by;
  for (const key of Object.keys(things)) if (key.startsWith(`${id}|`)) things[key] += by;
  const task = top(t);
  if (task?.began !== undefined)
    t.todo[t.todo.length - 1] = { ...task, began: Number(task.began) + by };
  for (const [key, it] of Object.entries(timers))
    if (it.isNew === true) timers[key] = { ...it, due: it.due + by };
  times.now = Math.max(times.now, clocks[id]);
  closeArrival(c);
}

/** What can keep another from its next step, or has it go on earlier. */
const takingAway: ReadonlySet<string> = new Set([
  "acquire",
  "protect",
  "protectCallback",
  "set",
  "pulse",
  "releaseSemaphore",
  "releaseMutex",
  "enqueue",
  "post",
  "queueWork",
  "take",
  "send",
  "write",
  "reply",
  "disconnect",
  "close",
  "closeAll",
  "closeOne",
  "hangUp",
  "queueApc",
  "alert",
  "suspend",
  "suspendNow",
  "terminate",
  "tellEnd",
  "exitProcess",
  "die",
  "endThread",
  "setTimer",
  "cancelTimer",
]);

/** The user who can still be put later, when its own next transition comes, and when one of others. */
interface Open {
  readonly id: string;
  /** Whether it has done more than arrive. */
  readonly did: boolean;
  readonly isOwn: (move: TimedMove) => boolean;
  readonly own: number;
  readonly next: number;
}

function openOne(c: Context, moves: readonly TimedMove[]): Open | undefined {
  const id = openArrival(c, moves);
  if (id === undefined) return undefined;
  const { timers, open } = timesOf(c);
  const isOwn = ({ t, how }: TimedMove): boolean =>
    how === "due" ? timers[t].isNew === true : t === id;
  const earliest = (some: readonly TimedMove[]): number => Math.min(...some.map(({ at }) => at));
  return {
    id,
    did: open?.did === true,
    isOwn,
    own: earliest(moves.filter(isOwn)),
    next: earliest(moves.filter((one) => !isOwn(one))),
  };
}

/** By how much the open arrival can be put later without a step of another. */
function delays(c: Context, { id, did, own, next }: Open): readonly number[] {
  if (next === Number.POSITIVE_INFINITY) return [];
  const last = clockOf(c, id);
  const from: number[] = [];
  if (did && own > next + skewUs) from.push(last);
  const takesAway = takingAway.has(top(c.state.threads[id])?.k ?? "");
  if (own < Number.POSITIVE_INFINITY && (own > last || takesAway)) from.push(own);
  return from.map((at) => next - at).filter((by) => by > skewUs);
}

export interface Choice extends TimedMove {
  readonly skew: number;
  /** Nothing happens but that the arrival of the thread comes so much later. */
  readonly laterBy?: number;
}

/** Those that may go, and by how much each goes later than the earliest. */
export function mayGo(c: Context, moves: readonly TimedMove[]): Choice[] {
  const { now, open: newest } = timesOf(c);
  const arrivals = moves.filter((one) => isArrival(c, one));
  const others = moves.filter((one) => !isArrival(c, one));
  const earliest =
    others.length > 0
      ? Math.min(...others.map(({ at }) => at))
      : Math.min(...arrivals.map(({ at }) => Math.max(at, now)));
  const open = openOne(c, others);
  const latest = (one: TimedMove): number =>
    (open?.did !== true || open.isOwn(one) ? earliest : open.next) + skewUs;
  return [
    ...others
      .filter((one) => one.at <= latest(one))
      .map((one) => ({ ...one, skew: one.at - earliest })),
    ...arrivals
      .map((one) => ({ ...one, at: Math.max(one.at, now), skew: 0 }))
      .filter(({ at }) => at <= earliest + skewUs)
      .flatMap((one): Choice[] =>
        newest?.did === true && newest.t !== one.t ? [one, { ...one, isBeside: true }] : [one],
      ),
    ...(open === undefined ? [] : delays(c, open)).map(
      (laterBy): Choice => ({ t: String(open?.id), how: "step", at: earliest, skew: 0, laterBy }),
    ),
  ];
}
