/** What is read from a driver's text alone of how much it lets in at once, and what it keeps and compares. */
import type {
  Body,
  DriverModel,
  ObjectDecl,
  Routine,
  Statement,
} from "../../../src/language/model.ts";
import { roomOf, unitsOf, workersOf } from "../../../src/windows/capacities.ts";
import {
  createsUserThreads,
  keepsThreads,
  largestCompared,
  loadsDrivers,
} from "../../../src/windows/questions.ts";
import { call, drafted, object, routine, to, when } from "../draw/draft.ts";

type World = Parameters<typeof loadsDrivers>[0];

const driverOf = (
  body: Body,
  objects: readonly ObjectDecl[] = [],
  routines: readonly Routine[] = [],
  more: Partial<DriverModel> = {},
): DriverModel =>
  drafted(
    1,
    {
      objects,
      routines: [routine("callback", "OnEvent", body), ...routines],
      registrations: [{ family: "process", routine: "OnEvent" }],
      ...more,
    },
    [],
  ).drivers[0] as unknown as DriverModel;

const waits = (name: string): Statement => call("KeWaitForSingleObject", { Object: to(name) });
const sets = (name: string): Statement => call("KeSetEvent", { Event: to(name) });
const starts = (name = "Thread"): Statement =>
  call("PsCreateSystemThread", { StartRoutine: { routine: name } });
const thread = (body: Body, name = "Thread"): Routine => routine("systemThread", name, body);
const twice = (body: Body, times = 3): Statement => ({ kind: "repeat", times, body: [...body] });
const semaphore = (initial: number, name = "Many"): ObjectDecl =>
  object(name, "KSEMAPHORE", { initial, limit: 9 });
const fetches = call("KeRemoveQueue", { Queue: to("Queue"), Entry: to("Taken") });
const takes = call("RemoveHeadList", { ListHead: to("List"), Entry: to("Taken") });
const places = [
  object("Queue", "KQUEUE"),
  object("List", "LIST_ENTRY"),
  object("Taken", "pointer"),
  object("All", "NotificationEvent"),
  object("One", "SynchronizationEvent"),
  semaphore(0),
];
const workers = (start: Body, routines: readonly Routine[]): number =>
  workersOf([driverOf(start, places, routines)]);
const compares = (value: number): Statement =>
  when({ kind: "compare", variable: to("Count"), op: "<", value }, [call("DbgPrint")]);
const asks = (value: number): Statement =>
  when({ kind: "returned", of: "r", op: "==", value }, [call("DbgPrint")]);
const count = [object("Count", "variable")];
const local = (kind: ObjectDecl["kind"]): Routine => ({
  ...routine("function", "Keeps", []),
  locals: [object("Kept", kind)],
});
const writes = (name: string): Statement => call("NtWriteFile", { Pipe: to(name) });
const world = (does: readonly string[]): World => drafted(1, {}, [does]).world as unknown as World;

const casesNow = (): readonly (readonly [name: string, is: unknown, should: unknown])[] => [
  ["units that are waited for", unitsOf([driverOf([waits("Many")], [semaphore(3)])]), 3],
  ["units of nobody", unitsOf([driverOf([], [semaphore(3)])]), 0],
  [
    "units of what is only given back",
    unitsOf([
      driverOf(
        [call("KeReleaseSemaphore", { Semaphore: to("Many"), Adjustment: 1 })],
        [semaphore(3)],
      ),
    ]),
    0,
  ],
  [
    "an event has no units",
    unitsOf([driverOf([waits("One")], [object("One", "SynchronizationEvent", { initial: 1 })])]),
    0,
  ],
  [
    "of two semaphores the larger",
    unitsOf([driverOf([waits("Many"), waits("Few")], [semaphore(3), semaphore(1, "Few")])]),
    3,
  ],
  ["units of two drivers", unitsOf([driverOf([]), driverOf([waits("Many")], [semaphore(2)])]), 2],
  ["no driver", unitsOf([]), 0],
  ["one thread that fetches", workers([starts()], [thread([fetches])]), 1],
  ["one that takes off a list", workers([starts()], [thread([takes])]), 1],
  ["one that waits for units", workers([starts()], [thread([waits("Many")])]), 1],
  ["one that waits for an event of one", workers([starts()], [thread([waits("One")])]), 1],
  ["one that waits for an event of all", workers([starts()], [thread([waits("All")])]), 0],
  ["one that only sets", workers([starts()], [thread([sets("One")])]), 0],
  ["one that nobody starts", workers([], [thread([fetches])]), 0],
  ["two that are started", workers([starts(), starts()], [thread([fetches])]), 2],
  ["three in a loop", workers([twice([starts()])], [thread([fetches])]), 3],
  ["six in two loops", workers([twice([twice([starts()], 2)])], [thread([fetches])]), 6],
  [
    "two kinds at one place",
    workers([starts(), starts("Other")], [thread([fetches]), thread([fetches], "Other")]),
    2,
  ],
  [
    "two kinds at two places",
    workers([starts(), starts("Other")], [thread([fetches]), thread([takes], "Other")]),
    1,
  ],
  ["one that comes to it twice", workers([starts()], [thread([fetches, fetches])]), 1],
  [
    "one whose function fetches",
    workers(
      [starts()],
      [thread([{ kind: "invoke", routine: "Helper" }]), routine("function", "Helper", [fetches])],
    ),
    1,
  ],
  ["an item that fetches", workers([starts("Item")], [routine("workItem", "Item", [fetches])]), 0],
  ["no pipe", roomOf([driverOf([], [object("Pipe", "FLT_PORT")])]), 0],
  ["a pipe", roomOf([driverOf([writes("Pipe")], [object("Pipe", "FLT_PORT", { room: 3 })])]), 3],
  [
    "a pipe of the usual room",
    roomOf([driverOf([writes("Pipe")], [object("Pipe", "FLT_PORT")])]),
    1,
  ],
  [
    "of two pipes the larger",
    roomOf([
      driverOf(
        [writes("Pipe"), writes("Other")],
        [object("Pipe", "FLT_PORT", { room: 2 }), object("Other", "FLT_PORT", { room: 4 })],
      ),
    ]),
    4,
  ],
  [
    "a pipe that is not written",
    roomOf([
      driverOf(
        [writes("Pipe")],
        [object("Pipe", "FLT_PORT", { room: 2 }), object("Other", "FLT_PORT", { room: 4 })],
      ),
    ]),
    2,
  ],
  ["nothing is compared", largestCompared([driverOf([])]), 0],
  ["a number is compared", largestCompared([driverOf([compares(7)], count)]), 7],
  ["the largest of two", largestCompared([driverOf([compares(7), asks(4)], count)]), 7],
  ["a number that comes back", largestCompared([driverOf([asks(9)], count)]), 9],
  ["inside of a loop", largestCompared([driverOf([twice([compares(5)])], count)]), 5],
  ["threads are kept", keepsThreads([driverOf([], [object("Kept", "PETHREAD")])]), true],
  ["none is kept", keepsThreads([driverOf([], [object("Kept", "pointer")])]), false],
  ["kept in a routine", keepsThreads([driverOf([], [], [local("PETHREAD")])]), true],
  ["nothing is kept there", keepsThreads([driverOf([], [], [local("pointer")])]), false],
  [
    "kept in a process",
    keepsThreads([driverOf([], [], [], { perProcess: [object("Kept", "PETHREAD")] })]),
    true,
  ],
  ["a user thread is created", createsUserThreads([driverOf([call("RtlCreateUserThread")])]), true],
  ["a system thread is", createsUserThreads([driverOf([starts()], [], [thread([])])]), false],
  ["a driver is loaded", loadsDrivers(world(["create", "load a driver"])), true],
  ["a DLL is", loadsDrivers(world(["create", "load a DLL"])), false],
];

export const capacityDifferences = (): string[] =>
  casesNow()
    .filter(([, is, should]) => JSON.stringify(is) !== JSON.stringify(should))
    .map(([name, is, should]) => `${name}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
