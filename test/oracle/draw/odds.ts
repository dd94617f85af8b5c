/** Ends that hardly anything else comes to: of requests, items, registrations, conditions, APCs and walks. */
import type { Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, routine, to, when } from "./draft.ts";
import { onEvent, type Sketch, starts, succeeded, user } from "./sketch.ts";

const adds = call("InterlockedIncrement", { Target: to("Count") });
const count = object("Count", "variable");
const removes = call("PsSetCreateProcessNotifyRoutineEx", {
  NotifyRoutine: { routine: "OnEvent" },
  Remove: "TRUE",
});

/** A request that comes back, or waits for its IRP, in a region, raised, with a mutex or with a lock (SY-26). */
const unbalanced: Sketch = (roll, seed) => {
  const enters = of(roll, [
    [call("KeEnterCriticalRegion")],
    [call("KeEnterGuardedRegion")],
    [call("KeWaitForSingleObject", { Object: to("Mutant") })],
    [call("KeWaitForSingleObject", { Object: to("Mutant") }), call("KeEnterGuardedRegion")],
    [call("KeRaiseIrql", { NewIrql: "APC_LEVEL" })],
    [call("ExAcquireFastMutex", { FastMutex: to("Lock") })],
    [call("KeAcquireGuardedMutex", { Mutex: to("Guarded") })],
  ]);
  const leaves = of(roll, [
    [],
    [],
    [call("KeLeaveCriticalRegion")],
    [call("KeLeaveGuardedRegion")],
  ]);
  // Who leaves a mutex's region by hand is looked at elsewhere.
  const isLeft = JSON.stringify(enters).includes("Mutant") ? [] : leaves;
  const pends = roll(3) === 0 ? [call("IoCsqInsertIrp", { Csq: to("Pending") })] : [];
  return drafted(
    seed,
    {
      objects: [
        object("Mutant", "KMUTEX"),
        object("Lock", "FAST_MUTEX"),
        object("Guarded", "KGUARDED_MUTEX"),
        object("Pending", "IO_CSQ"),
      ],
      routines: [
        routine("callback", "OnEvent", [call("DbgPrint")]),
        routine("request", "OnControl", [...pends, ...enters, ...isLeft]),
        routine("userThread", "Asker", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }, "asked"),
        ]),
      ],
      registrations: onEvent(roll),
      services: [{ name: "Service", objects: [], threads: [{ routine: "Asker", count: 1 }] }],
    },
    [],
  );
};

/** A driver whose own code removes its callback, beside an unloading that does so, too. */
const removedTwice: Sketch = (roll, seed) => {
  const where = of(roll, ["Thread", "Item", "OnEvent"]);
  const hasUnload = roll(3) === 0;
  const body = (name: string): Statement[] => (name === where ? [removes] : [adds]);
  return drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine("callback", "OnEvent", body("OnEvent")),
        routine("systemThread", "Thread", body("Thread")),
        routine("workItem", "Item", body("Item")),
        routine("entry", "DriverEntry", [
          where === "Item"
            ? call("IoQueueWorkItem", {
                WorkItem: { routine: "Item" },
                QueueType: "DelayedWorkQueue",
              })
            : starts("Thread"),
        ]),
        ...(hasUnload ? [routine("unload", "DriverUnload", roll(2) === 0 ? [removes] : [])] : []),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    user(roll),
    { removal: of(roll, ["racing", "racing", "none"]) },
  );
};

/** An item of an activation that is freed from within it, from what is declared in it, or from elsewhere (W19). */
const freedFrom: Sketch = (roll, seed) => {
  const frees = call("IoFreeWorkItem", { WorkItem: { routine: "Item" } });
  const queues = call(of(roll, ["IoQueueWorkItem", "ExQueueWorkItem"]), {
    WorkItem: { routine: "Item" },
    QueueType: of(roll, ["DelayedWorkQueue", "CriticalWorkQueue"]),
  });
  const other = call("IoQueueWorkItem", {
    WorkItem: { routine: "Other" },
    QueueType: "DelayedWorkQueue",
  });
  const helps: Statement = { kind: "invoke", routine: "Helper" };
  const waits = call("KeDelayExecutionThread", { Interval: after(1000) });
  const isDeeper = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine(
          "callback",
          "OnEvent",
          of(roll, [
            [queues, frees],
            [queues, helps],
            [queues, other, waits],
            [other, queues, waits],
            [queues, starts("Thread"), waits],
            [other, queues, frees],
          ]),
        ),
        routine(
          "function",
          "Helper",
          isDeeper ? [{ kind: "invoke", routine: "Deeper" }] : [frees],
          {
            within: "OnEvent",
          },
        ),
        routine("function", "Deeper", [frees], { within: "Helper" }),
        routine("systemThread", "Thread", [frees], { within: "OnEvent" }),
        routine("workItem", "Item", [adds], { within: "OnEvent" }),
        routine("workItem", "Other", roll(2) === 0 ? [frees] : [adds], { within: "OnEvent" }),
      ],
      registrations: onEvent(roll),
    },
    roll(3) === 0 ? [["create"], ["create"]] : user(roll),
  );
};

/** An opaque condition that several come to at once, and that falls once for all of them. */
const fallen: Sketch = (roll, seed) => {
  const scope = of(roll, ["driver", "driver", "process", "activation"] as const);
  const tests = (then: readonly Statement[]): Statement =>
    when({ kind: "opaque", name: "Denies" }, then, roll(2) === 0 ? [] : [call("DbgPrint")]);
  const done = call("KeSetEvent", { Event: to("Done") });
  return drafted(
    seed,
    {
      objects: [count, object("Done", "NotificationEvent")],
      conditions: [{ name: "Denies", scope }],
      routines: [
        routine("callback", "OnEvent", [
          starts("Thread"),
          ...(roll(2) === 0 ? [adds] : []),
          tests([adds]),
        ]),
        routine(
          "systemThread",
          "Thread",
          [tests([done]), ...(roll(2) === 0 ? [tests([adds])] : [])],
          {
            ...(roll(2) === 0 ? { within: "OnEvent" } : {}),
          },
        ),
      ],
      registrations: onEvent(roll),
    },
    roll(3) === 0 ? [["create"], ["create"]] : user(roll),
  );
};

/** An APC for a thread that has not begun, has ended, or leaves; or one whose driver goes meanwhile. */
const reached: Sketch = (roll, seed) => {
  const queue = call(
    "KeInsertQueueApc",
    {
      Apc: { routine: "Apc" },
      Thread: { thread: of(roll, ["subject", "subject", "current"]) },
      Kind: of(roll, ["Normal", "Special"]),
    },
    "queued",
  );
  const goes = roll(2) === 0;
  const calls = of(roll, [[adds], [call("DbgPrint")], [], [adds, call("ZwReadFile")]]);
  return drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine("callback", "OnEvent", [
          ...(roll(3) === 0 ? [call("DbgPrint")] : []),
          ...(roll(3) === 0 ? [starts("Thread")] : [queue]),
          ...(roll(4) === 0 ? [queue] : []),
        ]),
        routine("systemThread", "Thread", [queue], { within: "OnEvent" }),
        routine("apc", "Apc", calls, roll(2) === 0 ? { within: "OnEvent" } : {}),
        ...(goes ? [routine("unload", "DriverUnload", [removes])] : []),
      ],
      registrations: [
        {
          family: goes
            ? "process-create"
            : of(roll, [
                "process-create",
                "thread-create",
                "process-exit",
                "thread-exit",
                "image-exe",
              ]),
          routine: "OnEvent",
        },
      ],
    },
    [[of(roll, ["create and exit", "create", "create and wait"])]],
    goes ? { removal: "racing" } : {},
  );
};

/** A walk from what is not there: nothing, an entry that was freed, or one that stands in another list. */
const astray: Sketch = (roll, seed) => {
  const entry = { Entry: to("Mine") };
  const list = { ListHead: to(of(roll, ["List", "Other"])) };
  const makes = call("ExAllocateFromLookasideListEx", entry, "made");
  const puts = call("InsertTailList", { ...list, ...entry });
  const frees = call("ObDereferenceObject", entry);
  const steps = call("Flink", { ListHead: to("List"), Entry: to("At"), From: to("Mine") }, "next");
  const unlinks = call("RemoveEntryList", { ListHead: to("List"), ...entry });
  return drafted(
    seed,
    {
      objects: [object("List", "LIST_ENTRY"), object("Other", "LIST_ENTRY")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      routines: [
        routine(
          "callback",
          "OnEvent",
          of(roll, [
            [makes, succeeded("made", [puts, frees, steps])],
            [makes, succeeded("made", [frees, puts])],
            [makes, succeeded("made", [puts, unlinks, unlinks])],
            [makes, succeeded("made", [puts, steps])],
            [makes, succeeded("made", [frees, unlinks])],
            [steps],
            [unlinks],
            [puts],
          ]),
          {
            locals: [
              object("Mine", "pointer", { record: "Entry" }),
              object("At", "pointer", { record: "Entry" }),
            ],
          },
        ),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** Several timers that are set out of their order, set anew, and taken back. */
const several: Sketch = (roll, seed) => {
  const sets = (name: string): Statement =>
    call("KeSetTimerEx", {
      Timer: to(name),
      DueTime: after(of(roll, [1000, 2000])),
      Period: after(0),
      ...(roll(3) === 0 ? { Dpc: { routine: "Dpc" } } : {}),
    });
  const again: Statement = {
    kind: "repeat",
    times: 2,
    body: roll(2) === 0 ? [sets("First"), sets("Second")] : [sets("Second")],
  };
  const isOwn = roll(3) === 0;
  const timers = [
    object("First", of(roll, ["NotificationTimer", "SynchronizationTimer"] as const)),
    object("Second", "NotificationTimer"),
  ];
  const cancels = call("KeCancelTimer", { Timer: to(of(roll, ["First", "Second"])) }, "was");
  return drafted(
    seed,
    {
      objects: [...(isOwn ? [] : timers), count],
      routines: [
        routine(
          "callback",
          "OnEvent",
          [
            ...(roll(2) === 0 ? [again] : [sets("Second"), sets("First")]),
            ...(roll(2) === 0 ? [cancels] : []),
            ...(roll(2) === 0 ? [call("KeWaitForSingleObject", { Object: to("First") })] : []),
          ],
          isOwn ? { locals: timers } : {},
        ),
        routine("dpc", "Dpc", [adds]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

const sketches: readonly Sketch[] = [
  ...[unbalanced, unbalanced, removedTwice, freedFrom, freedFrom, fallen, fallen],
  ...[reached, reached, astray, astray, several],
];

export const odds: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
