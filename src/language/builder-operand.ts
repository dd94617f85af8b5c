/** Arguments: from what an author writes to operands of the model. */
import { mustBeOurs } from "./builder-condition.ts";
import { dataOf, type HandleData, roleWords, wordsFor } from "./builder-handle.ts";
import { isOpen } from "./builder-scope.ts";
import { fail, type Session } from "./builder-session.ts";
import { microseconds } from "./duration.ts";
import type { ObjectKind, Operand, RoutineRole } from "./model.ts";
import type { Param, ParamKind } from "./shape.ts";

type Kinds = readonly (ObjectKind | "process" | "thread")[];

/** @throws {InputError} when `value` is not what the parameter takes. */
export function toOperand(
  session: Session,
  where: string,
  kind: ParamKind,
  value: unknown,
): Operand {
  switch (kind.type) {
    case "object":
      return objectOperand(session, where, kind.kinds, value);
    case "objects":
      if (!Array.isArray(value)) fail(session, `${where} takes a list of objects`);
      return { objects: value.map((one) => objectOperand(session, where, kind.kinds, one)) };
    case "timeout":
      return { timeout: timeoutValue(session, where, value, kind.whole) };
    case "oneOf":
      if (typeof value === "string" && kind.values.includes(value)) return value;
      return fail(session, `${where} is one of ${kind.values.join(", ")}, not ${show(value)}`);
    case "number":
      if (typeof value === "number" && Number.isFinite(value)) return value;
      return fail(session, `${where} takes a number, not ${show(value)}`);
    case "routine":
      return { routine: routineName(session, where, kind.role, value) };
    case "record": {
      const data = dataOf(value);
      if (data?.type !== "record") {
        fail(session, `${where} takes a record of d.record, not ${show(value)}`);
      }
      mustBeOurs(session, data.session, wordsFor(data));
      return { record: data.decl.name };
    }
  }
}

export function objectOperand(
  session: Session,
  where: string,
  kinds: Kinds,
  value: unknown,
): Operand {
  const data = dataOf(value);
  if (data?.type !== "object") {
    fail(session, `${where} takes ${kindList(kinds)}, not ${show(value)}`);
  }
  mustReach(session, data);
  if (!kinds.includes(data.kind)) {
    fail(session, `${where} takes ${kindList(kinds)}, not ${wordsFor(data)}`);
  }
  return data.operand;
}

export function routineName(
  session: Session,
  where: string,
  role: RoutineRole,
  value: unknown,
): string {
  const data = dataOf(value);
  const isOne =
    (data?.type === "routine" && data.role === role) ||
    // A driver-wide work item is both its object and its routine.
    (data?.type === "object" && data.kind === "WORK_ITEM" && role === "workItem");
  if (!isOne) {
    const from = role === "userThread" ? ", as s.thread hands it back" : "";
    fail(session, `${where} takes a ${roleWords[role]}${from}, not ${show(value)}`);
  }
  mustReach(session, data);
  return data.name;
}

/** Frames are in reach of their own routine and of those declared in it, while they are recorded. */
function mustReach(
  session: Session,
  data: Extract<HandleData, { type: "object" | "routine" }>,
): void {
  mustBeOurs(session, data.session, wordsFor(data));
  if (data.owner === undefined || isOpen(data.owner)) return;
  fail(
    session,
    `${wordsFor(data)} belongs to ${data.owner.words} and is out of reach here: declare it with d if several routines share it`,
  );
}

function timeoutValue(session: Session, where: string, value: unknown, whole?: "ms") {
  const data = dataOf(value);
  if (data?.type === "setting") {
    mustBeOurs(session, data.session, wordsFor(data));
    return { setting: data.name };
  }
  if (value === "none") return "none";
  const us = toMicroseconds(session, where, value);
  if (whole === "ms" && us % 1000 !== 0) {
    const meant = typeof value === "number" ? `; for so many milliseconds write "${value}ms"` : "";
    fail(
      session,
      `${where} takes whole milliseconds, not ${show(value)}${meant}: a bare number is microseconds`,
    );
  }
  return us;
}

/** 500, "500us", "2ms", "1.5s" as whole microseconds. */
export function toMicroseconds(session: Session, where: string, value: unknown): number {
  const us = microseconds(value);
  if (us === undefined) {
    fail(
      session,
      `${where} takes a time: whole microseconds, or a text such as "500ms" or "2s", under a week; not ${show(value)}`,
    );
  }
  return us;
}

/** Whether leaving an argument out means the same. */
export function isDefault(param: Param, operand: Operand): boolean {
  return JSON.stringify(param.default) === JSON.stringify(operand);
}

function kindList(kinds: Kinds): string {
  return kinds.join(" or ");
}

/** Characters of a text that a message repeats. */
const shownMax = 100;

export function show(value: unknown): string {
  const data = dataOf(value);
  if (data !== undefined) return wordsFor(data);
  if (value === null || ["number", "boolean", "undefined"].includes(typeof value)) {
    return `${value}`;
  }
  if (typeof value === "string") {
    return JSON.stringify(value.length <= shownMax ? value : `${value.slice(0, shownMax)}…`);
  }
  return Array.isArray(value) ? "a list" : typeof value === "function" ? "a function" : "an object";
}
