/** What a step does to clocks (section 15): what it joins, and what it leaves its own on. */

import { endRoot } from "../activations.ts";
import { type Context, find, top } from "../context.ts";
import { namedIn } from "../rules/pool.ts";
import { followed, walkedTo } from "../rules/queues.ts";
import type { Entry, Task, Thread } from "../state.ts";
import { ownedMutexes, type Waiting, waitingOf } from "../waits.ts";
import { type Clock, fixed, later, plus } from "./clock.ts";
import { isOver } from "./over.ts";
import { pointerOfTest } from "./pointers.ts";
import { costOf, type Span, spanOf } from "./profile.ts";
import { endRest } from "./rest.ts";
import type { Times } from "./times.ts";

export const timesOf = (c: Context): Times => {
  if (c.state.times === undefined) throw new Error("a timed state");
  return c.state.times;
};

export const clockOf = (c: Context, id: string): Clock => timesOf(c).clocks[id];

export const changeOf = (c: Context, key: string): Clock => timesOf(c).things[key] ?? fixed(0);

/** Whether a test reads the number that a call hands back. */
function isTested(c: Context, op: number | undefined): boolean {
  const statement = c.code.statements[op ?? -1];
  return (
    statement?.kind === "call" &&
    c.code.conditions.some((one) => one.kind === "returned" && one.of === statement.result)
  );
}

/** The thread goes on no earlier than this. */
export function join(c: Context, id: string, clock: Clock): void {
  const { clocks } = timesOf(c);
  clocks[id] = later(clocks[id], clock);
}

const leave = (c: Context, key: string, clock: Clock): void => {
  timesOf(c).things[key] = clock;
};
const leaveLater = (c: Context, key: string, clock: Clock): void =>
  leave(c, key, later(changeOf(c, key), clock));

/** What is to be known of the state before a step. */
interface Before {
  readonly waits: ReadonlyMap<string, Waiting>;
  readonly told: ReadonlySet<string>;
  readonly inApc: ReadonlySet<string>;
  readonly woken: number;
  /** When the entry that it takes or comes to was queued. */
  readonly entry: Clock | undefined;
  readonly key: string | undefined;
  /** Mutexes that its thread owns: its end leaves them behind. */
  readonly mutexes: readonly string[];
  /** Whether the port that it is about was disconnected already. */
  readonly isGone: boolean;
}

/** The object that a step is about, if it is one of the driver's. */
function keyOf(c: Context, t: Thread, task: Task): string | undefined {
  if (typeof task.key === "string") return task.key;
  try {
    if (task.object !== undefined) return find(c, t, String(task.f), task.object as never).key;
  } catch {
    // The step itself crashes then.
  }
  return undefined;
}

function queuedAt(c: Context, t: Thread, task: Task, key: string | undefined): Clock | undefined {
  const { entries = [] } = c.state.things[key ?? ""] ?? {};
  if (task.k !== "walk" && task.k !== "unlink") return entries[0]?.at;
  try {
    const ref = task.k === "walk" ? walkedTo(c, t, task) : followed(c, t, task);
    return entries.find((one) => one.ref === ref)?.at;
  } catch {
    // The step itself crashes then.
    return undefined;
  }
}

export function before(c: Context, t: Thread, task: Task): Before {
  const waits = new Map<string, Waiting>();
  const told = new Set<string>();
  const inApc = new Set<string>();
  for (const one of Object.values(c.state.threads)) {
    const wait = waitingOf(one);
    if (wait !== undefined) waits.set(one.id, wait);
    if (one.told) told.add(one.id);
    if (one.inApc) inApc.add(one.id);
  }
  const key = keyOf(c, t, task);
  return {
    waits,
    told,
    inApc,
    woken: c.woken.length,
    mutexes: task.k === "endThread" ? ownedMutexes(c.state, t.id) : [],
    entry: queuedAt(c, t, task, key),
    key,
    isGone: c.state.things[key ?? ""]?.gone === true,
  };
}

/** Steps that wait, and how a wait ends. */
const waits = ["look", "take", "awaitReply", "replyCame", "timeout", "terminated"];

/** Behind a step of this thread, before whoever it has woken goes on. */
export function after(c: Context, t: Thread, task: Task, was: Before): void {
  spendOn(c, t, task);
  joinOwn(c, t, task, was);
  const clock = clockOf(c, t.id);
  leaveOn(c, t, task, was, clock);
  settleClocks(c, was, clock);
  if (task.k === "pulse" && was.key !== undefined) leave(c, was.key, clock);
  if (waits.includes(task.k)) endRest(t, clock);
  noteRoots(c, t, task);
  noteWait(c, t);
}

/** The latest of those who have left a process. */
const leftKey = ({ process }: Thread): string => `who left ${process}`;

/** Costs, and what a call computes. */
function spendOn(c: Context, t: Thread, task: Task): void {
  const { clocks } = timesOf(c);
  const { times, service } = c.code.scenario.world;
  const add = (us: number): void => {
    clocks[t.id] = plus(clocks[t.id], us);
  };
  const span = (what: Span): number => spanOf(times, what);
  switch (task.k) {
    case "call": {
      const statement = c.code.statements[task.op ?? -1];
      if (statement?.kind === "call") add(span(costOf(statement.api)));
      return;
    }
    case "spend":
      return add(typeof task.us === "number" ? task.us : span(task.what as Span));
    case "back":
      return add(span("roundUs"));
    case "compute": {
      const given = (task.interval as { timeout: number }).timeout;
      return add(service.condition === "slow" ? Math.max(given, span("slowServiceUs")) : given);
    }
    case "completion": {
      const isDone = t.result === "success" && top(t)?.k !== "look";
      if (!isDone) return;
      if (task.asks === "person" || c.code.scenario.world.disk === "removed") add(span("personUs"));
      if (task.declines === true) add(span("ioUs"));
    }
  }
}

/** Reads of what another wrote, and waits that are satisfied at once. */
function joinOwn(c: Context, t: Thread, task: Task, was: Before): void {
  const joined = (key: string | undefined): void => {
    if (key !== undefined) join(c, t.id, changeOf(c, key));
  };
  switch (task.k) {
    case "look":
      if (waitingOf(t) === undefined) joinObjects(c, t, task as Waiting, t.result);
      return;
    case "test": {
      const test = c.code.conditions[task.c as number];
      if (test.kind !== "compare") return;
      const pointer = task.isRead === true ? undefined : pointerOfTest(test.variable);
      joined(find(c, t, String(task.f), pointer ?? test.variable, task.op).key);
      return;
    }
    case "number": {
      const args = task.args as { Target: never };
      const isWrite = task.of === "write" || (task.of === "exchange" && !isTested(c, task.op));
      if (!isWrite) joined(find(c, t, String(task.f), args.Target, task.op).key);
      return;
    }
    case "replyCame":
      return join(c, t.id, (task.at as Clock | undefined) ?? fixed(0));
    case "userPoint":
      if (top(t)?.k === "leave") join(c, t.id, timesOf(c).told[t.id] ?? fixed(0));
      return;
    case "acquire":
      if (t.result === "success" && top(t)?.k !== "acquire") joined(was.key);
      return;
    case "send":
    case "write":
      // It comes back with what somebody did to the port.
      if (was.isGone) joined(was.key);
      return;
    case "pend":
      if (task.refuses !== undefined)
        joined(find(c, t, String(task.f), task.refuses as never, task.op).key);
      return;
    case "leaveProcess":
      // Who is the last one knows of all who left before.
      return joined(leftKey(t));
    case "handOver":
      return joined(namedIn(c, t, task).key);
    case "readState":
    case "readPointer":
      return joined(was.key);
    case "pop":
    case "walk":
    case "unlink":
      if (was.entry !== undefined) join(c, t.id, was.entry);
  }
}

/** A wait that has ended takes the clocks of what satisfied it. */
function joinObjects(c: Context, t: Thread, wait: Waiting, result: string): void {
  const satisfies = (i: number): boolean => {
    if (!wait.any) return result === "success" || result === "abandoned";
    if (result === `object${i}`) return true;
    if (result === "success") return wait.handles.length === 1;
    return result === "abandoned" && c.state.things[wait.handles[i].key]?.owner === t.id;
  };
  wait.handles.forEach(({ kind, key }, i) => {
    if (satisfies(i)) join(c, t.id, changeOf(c, kind === "thing" ? key : `${kind} ${key}`));
  });
}

/** The actor's clock stays on what it has changed. */
function leaveOn(c: Context, t: Thread, task: Task, was: Before, clock: Clock): void {
  const { key } = was;
  switch (task.k) {
    case "set":
    case "pulse":
    case "unprotect":
      if (key !== undefined) leaveLater(c, key, clock);
      return;
    case "unlock":
    case "leaveLoader":
    case "convert":
      if (key === undefined) return;
      return c.state.things[key]?.sharers === undefined
        ? leave(c, key, clock)
        : leaveLater(c, key, clock);
    case "reset":
    case "releaseSemaphore":
    case "releaseMutex":
    case "setTimer":
      if (key !== undefined) leave(c, key, clock);
      break;
    case "disconnect":
    case "hangUp":
    case "close":
    case "closeOne":
      if (key !== undefined && !was.isGone) leave(c, key, clock);
      return;
    case "leaveProcess":
      return leave(c, leftKey(t), clock);
    case "store":
      leave(c, find(c, t, String(task.f), task.into as never, task.op).key, clock);
      return;
    case "number": {
      const args = task.args as { Target: never };
      leave(c, find(c, t, String(task.f), args.Target, task.op).key, clock);
      return;
    }
    case "unprotectCallback":
      return leaveLater(c, `registration ${task.r}`, clock);
    case "uncount":
      return leaveLater(c, `driver object ${task.driver}`, clock);
    case "uncountFilter":
      return leaveLater(c, `filter ${task.driver}`, clock);
    case "die":
      return leave(c, `process ${t.process}`, clock);
    case "endThread":
      leave(c, `thread ${t.id}`, clock);
      for (const one of was.mutexes) leave(c, one, clock);
      return;
  }
  if ((task.k === "setTimer" || task.k === "cancelTimer") && key !== undefined) {
    delete timesOf(c).timers[key];
  }
  if (task.k === "setTimer" && key !== undefined) {
    const us = (given: unknown): number => {
      const value = typeof given === "object" && given !== null ? given : { timeout: given };
      return Number((value as { timeout?: unknown }).timeout ?? 0);
    };
    timesOf(c).timers[key] = { due: plus(clock, us(task.due)), period: us(task.period) };
  }
}

/** New entries and threads, those that were told to end, and those that go on. */
export function settleClocks(c: Context, was: Before, clock: Clock): void {
  const times = timesOf(c);
  const { threads, things, pool, dpcs } = c.state;
  const stamp = (entry: Entry | undefined): void => {
    if (entry !== undefined) entry.at ??= clock;
  };
  for (const { entries } of Object.values(things)) entries?.forEach(stamp);
  for (const { entries } of Object.values(pool)) entries.forEach(stamp);
  Object.values(dpcs).forEach(stamp);
  for (const one of Object.values(threads)) {
    times.clocks[one.id] ??= clock;
    stamp(one.apc);
    one.todo.forEach((task, i) => {
      if (task.k === "replyCame" && task.at === undefined) one.todo[i] = { ...task, at: clock };
    });
    one.roots ??= [];
    if (one.told && !was.told.has(one.id)) times.told[one.id] ??= clock;
  }
  for (const id of c.woken.slice(was.woken)) {
    join(c, id, clock);
    const wait = was.waits.get(id);
    const t = threads[id];
    // Nothing satisfies a wait that an APC takes its thread out of.
    const isCutIn = t.inApc && !was.inApc.has(id);
    if (wait !== undefined && waitingOf(t) === undefined && !isCutIn)
      joinObjects(c, t, wait, t.result);
    endRest(t, clockOf(c, id));
  }
}

/** Roots begin and end on their threads' clocks. */
export function noteRoots(c: Context, t: Thread, task: Task): void {
  if (task.k === "worker") t.roots?.push({ kind: "item" });
  if (task.k === "itemDone") endRoot(c, t);
  for (const one of Object.values(c.state.threads)) {
    for (const root of one.roots ?? []) root.since ??= clockOf(c, one.id);
    const root = one.roots?.at(-1);
    if (root?.kind === "request") root.keeps ??= !isOver(c);
    // Of what a thread leaves open that takes the path of its exit, no end is told.
    if (one.owes === 0 && one.items === 0 && one.roots?.length !== 0)
      one.roots = one.leaving ? [] : one.roots?.filter(({ kind }) => kind === "request");
  }
}

/** A wait that begins has its deadline; what begins anew behind an APC keeps it. */
export function noteWait(c: Context, t: Thread): void {
  const task = top(t);
  if (task === undefined || !["waiting", "replied", "take"].includes(task.k)) return;
  if (task.began !== undefined) return;
  const began = clockOf(c, t.id);
  t.todo[t.todo.length - 1] = { ...task, began };
}
