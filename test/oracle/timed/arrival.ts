/** The open arrival: what depends on it, when it is closed, and when it can be put later (section 15). */
import { type Context, top } from "../context.ts";
import type { Entry, Thread } from "../state.ts";
import { waitingOf } from "../waits.ts";
import type { Clock } from "./clock.ts";
import { clockOf, timesOf } from "./clocks.ts";
import type { Choice, TimedMove } from "./moves.ts";

export const skewUs = 100;

const changedIn = <T extends object>(all: T, change: (clock: Clock) => Clock): T =>
  Object.fromEntries(Object.entries(all).map(([key, clock]) => [key, change(clock)])) as T;

/** Every clock of a state. */
function changeClocks(c: Context, change: (clock: Clock) => Clock): void {
  const times = timesOf(c);
  times.now = change(times.now);
  times.clocks = changedIn(times.clocks, change);
  times.things = changedIn(times.things, change);
  times.told = changedIn(times.told, change);
  for (const [key, it] of Object.entries(times.timers))
    times.timers[key] = { ...it, due: change(it.due) };
  for (const it of Object.values(times.managers)) it.occupied = change(it.occupied);
  const entry = (it: Entry | undefined): void => {
    if (it?.at !== undefined) it.at = change(it.at);
  };
  const { threads, things, pool, dpcs } = c.state;
  for (const { entries } of Object.values(things)) entries?.forEach(entry);
  for (const { entries } of Object.values(pool)) entries.forEach(entry);
  Object.values(dpcs).forEach(entry);
  for (const t of Object.values(threads)) {
    entry(t.apc);
    for (const root of t.roots ?? []) {
      if (root.since !== undefined) root.since = change(root.since);
      if (root.rest !== undefined) root.rest = change(root.rest);
    }
    t.todo = t.todo.map(({ at, began, ...task }) => ({
      ...task,
      ...(at === undefined ? {} : { at: change(at as Clock) }),
      ...(began === undefined ? {} : { began: change(began as Clock) }),
    }));
  }
}

/** From here on it is known when the user arrived. */
export function closeArrival(c: Context): void {
  delete timesOf(c).open;
  changeClocks(c, ({ us }) => ({ us, along: false }));
}

/** All that depends on the arrival is so much later, and that is when it came. */
export function putLater(c: Context, by: number): void {
  changeClocks(c, (clock) => (clock.along ? { us: clock.us + by, along: true } : clock));
  closeArrival(c);
}

/** A lock (any but a try), a single KMUTEX, or the end of rundown. */
function asksForLock(t: Thread): boolean {
  const task = top(t);
  if (task === undefined) return false;
  if (task.k === "acquire") return task.isTry !== true;
  if (["runDownWait", "drained", "driverObject", "filterItems"].includes(task.k)) return true;
  const wait = waitingOf(t);
  return wait?.handles.length === 1 && wait.handles[0].type === "KMUTEX";
}

/** Whether a transition, no arrival, follows from the open arrival. */
function isAlong(c: Context, { t: id, how, at }: TimedMove): boolean {
  const t = c.state.threads[id];
  if (how === "due" || t === undefined) return at.along;
  if (how === "step" && top(t)?.k === "manager") return false;
  return at.along && (clockOf(c, id).along || !asksForLock(t));
}

/** Whether somebody asks in vain for what the user may hold. */
const isAskedInVain = (c: Context, moves: readonly TimedMove[]): boolean =>
  Object.values(c.state.threads).some(
    (t) =>
      !t.ended &&
      t.begun &&
      !clockOf(c, t.id).along &&
      asksForLock(t) &&
      !moves.some(({ t: id, how }) => id === t.id && how === "step"),
  );

/** Of all that is enabled, arrivals aside. */
export interface Sides {
  readonly isAlong: (move: TimedMove) => boolean;
  /** When the next of others comes. */
  readonly next: number;
  /** By how much the arrival can be put later. */
  readonly laterBy?: number;
}

export function sidesOf(c: Context, moves: readonly TimedMove[]): Sides {
  const { open } = timesOf(c);
  const along = new Set(moves.filter((one) => isAlong(c, one)));
  const earliest = (some: readonly TimedMove[]): number => Math.min(...some.map(({ at }) => at.us));
  const next = earliest(moves.filter((one) => !along.has(one)));
  const sides = { isAlong: (one: TimedMove) => along.has(one), next };
  if (open === undefined || along.size === 0 || along.size === moves.length) return sides;
  const laterBy = next - earliest([...along]);
  const can = laterBy > skewUs && laterBy <= (open.room ?? laterBy) && !isAskedInVain(c, moves);
  return can ? { ...sides, laterBy } : sides;
}

/** Ahead of a transition that is no arrival. */
export function noteTransition(c: Context, { at, along, next }: Choice): void {
  const { open } = timesOf(c);
  if (open === undefined) return;
  if (!along) {
    if (open.did) closeArrival(c);
    return;
  }
  open.did = true;
  if (next !== Number.POSITIVE_INFINITY)
    open.room = Math.min(open.room ?? Number.POSITIVE_INFINITY, next - at.us);
}

/** Behind it: whoever took it, or was let go by it, may have met with what came later. */
export function noteMet(c: Context, move: Choice): void {
  if (timesOf(c).open === undefined || !move.along) return;
  const moved = c.state.threads[move.t] === undefined ? c.woken : [move.t, ...c.woken];
  if (moved.some((id) => !clockOf(c, id).along)) closeArrival(c);
}

/** It takes the place of one that was open before, unless it comes beside it. */
export function noteArrival(c: Context, { t: id, isBeside }: Choice): void {
  if (isBeside === true) return;
  closeArrival(c);
  const times = timesOf(c);
  times.open = { did: false };
  times.clocks[id] = { us: times.clocks[id].us, along: true };
}
