/** When transitions happen, and which of them may go (section 15). */
import { type Context, top } from "../context.ts";
import type { Move } from "../explore.ts";
import { hasLine } from "../locks.ts";
import { processors } from "../rules/dpcs.ts";
import { queueNamed } from "../rules/pool.ts";
import { Unsupported } from "../scenario.ts";
import type { Task, Thread } from "../state.ts";
import { sidesOf, skewUs } from "./arrival.ts";
import { type Clock, fixed, later, plus } from "./clock.ts";
import { changeOf, clockOf, timesOf } from "./clocks.ts";
import type { Choice, TimedMove } from "./moves.ts";

const none = fixed(0);

function timeOf(c: Context, move: Move): Clock {
  const { t: id, how } = move;
  if (how === "due") return timesOf(c).timers[id].due;
  if (how === "stray") throw new Unsupported("a timer of memory that has gone, in time");
  const t = c.state.threads[id];
  const task = top(t) as Task;
  const clock = clockOf(c, id);
  if (how === "timeout") return plus(task.began as Clock, Number(task.timeout));
  if (how === "terminated") return later(clock, timesOf(c).told[id] ?? none);
  return later(clock, enabledSince(c, task));
}

/** What a step waits for before it. */
function enabledSince(c: Context, task: Task): Clock {
  const key = String(task.key);
  switch (task.k) {
    case "acquire": {
      // Asking is open to anybody at any time; only who stands before the lock waits for it.
      const asks = task.isTry === true || (hasLine(String(task.type)) && task.inLine !== true);
      return asks ? none : changeOf(c, key);
    }
    case "take": {
      const it = c.state.things[key];
      return it?.entries?.[0]?.at ?? (it?.gone === true ? changeOf(c, key) : none);
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
      return c.state.pool[String(task.queue)].entries[0]?.at ?? none;
    case "flushDpcs":
      return processors.map((id) => clockOf(c, id)).reduce(later);
    case "manager":
      return fixed(lookAt(c, String(task.queue)));
    default:
      return none;
  }
}

const second = 1_000_000;

/** The manager's next look (section 10). */
function lookAt(c: Context, queue: string): number {
  const { phase = 0, last = -1, occupied } = timesOf(c).managers[queueNamed(c, queue)];
  const least = Math.max(last + 1, c.state.pool[queue].entries[0]?.at?.us ?? 0, occupied.us);
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
          at: later(clockOf(c, move.t), c.state.dpcs[key].at ?? none),
        }));
    }
    return [{ ...move, at: timeOf(c, move) }];
  });
}

export const isArrival = (c: Context, { t, how }: Move): boolean =>
  how === "step" && top(c.state.threads[t])?.k === "arrive";

/** Those that may go, and by how much each goes later than the earliest. */
export function mayGo(c: Context, moves: readonly TimedMove[]): Choice[] {
  const { open, now } = timesOf(c);
  const arrivals = moves
    .filter((one) => isArrival(c, one))
    // It depends on the open arrival if its thread's clock does, whatever *now* does.
    .map((one) => ({ ...one, at: { us: Math.max(one.at.us, now.us), along: one.at.along } }));
  const others = moves.filter((one) => !isArrival(c, one));
  const earliest = Math.min(
    ...(others.length > 0 ? others : arrivals).map(({ at }): number => at.us),
  );
  const { isAlong, next, laterBy } = sidesOf(c, others);
  const near = ({ at }: TimedMove): boolean => at.us <= earliest + skewUs;
  const choices = [
    ...others
      .filter(near)
      .map((one) => ({ ...one, skew: one.at.us - earliest, along: isAlong(one), next })),
    ...arrivals
      .flatMap((one): TimedMove[] =>
        open?.did === true ? [one, { ...one, isBeside: true }] : [one],
      )
      .map((one) => ({ ...one, skew: 0, along: false, next })),
  ];
  if (laterBy === undefined) return choices;
  const put = { t: "", how: "step", at: fixed(earliest), skew: 0, along: false, next } as const;
  return [...choices, { ...put, laterBy }];
}
