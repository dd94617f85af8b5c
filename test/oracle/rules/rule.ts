/** What a rule is, and what many of them ask. */
import type { Operand } from "../../../src/language/model.ts";
import { type Context, find, frameOf, thing } from "../context.ts";
import { routineOf } from "../scenario.ts";
import type { Task, Thread } from "../state.ts";

export interface Rule {
  readonly visible?: boolean | ((c: Context, t: Thread, task: Task) => boolean);
  readonly enabled?: (c: Context, t: Thread, task: Task) => boolean;
  readonly run: (c: Context, t: Thread, task: Task) => void;
}

export const str = (value: unknown): string => String(value);

export const operand = (value: unknown): Operand => value as Operand;

export const at = (c: Context, t: Thread, task: Task) =>
  find(c, t, str(task.f), operand(task.object), task.op);

/** Whether another thread could reach what is named. */
export function isShared(c: Context, t: Thread, { f, op }: Task, named: Operand): boolean {
  try {
    return !find(c, t, str(f), named, op).isPrivate;
  } catch {
    // The step itself says what is wrong.
    return true;
  }
}

export const on = (c: Context, t: Thread, task: Task) => {
  const found = at(c, t, task);
  return { ...found, it: thing(c, found) };
};

/** What the pointer holds by which an operation goes: as it was read in the step ahead of it (section 7). */
export const held = (c: Context, t: Thread, task: Task, named: unknown): string =>
  typeof task.handed === "string"
    ? task.handed
    : (thing(c, find(c, t, str(task.f), operand(named), task.op)).to ?? "");

export function timeoutOf(
  c: Context,
  _t: Thread,
  task: Task,
  name: "timeout" | "interval",
): "none" | number {
  const given = task[name] as { timeout: "none" | number | { setting: string } } | undefined;
  if (given === undefined) return "none";
  const { timeout } = given;
  if (typeof timeout !== "object") return timeout;
  const { driver } = frameOf(c, str(task.f), task.op);
  const found = c.code.scenario.drivers[driver].settings.find((s) => s.name === timeout.setting);
  return found?.value ?? "none";
}

export const isUser = (c: Context, f: string): boolean => {
  const frame = c.state.frames[f];
  return (
    frame !== undefined && routineOf(c.code, frame.driver, frame.routine).role === "userThread"
  );
};

export const nothing = {
  k: "waiting",
  handles: [],
  any: true,
  user: false,
  alertable: false,
} as const;

export type Rules = Readonly<Record<string, Rule>>;
