/** What every call does beside its operations (section 6), and calls that are one step of one thread. */
import type { Operand } from "../../../src/language/model.ts";
import type { Call } from "../calls/call.ts";
import { calls } from "../calls.ts";
import {
  answer,
  type Context,
  effect,
  find,
  frameOf,
  isThreadPointer,
  normalApcs,
  proceed,
  specialApcs,
  thing,
} from "../context.ts";
import { leave } from "../locks.ts";
import { Unsupported } from "../scenario.ts";
import { Crash, type Task, type Thread } from "../state.ts";
import { readsBefore } from "../timed/pointers.ts";
import { noteCall } from "./ends.ts";
import { isShared, isUser, nothing, operand, type Rules, str } from "./rule.ts";

/** A call (section 6). */
function runCall(c: Context, t: Thread, task: Task): void {
  const statement = c.code.statements[task.op ?? -1];
  if (statement?.kind !== "call") throw new Error("a call");
  const known: Call | undefined = calls[statement.api];
  if (known === undefined) throw new Unsupported(statement.api);
  const f = str(task.f);
  c.marks.add(statement.api);
  c.reached.add(task.op ?? -1);
  noteCall(c, t);
  const timeout = statement.args.Timeout as { timeout?: unknown } | undefined;
  if (!isUser(c, f)) {
    const max = timeout?.timeout === 0 ? (known.irqlAtZero ?? known.irql) : known.irql;
    if (t.irql > max) {
      if (t.irql === 2) throw new Crash("irql", task.op);
      effect(c, "irqlTooHigh", task.op);
    }
    const { apcs } = known;
    if (apcs === "special" && !specialApcs(t)) effect(c, "apcsDisabled", task.op);
    if (apcs === "normal" && !normalApcs(t)) effect(c, "normalApcsDisabled", task.op);
    if (apcs === "disabled" && normalApcs(t)) effect(c, "apcsEnabled", task.op);
  }
  answer(t, "success");
  const given = known
    .steps(statement.args)
    .filter((one) => one.k !== "reference" || isCounted(c, f, one.object))
    .map((one): Task => ({ ...one, op: task.op, f }));
  // Whether it fails is nothing that others feel.
  const first = given.find(({ k }) => k !== "mayFail");
  const ownSteps = given.map((one) => (one === first ? { ...one, ahead: true } : one));
  const steps = ownSteps
    .flatMap(c.state.times === undefined ? withReads : inTime)
    .flatMap((one) => [...threadsReadBy(c, one), one]);
  if (isUser(c, f) && ["createProcess", "request"].includes(first?.k ?? ""))
    steps.unshift({ k: "stopPoint", op: task.op, f });
  const meets = known.file === true && c.code.scenario.world.neighbour !== undefined;
  proceed(t, ...(meets ? [{ k: "neighbour" }] : []), ...steps, { k: "keep", op: task.op, f });
}

/** Processes and threads are there for the whole run: nothing is counted of them (W25). */
const isCounted = (c: Context, f: string, object: unknown): boolean =>
  typeof object === "object" &&
  object !== null &&
  "ref" in object &&
  !isThreadPointer(c, f, object);

/** A wait for a thread that is kept in a pointer reads that first. */
function threadsReadBy(c: Context, { k, objects, op, f }: Task): Task[] {
  if (k !== "wait") return [];
  const given = operand(objects);
  const list = typeof given === "object" && "objects" in given ? given.objects : [given];
  return list
    .filter((one) => isThreadPointer(c, str(f), one))
    .map((object) => ({ k: "readPointer", object, isKept: true, op, f }));
}

/** Reads of pointers are steps of their own. */
const withReads = (one: Task): Task[] => [...readsBefore(one), one];

/** Whether memory can be had, too, is a step of its own that takes no time but joins clocks. */
const inTime = (one: Task): Task[] =>
  one.k === "allocate"
    ? [
        { k: "mayFail", op: one.op, f: one.f },
        { ...one, isDrawn: true },
      ]
    : withReads(one);

function keep(c: Context, t: Thread, task: Task): void {
  const statement = c.code.statements[task.op ?? -1];
  if (statement?.kind !== "call") return;
  c.marks.add(`result ${t.result}`);
  if (statement.result === undefined) return;
  const frame = frameOf(c, str(task.f), task.op);
  frame.results[statement.result] = t.result;
  frame.values[statement.result] = t.value;
}

/** The number that an interlocked call hands back. */
function runNumber(c: Context, t: Thread, task: Task): void {
  const args = task.args as Record<string, Operand>;
  const it = thing(c, find(c, t, str(task.f), args.Target, task.op));
  const was = it.value ?? 0;
  const value = args.Value as number;
  switch (task.of) {
    case "increment":
      it.value = was + 1;
      return answer(t, "success", was + 1);
    case "decrement":
      it.value = was - 1;
      return answer(t, "success", was - 1);
    case "exchange":
      it.value = value;
      return answer(t, "success", was);
    case "write":
      it.value = value;
      return answer(t, "success", value);
    default:
      if (was === args.Comparand) it.value = args.Exchange as number;
      return answer(t, "success", was);
  }
}

export const callRules: Rules = {
  call: { run: runCall },
  readPointer: {
    visible: (c, t, task) => isShared(c, t, task, task.object as Operand),
    run(c, t, task) {
      if (task.isKept !== true) return;
      const handed = thing(c, find(c, t, str(task.f), operand(task.object), task.op)).to ?? "";
      const step = t.todo.pop();
      if (step !== undefined) t.todo.push({ ...step, handed });
    },
  },
  keep: { run: keep },
  number: {
    // Of a private local, too (section 6).
    visible: true,
    run: runNumber,
  },
  completion: {
    // APC-4, APC-7: what cannot be delivered never comes, unless the call declines (SV-28).
    run(c, t, task) {
      // The file system of a disk that is not there asks a person, in this thread.
      const isAsked = task.asks === "person" || c.code.scenario.world.disk === "removed";
      // What goes by IRP alone needs none for itself (SV-32).
      if (isAsked ? normalApcs(t) : task.needsNone === true || specialApcs(t)) return;
      c.marks.add("a completion that cannot be delivered");
      if (task.declines === true && !specialApcs(t)) answer(t, "failure");
      else proceed(t, { ...nothing, k: "look", op: task.op, timeout: "none" });
    },
  },
  pagedPool: {
    run(_c, t, { op }) {
      if (t.irql > 1) throw new Crash("irql", op);
    },
  },
  mayFail: {
    visible: (c) => c.state.faults > 0,
    run(c, t, task) {
      if (c.state.faults === 0 || c.pick(2) === 0) return;
      c.state.faults--;
      c.marks.add("a fault strikes");
      answer(t, "failure");
      if (task.drops === true) t.todo.pop();
    },
  },
  irql: {
    run(_, t, task) {
      const to = ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"].indexOf(str(task.to));
      if (task.raise === true ? to < t.irql : to > t.irql) throw new Crash("irql", task.op);
      t.irql = to;
    },
  },
  region: {
    run(_c, t, task) {
      const which = task.which as "critical" | "guarded" | "attached";
      if (task.by === 1) t[which]++;
      else leave(t, which, task.op);
    },
  },
  answer: { run: (_, t, task) => answer(t, str(task.result)) },
};
