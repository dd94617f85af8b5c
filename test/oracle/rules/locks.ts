/** Locks and rundown references (SY-8 to SY-17). */
import { answer, proceed } from "../context.ts";
import { type Acquire, acquire, canAcquire, convert, releaseLock } from "../locks.ts";
import { Crash, useOfGone } from "../state.ts";
import { on, type Rules, str } from "./rule.ts";

export const locksRules: Rules = {
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
        ahead: task.ahead,
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
      const key = str(task.key);
      if (c.state.things[key] === undefined) throw new Crash(useOfGone(key), task.op);
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
};
