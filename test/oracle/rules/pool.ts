/** System worker threads and their manager (W1 to W11). */
import { entryFor, owe } from "../activations.ts";
import { answer, type Context, effect, frameOf, proceed, top } from "../context.ts";
import { mapImage, runItem } from "../paths.ts";
import { Unsupported } from "../scenario.ts";
import { Bound, type Entry, type Task, type Thread } from "../state.ts";
import { type Rules, str } from "./rule.ts";

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

export const poolRules: Rules = {
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
};
