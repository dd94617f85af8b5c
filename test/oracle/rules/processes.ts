/** Processes and threads, from creation to exit (CB-Q3, CB-Q5). */
import { enter, entryFor, owe, paid } from "../activations.ts";
import { answer, type Context, frameOf, proceed, raise } from "../context.ts";
import { releaseLock } from "../locks.ts";
import {
  closeHandles,
  created,
  createProcess,
  endThread,
  exitPath,
  insertThread,
  leaveProcess,
  listens,
  mapImage,
  ready,
  runItem,
  terminate,
} from "../paths.ts";
import {
  loaderStep,
  pipesOf,
  portsOf,
  runServiceThread,
  serviceThread,
  serviceThreads,
} from "../services.ts";
import { Bound, type Entry, type Task, type Thread } from "../state.ts";
import { isStopPoint } from "../stops.ts";
import { spend } from "../timed/profile.ts";
import type { RootKind } from "../timed/times.ts";
import { release } from "../waits.ts";
import { processNamed } from "./apcs.ts";
import { nothing, type Rules, str } from "./rule.ts";

const threadsMax = 4;
const neighboursMax = 2;

function makeLoaderLock(c: Context, t: Thread): void {
  c.state.things[str(loaderStep(t, "").key)] ??= { depth: 0 };
}

const hasCleanup = ({ code }: Context): boolean =>
  code.scenario.drivers.some(({ routines }) => routines.some(({ role }) => role === "cleanup"));

/** A service's other threads: where nobody is told of them, all are started in one step. */
function othersOf(
  c: Context,
  driver: number,
  service: string,
  others: readonly { routine: string; id: string }[],
): Task[] {
  const tasks = others.map((one) => serviceThread(c, { driver, service, ...one }));
  if (tasks.length === 0) return [];
  if (listens(c, "thread", "create"))
    return tasks.map((task) => ({ k: "startOthers", tasks: [task] }));
  return [{ k: "startOthers", tasks }];
}

/** A thread that comes to user mode, and leaves. */
const newUserThread = (process: string, id: string): Task => ({
  k: "insertThread",
  id,
  process,
  todo: [raise("non-system-thread", "create", process, id), { k: "userPoint" }, { k: "leave" }],
});

export const processesRules: Rules = {
  start: {
    visible: true,
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const { subject, subjectThread } = frameOf(c, str(task.f), task.op);
      const handed = entryFor(c, t, str(task.f), routine);
      if (typeof task.handed === "string") handed.context = task.handed;
      // Without a captured frame it is about what its starter is about.
      const entry = handed.captured === undefined ? { ...handed, subject, subjectThread } : handed;
      let n = 1;
      while (c.state.threads[`${routine} ${n}`] !== undefined) n++;
      if (n > threadsMax) throw new Bound("threads");
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
      if (task.into !== undefined)
        t.todo.splice(-1, 0, { k: "store", into: task.into, ref: id, f: task.f, op: task.op });
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
    visible: (_c, _t, { isPrepared }) => isPrepared === true,
    run: (c, t, task) => {
      if (task.isPrepared === true) return createProcess(c, t, task);
      if (task.byDriver === true) owe(t, "operation");
      proceed(t, spend("createProcessUs"), { ...task, isPrepared: true });
    },
  },
  created: { visible: (_c, _t, { vetoed }) => vetoed === true, run: created },
  owe: { run: (_, t, { root = "operation" }) => owe(t, root as RootKind) },
  paid: { run: (c, t) => paid(c, t) },
  launched: {
    run: (c, t) => {
      if (t.owes > 0) paid(c, t);
    },
  },
  createUserThread: {
    run(c, t) {
      const isTold = listens(c, "thread") || listens(c, "non-system-thread");
      if (!isTold || t.process === "System")
        return proceed(t, raise("thread", "create", t.process, t.id));
      proceed(t, { k: "insertUser" });
    },
  },
  insertUser: {
    visible: true,
    run(c, t) {
      const { told, threads } = c.state.processes[t.process];
      if (told || threads === 0) return answer(t, "failure");
      let n = 1;
      while (c.state.threads[`created user thread ${n}`] !== undefined) n++;
      if (n > threadsMax) throw new Bound("threads");
      proceed(t, newUserThread(t.process, `created user thread ${n}`));
    },
  },
  startUser: {
    visible: true,
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const { driver } = frameOf(c, str(task.f), task.op);
      let n = 1;
      while (c.state.threads[`${t.process}/${routine} ${n}`] !== undefined) n++;
      if (n > threadsMax) throw new Bound("threads");
      const id = `${t.process}/${routine} ${n}`;
      proceed(t, serviceThread(c, { driver, service: t.process, routine, id }));
    },
  },
  /** A user thread's start: with a DLL to load it passes the loader lock (section 9). */
  loaderLock: {
    run(c, t) {
      makeLoaderLock(c, t);
      // The loader runs in user mode.
      proceed(t, loaderStep(t, "acquire"), { k: "userPoint" }, loaderStep(t, "leaveLoader"));
    },
  },
  leaveLoader: {
    visible: true,
    run(c, t, task) {
      // Who was told to end before it had the lock goes on without it.
      const key = str(task.key);
      if (c.state.things[key].owner === t.id) releaseLock(c, t, key, "CRITICAL_SECTION", task.op);
    },
  },
  loadLibrary: {
    run(c, t, task) {
      const { op } = task;
      makeLoaderLock(c, t);
      proceed(
        t,
        { ...loaderStep(t, "acquire", op), f: task.f, ahead: task.ahead },
        { k: "userPoint" },
        ...mapImage("dll", t.process, t.id),
        loaderStep(t, "leaveLoader", op),
      );
    },
  },
  terminate: { visible: true, run: (c, t, task) => terminate(c, processNamed(c, t, task)) },
  neighbour: {
    visible: true,
    run(c, t) {
      if (c.state.neighbours >= neighboursMax) return;
      const id = `neighbour ${++c.state.neighbours}`;
      c.marks.add("a neighbour's thread");
      proceed(t, {
        k: "insertThread",
        id,
        process: "System",
        todo: [raise("thread", "exit", "System", id), { k: "endThread" }],
      });
    },
  },
  connect: {
    visible: (c) => c.code.scenario.world.removal !== "none",
    run(c, t, task) {
      const { driver, service } = task as Task & { driver: number; service: string };
      if (c.state.unloading) return proceed(t, { k: "leave" });
      const [first, ...others] = serviceThreads(c, driver, service);
      proceed(
        t,
        { k: "opened", service },
        ...[...portsOf(c, service), ...pipesOf(c, service)].map(
          (key): Task => ({ k: "connectPort", key }),
        ),
        ...othersOf(c, driver, service, others),
        ...(first === undefined ? [] : [runServiceThread(driver, service, first.routine)]),
        { k: "userPoint" },
        { k: "stopPoint" },
        { k: "leave" },
      );
    },
  },
  opened: {
    visible: hasCleanup,
    run(c, _, { service }) {
      c.state.processes[str(service)].connected = true;
    },
  },
  connectPort: {
    visible: true,
    run(c, _, { key }) {
      c.state.things[str(key)] ??= { entries: [] };
      const it = c.state.things[str(key)];
      if (it.closed !== true) it.gone = false;
    },
  },
  closeHandles: {
    // Only a service that was created during the run may have none.
    visible: (c, t) => hasCleanup(c) && c.state.processes[t.process].connected !== undefined,
    run: (c, t) => closeHandles(c, t),
  },
  /** Ahead of what a service has the kernel do for it, and of its end: it does nothing itself. */
  stopPoint: { visible: isStopPoint, run: () => {} },
  startOthers: { visible: true, run: (_, t, { tasks }) => proceed(t, ...(tasks as Task[])) },
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
    run(_, t, { pid }) {
      if (t.result !== "success") return;
      proceed(t, {
        ...nothing,
        k: "look",
        handles: [{ kind: "process", key: str(pid), type: "process" }],
        user: true,
        timeout: "none",
      });
    },
  },
  spawn: {
    visible: true,
    run: (_c, t, { id }) => proceed(t, newUserThread(t.process, str(id))),
  },
};
