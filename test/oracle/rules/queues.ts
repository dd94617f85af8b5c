/** Queues and lists, of references and of messages (section 7). */
import { answer, type Context, find, proceed, thing } from "../context.ts";
import { Bound, Crash, type Entry, type Task, type Thread } from "../state.ts";
import { letIn } from "./pipes.ts";
import { endMessage } from "./ports.ts";
import { held, isShared, on, operand, type Rules, str, timeoutOf } from "./rule.ts";

function dequeue(c: Context, t: Thread, task: Task): void {
  const it = c.state.things[str(task.key)];
  const entry = it.entries?.shift();
  if (entry === undefined) return answer(t, it.gone === true ? "disconnected" : "timeout");
  letIn(c, str(task.key));
  answer(t, "success");
  if (t.owes === 0) t.causes = entry.causes;
  const message = entry.ref === undefined ? undefined : c.state.messages[entry.ref];
  if (message !== undefined) message.fetched = true;
  if (task.into !== undefined)
    proceed(t, { k: "store", into: task.into, ref: entry.ref ?? "", f: task.f, op: task.op });
  if (message !== undefined && entry.ref !== undefined && !message.reply)
    endMessage(c, entry.ref, "success");
}

const isFree = (c: Context, _t: Thread, task: Task): boolean => {
  const it = c.state.things[str(task.key)];
  return (it.entries?.length ?? 0) > 0 || it.gone === true;
};

/** What the pointer that a walk goes from holds; what leads nowhere cannot be followed. */
export function followed(c: Context, t: Thread, task: Task): string {
  const to = held(c, t, task, task.from);
  if (to === "") throw new Crash("null pointer", task.op);
  if (to === "stale") throw new Crash("use after return", task.op);
  if (c.state.records[to] === undefined) throw new Crash("use after free", task.op);
  return to;
}

/** The entry that a walk comes to; "" behind the last. */
export function walkedTo(c: Context, t: Thread, task: Task): string {
  const { entries = [] } = on(c, t, task).it;
  if (task.from === undefined) return entries[0]?.ref ?? "";
  const from = followed(c, t, task);
  const place = entries.findIndex(({ ref }) => ref === from);
  return (place < 0 ? c.state.records[from].link : entries[place + 1]?.ref) ?? "";
}

/** What leaves a list keeps its link, where anybody goes by links (SY-27). */
function keepLink(c: Context, ref: string | undefined, next: Entry | undefined): void {
  const walks = c.code.statements.some((one) => one.kind === "call" && one.api === "Flink");
  const record = c.state.records[ref ?? ""];
  if (walks && record !== undefined) record.link = next?.ref ?? "";
}

export const queuesRules: Rules = {
  enqueue: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      const ref = held(c, t, task, task.from);
      if (ref === "") throw new Crash("null pointer", task.op);
      if ((it.entries?.length ?? 0) >= 8) throw new Bound("queueRoom");
      const { [ref]: record } = c.state.records;
      if (record !== undefined) delete record.link;
      it.entries?.push({ ref, causes: t.causes });
    },
  },
  post: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      if ((it.entries?.length ?? 0) >= 8) throw new Bound("queueRoom");
      // It is there, with nothing in it.
      it.entries?.push({ ref: "posted", causes: t.causes });
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
        ahead: task.ahead,
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
    visible: (c, t, task) => isShared(c, t, task, operand(task.into)),
    run(c, t, task) {
      thing(c, find(c, t, str(task.f), operand(task.into), task.op)).to = str(task.ref);
    },
  },
  walk: {
    visible: true,
    run(c, t, task) {
      const next = walkedTo(c, t, task);
      if (next === "") return answer(t, "empty");
      answer(t, "success");
      proceed(t, { k: "store", into: task.into, ref: next, f: task.f, op: task.op });
    },
  },
  unlink: {
    visible: true,
    run(c, t, task) {
      const { entries = [] } = on(c, t, task).it;
      const from = followed(c, t, task);
      const place = entries.findIndex(({ ref }) => ref === from);
      if (place < 0) throw new Crash("corrupt list", task.op);
      keepLink(c, from, entries[place + 1]);
      entries.splice(place, 1);
      answer(t, "success");
    },
  },
  copy: {
    run(c, t, task) {
      const ref = held(c, t, task, task.from);
      answer(t, "success");
      proceed(t, { k: "store", into: task.into, ref, f: task.f, op: task.op });
    },
  },
  pop: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      const entry = it.entries?.shift();
      if (entry === undefined) return answer(t, "empty");
      keepLink(c, entry.ref, it.entries?.[0]);
      if (t.owes === 0) t.causes = entry.causes;
      answer(t, "success");
      proceed(t, { k: "store", into: task.into, ref: entry.ref ?? "", f: task.f, op: task.op });
    },
  },
};
