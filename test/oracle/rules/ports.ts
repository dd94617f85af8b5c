/** Messages to a service, and requests of it (SV-5 to SV-8). */
import { endRoot, enter, forgetStores, loseReferences } from "../activations.ts";
import { answer, type Context, find, frameOf, proceed, thing } from "../context.ts";
import { Unsupported } from "../scenario.ts";
import { Crash, type Task, type Thread } from "../state.ts";
import { unregister } from "./filters.ts";
import { held, isUser, on, operand, type Rules, str, timeoutOf } from "./rule.ts";

/** Sending to a port (SV-5 to SV-8). */
function send(c: Context, t: Thread, task: Task): void {
  const { key, it } = on(c, t, task);
  if (it.gone === true) return answer(t, "disconnected");
  const f = str(task.f);
  if (c.state.messages[f] !== undefined) throw new Unsupported("two messages in a frame");
  c.state.messages[f] = { port: key, fetched: false, reply: task.reply === true };
  it.entries?.push({ ref: f, causes: t.causes });
  const given = timeoutOf(c, t, task, "timeout");
  // SV-7: of the two accounts of a zero timeout, the one without limit is the default.
  const isNone = task.zero === "open" && c.code.scenario.world.zeroMessageTimeout !== "no wait";
  const timeout = given === 0 && isNone ? "none" : given;
  proceed(t, {
    k: "awaitReply",
    op: task.op,
    f,
    port: key,
    user: task.kernel !== true,
    timeout,
    msg: f,
  });
}

const isReplyWait = (k: string): boolean => k === "replied" || k === "awaitReply";

export function endMessage(c: Context, f: string, result: string): void {
  takeMessageBack(c, f);
  for (const sender of Object.values(c.state.threads)) {
    const place = sender.todo.findIndex(({ k, msg }) => isReplyWait(k) && msg === f);
    if (place < 0) continue;
    if (sender.todo[place].k === "awaitReply") {
      // It has not come to its wait yet, and finds there what has become of the message.
      sender.todo[place] = { ...sender.todo[place], k: "replyCame", result };
      continue;
    }
    sender.todo.pop();
    answer(sender, result);
    c.woken.push(sender.id);
  }
}

/** Whoever refers to it, or is about to write down that he does, refers to nothing from here on. */
function forgetReference(c: Context, f: string): void {
  loseReferences(c, (ref) => ref === f, "stale");
  forgetStores(c, f, "stale");
}

export function takeMessageBack(c: Context, f: string): void {
  const message = c.state.messages[f];
  delete c.state.messages[f];
  if (message === undefined) return;
  const port = c.state.things[message.port];
  port.entries = port.entries?.filter(({ ref }) => ref !== f);
  forgetReference(c, f);
}

function reply(c: Context, t: Thread, task: Task): void {
  const f = held(c, t, task, task.object);
  if (f === "" && !isUser(c, str(task.f))) throw new Crash("null pointer", task.op);
  if (c.state.messages[f] === undefined) return answer(t, "failure");
  endMessage(c, f, "success");
  if (isUser(c, str(task.f))) t.causes = 0;
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

export const portsRules: Rules = {
  send: { visible: true, run: send },
  awaitReply: {
    visible: true,
    run(_, t, task) {
      if (task.timeout !== 0) return proceed(t, { ...task, k: "replied" });
      // It only looks, as any wait with a timeout of 0.
      proceed(t, { k: "takeBack", msg: task.msg, op: task.op, f: task.f });
      answer(t, "timeout");
    },
  },
  replyCame: { visible: true, run: (_, t, task) => answer(t, str(task.result)) },
  replied: { visible: true, enabled: () => false, run: () => {} },
  takeBack: { visible: true, run: (c, _, task) => takeMessageBack(c, str(task.msg)) },
  reply: { visible: true, run: reply },
  disconnect: { visible: true, run: disconnect },
  close: {
    visible: true,
    run(c, t, task) {
      const { key, it } = on(c, t, task);
      // There is nothing to close before somebody has connected.
      if (it.gone !== true) it.closed = true;
      disconnect(c, t, { ...task, key });
    },
  },
  closeAll: {
    run(c, t, task) {
      const { driver } = frameOf(c, str(task.f), task.op);
      const ports = c.code.scenario.drivers[driver].objects.filter(
        ({ kind }) => kind === "FLT_PORT",
      );
      proceed(
        t,
        ...ports.map(
          ({ name }): Task => ({ ...task, k: "closeOne", key: `driver ${driver}/${name}` }),
        ),
        ...unregister(c, driver),
      );
    },
  },
  closeOne: {
    visible: true,
    run(c, t, task) {
      disconnect(c, t, task);
      c.state.things[str(task.key)].closed = true;
    },
  },
  pend: {
    visible: true,
    run(c, t, task) {
      const { key, it } = on(c, t, task);
      const stopped = task.refuses === undefined ? undefined : operand(task.refuses);
      if (stopped !== undefined) {
        const { value } = thing(c, find(c, t, str(task.f), stopped, task.op));
        if ((value ?? 0) !== 0) return answer(t, "failure");
      }
      const place = [...t.todo].reverse().find(({ k, role }) => k === "ret" && role === "request");
      const f = str(place?.f ?? "");
      if (f === "" || c.state.messages[f] !== undefined) throw new Unsupported("an IRP to pend");
      c.state.messages[f] = { port: key, fetched: false, reply: true };
      c.state.frames[f].pended = true;
      it.entries?.push({ ref: f, causes: t.causes });
    },
  },
  requestDone: { run: (c, t) => endRoot(c, t) },
  request: {
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const { driver } = frameOf(c, str(task.f), task.op);
      if (c.state.times !== undefined) {
        t.roots?.push({ kind: "request", routine });
        proceed(t, { k: "requestDone" });
      }
      // It is for no event, and so about nobody (section 2).
      enter(c, t, { routine, driver, subject: "", subjectThread: "" }, task.op);
    },
  },
};
