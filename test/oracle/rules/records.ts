/** Counted structures on the heap (section 7). */
import { forgetStores, forgetThings, loseReferences } from "../activations.ts";
import { answer, type Context, frameOf, proceed } from "../context.ts";
import { Unsupported } from "../scenario.ts";
import { Bound, Crash, type Task, type Thread } from "../state.ts";
import { at, held, type Rules, str } from "./rule.ts";

/** Records (section 7: allocate, reference, dereference). */
function allocate(c: Context, t: Thread, task: Task): void {
  const isDrawn = task.isDrawn === true;
  if (isDrawn && t.result === "failure") return;
  const found = at(c, t, task);
  const { driver } = frameOf(c, str(task.f), task.op);
  const model = c.code.scenario.drivers[driver].records.find(
    ({ name }) => name === found.decl.record,
  );
  if (model === undefined) throw new Unsupported("a record");
  if (!isDrawn && c.state.faults > 0 && c.pick(2) === 1) {
    c.state.faults--;
    return answer(t, "failure");
  }
  for (let n = 0; n < (model.max ?? 4); n++) {
    const id = `record ${driver}:${model.name}:${n}`;
    if (c.state.records[id] !== undefined) continue;
    c.state.records[id] = { count: 1 };
    answer(t, "success");
    return proceed(t, { k: "store", into: task.object, ref: id, f: task.f, op: task.op });
  }
  throw new Bound("records");
}

function reference(c: Context, t: Thread, task: Task): void {
  const id = held(c, t, task, task.object);
  if (id === "") throw new Crash("null pointer", task.op);
  const record = c.state.records[id];
  if (record === undefined) throw new Crash("use after free", task.op);
  record.count += task.by as number;
  if (record.count > 0) return;
  delete c.state.records[id];
  forgetThings(c, `${id}/`, "use after free");
  loseReferences(c, (ref) => ref === id, "freed");
  for (const other of Object.values(c.state.records)) if (other.link === id) other.link = "freed";
  for (const other of Object.values(c.state.things)) {
    for (const entry of other.entries ?? []) if (entry.ref === id) entry.ref = "freed";
  }
  forgetStores(c, id, "freed");
}

export const recordsRules: Rules = {
  allocate: {
    visible: (_, t, task) => task.isDrawn !== true || t.result !== "failure",
    run: allocate,
  },
  reference: { visible: true, run: reference },
};
