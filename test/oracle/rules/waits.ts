/** Waits and signals (SY-1 to SY-7, SY-18 to SY-20). */
import { answer, type Context, handleOf, proceed } from "../context.ts";
import { leaveNow } from "../paths.ts";
import { Crash, type Thread } from "../state.ts";
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

export const waitsRules: Rules = {
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
