/** Kernel APCs that drivers queue, suspension, alerts and user APCs (APC-2, SY-20). */
import { type About, enter, entryFor, handedOver } from "../activations.ts";
import {
  answer,
  type Context,
  handleOf,
  normalApcs,
  proceed,
  processOf,
  serviceProcess,
  specialApcs,
  top,
} from "../context.ts";
import type { Entry, Task, Thread } from "../state.ts";
import { calledBy, endWait, waitingOf } from "../waits.ts";
import { noteDelivery } from "./ends.ts";
import { nothing, operand, type Rules, str } from "./rule.ts";

/** Whether the APC that is pending for this thread reaches it now. */
export function isDeliverable(t: Thread): boolean {
  if (t.apc === undefined || t.inApc || t.ended || !t.begun) return false;
  const task = top(t);
  if (task?.k === "acquire" && task.inLine === true) return false;
  return t.apc.special === true ? specialApcs(t) : normalApcs(t);
}

/** Whom the thread's own code is about just now: what it is inside of says so, the innermost first. */
function aboutOf(c: Context, { todo, process }: Thread): About {
  for (let i = todo.length - 1; i >= 0; i--) {
    const { k, f, subject, thread, pid, first, i: next } = todo[i];
    // Of an event that it is yet to come to it is not inside.
    if (k === "raise" && next === 0) continue;
    const frame = k === "ret" ? c.state.frames[str(f)] : undefined;
    if (frame !== undefined && frame.subject !== "") return frame;
    if (k === "created") return { subject: str(pid), subjectThread: str(first) };
    if (typeof subject === "string" && subject !== "")
      return { subject, subjectThread: typeof thread === "string" ? thread : "" };
  }
  return { subject: process, subjectThread: "" };
}

/** It runs above what the thread is about to do; a wait is begun anew behind it. */
export function deliver(c: Context, t: Thread): void {
  const entry = t.apc as Entry;
  delete t.apc;
  t.inApc = true;
  noteDelivery(c, t);
  c.marks.add(entry.suspends === true ? "a thread is suspended" : "an APC runs");
  const about = aboutOf(c, t);
  const wait = waitingOf(t);
  if (wait !== undefined) t.todo[t.todo.length - 1] = { ...wait, k: "look" };
  const sent = top(t);
  if (sent?.k === "replied") t.todo[t.todo.length - 1] = { ...sent, k: "awaitReply" };
  proceed(t, { k: "apcDone", result: t.result, value: t.value, flag: t.flag });
  // Who is told to end goes on, to its next user point.
  if (entry.suspends === true) {
    // Who is leaving was resumed for that.
    if (t.leaving) return;
    const wait = { ...nothing, isBreakable: true, suspends: true, timeout: "none" };
    return proceed(t, { ...wait, k: "look" });
  }
  enter(c, t, handedOver(entry, about));
}

/** In the step that queues it; to whoever queues it himself, behind that step. */
function queueFor(c: Context, t: Thread, by: Thread, entry: Entry): void {
  t.apc = entry;
  if (t === by || !isDeliverable(t)) return;
  deliver(c, t);
  c.woken.push(t.id);
}

export function suspendAll(c: Context, by: Thread, pid: string): void {
  for (const t of Object.values(c.state.threads)) {
    if (t.process !== pid || t.ended || t.leaving || t.apc !== undefined) continue;
    queueFor(c, t, by, { suspends: true, causes: 0 });
  }
}

/** One suspension of each thread is undone (SV-41): one that is to come, or else the one that it is in. */
function resumeAll(c: Context, pid: string): void {
  for (const t of Object.values(c.state.threads)) {
    if (t.process !== pid || t.ended) continue;
    if (t.apc?.suspends === true) delete t.apc;
    else if (top(t)?.suspends === true) {
      t.todo.pop();
      c.woken.push(t.id);
    }
  }
}

const processNamed = (c: Context, t: Thread, task: Task): string => {
  const given = operand(task.process) as { process: "service"; service?: string };
  return given.process === "service"
    ? serviceProcess(c, str(task.f), given.service)
    : processOf(c, t, str(task.f), given.process);
};

export const apcRules: Rules = {
  queueApc: {
    visible: true,
    run(c, t, task) {
      const { key } = handleOf(c, t, str(task.f), operand(task.thread), task.op);
      const target = c.state.threads[key];
      const { routine } = task.routine as { routine: string };
      // One that has not begun takes it, and runs it first of all.
      const isRefused = target === undefined || target.ended || target.apc !== undefined;
      if (isRefused) return answer(t, "failure");
      const entry = entryFor(c, t, str(task.f), routine);
      answer(t, "success");
      queueFor(c, target, t, { ...entry, special: task.special === true });
    },
  },
  apcDone: {
    run(_, t, task) {
      t.inApc = false;
      t.result = str(task.result);
      t.value = task.value as number;
      t.flag = task.flag === true;
    },
  },
  suspend: { visible: true, run: (c, t, task) => suspendAll(c, t, processNamed(c, t, task)) },
  resume: { visible: true, run: (c, t, task) => resumeAll(c, processNamed(c, t, task)) },
  suspendNow: { visible: true, run: (c, t, task) => suspendAll(c, t, str(task.name)) },
  alert: {
    visible: true,
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const inside = Object.values(c.state.threads).filter((one) =>
        one.todo.some(({ k, f }) => k === "ret" && c.state.frames[str(f)]?.routine === routine),
      );
      if (inside.length === 0) return answer(t, "failure");
      const target = inside[c.pick(inside.length)];
      if (task.with === "alert") target.alerted = true;
      else target.userApc = true;
      c.marks.add(str(task.with));
      const wait = waitingOf(target);
      const called = wait === undefined ? undefined : calledBy(target, wait);
      if (called !== undefined) endWait(c, target, called);
      answer(t, "success");
    },
  },
};

export { processNamed };
