/** Processes and threads, from creation to exit (CB-Q3, CB-Q5). */
import { enter, entryFor, owe, paid } from "../activations.ts";
import { proceed } from "../context.ts";
import {
  created,
  createProcess,
  endThread,
  exitPath,
  insertThread,
  leaveProcess,
  raise,
  ready,
  runItem,
  terminate,
} from "../paths.ts";
import { Bound, type Entry } from "../state.ts";
import { release } from "../waits.ts";
import { nothing, type Rules, str } from "./rule.ts";

export const processesRules: Rules = {
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
  createProcess: {
    visible: true,
    run: (c, t, task) => {
      if (task.byDriver === true) owe(t);
      createProcess(c, t, task);
    },
  },
  created: { run: created },
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
};
