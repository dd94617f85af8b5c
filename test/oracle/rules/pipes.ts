/** Pipes, which have room for so many messages (SV-33 to SV-35). */
import { answer, type Context, find, proceed } from "../context.ts";
import { Bound, type Task, type Thread } from "../state.ts";
import { endMessage } from "./ports.ts";
import { isUser, on, operand, type Rules, str, timeoutOf } from "./rule.ts";

/** One message fits where nothing else is said (SV-34). */
const usual = 1;

function write(c: Context, t: Thread, task: Task): void {
  const f = str(task.f);
  const { decl } = find(c, t, f, operand(task.object), task.op);
  const { key, it } = on(c, t, task);
  if (it.gone === true) return answer(t, "disconnected");
  const { room = usual } = decl;
  const entries = it.entries ?? [];
  if (entries.length >= 8) throw new Bound("queueRoom");
  if (entries.length < room) {
    entries.push({ ref: "stale", causes: t.causes });
    return answer(t, "success");
  }
  c.state.messages[f] = { port: key, fetched: false, reply: false, room };
  entries.push({ ref: f, causes: t.causes });
  c.marks.add("a pipe is full");
  const timeout = timeoutOf(c, t, task, "timeout");
  proceed(t, { k: "awaitReply", op: task.op, f, port: key, user: isUser(c, f), timeout, msg: f });
}

/** What lies in a pipe has moved up: of those who wait for room, one has it now. */
export function letIn(c: Context, key: string): void {
  const { entries = [] } = c.state.things[key];
  entries.forEach((entry, i) => {
    const f = entry.ref ?? "";
    const room = c.state.messages[f]?.room;
    if (room === undefined || i >= room) return;
    entry.ref = "stale";
    endMessage(c, f, "success");
  });
}

export const pipesRules: Rules = {
  write: { visible: true, run: write },
  /** The writing end of a pipe closes: what was written can still be read, who waits for room gives up. */
  hangUp: {
    visible: true,
    run(c, _, task) {
      const key = str(task.key);
      c.state.things[key] ??= { entries: [] };
      c.state.things[key].gone = true;
      for (const [f, { port }] of Object.entries(c.state.messages))
        if (port === key) endMessage(c, f, "disconnected");
    },
  },
};
