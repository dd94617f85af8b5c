/** System worker threads and their manager (W1 to W11). */
import { entryFor, owe } from "../activations.ts";
import {
  answer,
  type Context,
  effect,
  find,
  findName,
  frameOf,
  framesFrom,
  proceed,
  thing,
  top,
} from "../context.ts";
import { type Acquire, canAcquire } from "../locks.ts";
import { mapImage, runItem } from "../paths.ts";
import { foreignItems, sizes } from "../pool-sizes.ts";
import { Unsupported } from "../scenario.ts";
import { Bound, Crash, type Entry, type Task, type Thread } from "../state.ts";
import { fixed } from "../timed/clock.ts";
import { spend } from "../timed/profile.ts";
import { countItem } from "./filters.ts";
import { dropCode } from "./removal.ts";
import { operand, type Rules, str } from "./rule.ts";

function queueWork(c: Context, t: Thread, task: Task): void {
  const f = str(task.f);
  const given = task.item as { routine?: string; ref?: string };
  const { driver } = frameOf(c, f, task.op);
  // A callback that was left registered is still called (B2); what it queues then is not laid down.
  if (c.state.code[driver] === "gone") throw new Unsupported("work of code that has gone");
  let entry: Entry;
  const named = given.ref ?? given.routine;
  const decl = c.code.scenario.drivers[driver].objects.find(
    ({ kind, name }) => kind === "WORK_ITEM" && name === named,
  );
  if (decl !== undefined) {
    entry = {
      routine: decl.routine ?? "",
      driver,
      subject: "",
      subjectThread: "",
      causes: t.causes,
      item: decl.name,
    };
    const isQueued = Object.values(c.state.pool).some(({ entries }) =>
      entries.some((one) => one.item === decl.name && one.driver === driver),
    );
    if (isQueued) {
      effect(c, "workItemQueuedTwice", task.op);
      return answer(t, "failure");
    }
  } else entry = entryFor(c, t, f, given.routine ?? "");
  if (typeof task.handed === "string") entry.context = task.handed;
  if (!countItem(c, driver, entry, task.counted)) return answer(t, "failure");
  pushItem(c, str(task.queue), entry);
}

/** Of nt5: Critical grows while fewer run than there are processors (W7). */
const processorCount = 2;

/** One queue under every name, in a modern pool (W3). */
export const queueNamed = (c: Pick<Context, "code">, name: string): string =>
  c.code.scenario.world.pool.profile === "modern" ? "modern" : name;

const workersOf = (c: Context, queue: string): Thread[] =>
  Object.values(c.state.threads).filter((one) => one.id.startsWith(`${queue} worker`));

/** One that waits, or stands before a lock that it cannot get (spin locks aside), does not run (W11). */
function isRunning(c: Context, t: Thread): boolean {
  const task = top(t);
  if (task === undefined || ["waiting", "replied", "awaitLoad"].includes(task.k)) return false;
  const type = str(task.type);
  if (task.k === "acquire" && type.endsWith("SPIN_LOCK")) return true;
  return (
    !["acquire", "take", "runDownWait", "filterItems", "drained"].includes(task.k) ||
    canStep(c, t, task)
  );
}

const canStep = (c: Context, t: Thread, task: Task): boolean => {
  const it = c.state.things[str(task.key)];
  switch (task.k) {
    case "acquire":
      return it === undefined || canAcquire(it, t, task as Acquire);
    case "take":
      return (it?.entries?.length ?? 0) > 0 || it?.gone === true;
    case "filterItems":
      return c.state.filters[task.d as number].items === 0;
    case "runDownWait":
      return (it?.count ?? 0) === 0;
    default:
      return c.state.registrations[task.r as number].inside === 0;
  }
};

const itemsMax = 12;

export function pushItem(c: Context, name: string, entry: Entry): void {
  const pool = c.state.pool[queueNamed(c, name)];
  pool.entries.push(entry);
  if (pool.entries.length > itemsMax + (entry.foreign === true ? sizes.modern.relief * 2 : 0))
    throw new Bound("items");
}

/** What tells a worker from others at rest: what its items have left to it, and in time its clock. */
function keptBy({ state }: Context, t: Thread): string {
  const { irql, critical, guarded, attached, alerted, userApc, apc } = t;
  const held = Object.entries(state.things)
    .filter(([, { owner, sharers, levels }]) => owner === t.id || t.id in { ...sharers, ...levels })
    .map(([key, { depth, sharers }]) => [key, depth, sharers?.[t.id]]);
  const clock = state.times?.clocks[t.id];
  const levels = [irql, critical, guarded, attached];
  return JSON.stringify([levels, alerted, userApc, apc, held, clock?.us, clock?.along]);
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
  if (load === "busy") return proceed(t, spend("busyItemUs"));
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

/** What the item is handed: what a pointer holds, or where an object is, which is not looked at. */
function handOver(c: Context, t: Thread, task: Task): void {
  const f = str(task.f);
  const named = namedIn(c, t, task);
  const { field } = task.context as { field?: string };
  let handed: string;
  if (named.decl.kind === "pointer" || named.decl.context === true) {
    handed = thing(c, named).to ?? "";
    if (field !== undefined && c.state.records[handed] !== undefined) {
      const found = find(c, t, f, operand(task.context), task.op);
      thing(c, found);
      handed = `&${found.key}`;
    }
  } else {
    thing(c, named);
    handed = `&${named.key}`;
  }
  const place = t.todo.findLastIndex(({ k }) => k !== "mayFail");
  if (place < 0) throw new Error("the queueing");
  t.todo[place] = { ...t.todo[place], handed };
}

/** The pointer or object that is handed over, or that the field of which it is leads from. */
export const namedIn = (c: Context, t: Thread, task: Task) =>
  findName(c, t, str(task.f), task.context as { ref: string }, task.op);

export const poolRules: Rules = {
  // A pointer that others reach is read in a step of its own (section 3).
  handOver: {
    visible: (c, t, task) => {
      const { decl, isPrivate } = namedIn(c, t, task);
      return !isPrivate && (decl.kind === "pointer" || decl.context === true);
    },
    run: handOver,
  },
  queueWork: { visible: true, run: queueWork },
  worker: {
    visible: true,
    // Of those who are alike the first that is idle stands for the others.
    enabled: (c, t, task) => {
      const mine = keptBy(c, t);
      return (
        c.state.pool[str(task.queue)].entries.length > 0 &&
        workersOf(c, str(task.queue)).find(
          (one) => one.begun && top(one)?.k === "worker" && keptBy(c, one) === mine,
        )?.id === t.id
      );
    },
    run: work,
  },
  item: { run: (c, t, task) => runForeign(c, t, task.entry as Entry) },
  itemDone: {
    run(c, t, task) {
      const { counted, driver } = task.entry as Entry;
      // Of a driver's items that is told at their own return: it is one of Windows', whom a callback left raised (W13).
      if (t.irql > 0) throw new Crash("returns raised", undefined);
      t.items--;
      if (t.items === 0) c.completed.add(`item ${t.id}`);
      if (counted === "filter") proceed(t, { k: "uncountFilter", driver });
      if (counted === true) proceed(t, { k: "uncount", driver });
    },
  },
  uncount: {
    // Where nothing can change nobody asks for the count.
    visible: (c) => c.code.registrationsChange,
    run: (c, _, { driver }) => {
      c.state.counted[driver as number]--;
      dropCode(c, driver as number);
    },
  },
  /** When the manager's own seconds begin. */
  drawPhase: {
    visible: (c) => c.state.times !== undefined,
    run(c, _, { queue }) {
      const managers = c.state.times?.managers;
      if (managers !== undefined)
        managers[str(queue)] = { phase: 250_000 * c.pick(4), occupied: fixed(0) };
    },
  },
  manager: {
    visible: true,
    enabled: (c, _, task) => {
      const pool = c.state.pool[str(task.queue)];
      return (
        pool.entries.length > 0 &&
        pool.relief > 0 &&
        workersOf(c, str(task.queue)).every((one) => one.begun && one.items > 0)
      );
    },
    run(c, t, task) {
      const pool = c.state.pool[str(task.queue)];
      proceed(t, task);
      const queue = str(task.queue);
      const grows =
        c.code.scenario.world.pool.profile === "nt5" &&
        queue === "CriticalWorkQueue" &&
        workersOf(c, queue).filter((one) => isRunning(c, one)).length < processorCount;
      if (!pool.marked && !grows) {
        pool.marked = true;
        return;
      }
      pool.marked = false;
      pool.relief--;
      c.marks.add("relief");
      owe(t, "relief");
      proceed(t, { k: "addWorker", queue }, { k: "paid" });
    },
  },
  /** The thread comes to be in a step of its own, as any that is inserted (section 9). */
  addWorker: {
    visible: true,
    run(c, t, { queue }) {
      const id = `${str(queue)} worker ${workersOf(c, str(queue)).length + 1}`;
      const todo: Task[] = [{ k: "worker", queue }];
      proceed(t, { k: "insertThread", id, process: "System", todo });
    },
  },
  foreign: {
    run(c, t) {
      if (c.code.scenario.world.pool.load === "idle") return;
      const each = ([queue, n]: readonly [string, number]): Task[] =>
        Array.from({ length: n }, () => ({ k: "queueForeign", queue }));
      proceed(t, ...foreignItems(c).flatMap(each));
    },
  },
  queueForeign: {
    visible: true,
    run: (c, _, task) => pushItem(c, str(task.queue), { foreign: true, causes: 0 }),
  },
  loadDriver: {
    visible: true,
    run(c, t) {
      pushItem(c, "DelayedWorkQueue", { foreign: true, awaited: t.id, causes: t.causes });
      proceed(t, { k: "lookForLoad", isDone: false });
    },
  },
  /** The item can be done before its wait begins. */
  lookForLoad: {
    visible: true,
    run: (_, t, { isDone }) => {
      if (isDone !== true) proceed(t, { k: "awaitLoad" });
    },
  },
  freeItem: {
    visible: true,
    run(c, t, task) {
      const given = task.item as { routine?: string; ref?: string };
      const { driver } = frameOf(c, str(task.f), task.op);
      const named = given.ref ?? given.routine;
      const queued = Object.values(c.state.pool).flatMap(({ entries }) =>
        entries.filter((one) => one.driver === driver && [one.item, one.routine].includes(named)),
      );
      const own = framesFrom(c, str(task.f));
      if (queued.some(({ item, captured }) => item === named || own.includes(captured ?? "-")))
        throw new Crash("use after free", task.op);
      if (queued.some(({ item, captured }) => item === undefined && captured === undefined))
        throw new Unsupported("an item of no declaration freed while queued");
      answer(t, "success");
    },
  },
  awaitLoad: { visible: true, enabled: () => false, run: () => {} },
  served: {
    visible: true,
    run(c, _, { id }) {
      const t = c.state.threads[str(id)];
      if (top(t)?.k === "lookForLoad") {
        t.todo.pop();
        proceed(t, { k: "lookForLoad", isDone: true });
      } else if (top(t)?.k === "awaitLoad") {
        t.todo.pop();
        c.woken.push(t.id);
      }
    },
  },
};
