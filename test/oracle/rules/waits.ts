/** Waits and signals (SY-1 to SY-7, SY-18 to SY-20). */
import type { Operand } from "../../../src/language/model.ts";
import { answer, type Context, handleOf, proceed } from "../context.ts";
import { leaveNow } from "../paths.ts";
import { Crash, type Task, type Thread, useOfGone } from "../state.ts";
import {
  beginWait,
  pulseEvent,
  releaseMutex,
  releaseSemaphore,
  setEvent,
  type Waiting,
} from "../waits.ts";
import { nothing, on, operand, type Rules, str, timeoutOf } from "./rule.ts";

/** Ends a step that waits, for another reason than what it waits for. */
export function breakOff(c: Context, t: Thread, how: "timeout" | "terminated"): void {
  const task = t.todo.pop();
  if (task === undefined) throw new Error("a wait");
  // Who stopped in user mode leaves at once.
  if (task.isStop === true) return leaveNow(c, t);
  const isDelay = task.isDelay === true && how === "timeout";
  if (task.k === "replied") proceed(t, { k: "takeBack", msg: task.msg, op: task.op, f: task.f });
  answer(t, isDelay ? "success" : how);
}

function handlesOf(c: Context, t: Thread, task: Task, list: readonly Operand[]) {
  try {
    const handed = typeof task.handed === "string" ? task.handed : undefined;
    return list.map((one) => handleOf(c, t, str(task.f), one, task.op, handed));
  } catch (error) {
    if (error instanceof Crash) return error;
    throw error;
  }
}

export const waitsRules: Rules = {
  wait: {
    run(c, t, task) {
      const given = operand(task.objects);
      const list = typeof given === "object" && "objects" in given ? given.objects : [given];
      const handles = handlesOf(c, t, task, list);
      // What leads nowhere is used where the wait would look (section 7): others can go before that.
      if (handles instanceof Crash)
        return proceed(t, { k: "crashes", kind: handles.kind, op: task.op });
      proceed(t, {
        k: "look",
        op: task.op,
        f: task.f,
        handles,
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
      const gone = wait.handles.find(
        ({ kind, key }) => kind === "thing" && c.state.things[key] === undefined,
      );
      if (gone !== undefined) throw new Crash(useOfGone(gone.key), task.op);
      beginWait(c, t, wait);
    },
  },
  crashes: {
    visible: true,
    run: (_c, _t, task) => {
      throw new Crash(str(task.kind), task.op);
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
          user: task.user === true,
          alertable: task.alertable === true,
          timeout,
          isDelay: true,
          k: "look",
        });
    },
  },
  compute: { run: () => {} },
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
};
