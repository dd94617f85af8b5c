/** Conditions (section 5): the answer is the flag of the thread. */
import type { Condition } from "../../../src/language/model.ts";
import {
  type Context,
  find,
  frameAround,
  frameOf,
  proceed,
  serviceProcess,
  specialApcs,
  thing,
} from "../context.ts";
import { routineOf } from "../scenario.ts";
import type { Frame, Task, Thread } from "../state.ts";
import { pointerOfTest } from "../timed/pointers.ts";
import { isShared, type Rules, str } from "./rule.ts";

export const cond = (c: Context, test: Condition, f: string, op: number): Task => ({
  k: "test",
  f,
  op,
  c: c.code.conditionIds.get(test),
});

/** Conditions (section 5): the answer is the thread's flag. */
function runTest(c: Context, t: Thread, task: Task): void {
  const test = c.code.conditions[task.c as number];
  const f = str(task.f);
  const frame = frameOf(c, f, task.op);
  switch (test.kind) {
    case "not":
      return proceed(t, cond(c, test.test, f, task.op ?? -1), { k: "negate" });
    case "and":
    case "or": {
      const i = (task.i as number | undefined) ?? 0;
      if (i > 0 && t.flag === (test.kind === "or")) return;
      if (i >= test.tests.length) return;
      return proceed(t, cond(c, test.tests[i], f, task.op ?? -1), { ...task, i: i + 1 });
    }
    case "event":
      t.flag = eventOf(c, frame) === test.is;
      return;
    case "role": {
      const who = {
        current: t.process,
        creator: t.process,
        subject: frame.subject,
        parent: c.state.processes[frame.subject]?.parent ?? "",
      }[test.who];
      const is =
        test.is === "system"
          ? "System"
          : test.is === "subject"
            ? frame.subject
            : serviceProcess(c, f, test.service);
      t.flag = who !== "" && who === is;
      return;
    }
    case "kernelHandle":
      t.flag = false;
      return;
    case "apcsDisabled":
      t.flag = !specialApcs(t);
      return;
    case "causedByOwnWork":
      t.flag = t.causes >= 2;
      return;
    case "result":
      t.flag = frame.results[test.of] === test.is;
      return;
    case "returned":
      t.flag = test.of in frame.values && compares(frame.values[test.of], test.op, test.value);
      return;
    case "opaque":
      return runOpaque(c, t, f, frame, test.name);
    case "compare": {
      // In time the pointer to a field is read in a step of its own.
      if (c.state.times !== undefined && task.isRead !== true && pointerOfTest(test.variable))
        return proceed(t, { ...task, isRead: true });
      const found = find(c, t, f, test.variable, task.op);
      t.flag = compares(thing(c, found).value ?? 0, test.op, test.value);
    }
  }
}

export function eventOf(c: Context, frame: Frame): string {
  let at: Frame | undefined = frame;
  while (at !== undefined && at.event === "" && at.captured !== undefined)
    at = c.state.frames[at.captured];
  return at?.event ?? "";
}

function compares(value: number, op: string, to: number): boolean {
  if (op === "==") return value === to;
  if (op === "!=") return value !== to;
  return op === "<" ? value < to : value >= to;
}

function opaqueAt(
  c: Context,
  f: string,
  frame: Frame,
  name: string,
): { of: Record<string, boolean>; key: string } {
  const model = c.code.scenario.drivers[frame.driver];
  const scope = model.conditions.find((one) => one.name === name)?.scope;
  if (scope === "driver") return { of: c.state.opaque, key: `${frame.driver}:${name}` };
  if (scope === "process")
    return { of: c.state.opaque, key: `${frame.subject}/${frame.driver}:${name}` };
  let routine = routineOf(c.code, frame.driver, frame.routine);
  while (routine.within !== undefined) routine = routineOf(c.code, frame.driver, routine.within);
  return {
    of: frameOf(c, frameAround(c, f, routine.name, undefined), undefined).opaque,
    key: name,
  };
}

function runOpaque(c: Context, t: Thread, f: string, frame: Frame, name: string): void {
  const { of, key } = opaqueAt(c, f, frame, name);
  of[key] ??= c.pick(2) === 1;
  t.flag = of[key];
}

function isVisibleTest(c: Context, t: Thread, task: Task): boolean {
  const test = c.code.conditions[task.c as number];
  if (test.kind === "compare") {
    const pointer = task.isRead === true ? undefined : pointerOfTest(test.variable);
    const isPointerRead = c.state.times !== undefined && pointer !== undefined;
    return isShared(c, t, task, isPointerRead ? pointer : test.variable);
  }
  if (test.kind !== "opaque") return false;
  const frame = c.state.frames[str(task.f)];
  if (frame === undefined) return true;
  const { of, key } = opaqueAt(c, str(task.f), frame, test.name);
  return of[key] === undefined;
}

export const conditionsRules: Rules = {
  test: { visible: isVisibleTest, run: runTest },
  negate: {
    run: (_, t) => {
      t.flag = !t.flag;
    },
  },
};
