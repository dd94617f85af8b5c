/** Calls of routines, their frames, and what is left of those that have ended (section 2). */
import { answer, type Context, effect, proceed } from "./context.ts";
import { type Acquire, locksOf } from "./locks.ts";
import { routineOf } from "./scenario.ts";
import { Crash, type Entry, type Task, type Thread } from "./state.ts";
import type { RootKind } from "./timed/times.ts";
import { ownedMutexes, waiters } from "./waits.ts";

export interface Activation {
  readonly routine: string;
  readonly driver: number;
  readonly captured?: string;
  readonly subject: string;
  readonly subjectThread: string;
  readonly event?: string;
  readonly context?: string;
}

/** Section 14: who has to leave things as they were. */
const isJudged = [
  "callback",
  "workItem",
  "systemThread",
  "apc",
  "dpc",
  "cleanup",
  "request",
  "entry",
  "unload",
];

/** What a worker or user mode goes on behind: at PASSIVE_LEVEL alone. */
const bearsNothing = ["workItem", "entry", "unload"];

/** Enters a routine: its body is what the thread does next. */
export function enter(c: Context, t: Thread, called: Activation, op?: number): void {
  const { code, state } = c;
  const { driver } = called;
  const routine = routineOf(code, driver, called.routine);
  // A callback that was left registered is a breach of a rule, and is still called (B2).
  if (state.code[driver] === "gone" && ["workItem", "dpc", "apc"].includes(routine.role))
    throw new Crash("code is gone", op);
  let n = 0;
  while (state.frames[`${t.id}|${n}`] !== undefined) n++;
  const f = `${t.id}|${n}`;
  const context = routine.locals.find((decl) => decl.context === true);
  if (context !== undefined) state.things[`${f}/${context.name}`] = { to: called.context ?? "" };
  state.frames[f] = {
    routine: routine.name,
    driver,
    captured: called.captured,
    subject: called.subject,
    subjectThread: called.subjectThread,
    event: called.event ?? "",
    results: {},
    values: {},
    opaque: {},
  };
  const { irql, critical, guarded, attached } = t;
  const saved = { irql, critical, guarded, attached, locks: locksOf(c, t) };
  const body = code.bodyIds.get(routine.body);
  proceed(t, { k: "body", b: body, i: 0, f }, { k: "ret", f, saved, role: routine.role, op });
}

/** Behind the last statement of a routine, or at its `return`. */
export function leaveRoutine(c: Context, t: Thread, task: Task): void {
  const saved = task.saved as Record<
    "irql" | "locks" | "critical" | "guarded" | "attached",
    number
  >;
  const role = task.role as string;
  const { driver, routine } = c.state.frames[String(task.f)];
  const place = (task.by as number | undefined) ?? c.code.endIds.get(`${driver}/${routine}`);
  if (isJudged.includes(role)) {
    const isLeft =
      t.irql !== saved.irql ||
      t.critical !== saved.critical ||
      t.guarded !== saved.guarded ||
      t.attached !== saved.attached ||
      locksOf(c, t) > saved.locks;
    if (isLeft) effect(c, "regionLeaked", place);
    const bears = bearsNothing.includes(role) ? 0 : Math.max(1, saved.irql);
    if (t.irql > saved.irql && t.irql > bears) throw new Crash("returns raised", place);
  }
  const f = String(task.f);
  if (role === "request") leaveRequest(c, t, place);
  // What its calls came back with is not what it comes back with (section 7).
  if (role === "request" && task.isOver !== true) answer(t, "success");
  // The end of the request's own IRP is waited for first, in a step of its own.
  if (role === "request" && c.state.frames[f].pended === true && task.isOver !== true) {
    const isPending = c.state.messages[f] !== undefined;
    proceed(
      t,
      {
        k: isPending ? "awaitReply" : "replyCame",
        result: "success",
        op: place,
        f,
        user: true,
        timeout: "none",
        msg: f,
        port: c.state.messages[f]?.port,
      },
      { ...task, isOver: true },
    );
    return;
  }
  endFrame(c, f);
}

/** Back to user mode with a raised IRQL or in a region is a crash of its own (SY-26). */
function leaveRequest(c: Context, t: Thread, place: number | undefined): void {
  if (t.irql > 0) throw new Crash("returns raised", place);
  const isInRegion = t.critical > 0 || t.guarded > 0;
  if (isInRegion && ownedMutexes(c.state, t.id).length === 0)
    throw new Crash("returns in a region", place);
}

/** The frame is gone: whoever waits for something in it has lost it, who refers to it holds nothing. */
export function endFrame(c: Context, f: string): void {
  const { state } = c;
  forgetThings(c, `${f}/`, "use after return");
  delete state.frames[f];
  delete state.messages[f];
  loseReferences(c, (ref) => ref === f, "stale");
  const stale = (entry: Entry | undefined): void => {
    if (entry?.captured === f) entry.captured = "stale";
    if (entry?.ref === f) entry.ref = "stale";
  };
  for (const frame of Object.values(state.frames))
    if (frame.captured === f) frame.captured = "stale";
  for (const { entries } of Object.values(state.pool)) entries.forEach(stale);
  for (const entry of Object.values(state.dpcs)) stale(entry);
  for (const it of Object.values(state.things)) {
    it.entries?.forEach(stale);
    stale(it.dpc);
  }
  for (const { todo, apc } of Object.values(state.threads)) {
    stale(apc);
    for (const { entry } of todo) stale(entry as Entry | undefined);
  }
  forgetStores(c, f, "stale");
}

/** Whoever is about to write down a reference that has gone writes down what is left of it. */
export function forgetStores({ state }: Context, ref: string, left: string): void {
  for (const { todo } of Object.values(state.threads)) {
    for (let i = 0; i < todo.length; i++)
      if (todo[i].k === "store" && todo[i].ref === ref) todo[i] = { ...todo[i], ref: left };
  }
}

/** What pointers held, and what was or is about to be handed over, leads nowhere from here on. */
export function loseReferences(c: Context, gone: (ref: string) => boolean, mark: string): void {
  const lose = (entry: Entry | undefined): void => {
    if (entry?.context !== undefined && gone(entry.context)) entry.context = mark;
  };
  for (const it of Object.values(c.state.things))
    if (it.to !== undefined && gone(it.to)) it.to = mark;
  for (const { entries } of Object.values(c.state.pool)) entries.forEach(lose);
  for (const { todo } of Object.values(c.state.threads)) {
    for (let i = 0; i < todo.length; i++) {
      lose(todo[i].entry as Entry | undefined);
      if (typeof todo[i].handed === "string" && gone(todo[i].handed as string))
        todo[i] = { ...todo[i], handed: mark };
    }
  }
}

export function forgetThings(c: Context, prefix: string, kind: string): void {
  const mark = kind === "use after free" ? "freed" : "stale";
  loseReferences(c, (ref) => ref.startsWith(`&${prefix}`), mark);
  for (const key of Object.keys(c.state.things)) {
    if (!key.startsWith(prefix)) continue;
    if (waiters(c.state, key).length > 0) throw new Crash(kind, undefined);
    const stands = Object.values(c.state.threads).some(({ todo }) => {
      const task = todo[todo.length - 1] as Acquire | undefined;
      return task !== undefined && "key" in task && task.key === key && task.k !== "acquire";
    });
    if (stands) throw new Crash(kind, undefined);
    const { due, setBy, setIn = -1 } = c.state.things[key];
    if (due === true) c.state.strayTimers.push({ op: setBy, kind, driver: setIn });
    delete c.state.things[key];
  }
}

/** The captured frame that goes along with a routine that this code hands over. */
export function capturedFor(c: Context, f: string, name: string): string | undefined {
  const frame = c.state.frames[f];
  const { within } = routineOf(c.code, frame.driver, name);
  if (within === undefined) return undefined;
  let id: string | undefined = f;
  while (id !== undefined) {
    const at: (typeof c.state.frames)[string] | undefined = c.state.frames[id];
    // What has gone is handed on as such: only using it is a crash (section 2).
    if (at === undefined) return "stale";
    if (at.routine === within) return id;
    id = at.captured;
  }
  return "stale";
}

export function entryFor(c: Context, t: Thread, f: string, name: string): Entry {
  const frame = c.state.frames[f];
  const captured = capturedFor(c, f, name);
  // Of a frame that has gone this code has by value whom it was about.
  const from = captured === "stale" ? frame : c.state.frames[captured ?? ""];
  return {
    routine: name,
    driver: frame.driver,
    captured,
    subject: from?.subject ?? "",
    subjectThread: from?.subjectThread ?? "",
    causes: t.causes,
  };
}

/** Whom something is about. */
export type About = Pick<Activation, "subject" | "subjectThread">;

/** A routine that was handed over, as it is entered; `about` is its subject where none came along. */
export const handedOver = (
  entry: Entry,
  about: About = { subject: "", subjectThread: "" },
): Activation => ({
  routine: entry.routine ?? "",
  driver: entry.driver ?? 0,
  captured: entry.captured,
  subject: entry.subject || about.subject,
  subjectThread: (entry.subject ? entry.subjectThread : about.subjectThread) ?? "",
  context: entry.context,
});

/** Begins to owe (section 12). */
export const owe = (t: Thread, kind: RootKind): void => {
  t.owes++;
  t.roots?.push({ kind });
};

export function paid(c: Context, t: Thread): void {
  t.owes--;
  endRoot(c, t);
  if (t.owes === 0) c.completed.add(t.id);
}

/** The innermost root of this thread ends. */
export function endRoot(c: Context, t: Thread): void {
  const root = t.roots?.pop();
  const clock = c.state.times?.clocks[t.id];
  if (root === undefined || clock === undefined) return;
  // Skew of others can be more than what it took.
  c.rootsEnded.push({ ...root, took: Math.max(0, clock.us - (root.since ?? clock).us) });
}
