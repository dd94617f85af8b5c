/** One rule for each kind of task: whether others can come before it, when it can go, what it does. */

import { statementsIn } from "../../src/language/conditions.ts";
import type { Body, Condition, Operand, Routine } from "../../src/language/model.ts";
import {
  type Activation,
  enter,
  entryFor,
  forgetThings,
  leaveRoutine,
  owe,
  paid,
} from "./activations.ts";
import { type Call, calls } from "./calls.ts";
import {
  answer,
  type Context,
  effect,
  find,
  frameAround,
  frameOf,
  handleOf,
  normalApcs,
  proceed,
  serviceProcess,
  specialApcs,
  thing,
  top,
} from "./context.ts";
import { type Acquire, acquire, canAcquire, convert, leave, releaseLock } from "./locks.ts";
import {
  callBack,
  created,
  createProcess,
  endThread,
  exitPath,
  insertThread,
  leaveCallback,
  leaveProcess,
  mapImage,
  raise,
  raiseNext,
  ready,
  register,
  runItem,
  terminate,
  userPoint,
} from "./paths.ts";
import { routineOf, Unsupported } from "./scenario.ts";
import { Bound, Crash, type Entry, type Frame, type Task, type Thread } from "./state.ts";
import {
  beginWait,
  pulseEvent,
  release,
  releaseMutex,
  releaseSemaphore,
  setEvent,
  type Waiting,
} from "./waits.ts";

interface Rule {
  readonly visible?: boolean | ((c: Context, t: Thread, task: Task) => boolean);
  readonly enabled?: (c: Context, t: Thread, task: Task) => boolean;
  readonly run: (c: Context, t: Thread, task: Task) => void;
}

const str = (value: unknown): string => String(value);
const operand = (value: unknown): Operand => value as Operand;
const at = (c: Context, t: Thread, task: Task) =>
  find(c, t, str(task.f), operand(task.object), task.op);
const on = (c: Context, t: Thread, task: Task) => {
  const found = at(c, t, task);
  return { ...found, it: thing(c, found) };
};

function timeoutOf(
  c: Context,
  _t: Thread,
  task: Task,
  name: "timeout" | "interval",
): "none" | number {
  const given = task[name] as { timeout: "none" | number | { setting: string } } | undefined;
  if (given === undefined) return "none";
  const { timeout } = given;
  if (typeof timeout !== "object") return timeout;
  const { driver } = frameOf(c, str(task.f), task.op);
  const found = c.code.scenario.drivers[driver].settings.find((s) => s.name === timeout.setting);
  return found?.value ?? "none";
}

const isUser = (c: Context, f: string): boolean => {
  const frame = c.state.frames[f];
  return (
    frame !== undefined && routineOf(c.code, frame.driver, frame.routine).role === "userThread"
  );
};

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
      for (let n = 0; n < statement.times; n++) steps.push(inner(statement.body));
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
      steps.push({ k: "return", f });
      break;
    case "veto": {
      const path = [...t.todo].reverse().find(({ k }) => k === "created");
      if (path !== undefined) (path as { vetoed?: boolean }).vetoed = true;
      break;
    }
    case "invoke":
      steps.push({ k: "invoke", op, f, routine: statement.routine });
      break;
    case "other":
      throw new Unsupported("other");
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

const cond = (c: Context, test: Condition, f: string, op: number): Task => ({
  k: "test",
  f,
  op,
  c: c.code.conditionIds.get(test),
});

/** Conditions (section 5): the answer is the thread's flag. */
function runTest(c: Context, t: Thread, task: Task): void {
  const test = c.code.conditions[task.c as number];
  const f = str(task.f);
  const frame = frameOf(c, f, task.op);
  switch (test.kind) {
    case "not":
      return proceed(t, cond(c, test.test, f, task.op ?? -1), { k: "negate" });
    case "and":
    case "or": {
      const i = (task.i as number | undefined) ?? 0;
      if (i > 0 && t.flag === (test.kind === "or")) return;
      if (i >= test.tests.length) return;
      return proceed(t, cond(c, test.tests[i], f, task.op ?? -1), { ...task, i: i + 1 });
    }
    case "event":
      t.flag = eventOf(c, frame) === test.is;
      return;
    case "role": {
      const who = {
        current: t.process,
        creator: t.process,
        subject: frame.subject,
        parent: c.state.processes[frame.subject]?.parent ?? "System",
      }[test.who];
      const is =
        test.is === "system"
          ? "System"
          : test.is === "subject"
            ? frame.subject
            : serviceProcess(c, f, test.service);
      t.flag = who === is;
      return;
    }
    case "kernelHandle":
      t.flag = false;
      return;
    case "apcsDisabled":
      t.flag = !specialApcs(t);
      return;
    case "causedByOwnWork":
      t.flag = t.causes >= 2;
      return;
    case "result":
      t.flag = frame.results[test.of] === test.is;
      return;
    case "returned":
      t.flag = test.of in frame.values && compares(frame.values[test.of], test.op, test.value);
      return;
    case "opaque":
      return runOpaque(c, t, f, frame, test.name);
    case "compare": {
      const found = find(c, t, f, test.variable, task.op);
      t.flag = compares(thing(c, found).value ?? 0, test.op, test.value);
    }
  }
}

function eventOf(c: Context, frame: Frame): string {
  let at: Frame | undefined = frame;
  while (at !== undefined && at.event === "" && at.captured !== undefined)
    at = c.state.frames[at.captured];
  return at?.event ?? "";
}

function compares(value: number, op: string, to: number): boolean {
  if (op === "==") return value === to;
  if (op === "!=") return value !== to;
  return op === "<" ? value < to : value >= to;
}

function opaqueAt(
  c: Context,
  f: string,
  frame: Frame,
  name: string,
): { of: Record<string, boolean>; key: string } {
  const model = c.code.scenario.drivers[frame.driver];
  const scope = model.conditions.find((one) => one.name === name)?.scope;
  if (scope === "driver") return { of: c.state.opaque, key: `${frame.driver}:${name}` };
  if (scope === "process")
    return { of: c.state.opaque, key: `${frame.subject}/${frame.driver}:${name}` };
  let routine = routineOf(c.code, frame.driver, frame.routine);
  while (routine.within !== undefined) routine = routineOf(c.code, frame.driver, routine.within);
  return {
    of: frameOf(c, frameAround(c, f, routine.name, undefined), undefined).opaque,
    key: name,
  };
}

function runOpaque(c: Context, t: Thread, f: string, frame: Frame, name: string): void {
  const { of, key } = opaqueAt(c, f, frame, name);
  of[key] ??= c.pick(2) === 1;
  t.flag = of[key];
}

function isVisibleTest(c: Context, _t: Thread, task: Task): boolean {
  const test = c.code.conditions[task.c as number];
  if (test.kind === "compare") return true;
  if (test.kind !== "opaque") return false;
  const frame = c.state.frames[str(task.f)];
  if (frame === undefined) return true;
  const { of, key } = opaqueAt(c, str(task.f), frame, test.name);
  return of[key] === undefined;
}

/** A call (section 6). */
function runCall(c: Context, t: Thread, task: Task): void {
  const statement = c.code.statements[task.op ?? -1];
  if (statement?.kind !== "call") throw new Error("a call");
  const known: Call | undefined = calls[statement.api];
  if (known === undefined) throw new Unsupported(statement.api);
  const f = str(task.f);
  c.marks.add(statement.api);
  const timeout = statement.args.Timeout as { timeout?: unknown } | undefined;
  if (!isUser(c, f)) {
    const max = timeout?.timeout === 0 ? (known.irqlAtZero ?? known.irql) : known.irql;
    if (t.irql > max) {
      if (t.irql === 2) throw new Crash("irql", task.op);
      effect(c, "irqlTooHigh", task.op);
    }
    const { apcs } = known;
    if (apcs === "special" && !specialApcs(t)) effect(c, "apcsDisabled", task.op);
    if (apcs === "disabled" && normalApcs(t)) effect(c, "apcsEnabled", task.op);
  }
  answer(t, "success");
  const steps = known.steps(statement.args).map((one): Task => ({ ...one, op: task.op, f }));
  const stops =
    isUser(c, f) && c.state.stops > 0 && !["Compute", "Sleep", "SleepEx"].includes(statement.api);
  proceed(t, ...(stops ? [{ k: "mayStop", op: task.op, f }] : []), ...steps);
  if (steps.length > 0)
    t.todo.splice(t.todo.length - steps.length - (stops ? 1 : 0), 0, { k: "keep", op: task.op, f });
  else keep(c, t, { k: "keep", op: task.op, f });
}

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

function queueWork(c: Context, t: Thread, task: Task): void {
  const f = str(task.f);
  const given = task.item as { routine?: string; ref?: string };
  const { driver } = frameOf(c, f, task.op);
  let entry: Entry;
  if (given.ref !== undefined) {
    const decl = c.code.scenario.drivers[driver].objects.find(({ name }) => name === given.ref);
    entry = {
      routine: decl?.routine ?? "",
      driver,
      subject: "System",
      subjectThread: "",
      causes: t.causes,
      item: given.ref,
    };
    const isQueued = Object.values(c.state.pool).some(({ entries }) =>
      entries.some((one) => one.item === given.ref && one.driver === driver),
    );
    if (isQueued) {
      effect(c, "workItemQueuedTwice", task.op);
      return answer(t, "failure");
    }
  } else entry = entryFor(c, t, f, given.routine ?? "", task.op);
  if (task.counted === true) {
    entry.counted = true;
    c.state.counted[driver]++;
  }
  pushItem(c, str(task.queue), entry);
}

export function pushItem(c: Context, queue: string, entry: Entry): void {
  const pool = c.state.pool[queue];
  pool.entries.push(entry);
  if (pool.entries.length > 12) throw new Bound("items");
}

/** A worker takes the head of its queue; it carries the item until that has returned. */
function work(c: Context, t: Thread, task: Task): void {
  const pool = c.state.pool[str(task.queue)];
  const entry = pool.entries.shift();
  if (entry === undefined) throw new Error("an item");
  pool.marked = false;
  t.items++;
  c.marks.add("work item");
  proceed(t, { k: "item", entry }, { k: "itemDone", entry }, task);
}

function runForeign(c: Context, t: Thread, entry: Entry): void {
  t.causes = entry.causes;
  if (entry.foreign !== true) return runItem(c, t, entry);
  const { load } = c.code.scenario.world.pool;
  if (entry.awaited !== undefined)
    return proceed(t, ...mapImage("driver", "System", t.id), { k: "served", id: entry.awaited });
  if (load === "busy") return;
  const driverImages = c.code.registrations.some(
    (r) => r.family === "image" && (r.event ?? "driver") === "driver",
  );
  proceed(
    t,
    ...(driverImages ? mapImage("driver", "System", t.id) : []),
    { k: "owe" },
    { k: "createProcess" },
  );
}

/** Sending to a port (SV-5 to SV-8). */
function send(c: Context, t: Thread, task: Task): void {
  const { key, it } = on(c, t, task);
  if (it.gone === true) return answer(t, "disconnected");
  const f = str(task.f);
  c.state.messages[f] = { port: key, fetched: false, reply: task.reply === true };
  it.entries?.push({ ref: f, causes: t.causes });
  proceed(t, {
    k: "replied",
    op: task.op,
    f,
    port: key,
    user: true,
    timeout: timeoutOf(c, t, task, "timeout"),
    msg: f,
  });
}

function endMessage(c: Context, f: string, result: string): void {
  const sender = Object.values(c.state.threads).find(
    (one) => top(one)?.k === "replied" && top(one)?.msg === f,
  );
  takeMessageBack(c, f);
  if (sender === undefined) return;
  sender.todo.pop();
  answer(sender, result);
  c.woken.push(sender.id);
}

export function takeMessageBack(c: Context, f: string): void {
  const message = c.state.messages[f];
  delete c.state.messages[f];
  if (message === undefined) return;
  const port = c.state.things[message.port];
  port.entries = port.entries?.filter(({ ref }) => ref !== f);
  for (const it of Object.values(c.state.things)) if (it.to === f) it.to = "stale";
}

function dequeue(c: Context, t: Thread, task: Task): void {
  const it = c.state.things[str(task.key)];
  const entry = it.entries?.shift();
  if (entry === undefined) return answer(t, it.gone === true ? "disconnected" : "timeout");
  answer(t, "success");
  if (t.owes === 0) t.causes = entry.causes;
  const message = entry.ref === undefined ? undefined : c.state.messages[entry.ref];
  if (message !== undefined) message.fetched = true;
  if (task.into !== undefined)
    proceed(t, { k: "store", into: task.into, ref: entry.ref ?? "", f: task.f, op: task.op });
  if (message !== undefined && entry.ref !== undefined && !message.reply)
    endMessage(c, entry.ref, "success");
}

function reply(c: Context, t: Thread, task: Task): void {
  const { it } = on(c, t, task);
  const f = it.to ?? "";
  if (f === "") throw new Crash("null pointer", task.op);
  if (c.state.messages[f] === undefined) return answer(t, "failure");
  endMessage(c, f, "success");
  t.causes = 0;
  answer(t, "success");
}

function disconnect(c: Context, _: Thread, task: Task): void {
  const key = str(task.key);
  c.state.things[key] ??= { entries: [] };
  const it = c.state.things[key];
  it.gone = true;
  for (const [f, { port }] of Object.entries(c.state.messages))
    if (port === key) endMessage(c, f, "disconnected");
  it.entries = [];
}

/** Records (section 7: allocate, reference, dereference). */
function allocate(c: Context, t: Thread, task: Task): void {
  const found = at(c, t, task);
  const { driver } = frameOf(c, str(task.f), task.op);
  const model = c.code.scenario.drivers[driver].records.find(
    ({ name }) => name === found.decl.record,
  );
  if (model === undefined) throw new Unsupported("a record");
  if (c.state.faults > 0 && c.pick(2) === 1) {
    c.state.faults--;
    return answer(t, "failure");
  }
  for (let n = 0; n < (model.max ?? 4); n++) {
    const id = `record ${driver}:${model.name}:${n}`;
    if (c.state.records[id] !== undefined) continue;
    c.state.records[id] = { count: 1 };
    thing(c, found).to = id;
    return answer(t, "success");
  }
  throw new Bound("records");
}

function reference(c: Context, t: Thread, task: Task): void {
  const { it } = on(c, t, task);
  const id = it.to ?? "";
  if (id === "") throw new Crash("null pointer", task.op);
  const record = c.state.records[id];
  if (record === undefined) throw new Crash("use after free", task.op);
  record.count += task.by as number;
  if (record.count > 0) return;
  delete c.state.records[id];
  forgetThings(c, `${id}/`, "use after free");
  for (const other of Object.values(c.state.things)) {
    if (other.to === id) other.to = "freed";
    for (const entry of other.entries ?? []) if (entry.ref === id) entry.ref = "freed";
  }
}

const isFree = (c: Context, _t: Thread, task: Task): boolean => {
  const it = c.state.things[str(task.key)];
  return (it.entries?.length ?? 0) > 0 || it.gone === true;
};

export const rules: Readonly<Record<string, Rule>> = {
  body: { run: runBody },
  ret: { run: leaveRoutine },
  return: {
    run(_c, t, { f }) {
      while (top(t) !== undefined && !(top(t)?.k === "ret" && top(t)?.f === f)) t.todo.pop();
    },
  },
  call: { run: runCall },
  keep: { run: keep },
  invoke: {
    run(c, t, task) {
      const frame = frameOf(c, str(task.f), task.op);
      const called: Activation = {
        routine: str(task.routine),
        driver: frame.driver,
        subject: frame.subject,
        subjectThread: frame.subjectThread,
        event: eventOf(c, frame),
      };
      enter(c, t, called, task.op);
    },
  },
  test: { visible: isVisibleTest, run: runTest },
  negate: {
    run: (_, t) => {
      t.flag = !t.flag;
    },
  },
  branch: {
    run(c, t, task) {
      c.marks.add(t.flag ? "then" : "else");
      const next = (t.flag ? task.yes : task.no) as Task | undefined;
      if (next !== undefined) proceed(t, next);
    },
  },
  again: { run: (_, t, task) => proceed(t, task.body as Task, { k: "back", f: task.f }, task) },
  back: {
    visible: true,
    run: (c, t, task) => {
      if (isUser(c, str(task.f))) proceed(t, { k: "userPoint" });
    },
  },
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
        { k: "back", f: task.f },
        { ...task, k: "poll", n: statement.limit === null ? 0 : n + 1 },
      );
    },
  },
  userPoint: { run: (c, t) => userPoint(c, t) },
  mayStop: {
    visible: (c) => c.state.stops > 0,
    run(c, t) {
      if (c.state.stops === 0 || c.pick(2) === 0) return;
      c.state.stops--;
      proceed(t, { ...nothing, user: true, timeout: "none" });
    },
  },
  wait: {
    run(c, t, task) {
      const given = operand(task.objects);
      const list = typeof given === "object" && "objects" in given ? given.objects : [given];
      proceed(t, {
        k: "look",
        op: task.op,
        f: task.f,
        handles: list.map((one) => handleOf(c, t, str(task.f), one, task.op)),
        any: task.all !== true,
        user: task.user === true,
        alertable: task.alertable === true,
        timeout: timeoutOf(c, t, task, "timeout"),
      });
    },
  },
  look: {
    visible: true,
    run(c, t, task) {
      const wait = { ...task, k: "waiting" } as Waiting;
      const isGone = wait.handles.some(
        ({ kind, key }) => kind === "thing" && c.state.things[key] === undefined,
      );
      if (isGone) throw new Crash("use after return", task.op);
      beginWait(c, t, wait);
    },
  },
  waiting: { visible: true, enabled: () => false, run: () => {} },
  delay: {
    run(c, t, task) {
      const timeout = timeoutOf(c, t, task, "interval");
      if (timeout !== 0)
        proceed(t, {
          ...nothing,
          op: task.op,
          f: task.f,
          user: true,
          alertable: task.alertable === true,
          timeout,
          isDelay: true,
          k: "look",
        });
    },
  },
  compute: {
    run(c, t, task) {
      if (c.code.scenario.world.service.condition === "hung")
        proceed(t, { ...nothing, op: task.op, user: true, timeout: "none" });
    },
  },
  irql: {
    run(_, t, task) {
      const to = ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"].indexOf(str(task.to));
      if (task.raise === true ? to < t.irql : to > t.irql) throw new Crash("irql", task.op);
      t.irql = to;
    },
  },
  setTimer: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      const period = task.period as { timeout?: unknown } | undefined;
      if (task.dpc !== undefined || (period !== undefined && period.timeout !== 0))
        throw new Unsupported("DPCs");
      if (Object.values(c.state.things).filter(({ due }) => due === true).length >= 8)
        throw new Bound("timers");
      answer(t, it.due === true ? "success" : "failure");
      it.set = false;
      it.due = true;
    },
  },
  cancelTimer: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      answer(t, it.due === true ? "success" : "failure");
      delete it.due;
    },
  },
  request: {
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const { driver } = frameOf(c, str(task.f), task.op);
      enter(c, t, { routine, driver, subject: t.process, subjectThread: t.id }, task.op);
    },
  },
  set: { visible: true, run: (c, t, task) => setEvent(c, on(c, t, task).key) },
  reset: {
    visible: true,
    run: (c, t, task) => {
      on(c, t, task).it.set = false;
    },
  },
  pulse: {
    visible: true,
    run(c, t, task) {
      const { key, decl } = on(c, t, task);
      pulseEvent(c, key, decl.kind);
    },
  },
  readState: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      answer(t, "success", it.count ?? (it.set === true ? 1 : 0));
    },
  },
  releaseSemaphore: {
    visible: true,
    run(c, t, task) {
      const { key, decl } = on(c, t, task);
      releaseSemaphore(c, key, task.by as number, decl.limit ?? 1, task.op);
    },
  },
  releaseMutex: {
    visible: true,
    run: (c, t, task) => releaseMutex(c, t, on(c, t, task).key, task.op),
  },
  lock: {
    run(c, t, task) {
      const { key, decl } = on(c, t, task);
      proceed(t, {
        k: "acquire",
        op: task.op,
        f: task.f,
        key,
        type: decl.kind,
        form: task.form,
        isTry: task.isTry,
        isPlain: task.isPlain,
      });
    },
  },
  acquire: {
    visible: true,
    enabled: (c, t, task) => {
      const it = c.state.things[str(task.key)];
      return it === undefined || canAcquire(it, t, task as Acquire);
    },
    run(c, t, task) {
      if (c.state.things[str(task.key)] === undefined) throw new Crash("use after return", task.op);
      acquire(c, t, task as Acquire);
    },
  },
  unlock: {
    visible: true,
    run(c, t, task) {
      const { key, decl } = on(c, t, task);
      releaseLock(c, t, key, decl.kind, task.op);
    },
  },
  convert: { visible: true, run: (c, t, task) => convert(c, t, on(c, t, task).key, task.op) },
  region: {
    run(_c, t, task) {
      const which = task.which as "critical" | "guarded";
      if (task.by === 1) t[which]++;
      else leave(t, which, task.op);
    },
  },
  protect: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      if (it.down === true) answer(t, "failure");
      else it.count = (it.count ?? 0) + 1;
    },
  },
  unprotect: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      it.count = Math.max(0, (it.count ?? 0) - 1);
    },
  },
  runDown: {
    visible: true,
    run(c, t, task) {
      const { key, it } = on(c, t, task);
      it.down = true;
      proceed(t, { k: "runDownWait", op: task.op, f: task.f, key });
    },
  },
  runDownWait: {
    visible: true,
    enabled: (c, _, task) => (c.state.things[str(task.key)]?.count ?? 0) === 0,
    run: (_, t) => answer(t, "success"),
  },
  number: { visible: true, run: runNumber },
  enqueue: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      const ref = thing(c, find(c, t, str(task.f), operand(task.from), task.op)).to ?? "";
      if (ref === "") throw new Crash("null pointer", task.op);
      if ((it.entries?.length ?? 0) >= 8) throw new Bound("entries");
      it.entries?.push({ ref, causes: t.causes });
    },
  },
  post: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      if ((it.entries?.length ?? 0) >= 8) throw new Bound("entries");
      it.entries?.push({ ref: "", causes: t.causes });
    },
  },
  dequeue: {
    run(c, t, task) {
      const { key } = on(c, t, task);
      proceed(t, {
        k: "take",
        op: task.op,
        f: task.f,
        key,
        into: task.into,
        user: task.user,
        timeout: timeoutOf(c, t, task, "timeout"),
      });
    },
  },
  take: {
    visible: true,
    enabled: (c, t, task) => task.timeout === 0 || isFree(c, t, task),
    run: dequeue,
  },
  store: {
    visible: true,
    run(c, t, task) {
      thing(c, find(c, t, str(task.f), operand(task.into), task.op)).to = str(task.ref);
    },
  },
  pop: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      const entry = it.entries?.shift();
      if (entry === undefined) return answer(t, "empty");
      if (t.owes === 0) t.causes = entry.causes;
      answer(t, "success");
      proceed(t, { k: "store", into: task.into, ref: entry.ref ?? "", f: task.f, op: task.op });
    },
  },
  send: { visible: true, run: send },
  replied: { visible: true, enabled: () => false, run: () => {} },
  takeBack: { visible: true, run: (c, _, task) => takeMessageBack(c, str(task.msg)) },
  reply: { visible: true, run: reply },
  disconnect: { visible: true, run: disconnect },
  allocate: { visible: true, run: allocate },
  reference: { visible: true, run: reference },
  completion: {
    // APC-4: the completion cannot be delivered, and the wait never ends.
    run(_c, t, task) {
      if (!specialApcs(t)) proceed(t, { ...nothing, op: task.op, timeout: "none" });
    },
  },
  queueWork: { visible: true, run: queueWork },
  worker: {
    visible: true,
    enabled: (c, _, task) => c.state.pool[str(task.queue)].entries.length > 0,
    run: work,
  },
  item: { run: (c, t, task) => runForeign(c, t, task.entry as Entry) },
  itemDone: {
    visible: (_, __, task) => (task.entry as Entry).counted === true,
    run(c, t, task) {
      const entry = task.entry as Entry;
      t.items--;
      if (t.items === 0) c.completed.add(`item ${t.id}`);
      if (entry.counted === true) c.state.counted[entry.driver ?? 0]--;
    },
  },
  manager: {
    visible: true,
    enabled: (c, _, task) => {
      const pool = c.state.pool[str(task.queue)];
      const workers = Object.values(c.state.threads).filter((one) =>
        one.id.startsWith(`${str(task.queue)} worker`),
      );
      return (
        pool.entries.length > 0 &&
        pool.relief > 0 &&
        workers.every((one) => one.begun && one.items > 0)
      );
    },
    run(c, t, task) {
      const pool = c.state.pool[str(task.queue)];
      proceed(t, task);
      if (!pool.marked) {
        pool.marked = true;
        return;
      }
      pool.marked = false;
      pool.relief--;
      c.marks.add("relief");
      const n =
        Object.keys(c.state.threads).filter((id) => id.startsWith(`${str(task.queue)} worker`))
          .length + 1;
      owe(t);
      proceed(
        t,
        {
          k: "insertThread",
          id: `${str(task.queue)} worker ${n}`,
          process: "System",
          todo: [{ k: "worker", queue: task.queue }],
        },
        { k: "paid" },
      );
    },
  },
  start: {
    visible: true,
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const entry = entryFor(c, t, str(task.f), routine, task.op);
      let n = 1;
      while (c.state.threads[`${routine} ${n}`] !== undefined) n++;
      if (n > 4) throw new Bound("threads");
      const id = `${routine} ${n}`;
      proceed(t, {
        k: "insertThread",
        id,
        process: "System",
        todo: [
          { k: "runThread", entry },
          raise("thread", "exit", "System", id),
          { k: "endThread" },
        ],
      });
    },
  },
  runThread: {
    run: (c, t, task) => {
      const { causes } = t;
      runItem(c, t, task.entry as Entry);
      t.causes = causes;
    },
  },
  insertThread: { run: insertThread },
  ready: { run: (c, _, task) => ready(c, str(task.id)) },
  raise: { run: raiseNext },
  protectCallback: { visible: (c) => c.code.registrationsChange, run: callBack },
  leaveCallback: { run: leaveCallback },
  unprotectCallback: {
    visible: (c) => c.code.registrationsChange,
    run: (c, _, task) => {
      c.state.registrations[task.r as number].inside--;
    },
  },
  register: {
    visible: true,
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const r = c.code.registrations.findIndex((one) => one.routine === routine);
      if (task.remove !== true && c.state.faults > 0 && c.pick(2) === 1) {
        c.state.faults--;
        return answer(t, "failure");
      }
      register(c, t, { ...task, r });
    },
  },
  drained: {
    visible: true,
    enabled: (c, _, task) => c.state.registrations[task.r as number].inside === 0,
    run: (_, t) => answer(t, "success"),
  },
  createProcess: {
    visible: true,
    run: (c, t, task) => {
      if (task.byDriver === true) owe(t);
      createProcess(c, t, task);
    },
  },
  created: { run: created },
  answer: { run: (_, t, task) => answer(t, str(task.result)) },
  owe: { run: (_, t) => owe(t) },
  paid: { run: (c, t) => paid(c, t) },
  launched: {
    run: (c, t) => {
      if (t.owes > 0) paid(c, t);
    },
  },
  leave: { run: exitPath },
  leaveProcess: { visible: true, run: leaveProcess },
  cleanup: {
    run: (c, t, task) =>
      enter(c, t, {
        routine: str(task.routine),
        driver: task.driver as number,
        subject: str(task.subject),
        subjectThread: t.id,
      }),
  },
  die: {
    visible: true,
    run: (c, t) => {
      c.state.processes[t.process].dead = true;
      release(c, t.process);
    },
  },
  endThread: { visible: true, run: endThread },
  exitProcess: {
    visible: true,
    run: (c, t) => {
      terminate(c, t.process);
      proceed(t, { k: "userPoint" });
    },
  },
  rest: { visible: true, enabled: () => false, run: () => {} },
  act: {
    run(_c, t, task) {
      const create = (fate: string): Task[] => [{ k: "owe" }, { k: "createProcess", fate }];
      const awaited: Task = { k: "awaitChild" };
      switch (task.what) {
        case "create":
          return proceed(t, ...create("stays"));
        case "create and exit":
          return proceed(t, ...create("exits"));
        case "create and wait":
          return proceed(t, ...create("exits"), awaited);
        case "create a daemon and wait":
          return proceed(t, ...create("stays"), awaited);
        case "exit":
          return proceed(t, { k: "leave" });
        case "load a DLL":
          return proceed(t, ...mapImage("dll", t.process, t.id));
        case "create a thread": {
          const id = `${t.id} thread ${(task.n as number) + 1}`;
          return proceed(t, { k: "spawn", id }, { k: "paid" });
        }
        case "load a driver":
          return proceed(t, { k: "owe" }, { k: "loadDriver" }, { k: "paid" });
        default:
          throw new Unsupported(str(task.what));
      }
    },
  },
  awaitChild: {
    run(c, t) {
      if (t.result !== "success") return;
      const made = Object.keys(c.state.processes).filter(
        (pid) => c.state.processes[pid].parent === t.process,
      );
      const key = made[made.length - 1];
      proceed(t, {
        ...nothing,
        k: "look",
        handles: [{ kind: "process", key, type: "process" }],
        user: true,
        timeout: "none",
      });
    },
  },
  spawn: {
    visible: true,
    run(_c, t, { id }) {
      owe(t);
      proceed(t, {
        k: "insertThread",
        id,
        process: t.process,
        todo: [
          raise("non-system-thread", "create", t.process, str(id)),
          { k: "userPoint" },
          { k: "leave" },
        ],
      });
    },
  },
  loadDriver: {
    visible: true,
    run(c, t) {
      pushItem(c, "DelayedWorkQueue", { foreign: true, awaited: t.id, causes: t.causes });
      proceed(t, { k: "awaitLoad" });
    },
  },
  awaitLoad: { visible: true, enabled: () => false, run: () => {} },
  served: {
    run(c, _, { id }) {
      const t = c.state.threads[str(id)];
      if (top(t)?.k === "awaitLoad") {
        t.todo.pop();
        c.woken.push(t.id);
      }
    },
  },
  startUp: {
    run(c, t) {
      proceed(
        t,
        ...c.code.scenario.drivers.flatMap((driver, d): Task[] => {
          const entry = driver.routines.find(({ role }) => role === "entry");
          const own = c.code.registrations.flatMap((one, r) => (one.driver === d ? [r] : []));
          const registersItself = entry !== undefined && registers(driver.routines, entry.name);
          return [
            { k: "owe" },
            ...(entry === undefined
              ? []
              : [{ k: "cleanup", routine: entry.name, driver: d, subject: "System" }]),
            ...(registersItself ? [] : own.map((r): Task => ({ k: "registerNow", r }))),
            { k: "paid" },
          ];
        }),
        { k: "foreign" },
        { k: "go" },
      );
    },
  },
  registerNow: {
    visible: (c) => c.code.registrationsChange,
    run(c, _, task) {
      if (c.state.faults > 0 && c.pick(2) === 1) c.state.faults--;
      else c.state.registrations[task.r as number].on = true;
    },
  },
  foreign: {
    run(c, t) {
      const { load, items, profile } = c.code.scenario.world.pool;
      if (load === "idle") return;
      for (const queue of Object.keys(c.state.pool)) {
        const n = items ?? (load === "busy" ? 1 : 2);
        if (profile !== "tiny") throw new Unsupported("a large pool");
        proceed(t, ...Array.from({ length: n }, (): Task => ({ k: "queueForeign", queue })));
      }
    },
  },
  queueForeign: {
    visible: true,
    run: (c, _, task) => pushItem(c, str(task.queue), { foreign: true, causes: 0 }),
  },
  go: {
    visible: true,
    run(c, t) {
      c.state.released = true;
      for (const one of Object.values(c.state.threads)) {
        if (one.begun || one.ended || !one.id.startsWith("!")) continue;
        one.begun = true;
        c.woken.push(one.id);
      }
      proceed(t, { k: "rest" });
    },
  },
  stopDriver: {
    run(c, t) {
      const services = c.code.scenario.drivers.flatMap(({ services: all }) =>
        all.map(({ name }) => name),
      );
      proceed(
        t,
        ...services.flatMap((name): Task[] => [
          { k: "tellEnd", name },
          {
            ...nothing,
            k: "look",
            handles: [{ kind: "process", key: name, type: "process" }],
            timeout: "none",
          },
        ]),
        ...c.code.scenario.drivers.map((_, d): Task => ({ k: "unload", d })),
        { k: "rest" },
      );
    },
  },
  tellEnd: { visible: true, run: (c, _, task) => terminate(c, str(task.name)) },
  unload: {
    run(c, t, { d }) {
      const driver = c.code.scenario.drivers[d as number];
      const routine = driver.routines.find(({ role }) => role === "unload");
      const own = c.code.registrations.flatMap((one, r) => (one.driver === d ? [r] : []));
      c.marks.add("unload");
      proceed(
        t,
        { k: "owe" },
        ...(routine === undefined ? own.map((r): Task => ({ k: "removeNow", r })) : []),
        { k: "driverObject", d },
        ...(routine === undefined
          ? []
          : [{ k: "cleanup", routine: routine.name, driver: d, subject: "System" }]),
        { k: "paid" },
        // W4: nothing goes that has counts left on the driver object.
        ...(routine === undefined ? [] : [{ k: "codeGoes", d }]),
      );
    },
  },
  removeNow: {
    visible: true,
    run: (c, t, { r }) => register(c, t, { k: "register", r, remove: true }),
  },
  driverObject: {
    visible: true,
    enabled: (c, _, { d }) => c.state.counted[d as number] === 0,
    run: () => {},
  },
  codeGoes: {
    visible: (c, _, { d }) => c.state.counted[d as number] > 0,
    enabled: (c, _, { d }) => c.state.counted[d as number] === 0,
    run(c, _, { d }) {
      c.state.unloaded[d as number] = true;
      const inside = Object.keys(c.state.frames).some(
        (f) => c.state.frames[f].driver === d && !isUser(c, f),
      );
      if (inside) throw new Crash("code is gone", undefined);
    },
  },
};

/** Whether DriverEntry, or a function that it calls, registers a callback. */
function registers(routines: readonly Routine[], name: string): boolean {
  const body = routines.find((one) => one.name === name)?.body ?? [];
  return [...statementsIn(body)].some((one) => {
    if (one.kind === "invoke") return registers(routines, one.routine);
    return one.kind === "call" && /^PsSet.*Notify/.test(one.api) && one.args.Remove !== "TRUE";
  });
}

const nothing = { k: "waiting", handles: [], any: true, user: false, alertable: false } as const;

/** Ends a step that waits, for another reason than what it waits for. */
export function breakOff(_c: Context, t: Thread, how: "timeout" | "terminated"): void {
  const task = t.todo.pop();
  if (task === undefined) throw new Error("a wait");
  const isDelay = task.isDelay === true && how === "timeout";
  if (task.k === "replied") proceed(t, { k: "takeBack", msg: task.msg, op: task.op, f: task.f });
  answer(t, isDelay ? "success" : how);
}
