/** Events, semaphores, KMUTEXes, processes and threads, and waits for them (SY-1 to SY-7, SY-18 to SY-20). */
import { answer, type Context, type Handle, normalApcs, proceed, top } from "./context.ts";
import { Crash, type State, type Task, type Thread } from "./state.ts";

export interface Waiting extends Task {
  readonly k: "waiting";
  readonly handles: readonly Handle[];
  readonly any: boolean;
  readonly user: boolean;
  /** Being told to end breaks it in any mode: a suspension. */
  readonly isBreakable?: boolean;
  readonly alertable: boolean;
  /** "none", or a number of microseconds. */
  readonly timeout: "none" | number;
  /** An interval that is over is a success (SV-25). */
  readonly isDelay?: boolean;
}

export const waitingOf = (t: Thread): Waiting | undefined => {
  const task = top(t);
  return task?.k === "waiting" ? (task as Waiting) : undefined;
};

/** Whether the object is signalled for this thread. */
function isSignalled(state: State, t: string, { kind, key, type }: Handle): boolean {
  if (kind === "process") return state.processes[key]?.dead === true;
  if (kind === "thread") return state.threads[key]?.ended === true;
  const it = state.things[key];
  if (type === "KSEMAPHORE") return (it.count ?? 0) > 0;
  if (type === "KMUTEX") return it.owner === undefined || it.owner === t;
  return it.set === true;
}

/** What the wait takes from an object that satisfies it; whether that was abandoned (SY-6). */
function take(c: Context, t: Thread, { kind, key, type }: Handle): boolean {
  if (kind !== "thing") return false;
  const it = c.state.things[key];
  if (type.startsWith("Synchronization")) it.set = false;
  if (type === "KSEMAPHORE") it.count = (it.count ?? 0) - 1;
  if (type !== "KMUTEX") return false;
  if (it.owner === undefined) t.critical++;
  it.owner = t.id;
  it.depth = (it.depth ?? 0) + 1;
  const was = it.abandoned === true;
  delete it.abandoned;
  return was;
}

/** Satisfies a wait if it can be (SY-19): the result, or undefined. */
export function satisfied(c: Context, t: Thread, wait: Waiting): string | undefined {
  const { handles, any } = wait;
  if (handles.length === 0) return undefined;
  if (any) {
    const i = handles.findIndex((one) => isSignalled(c.state, t.id, one));
    if (i < 0) return undefined;
    const abandoned = take(c, t, handles[i]);
    if (abandoned) return "abandoned";
    return handles.length > 1 ? `object${i}` : "success";
  }
  if (!handles.every((one) => isSignalled(c.state, t.id, one))) return undefined;
  const abandoned = handles.map((one) => take(c, t, one)).includes(true);
  return abandoned ? "abandoned" : "success";
}

/** One visible step: looks at the objects, and begins to wait if it has to. */
export function beginWait(c: Context, t: Thread, wait: Waiting): void {
  const got = satisfied(c, t, wait);
  if (got !== undefined) return answer(t, got);
  const called = calledBy(t, wait);
  if (called !== undefined) return answer(t, called);
  if (wait.timeout === 0) return answer(t, "timeout");
  proceed(t, wait);
}

/** An alert or a user APC that is pending ends an alertable wait (SY-20). */
export function calledBy(t: Thread, wait: Waiting): string | undefined {
  if (!wait.alertable) return undefined;
  if (t.alerted) {
    t.alerted = false;
    return "alerted";
  }
  if (!t.userApc || !normalApcs(t)) return undefined;
  if (wait.user) t.userApcDue = true;
  return "userApc";
}

/** Ends a wait that stands. */
export function endWait(c: Context, t: Thread, result: string): void {
  t.todo.pop();
  answer(t, result);
  c.woken.push(t.id);
}

export const waiters = (state: State, key: string): Thread[] =>
  Object.values(state.threads).filter(
    (t) => waitingOf(t)?.handles.some((one) => one.key === key) === true,
  );

/**
 * Lets go those whom a change of this object satisfies: all, or one after the other, any of them, as
 * long as one can be.
 */
export function release(c: Context, key: string): void {
  const left = new Set(waiters(c.state, key).map(({ id }) => id));
  while (left.size > 0) {
    const ready = [...left].filter((id) => couldEnd(c.state, c.state.threads[id]));
    if (ready.length === 0) return;
    // Where all get it, the order is nobody's concern.
    const all = ready.every((id) => waitingOf(c.state.threads[id])?.handles.every(isKept));
    const id = all ? ready[0] : ready[c.pick(ready.length)];
    left.delete(id);
    const t = c.state.threads[id];
    const wait = waitingOf(t);
    if (wait === undefined) continue;
    const got = satisfied(c, t, wait);
    if (got !== undefined) endWait(c, t, got);
  }
}

/** A wait takes nothing from it. */
const isKept = ({ kind, type }: Handle): boolean =>
  kind !== "thing" || type.startsWith("Notification");

export function couldEnd(state: State, t: Thread): boolean {
  const wait = waitingOf(t);
  if (wait === undefined || wait.handles.length === 0) return false;
  const signalled = wait.handles.map((one) => isSignalled(state, t.id, one));
  return wait.any ? signalled.includes(true) : !signalled.includes(false);
}

export function setEvent(c: Context, key: string): void {
  c.state.things[key].set = true;
  release(c, key);
}

/** SY-4: a waiter whom a kernel APC can take out of his wait may miss a pulse. */
export function pulseEvent(c: Context, key: string, type: string): void {
  const it = c.state.things[key];
  it.set = true;
  const here = waiters(c.state, key).filter((t) => couldEnd(c.state, t));
  if (type === "NotificationEvent") {
    for (const t of here) {
      const misses = t.irql < 1 && t.guarded === 0 && c.pick(2) === 1;
      const wait = waitingOf(t);
      if (misses || wait === undefined) continue;
      const got = satisfied(c, t, wait);
      if (got !== undefined) endWait(c, t, got);
    }
  } else if (here.length > 0) {
    const mayAllMiss = here.every((t) => t.irql < 1 && t.guarded === 0);
    const i = c.pick(here.length + (mayAllMiss ? 1 : 0));
    const t = here[i];
    const wait = t === undefined ? undefined : waitingOf(t);
    if (t !== undefined && wait !== undefined) {
      const got = satisfied(c, t, wait);
      if (got !== undefined) endWait(c, t, got);
    }
  }
  it.set = false;
}

export function releaseSemaphore(
  c: Context,
  key: string,
  by: number,
  limit: number,
  op: number | undefined,
): void {
  const it = c.state.things[key];
  if ((it.count ?? 0) + by > limit) throw new Crash("semaphore limit", op);
  it.count = (it.count ?? 0) + by;
  release(c, key);
}

/** SY-5: by its owner alone; the last level frees it. */
export function releaseMutex(c: Context, t: Thread, key: string, op: number | undefined): void {
  const it = c.state.things[key];
  if (it.owner !== t.id) throw new Crash("not owner", op);
  it.depth = (it.depth ?? 0) - 1;
  if (it.depth > 0) return;
  delete it.owner;
  if (t.critical === 0) throw new Crash("region underflow", op);
  t.critical--;
  release(c, key);
}

export const ownedMutexes = (state: State, t: string): string[] =>
  Object.keys(state.things).filter((key) => {
    const { owner, mutex } = state.things[key];
    return owner === t && mutex === true;
  });
