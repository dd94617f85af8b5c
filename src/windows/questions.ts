/**
 * Questions about drivers, answered by what their calls do: by primitives, of the API table as of
 * APIs and families that a driver brings. No name and no text has a say, so that an API of a user's
 * own that does the same counts as the same.
 */
import { questionsOf, statementsIn, testOf } from "../language/conditions.ts";
import type { Body, DriverModel, ObjectDecl, Operand, Routine } from "../language/model.ts";
import {
  nameOf,
  type Operation,
  operandOf,
  operationsIn,
  withCallees,
} from "../language/operations.ts";
import { type WorkQueue, workQueues } from "../language/shape.ts";
import { languageOf, ownPaths, type WindowsLanguage } from "./language.ts";
import { hasFault, type World } from "./scenario.ts";

/** All bodies that can run: those of routines, and of kernel paths that drivers bring. */
function bodiesOf(drivers: readonly DriverModel[], { extension }: WindowsLanguage): Body[] {
  return [
    ...drivers.flatMap(({ routines }) => routines.map(({ body }) => body)),
    ...extension.families.flatMap(({ paths = [] }) => paths.map(({ body }) => body)),
  ];
}

/** All that the drivers' calls, and those of the paths that they bring, do. */
function operationsOf(drivers: readonly DriverModel[]): Operation[] {
  const language = languageOf(drivers);
  return bodiesOf(drivers, language).flatMap((body) => [
    ...operationsIn(body, language.apisByName),
  ]);
}

/** The events that code raises in its own thread: by a call, or by what the table lacks. */
function raised(drivers: readonly DriverModel[]): Set<string> {
  const events = operationsOf(drivers)
    .filter(({ primitive }) => primitive.op === "raise")
    .map((operation) => String(operandOf(operation, "family")));
  const others = bodiesOf(drivers, languageOf(drivers)).flatMap((body) =>
    [...statementsIn(body)].flatMap((one) =>
      one.kind === "other" && one.raises !== undefined ? [one.raises] : [],
    ),
  );
  return new Set([...events, ...others]);
}

/** What a call that raises one of these has the model do is to create a process. */
const raisedByCreation: readonly string[] = ["process", "process-create"];

/** Whether code of the drivers creates processes. */
export function createsProcesses(drivers: readonly DriverModel[]): boolean {
  const events = raised(drivers);
  return (
    raisedByCreation.some((form) => events.has(form)) ||
    operationsOf(drivers).some(({ primitive }) => primitive.op === "createProcess")
  );
}

/** Whether code of the drivers creates user threads from kernel mode. */
export const createsUserThreads = (drivers: readonly DriverModel[]): boolean =>
  operationsOf(drivers).some(({ primitive }) => primitive.op === "createThread");

/** How many threads of services can be inside of a creation of a process at once. */
export function creatingThreads(drivers: readonly DriverModel[], { service }: World): number {
  const { apisByName } = languageOf(drivers);
  return drivers
    .flatMap((driver) =>
      driver.services
        .flatMap(({ threads }) => threads)
        .filter(({ routine }) =>
          withCallees(driver, routine, apisByName).some(({ body }) =>
            [...operationsIn(body, apisByName)].some(
              ({ primitive }) => primitive.op === "createProcess",
            ),
          ),
        ),
    )
    .reduce((sum, { count }) => sum + (count === 0 ? 0 : (service.threads ?? count)), 0);
}

/** Whether some thread of a service loads DLLs, under its process's loader lock. */
export const loadsLibraries = (drivers: readonly DriverModel[]): boolean =>
  operationsOf(drivers).some(({ primitive }) => primitive.op === "loadLibrary");

/** Whether code of the drivers can take a registration back. */
export const removesCallbacks = (drivers: readonly DriverModel[]): boolean =>
  operationsOf(drivers).some(
    (operation) =>
      operation.primitive.op === "register" && operandOf(operation, "remove") === "TRUE",
  );

/** Whether the drivers make calls that a file filter sees. */
export const opensFiles = (drivers: readonly DriverModel[]): boolean => {
  const { apisByName } = languageOf(drivers);
  const bodies = drivers.flatMap(({ routines }) => routines.map(({ body }) => body));
  return bodies.some((body) =>
    [...statementsIn(body)].some(
      (one) => one.kind === "call" && apisByName.get(one.api)?.raises.includes("file") === true,
    ),
  );
};

/** Whether one of a driver's DriverEntry routines, or what it calls, registers a callback. */
export function registersItself(driver: DriverModel, { apisByName }: WindowsLanguage): boolean {
  const entries = driver.routines.filter(({ role }) => role === "entry");
  return entries
    .flatMap(({ name }) => withCallees(driver, name, apisByName))
    .some(({ body }) =>
      [...operationsIn(body, apisByName)].some(
        (operation) =>
          operation.primitive.op === "register" && operandOf(operation, "remove") !== "TRUE",
      ),
    );
}

/**
 * Whether a driver that registers for itself can be up without one of its callbacks: whatever its
 * DriverEntry does not register come what may.
 */
export function registersLater(driver: DriverModel, language: WindowsLanguage): boolean {
  if (!registersItself(driver, language)) return false;
  const made = new Set<string | undefined>();
  for (const { body } of driver.routines.filter(({ role }) => role === "entry")) {
    for (const statement of body.filter(({ kind }) => kind === "call")) {
      for (const operation of operationsIn([statement], language.apisByName)) {
        if (operation.primitive.op === "register")
          made.add(nameOf(operandOf(operation, "routine")));
      }
    }
  }
  return driver.registrations.some(({ routine }) => !made.has(routine));
}

/**
 * The routines of a driver that can still run when an unloading, or the failure of its DriverEntry,
 * takes their code away: what nobody waits for but what the driver does itself. Items that all count
 * on the driver object are waited for (W4), and so are callbacks by a removal that is part of the
 * same (CB-U1), if nobody else has made it before.
 */
export function goneInside(
  driver: DriverModel,
  world: World,
  { apisByName }: WindowsLanguage,
): ReadonlySet<string> {
  const { routines } = driver;
  const taking = [
    ...(world.removal === "racing" ? ["unload"] : []),
    ...(hasFault(world) ? ["entry"] : []),
  ].filter((by) => routines.some(({ role }) => role === by));
  if (taking.length === 0) return new Set();
  const reachedFrom = (roles: readonly string[]): ReadonlySet<string> =>
    new Set(
      routines
        .filter(({ role }) => roles.includes(role))
        .flatMap(({ name }) => withCallees(driver, name, apisByName).map((one) => one.name)),
    );
  const removedIn = (names: ReadonlySet<string>): ReadonlySet<string | undefined> =>
    new Set(
      routines
        .filter(({ name }) => names.has(name))
        .flatMap(({ body }) => [...operationsIn(body, apisByName)])
        .filter((one) => one.primitive.op === "register" && operandOf(one, "remove") === "TRUE")
        .map((one) => nameOf(operandOf(one, "routine"))),
    );
  const awaited = taking.map((by) => removedIn(reachedFrom([by])));
  const elsewhere = removedIn(
    reachedFrom(
      routines
        .map(({ role }) => role)
        .filter((role) => !["entry", "unload", "function"].includes(role)),
    ),
  );
  const loose = new Set(looseItems(driver));
  const isOne = ({ role, name }: Routine): boolean =>
    ["systemThread", "apc", "dpc"].includes(role) ||
    (role === "workItem" && loose.has(name)) ||
    (role === "callback" && (awaited.some((one) => !one.has(name)) || elsewhere.has(name)));
  return new Set(routines.filter(isOne).map(({ name }) => name));
}

/** Routines of items that some call queues without a count on the driver object. */
function looseItems(driver: DriverModel): (string | undefined)[] {
  const onFilter = unregistersFilter(driver);
  return operationsOf([driver])
    .filter(({ primitive: { op, counted } }) => {
      return op === "queueWork" && (counted === false || (counted === "filter" && onFilter));
    })
    .map((one) => {
      const item = nameOf(operandOf(one, "item"));
      return driver.objects.find(({ name }) => name === item)?.routine ?? item;
    });
}

/** The largest number that code of the drivers compares one with; 0 if none. */
export function largestCompared(drivers: readonly DriverModel[]): number {
  let largest = 0;
  for (const body of bodiesOf(drivers, languageOf(drivers))) {
    for (const statement of statementsIn(body)) {
      const test = testOf(statement);
      for (const one of test === undefined ? [] : questionsOf(test)) {
        if (one.kind === "compare" || one.kind === "returned")
          largest = Math.max(largest, one.value);
      }
    }
  }
  return largest;
}

/** Whether some thread of a service starts this routine in a thread of its own. */
export const startsThreads = (driver: DriverModel, routine: string): boolean =>
  operationsOf([driver]).some(
    (operation) =>
      operation.primitive.op === "start" && nameOf(operandOf(operation, "routine")) === routine,
  );

/** Queues of system workers that somebody's work goes to; Windows loads drivers on the Delayed one. */
export function workQueuesOf(drivers: readonly DriverModel[], world?: World): WorkQueue[] {
  const used = new Set<unknown>(
    operationsOf(drivers)
      .filter(({ primitive }) => primitive.op === "queueWork")
      .map((operation) => operandOf(operation, "queue")),
  );
  for (const { paths = [] } of languageOf(drivers).extension.families) {
    for (const { thread } of paths) used.add(thread);
  }
  if (world !== undefined && loadsDrivers(world)) used.add("DelayedWorkQueue");
  return workQueues.filter((queue) => used.has(queue));
}

/** Whether users of the world have drivers loaded, each by a system worker (W15). */
export const loadsDrivers = ({ workload }: World): boolean =>
  workload.some(({ does }) => does.some((action) => action === "load a driver"));

/** Whether code of the drivers goes from entry to entry of a list. */
export const walksLists = (drivers: readonly DriverModel[]): boolean =>
  operationsOf(drivers).some(({ primitive }) => primitive.op === "walk");

/** Whether the drivers, or what they listen to, have anything to do with worker threads. */
export const usesPool = (drivers: readonly DriverModel[], world?: World): boolean =>
  operationsOf(drivers).some(({ primitive }) => primitive.op === "queueWork") ||
  (world !== undefined && loadsDrivers(world)) ||
  ownPaths(drivers).some(({ thread }) => thread !== "caller");

/** Whether some message is sent with a timeout of 0 that has two accounts (SV-7). */
export const sendsWithZeroTimeout = (drivers: readonly DriverModel[]): boolean =>
  drivers.some((driver) =>
    operationsOf([driver]).some((operation) => {
      const { op, zero } = operation.primitive;
      if (op !== "send" || zero !== "of two accounts") return false;
      return isZeroTimeout(driver, operandOf(operation, "timeout"));
    }),
  );

/** Whether DriverUnload can find items that keep its driver loaded, and does what it says (W26). */
export const unloadsBesideItems = (drivers: readonly DriverModel[]): boolean =>
  drivers.some(
    (driver) =>
      driver.routines.some(({ role }) => role === "unload") &&
      operationsOf([driver]).some(
        ({ primitive: { op, counted } }) =>
          op === "queueWork" &&
          counted !== false &&
          (counted !== "filter" || !unregistersFilter(driver)),
      ),
  );

function isZeroTimeout({ settings }: DriverModel, given: Operand | boolean | undefined): boolean {
  if (typeof given !== "object" || !("timeout" in given)) return false;
  const { timeout } = given;
  if (typeof timeout !== "object") return timeout === 0;
  return settings.some(({ name, value }) => name === timeout.setting && value === 0);
}

/**
 * Whether a driver takes references to its minifilter, or queues items that count on it, and unregisters that. Of one that never
 * says it does, the driver object has to do.
 */
export function unregistersFilter(driver: DriverModel): boolean {
  const used = operationsOf([driver]).map(({ primitive }) => primitive);
  return (
    used.some(({ op }) => op === "runDownFilter") &&
    used.some(
      ({ op, counted }) => op === "protectFilter" || (op === "queueWork" && counted === "filter"),
    )
  );
}

/** Whether a driver keeps which threads it has started. */
export const keepsThreads = (drivers: readonly DriverModel[]): boolean =>
  drivers.some(({ objects, perProcess, routines }) =>
    [objects, perProcess, ...routines.map(({ locals }) => locals)].some((decls) =>
      decls.some(({ kind }) => kind === "PETHREAD"),
    ),
  );

export const usesServices = (drivers: readonly DriverModel[]): boolean =>
  drivers.some(({ services }) => services.length > 0);

/**
 * How many threads of a service take messages from the same port: of all ports, the most.
 *
 * @param each Threads of each kind; absent, as declared.
 */
export function servingThreads(drivers: readonly DriverModel[], each?: number): number {
  const language = languageOf(drivers);
  const counts = drivers.flatMap((driver) =>
    driver.services.flatMap(({ threads }) => {
      const served = threads.map((thread) => ({
        // Those that the service starts itself are as many as it starts.
        count: thread.count === 0 ? 0 : (each ?? thread.count),
        ports: portsOfThreads(driver, [thread], language, "any"),
      }));
      const ports = new Set(served.flatMap((one) => one.ports));
      return [...ports].map((port) =>
        served.reduce((sum, one) => sum + (one.ports.includes(port) ? one.count : 0), 0),
      );
    }),
  );
  return Math.max(0, ...counts);
}

/** A port that a service is connected to, and whether it only writes to it. */
export interface ConnectedPort {
  readonly name: string;
  readonly isWritten: boolean;
}

/**
 * The ports that a service is connected to: those that its threads take messages from, and the pipes
 * that they write to and no service reads. What a request of theirs uses in the kernel is the
 * driver's, and stays when the service ends.
 */
export function portsOf(
  driver: DriverModel,
  service: string,
  language: WindowsLanguage,
): ConnectedPort[] {
  const threads = driver.services.find(({ name }) => name === service)?.threads ?? [];
  const taken = portsOfThreads(driver, threads, language, "user");
  const served = portsOfThreads(
    driver,
    driver.services.flatMap((one) => one.threads),
    language,
    "user",
  );
  const written = portsOfThreads(driver, threads, language, "user", ["write"]);
  return [
    ...taken.map((name) => ({ name, isWritten: false })),
    ...written.filter((name) => !served.includes(name)).map((name) => ({ name, isWritten: true })),
  ];
}

/** Whether code of the drivers writes to a pipe, and so waits for room in it (SV-33). */
export const pipesOf = (drivers: readonly DriverModel[]): ObjectDecl[] =>
  drivers.flatMap((driver) => {
    const written = new Set(
      operationsOf([driver])
        .filter(({ primitive }) => primitive.op === "write")
        .map((operation) => nameOf(operandOf(operation, "object"))),
    );
    return driver.objects.filter(({ kind, name }) => kind === "FLT_PORT" && written.has(name));
  });

function portsOfThreads(
  driver: DriverModel,
  threads: readonly { readonly routine: string }[],
  { apisByName }: WindowsLanguage,
  mode: "any" | "user",
  ops: readonly string[] = takes,
): string[] {
  const taken = new Set<string | undefined>();
  for (const { routine } of threads) {
    for (const { body } of withCallees(driver, routine, apisByName, mode)) {
      for (const operation of operationsIn(body, apisByName)) {
        if (ops.includes(operation.primitive.op)) taken.add(nameOf(operandOf(operation, "object")));
      }
    }
  }
  return driver.objects
    .filter(({ kind, name }) => kind === "FLT_PORT" && taken.has(name))
    .map(({ name }) => name);
}

/** Primitives that take something off a line of entries. */
const takes: readonly string[] = ["dequeue", "pop"];
