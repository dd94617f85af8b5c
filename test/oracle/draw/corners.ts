/** Small scenarios for rules that need two things at once: captures of captures, parents, settings, WaitAll. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";

type Sketch = (roll: Roll, seed: number) => Scenario;

const on = (roll: Roll, ...families: readonly string[]) => [
  { family: of(roll, families), routine: "OnEvent" },
];
const queue = (name: string, api = "ExQueueWorkItem"): Statement =>
  call(api, { WorkItem: { routine: name }, QueueType: "DelayedWorkQueue" });
const user = (roll: Roll) => [[of(roll, ["create", "create and exit"])]];

/** An item of an item: both were declared in the callback, and one of them uses what is there. */
const chained: Sketch = (roll, seed) => {
  const uses = of(roll, [
    call("KeSetEvent", { Event: to("Local") }),
    call("InterlockedIncrement", { Target: to("Number") }, "n"),
    call("KeWaitForSingleObject", { Object: { process: "subject" }, Timeout: after(1000) }, "w"),
    when({ kind: "event", is: "create" }, [call("DbgPrint")]),
  ]);
  const waits =
    roll(2) === 0 ? [call("KeWaitForSingleObject", { Object: to("Local") }, "local")] : [];
  const locals = [object("Local", "NotificationEvent"), object("Number", "variable")];
  return drafted(
    seed,
    {
      routines: [
        routine("callback", "OnEvent", [queue("First"), ...waits], { locals }),
        routine("workItem", "First", [queue("Second")], { within: "OnEvent" }),
        routine("workItem", "Second", [uses], { within: "OnEvent" }),
      ],
      registrations: on(roll, "process-create", "process-exit", "image-exe", "thread-create"),
    },
    user(roll),
  );
};

/** Waits for the creator of a process, and for timeouts that are settings. */
const parents: Sketch = (roll, seed) =>
  drafted(
    seed,
    {
      settings: [{ name: "Patience", value: of(roll, [0, 1000, "none" as const]) }],
      routines: [
        routine("callback", "OnEvent", [
          call(
            "KeWaitForSingleObject",
            {
              Object: { process: of(roll, ["creator", "subject", "current"]) },
              Timeout: { timeout: { setting: "Patience" } },
            },
            "got",
          ),
          ...(roll(2) === 0
            ? [
                call("ZwTerminateProcess", {
                  Process: { process: of(roll, ["creator", "subject"]) },
                }),
              ]
            : []),
        ]),
      ],
      registrations: on(roll, "process-create", "image-exe", "process-exit", "thread-exit"),
    },
    user(roll),
  );

/** A wait for all of several, which threads signal one after the other, or take back. */
const together: Sketch = (roll, seed) => {
  const kinds = ["NotificationEvent", "SynchronizationEvent", "KSEMAPHORE", "KMUTEX"] as const;
  const [first, second] = [of(roll, kinds), of(roll, kinds)];
  const declared = (name: string, kind: (typeof kinds)[number]) =>
    object(name, kind, kind === "KSEMAPHORE" ? { initial: roll(2), limit: 2 } : {});
  const signal = (name: string, kind: (typeof kinds)[number]): Statement =>
    kind === "KSEMAPHORE"
      ? call("KeReleaseSemaphore", { Semaphore: to(name), Adjustment: 1 })
      : kind === "KMUTEX"
        ? call("KeWaitForSingleObject", { Object: to(name), Timeout: after(0) }, `${name}r`)
        : call(of(roll, ["KeSetEvent", "KeSetEvent", "KePulseEvent"]), { Event: to(name) });
  return drafted(
    seed,
    {
      objects: [declared("First", first), declared("Second", second)],
      routines: [
        routine("callback", "OnEvent", [
          call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }),
          call(
            "KeWaitForMultipleObjects",
            {
              Objects: { objects: [to("First"), to("Second")] },
              WaitType: of(roll, ["WaitAll", "WaitAll", "WaitAny"]),
              ...(roll(3) === 0 ? { Timeout: after(1000) } : {}),
            },
            "got",
          ),
        ]),
        routine("systemThread", "Thread", [signal("First", first), signal("Second", second)]),
      ],
      registrations: on(roll, "process-create", "image-exe", "process-exit"),
    },
    user(roll),
  );
};

/** Items that keep a driver loaded, or do not, while it is unloaded. */
const kept: Sketch = (roll, seed) => {
  const api = of(roll, ["IoQueueWorkItem", "IoQueueWorkItem", "ExQueueWorkItem"]);
  const isWide = roll(2) === 0;
  const atEnd = of(roll, [
    (): Statement[] => [queue("Item", api)],
    (): Statement[] => [],
    (): Statement[] => [
      call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }),
      queue("Item", api),
    ],
  ])();
  return drafted(
    seed,
    {
      objects: [
        object("Count", "variable"),
        ...(isWide ? [object("Item", "WORK_ITEM", { routine: "Item" })] : []),
      ],
      routines: [
        routine("callback", "OnEvent", [queue("Item", api)]),
        routine("workItem", "Item", [
          call("InterlockedIncrement", { Target: to("Count") }, "n"),
          ...(isWide && roll(2) === 0
            ? [call("IoFreeWorkItem", { WorkItem: { routine: "Item" } })]
            : []),
        ]),
        routine("systemThread", "Thread", [
          call("InterlockedDecrement", { Target: to("Count") }, "n"),
        ]),
        routine("unload", "DriverUnload", [
          call("PsSetCreateProcessNotifyRoutineEx", {
            NotifyRoutine: { routine: "OnEvent" },
            Remove: "TRUE",
          }),
          ...atEnd,
        ]),
      ],
      registrations: on(roll, "process-create"),
    },
    roll(3) === 0 ? [] : user(roll),
    { removal: "racing" },
  );
};

/** Regions, attachments, IRQL and locks that are left as they were not entered. */
const unpaired: Sketch = (roll, seed) => {
  const one = of(roll, [
    call("KeLeaveCriticalRegion"),
    call("KeLeaveGuardedRegion"),
    call("KeUnstackDetachProcess"),
    call("KeRaiseIrql", { NewIrql: of(roll, ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"]) }),
    call("KeLowerIrql", { NewIrql: of(roll, ["PASSIVE_LEVEL", "APC_LEVEL"]) }),
    call("KeEnterGuardedRegion"),
    call("KeStackAttachProcess"),
    call("ExAcquireResourceExclusiveLite", { Resource: to("Lock") }),
    call("ExReleaseResourceLite", { Resource: to("Lock") }),
    call("ExConvertExclusiveToSharedLite", { Resource: to("Lock") }),
  ]);
  const where = of(roll, ["callback", "workItem", "systemThread"] as const);
  const start = {
    callback: [],
    workItem: [queue("Other")],
    systemThread: [call("PsCreateSystemThread", { StartRoutine: { routine: "Other" } })],
  }[where];
  const body = roll(2) === 0 ? [one] : [call("KeEnterCriticalRegion"), one];
  return drafted(
    seed,
    {
      objects: [object("Lock", "ERESOURCE")],
      routines: [
        routine("callback", "OnEvent", where === "callback" ? body : start),
        ...(where === "callback" ? [] : [routine(where, "Other", body)]),
      ],
      registrations: on(roll, "process-create", "image-exe", "thread-exit", "process-exit"),
    },
    user(roll),
    roll(4) === 0 ? { specialApcs: "off" } : {},
  );
};

const sketches: readonly Sketch[] = [chained, parents, together, kept, unpaired];

export const corners: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
