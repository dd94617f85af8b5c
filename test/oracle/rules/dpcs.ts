/** DPCs, and the processors that run them (SY-24). */
import { enter, entryFor, handedOver } from "../activations.ts";
import { answer, type Context, frameOf, proceed } from "../context.ts";
import { locksOf } from "../locks.ts";
import type { Entry, Task } from "../state.ts";
import { type Rules, str } from "./rule.ts";

const dispatchLevel = 2;
export const processors = ["processor 1", "processor 2"];

const keyOf = (c: Context, task: Task): string => {
  const { routine } = task.dpc as { routine: string };
  return `${frameOf(c, str(task.f), task.op).driver}:${routine}`;
};

/** It stands in its queue once. */
export function queueDpc(c: Context, entry: Entry): boolean {
  const key = `${entry.driver}:${entry.routine}`;
  if (c.state.dpcs[key] !== undefined) return false;
  c.state.dpcs[key] = entry;
  return true;
}

const isIdle = (c: Context, id: string): boolean => {
  const todo = c.state.threads[id]?.todo;
  return todo === undefined || todo[todo.length - 1]?.k === "processor";
};

/** What tells a processor from others that are idle: locks that DPCs have left to it, and in time its clock. */
function keptBy(c: Context, id: string): string {
  const clock = c.state.times?.clocks[id];
  return JSON.stringify([locksOf(c, c.state.threads[id]), clock?.us, clock?.along]);
}

export const dpcRules: Rules = {
  insertDpc: {
    visible: true,
    run(c, t, task) {
      const { routine } = task.dpc as { routine: string };
      const entry = entryFor(c, t, str(task.f), routine);
      answer(t, queueDpc(c, entry) ? "success" : "failure");
    },
  },
  removeDpc: {
    visible: true,
    run(c, t, task) {
      const key = keyOf(c, task);
      answer(t, c.state.dpcs[key] === undefined ? "failure" : "success");
      delete c.state.dpcs[key];
    },
  },
  flushDpcs: {
    visible: true,
    enabled: (c) =>
      Object.keys(c.state.dpcs).length === 0 && processors.every((id) => isIdle(c, id)),
    run: (_, t) => answer(t, "success"),
  },
  processor: {
    visible: true,
    // The first that is idle stands for those who are alike.
    enabled: (c, t) =>
      Object.keys(c.state.dpcs).length > 0 &&
      processors
        .slice(0, processors.indexOf(t.id))
        .every((id) => !isIdle(c, id) || keptBy(c, id) !== keptBy(c, t.id)),
    run(c, t, task) {
      const queued = Object.keys(c.state.dpcs).sort();
      const key = queued[c.pick(queued.length)];
      const entry = c.state.dpcs[key];
      delete c.state.dpcs[key];
      c.marks.add("a DPC runs");
      t.irql = dispatchLevel;
      t.causes = entry.causes;
      proceed(t, { k: "dpcDone" }, task);
      enter(c, t, handedOver(entry));
    },
  },
  dpcDone: {
    run(_, t) {
      t.irql = 0;
      t.causes = 0;
    },
  },
};
