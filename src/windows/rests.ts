/**
 * Where a request of a service is at rest (design, point 8): it waits for what is up to others, as
 * an inverted call waits for an event that somebody may or may not cause. A wait for what the
 * request itself had somebody do is none of that, however long the chain: an item that it queued,
 * a thread that it woke, a message that it sent. Nor is a wait for what nobody ever signals but a
 * timeout, which is a delay, or for a lock.
 */
import { memo } from "../base/memo.ts";
import type { BodyContext } from "../language/compile-context.ts";
import type { DriverModel, Operand } from "../language/model.ts";
import {
  nameOf,
  namesOf,
  type Operation,
  operandOf,
  operationsIn,
  withCallees,
} from "../language/operations.ts";
import type { Primitive } from "../language/shape.ts";
import type { WindowsLanguage } from "./language.ts";
import { timeoutUs } from "./primitives-sync.ts";
import type { System } from "./system.ts";

export interface Rests {
  /**
   * Whether a wait for these objects, in this routine, is one of a request at rest: also without
   * any end, which takes no time that could be told.
   */
  waiting(routine: string, objects: readonly string[], isLimited: boolean): boolean;
  /** Whether a request pends its IRP, which others then complete: of their own accord, or for it. */
  pended(request: string): "never" | "at rest" | "at work";
}

/** Primitives that end waits for the object that they name, except for locks. */
const signals: readonly string[] = [
  "set",
  "pulse",
  "releaseCount",
  "setTimer",
  "post",
  "enqueue",
  "send",
  "write",
  "pend",
];
/** Primitives that wait for what such a one signals, or take it. */
const takes: readonly string[] = ["wait", "dequeue", "pop"];
/** Primitives by which callbacks are entered in the calling thread. */
const raises: readonly string[] = [
  "raise",
  "act",
  "createProcess",
  "createThread",
  "exitProcess",
  "loadLibrary",
];

const known = new WeakMap<DriverModel, Rests>();

export const restsOf = (driver: DriverModel, language: WindowsLanguage): Rests =>
  memo(known, driver, () => findRests(driver, language));

function findRests(driver: DriverModel, { apisByName }: WindowsLanguage): Rests {
  const handed = objectsHanded(driver, apisByName);
  /** The objects that an operand stands for, those too that a work item is handed. */
  const meant = (operand: Operand | boolean | undefined): readonly string[] =>
    namesOf(operand).flatMap((object) => handed.get(object) ?? object);
  const within = (routine: string): Operation[] =>
    withCallees(driver, routine, apisByName).flatMap(({ body }) => [
      ...operationsIn(body, apisByName),
    ]);
  /** By object, the routines with an operation on it that is one of these. */
  const byObject = (ops: readonly string[]): ReadonlyMap<string, readonly string[]> => {
    const found = new Map<string, string[]>();
    for (const { name, body } of driver.routines) {
      for (const operation of operationsIn(body, apisByName)) {
        if (!ops.includes(operation.primitive.op)) continue;
        for (const object of meant(operandOf(operation, "object")))
          memo(found, object, () => []).push(name);
      }
    }
    return found;
  };
  const signallers = new Map([...byObject(signals), ...threadsKept(driver, apisByName)]);
  const takers = byObject(takes);
  const callbacks = driver.registrations.map(({ routine }) => routine);
  const requests = driver.routines.filter(({ role }) => role === "request");

  /** What runs, or goes on, because the request did something. A callback has its own reasons. */
  const causedBy = memoized((request: string): ReadonlySet<string> => {
    const caused = new Set<string>();
    const pending = [request];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (caused.has(name)) continue;
      for (const callee of withCallees(driver, name, apisByName)) caused.add(callee.name);
      for (const operation of within(name)) {
        if (raises.includes(operation.primitive.op)) pending.push(...callbacks);
        pending.push(...routinesNamed(driver, operation));
        if (!signals.includes(operation.primitive.op)) continue;
        for (const object of meant(operandOf(operation, "object"))) {
          const woken = takers.get(object) ?? [];
          pending.push(...woken.filter((taker) => !callbacks.includes(taker)));
        }
      }
    }
    return caused;
  });

  /** Whether nobody would do it because of the request. */
  const isOthers = (request: string, doers: readonly string[]): boolean =>
    !doers.some((doer) => causedBy(request).has(doer));

  return {
    waiting(routine, objects, isLimited) {
      const around = requests.filter(({ name }) =>
        withCallees(driver, name, apisByName).some((one) => one.name === routine),
      );
      const doers = objects.flatMap((object) => signallers.get(object) ?? []);
      if (around.length === 0) return false;
      if (doers.length === 0) return !isLimited;
      return around.every(({ name }) => isOthers(name, doers));
    },
    pended(request) {
      const lists = within(request)
        .filter(({ primitive }) => primitive.op === "pend")
        .flatMap((operation) => namesOf(operandOf(operation, "object")));
      if (lists.length === 0) return "never";
      const doers = lists.flatMap((list) => takers.get(list) ?? []);
      return isOthers(request, doers) ? "at rest" : "at work";
    },
  };
}

/** Whether a request that comes to this wait is at rest there; `give` says what operands stand for. */
export function isRest(
  { language }: System,
  context: BodyContext,
  { op, timeout }: Primitive,
  give: (name: string) => Operand,
): boolean {
  if (op !== "wait" && op !== "dequeue") return false;
  const limitUs = timeoutUs(context, timeout === undefined ? undefined : give("timeout"));
  return restsOf(context.scope.driver, language).waiting(
    context.routine.name,
    namesOf(give("object")),
    limitUs >= 0,
  );
}

function memoized<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => memo(made, key, () => make(key));
}

/** The routines of the threads that are kept under a name: each signals that by its end (W25). */
function threadsKept(
  { routines }: DriverModel,
  apis: WindowsLanguage["apisByName"],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { body } of routines) {
    for (const operation of operationsIn(body, apis)) {
      if (operation.primitive.op !== "start") continue;
      const started = nameOf(operandOf(operation, "routine"));
      if (started === undefined) continue;
      for (const kept of namesOf(operandOf(operation, "pointer")))
        memo(found, kept, () => []).push(started);
    }
  }
  return found;
}

/** The objects that each work item is handed, by what it calls its context. */
function objectsHanded(
  { routines, objects }: DriverModel,
  apis: WindowsLanguage["apisByName"],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { body } of routines) {
    for (const operation of operationsIn(body, apis)) {
      const { op } = operation.primitive;
      if (op !== "queueWork" && op !== "start") continue;
      const item = nameOf(operandOf(operation, op === "start" ? "routine" : "item"));
      const object = objects.find(({ name }) => name === item);
      const taker = routines.find(({ name }) => name === (object?.routine ?? item));
      const context = taker?.locals.find((local) => local.context === true);
      if (taker === undefined || context === undefined || context.kind === "pointer") continue;
      memo(found, context.name, () => []).push(...namesOf(operandOf(operation, "context")));
    }
  }
  return found;
}

/** Routines that an operation has run: named themselves, or by their work item. */
function routinesNamed({ routines, objects }: DriverModel, operation: Operation): string[] {
  return Object.keys(operation.primitive).flatMap((key) => {
    const name = nameOf(operandOf(operation, key));
    const routine = objects.find((object) => object.name === name)?.routine ?? name;
    return routines.some((one) => one.name === routine) && routine !== undefined ? [routine] : [];
  });
}
