/**
 * How much a driver lets in at once: the units of its semaphores, its own threads on a queue, a
 * service's on a port, the room of its pipes. What becomes of one user more, only as many can show.
 */

import { statementsIn } from "../language/conditions.ts";
import type { Body, DriverModel, ObjectDecl } from "../language/model.ts";
import { usualRoom } from "../language/object-words.ts";
import { nameOf, namesOf, operandOf, operationsIn, withCallees } from "../language/operations.ts";
import { languageOf, type WindowsLanguage } from "./language.ts";
import { pipesOf } from "./questions.ts";

/** Messages that a pipe has room for: of all pipes, the most. */
export const roomOf = (drivers: readonly DriverModel[]): number =>
  Math.max(0, ...pipesOf(drivers).map(({ room }) => room ?? usualRoom));

/** Units of a semaphore that code waits for, from the beginning: of all, the most. */
export const unitsOf = (drivers: readonly DriverModel[]): number => {
  const language = languageOf(drivers);
  return Math.max(0, ...drivers.map((driver) => mostUnits(driver, language)));
};

/** Threads of the drivers' own that take work from the same place: of all places, the most. */
export const workersOf = (drivers: readonly DriverModel[]): number => {
  const language = languageOf(drivers);
  return Math.max(0, ...drivers.map((driver) => mostWorkers(driver, language)));
};

function mostUnits(driver: DriverModel, { apisByName }: WindowsLanguage): number {
  const awaited = new Set(
    driver.routines.flatMap(({ body }) =>
      [...operationsIn(body, apisByName)]
        .filter(({ primitive }) => primitive.op === "wait")
        .flatMap((operation) => namesOf(operandOf(operation, "object"))),
    ),
  );
  const units = driver.objects
    .filter(({ kind, name }) => kind === "KSEMAPHORE" && awaited.has(name))
    .map(({ initial = 0 }) => initial);
  return Math.max(0, ...units);
}

function mostWorkers(driver: DriverModel, { apisByName }: WindowsLanguage): number {
  const workers = new Map<string, number>();
  for (const [routine, count] of startsIn(driver, apisByName)) {
    const places = withCallees(driver, routine, apisByName).flatMap(({ body }) =>
      [...operationsIn(body, apisByName)].flatMap((operation) =>
        namesOf(operandOf(operation, "object")).filter((name) =>
          givesToOne(
            operation.primitive.op,
            driver.objects.find((one) => one.name === name),
          ),
        ),
      ),
    );
    for (const place of new Set(places)) workers.set(place, (workers.get(place) ?? 0) + count);
  }
  return Math.max(0, ...workers.values());
}

/** How many threads of each system thread's routine the text starts. */
function startsIn(
  { routines }: DriverModel,
  apis: WindowsLanguage["apisByName"],
): ReadonlyMap<string, number> {
  const own = routines.filter(({ role }) => role === "systemThread").map(({ name }) => name);
  const counts = new Map(own.map((name) => [name, 0]));
  const count = (body: Body, times: number): void => {
    for (const operation of operationsIn(body, apis)) {
      const routine = nameOf(operandOf(operation, "routine")) ?? "";
      const known = counts.get(routine);
      if (operation.primitive.op === "start" && known !== undefined)
        counts.set(routine, known + times);
    }
    // Those in a loop that repeats were counted once.
    for (const one of statementsIn(body)) {
      if (one.kind === "repeat") count(one.body, times * (one.times - 1));
    }
  };
  for (const { body } of routines) count(body, 1);
  return counts;
}

/** Whether what the operation waits for, or takes, is had by one thread alone. */
const givesToOne = (op: string, object: ObjectDecl | undefined): boolean =>
  op === "dequeue" ||
  op === "pop" ||
  (op === "wait" && (object?.kind === "KSEMAPHORE" || object?.kind === "SynchronizationEvent"));
