/**
 * What is read from a driver's text alone: whose code an unloading can take away from under it (section 14), and
 * where a request is at rest (section 12).
 */
import type { DriverModel, Routine, Statement } from "../../../src/language/model.ts";
import { languageOf } from "../../../src/windows/language.ts";
import { goneInside } from "../../../src/windows/questions.ts";
import { restsOf } from "../../../src/windows/rests.ts";
import { after, call, drafted, object, routine, to } from "../draw/draft.ts";

type World = Parameters<typeof goneInside>[1];

const driverOf = (given: Partial<DriverModel>): DriverModel =>
  drafted(1, given, []).drivers[0] as unknown as DriverModel;
const worldOf = (removal: "none" | "racing"): World =>
  drafted(1, {}, [], { removal }).world as unknown as World;

const removes = call("PsSetCreateProcessNotifyRoutineEx", {
  NotifyRoutine: { routine: "OnEvent" },
  Remove: "TRUE",
});
const registers = call("PsSetCreateProcessNotifyRoutineEx", {
  NotifyRoutine: { routine: "OnEvent" },
  Remove: "FALSE",
});
const queues = (api: string, WorkItem: object = { routine: "Item" }): Statement =>
  call(api, { WorkItem, QueueType: "DelayedWorkQueue" });
const helps: Statement = { kind: "invoke", routine: "Helper" };

const goneOf = (
  routines: readonly Routine[],
  unload: readonly Statement[] | null = [removes],
  removal: "none" | "racing" = "racing",
): string => {
  const driver = driverOf({
    objects: [object("Work", "WORK_ITEM", { routine: "Item" })],
    routines: [...routines, ...(unload === null ? [] : [routine("unload", "Unload", unload)])],
    registrations: [{ family: "process", routine: "OnEvent" }],
  });
  return [...goneInside(driver, worldOf(removal), languageOf([driver]))].sort().join();
};
const onEvent = (...body: readonly Statement[]): Routine => routine("callback", "OnEvent", body);
const item = routine("workItem", "Item", []);
const helper = routine("function", "Helper", [removes]);
const thread = (...body: readonly Statement[]): Routine => routine("systemThread", "Thread", body);

const gone = (): readonly (readonly [string, string, string])[] => [
  ["a callback that is removed", goneOf([onEvent()]), ""],
  ["a callback that is left", goneOf([onEvent()], []), "OnEvent"],
  ["a callback that is registered anew", goneOf([onEvent()], [registers]), "OnEvent"],
  ["without a DriverUnload", goneOf([onEvent(), thread()], null), ""],
  ["nobody removes the driver", goneOf([onEvent(), thread()], [], "none"), ""],
  ["a thread", goneOf([onEvent(), thread()]), "Thread"],
  [
    "an APC and a DPC",
    goneOf([onEvent(), routine("apc", "Apc", []), routine("dpc", "Dpc", [])]),
    "Apc,Dpc",
  ],
  ["a function", goneOf([onEvent(), routine("function", "Helper", [])]), ""],
  ["an item that counts", goneOf([onEvent(queues("IoQueueWorkItem")), item]), ""],
  ["an item that does not", goneOf([onEvent(queues("ExQueueWorkItem")), item]), "Item"],
  [
    "an item that counts in one of two",
    goneOf([onEvent(queues("IoQueueWorkItem"), queues("ExQueueWorkItem")), item]),
    "Item",
  ],
  [
    "an item of the driver's that does not count",
    goneOf([onEvent(queues("ExQueueWorkItem", to("Work"))), item]),
    "Item",
  ],
  ["an item of the filter", goneOf([onEvent(queues("FltQueueGenericWorkItem")), item]), ""],
  [
    "an item of the filter, which is run down",
    goneOf(
      [onEvent(queues("FltQueueGenericWorkItem")), item],
      [call("FltUnregisterFilter"), removes],
    ),
    "Item",
  ],
  ["removed by a function", goneOf([onEvent(), helper], [helps]), ""],
  ["removed by a thread, too", goneOf([onEvent(), thread(removes)]), "OnEvent,Thread"],
  ["removed by a thread's function", goneOf([onEvent(), thread(helps), helper]), "OnEvent,Thread"],
  [
    "removed by DriverEntry, too",
    goneOf([onEvent(), routine("entry", "DriverEntry", [removes])]),
    "",
  ],
  ["removed by itself, too", goneOf([onEvent(removes)]), "OnEvent"],
  [
    "removed in a condition",
    goneOf([onEvent()], [{ kind: "repeat", times: 1, body: [removes] }]),
    "",
  ],
];

/** A request that waits for an event, of a driver with these other routines. */
function restingOf(
  ahead: readonly Statement[],
  others: readonly Routine[],
  isLimited = false,
): boolean {
  const driver = driverOf({
    objects: ["Done", "Other"].map((name) => object(name, "NotificationEvent")),
    routines: [routine("request", "OnControl", ahead), ...others],
    registrations: [{ family: "process", routine: "OnEvent" }],
  });
  return restsOf(driver, languageOf([driver])).waiting("OnControl", ["Done"], isLimited);
}
const sets = (name: string): Statement => call("KeSetEvent", { Event: to(name) });
const waits = (name: string): Statement => call("KeWaitForSingleObject", { Object: to(name) });
const starts = call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } });
const timer = call("KeSetTimerEx", {
  Timer: to("Timer"),
  DueTime: after(1_000),
  Period: after(0),
  Dpc: { routine: "Dpc" },
});

/** What is handed over to a thread, or an item, that sets it: what stands for the event there is \`Handed\`. */
const handing = (how: "start" | "queueWork", what: string, isContext = true): boolean => {
  const start =
    how === "start"
      ? call("PsCreateSystemThread", { StartRoutine: { routine: "Doer" }, Context: to(what) })
      : call("IoQueueWorkItem", {
          WorkItem: { routine: "Doer" },
          QueueType: "DelayedWorkQueue",
          Context: to(what),
        });
  const locals = [object("Handed", "NotificationEvent", isContext ? { context: true } : {})];
  const role = how === "start" ? "systemThread" : "workItem";
  return restingOf([start], [routine(role, "Doer", [sets("Handed")], { locals })]);
};

const resting = (): readonly (readonly [string, boolean, boolean])[] => [
  ["for whom nothing has started", restingOf([], [thread(sets("Done"))]), true],
  ["also with a timeout", restingOf([], [thread(sets("Done"))], true), true],
  ["for its own thread", restingOf([starts], [thread(sets("Done"))]), false],
  ["for its own thread, which is handed it", handing("start", "Done"), false],
  ["for its own item, which is handed it", handing("queueWork", "Done"), false],
  ["its own thread is handed another", handing("start", "Other"), true],
  ["its own item is handed another", handing("queueWork", "Other"), true],
  [
    "for its own item",
    restingOf([queues("IoQueueWorkItem")], [routine("workItem", "Item", [sets("Done")])]),
    false,
  ],
  [
    "for its own item's thread",
    restingOf(
      [queues("IoQueueWorkItem")],
      [routine("workItem", "Item", [starts]), thread(sets("Done"))],
    ),
    false,
  ],
  ["for its timer's DPC", restingOf([timer], [routine("dpc", "Dpc", [sets("Done")])]), false],
  ["for a callback of others", restingOf([], [onEvent(sets("Done"))]), true],
  [
    "for a callback that it has called",
    restingOf([call("ZwCreateUserProcess")], [onEvent(sets("Done"))]),
    false,
  ],
  [
    "for whom it lets go",
    restingOf([sets("Other")], [thread(waits("Other"), sets("Done"))]),
    false,
  ],
  ["for who waits for another", restingOf([sets("Other")], [thread(sets("Done"))]), true],
  [
    "a callback that it lets go",
    restingOf([sets("Other")], [onEvent(waits("Other"), sets("Done"))]),
    true,
  ],
  ["for nobody", restingOf([], []), true],
  ["for nobody, with a timeout", restingOf([], [], true), false],
  [
    "for what its function starts",
    restingOf([helps], [routine("function", "Helper", [starts]), thread(sets("Done"))]),
    false,
  ],
];

/** Whether a request that pends its IRP is at rest behind its return. */
function pendedOf(body: readonly Statement[], others: readonly Routine[]): string {
  const driver = driverOf({
    objects: [object("Pending", "IO_CSQ"), object("Rest", "IO_CSQ"), object("Irp", "pointer")],
    routines: [routine("request", "OnControl", body), ...others],
    registrations: [{ family: "process", routine: "OnEvent" }],
  });
  return restsOf(driver, languageOf([driver])).pended("OnControl");
}
const pends = call("IoCsqInsertIrp", { Csq: to("Pending") });
const removesIrp = (Csq: string): Statement =>
  call("IoCsqRemoveNextIrp", { Csq: to(Csq), Irp: to("Irp") });

const pended = (): readonly (readonly [string, string, string])[] => [
  ["pends nothing", pendedOf([], [thread(removesIrp("Pending"))]), "never"],
  // Whoever takes what it puts in goes on because of it; a callback has its own reasons.
  ["pends for a thread", pendedOf([pends], [thread(removesIrp("Pending"))]), "at work"],
  ["pends for a callback", pendedOf([pends], [onEvent(removesIrp("Pending"))]), "at rest"],
  [
    "pends for a callback that it has called",
    pendedOf([pends, call("ZwCreateUserProcess")], [onEvent(removesIrp("Pending"))]),
    "at work",
  ],
  ["pends for nobody", pendedOf([pends], []), "at rest"],
  ["pends for its thread", pendedOf([pends, starts], [thread(removesIrp("Pending"))]), "at work"],
  ["its thread takes others", pendedOf([pends, starts], [thread(removesIrp("Rest"))]), "at rest"],
  [
    "pends in a function",
    pendedOf([helps], [routine("function", "Helper", [pends]), thread(removesIrp("Pending"))]),
    "at work",
  ],
];

export const endDifferences = (): string[] =>
  [...gone(), ...resting(), ...pended()]
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => `${name}: ${is}, not ${should}`);
