/** Statements, and how routines are entered and left (sections 2 and 4). */
import type { Body } from "../../../src/language/model.ts";
import { type Activation, capturedFor, enter, leaveRoutine } from "../activations.ts";
import { type Context, effect, frameOf, proceed, raise, top } from "../context.ts";
import { mapImage, userPoint } from "../paths.ts";
import { routineOf, Unsupported } from "../scenario.ts";
import { Crash, type Task, type Thread } from "../state.ts";
import { spend } from "../timed/profile.ts";
import { cond, eventOf } from "./conditions.ts";
import { noteCall, staysInside } from "./ends.ts";
import { isUser, type Rules, str } from "./rule.ts";

/** Statements (section 4). */
function runBody(c: Context, t: Thread, task: Task): void {
  const { b, i, f } = task as Task & { b: number; i: number; f: string };
  const statement = c.code.bodies[b][i];
  if (statement === undefined) return;
  proceed(t, { ...task, i: i + 1 });
  const op = c.code.statementIds.get(statement) ?? -1;
  const inner = (body: Body): Task => ({
    k: "body",
    b: c.code.bodyIds.get(body),
    i: 0,
    f,
  });
  const { irql: level } = t;
  const steps: Task[] = [];
  switch (statement.kind) {
    case "call":
      steps.push({ k: "call", op, f });
      break;
    case "if":
      steps.push(cond(c, statement.test, f, op), {
        k: "branch",
        op,
        f,
        yes: inner(statement.then),
        no: statement.else === undefined ? undefined : inner(statement.else),
      });
      break;
    case "repeat":
      for (let n = 0; n < statement.times; n++) steps.push(inner(statement.body), spend("roundUs"));
      break;
    case "forever":
      steps.push({ k: "again", f, op, body: inner(statement.body) });
      break;
    case "poll": {
      const frame = frameOf(c, f, op);
      for (const name of resultsIn(statement.body)) {
        delete frame.results[name];
        delete frame.values[name];
      }
      steps.push({ k: "poll", op, f, n: 0 });
      break;
    }
    case "return":
      steps.push({ k: "return", op, f });
      break;
    case "veto": {
      const path = [...t.todo].reverse().find(({ k }) => k === "created");
      if (path !== undefined) (path as { vetoed?: boolean }).vetoed = true;
      break;
    }
    case "invoke":
      steps.push({ k: "invoke", op, f, routine: statement.routine });
      break;
    case "other": {
      noteCall(c, t);
      const levels = ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"];
      if (!isUser(c, f) && level > levels.indexOf(statement.irql ?? levels[0])) {
        if (level === 2) throw new Crash("irql", op);
        effect(c, "irqlTooHigh", op);
      }
      const { raises, waitsFor, costUs } = statement;
      steps.push({ k: "spend", us: costUs });
      if (raises !== undefined) steps.push({ k: "raiseForm", form: raises, op, f });
      if (waitsFor !== undefined) steps.push({ k: "wait", objects: waitsFor, op, f });
      break;
    }
  }
  c.marks.add(statement.kind);
  if (isUser(c, f)) steps.unshift({ k: "userPoint" });
  proceed(t, ...steps);
}

function resultsIn(body: readonly unknown[]): string[] {
  return body.flatMap((one) => {
    const s = one as { result?: string; then?: unknown[]; else?: unknown[]; body?: unknown[] };
    const own = s.result === undefined ? [] : [s.result];
    return [
      ...own,
      ...resultsIn(s.then ?? []),
      ...resultsIn(s.else ?? []),
      ...resultsIn(s.body ?? []),
    ];
  });
}

/** A DriverEntry that comes back ahead of its last statement is looked at where it comes back to. */
function noteEarly(c: Context, t: Thread, f: string, op: number | undefined): void {
  const { driver, routine: name } = frameOf(c, f, op);
  const { role, body } = routineOf(c.code, driver, name);
  if (role !== "entry" || body.at(-1) === c.code.statements[op ?? -1]) return;
  const place = t.todo.findLastIndex(({ k }) => k === "entryIsBack");
  t.todo[place] = { ...t.todo[place], isEarly: true };
}

/** A user point is before it. */
const wayBack = (c: Context, f: string): Task[] => [
  ...(isUser(c, f) ? [{ k: "userPoint" }] : []),
  { k: "back", f },
];

export const statementsRules: Rules = {
  body: { run: runBody },
  ret: {
    run(c, t, task) {
      if (!staysInside(c, t, task)) leaveRoutine(c, t, task);
    },
  },
  return: {
    run(c, t, { f, op }) {
      noteEarly(c, t, str(f), op);
      while (top(t) !== undefined && !(top(t)?.k === "ret" && top(t)?.f === f)) t.todo.pop();
      const end = t.todo.pop();
      if (end !== undefined) proceed(t, { ...end, by: op });
    },
  },
  invoke: {
    run(c, t, task) {
      const frame = frameOf(c, str(task.f), task.op);
      const called: Activation = {
        routine: str(task.routine),
        driver: frame.driver,
        captured: capturedFor(c, str(task.f), str(task.routine)),
        subject: frame.subject,
        subjectThread: frame.subjectThread,
        event: eventOf(c, frame),
      };
      enter(c, t, called, task.op);
    },
  },
  branch: {
    run(c, t, task) {
      c.marks.add(t.flag ? "then" : "else");
      const next = (t.flag ? task.yes : task.no) as Task | undefined;
      if (next !== undefined) proceed(t, next);
    },
  },
  again: { run: (c, t, task) => proceed(t, task.body as Task, ...wayBack(c, str(task.f)), task) },
  back: { visible: true, run: () => {} },
  poll: {
    run(c, t, task) {
      const statement = c.code.statements[task.op ?? -1];
      if (statement?.kind !== "poll") throw new Error("a poll");
      proceed(t, cond(c, statement.until, str(task.f), task.op ?? -1), { ...task, k: "pollOn" });
    },
  },
  pollOn: {
    run(c, t, task) {
      const statement = c.code.statements[task.op ?? -1];
      if (statement?.kind !== "poll" || t.flag) return;
      const n = task.n as number;
      if (statement.limit !== null && n >= statement.limit) return;
      proceed(
        t,
        { k: "body", b: c.code.bodyIds.get(statement.body), i: 0, f: task.f },
        ...wayBack(c, str(task.f)),
        { ...task, k: "poll", n: statement.limit === null ? 0 : n + 1 },
      );
    },
  },
  raiseForm: {
    run(_c, t, { form }) {
      const family = str(form);
      if (family.startsWith("process")) return proceed(t, { k: "createProcess", byDriver: true });
      if (family.startsWith("thread"))
        return proceed(t, raise("thread", "create", t.process, t.id));
      if (family.startsWith("image")) return proceed(t, ...mapImage("dll", t.process, t.id));
      throw new Unsupported(`raising ${family}`);
    },
  },
  userPoint: { run: (c, t) => userPoint(c, t) },
  /** Time passes: there is none in the untimed reading. */
  spend: { run: () => {} },
};
