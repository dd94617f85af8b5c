/** Small scenarios for what two of the other ideas would have to come together for: one idea each, drawn often enough. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";
import { alerted, computing, resting, starting, twoMessages } from "./seldom-services.ts";
import { onEvent, type Sketch, starts, user } from "./sketch.ts";

const adds = call("InterlockedIncrement", { Target: to("Count") });
const count = object("Count", "variable");

/** A creation that is vetoed, now and then, by what it raises itself, and whoever asks what came of it. */
const vetoed: Sketch = (roll, seed) => {
  const test = of(roll, [
    { kind: "causedByOwnWork" } as const,
    { kind: "opaque", name: "Denies" } as const,
  ]);
  const creates: Statement[] = [
    call("ZwCreateUserProcess", {}, "made"),
    when({ kind: "result", of: "made", is: "failure" }, [adds]),
  ];
  const isOwn = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: [count],
      conditions: [{ name: "Denies", scope: "activation" }],
      routines: [
        routine("callback", "OnEvent", [
          when(test, [{ kind: "veto" }], isOwn ? [starts("Thread")] : []),
        ]),
        routine("systemThread", "Thread", creates),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    [[of(roll, ["create", "create and wait", "create a daemon and wait", "create and exit"])]],
  );
};

/** Several who wait for one event, each in a thread of its own kind, and one who pulses or sets it. */
const pulsed: Sketch = (roll, seed) => {
  const kind = of(roll, [
    "SynchronizationEvent",
    "SynchronizationEvent",
    "NotificationEvent",
  ] as const);
  const waits = (held: boolean): Statement[] => {
    const wait = call(
      "KeWaitForSingleObject",
      { Object: to("Event"), ...(roll(3) === 0 ? { Timeout: after(1000) } : {}) },
      "got",
    );
    return held
      ? [call("KeEnterGuardedRegion"), wait, call("KeLeaveGuardedRegion"), adds]
      : [wait, adds];
  };
  return drafted(
    seed,
    {
      objects: [object("Event", kind), count],
      routines: [
        routine("callback", "OnEvent", [
          starts("First"),
          starts("Second"),
          call(of(roll, ["KePulseEvent", "KePulseEvent", "KeSetEvent"]), { Event: to("Event") }),
        ]),
        routine("systemThread", "First", waits(roll(2) === 0)),
        routine("systemThread", "Second", waits(roll(2) === 0)),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** Items that are freed: one of the driver, or one of a callback, from that or from beside it. */
const freed: Sketch = (roll, seed) => {
  const frees = call("IoFreeWorkItem", { WorkItem: { routine: "Item" } });
  const queues = (): Statement =>
    call(of(roll, ["IoQueueWorkItem", "ExQueueWorkItem"]), {
      WorkItem: { routine: "Item" },
      QueueType: of(roll, ["DelayedWorkQueue", "DelayedWorkQueue", "CriticalWorkQueue"]),
    });
  const helps = roll(2) === 0;
  const others = roll(3) === 0;
  return drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine("callback", "OnEvent", [
          queues(),
          ...(roll(3) === 0 ? [call("KeDelayExecutionThread", { Interval: after(1000) })] : []),
          ...(helps ? [{ kind: "invoke", routine: "Helper" } as const] : [frees]),
        ]),
        ...(helps ? [routine("function", "Helper", [frees], { within: "OnEvent" })] : []),
        routine("workItem", "Item", [adds, ...(others ? [frees] : [])], { within: "OnEvent" }),
      ],
      registrations: onEvent(roll),
    },
    roll(2) === 0 ? user(roll) : [["create"], ["create"]],
  );
};

/** An APC, or a DPC of a timer, that is still to come when its driver's code goes. */
const leftBehind: Sketch = (roll, seed) => {
  const queues = call(
    "KeInsertQueueApc",
    {
      Apc: { routine: "Apc" },
      Thread: { thread: "current" },
      Kind: of(roll, ["Normal", "Special"]),
    },
    "queued",
  );
  const sets = call("KeSetTimerEx", {
    Timer: to("Timer"),
    DueTime: after(1000),
    Period: after(0),
    Dpc: { routine: "Dpc" },
  });
  const dpc = routine("dpc", "Dpc", [adds]);
  const isFirst = roll(2) === 0;
  const usesTimer = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: [count, object("Timer", "NotificationTimer")],
      routines: [
        ...(usesTimer && isFirst ? [dpc] : []),
        routine("callback", "OnEvent", [usesTimer ? sets : queues]),
        routine("apc", "Apc", [adds]),
        routine("unload", "DriverUnload", [
          call("PsSetCreateProcessNotifyRoutineEx", {
            NotifyRoutine: { routine: "OnEvent" },
            Remove: "TRUE",
          }),
        ]),
        ...(usesTimer && !isFirst ? [dpc] : []),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    user(roll),
    { removal: "racing" },
  );
};

/** Rundown protection that is given back more often than it was had, or waited out. */
const rundown: Sketch = (roll, seed) => {
  const ref = { RunRef: to("Rundown") };
  const gives = call("ExReleaseRundownProtection", ref);
  const takes = call("ExAcquireRundownProtection", ref, "had");
  const waits = call("ExWaitForRundownProtectionRelease", ref);
  const body = of(roll, [[gives], [takes, gives, gives], [gives, waits], [gives, takes, waits]]);
  return drafted(
    seed,
    {
      objects: [object("Rundown", "EX_RUNDOWN_REF"), count],
      routines: [
        routine("callback", "OnEvent", [...(roll(2) === 0 ? [starts("Thread")] : []), ...body]),
        routine("systemThread", "Thread", of(roll, [[takes, gives], [waits], [takes]])),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** Items that count on the filter or on the driver object, with and without the filter's end. */
const filtered: Sketch = (roll, seed) => {
  const queues = call(
    of(roll, ["FltQueueGenericWorkItem", "IoQueueWorkItem", "FltQueueDeferredIoWorkItem"]),
    {
      WorkItem: { routine: "Item" },
      QueueType: "DelayedWorkQueue",
    },
    "queued",
  );
  return drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine("callback", "OnEvent", [queues]),
        routine("workItem", "Item", [adds]),
        routine("unload", "DriverUnload", [
          ...(roll(4) === 0 ? [] : [call("FltUnregisterFilter")]),
          call("PsSetCreateProcessNotifyRoutineEx", {
            NotifyRoutine: { routine: "OnEvent" },
            Remove: "TRUE",
          }),
        ]),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    user(roll),
    { removal: "racing" },
  );
};

/** Foreign items that fill the pool, and what their drivers' loading raises; queues that grow on insert. */
const crowded: Sketch = (roll, seed) =>
  drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine("callback", "OnEvent", [adds]),
        routine("callback", "OnImage", [call("DbgPrint")]),
        routine("workItem", "Item", [adds]),
        routine("entry", "DriverEntry", [
          call("IoQueueWorkItem", {
            WorkItem: { routine: "Item" },
            QueueType: of(roll, ["DelayedWorkQueue", "CriticalWorkQueue"]),
          }),
        ]),
      ],
      registrations: [
        { family: "process-create", routine: "OnEvent" },
        ...(roll(2) === 0 ? [{ family: "image-driver", routine: "OnImage" }] : []),
      ],
    },
    [],
    { pool: { profile: "tiny", load: of(roll, ["exhausted", "busy"]), items: 1 + roll(2) } },
  );

const sketches: readonly Sketch[] = [
  vetoed,
  pulsed,
  freed,
  alerted,
  leftBehind,
  rundown,
  filtered,
  twoMessages,
  resting,
  computing,
  crowded,
  starting,
];

export const seldom = (roll: Roll, seed: number): Scenario => of(roll, sketches)(roll, seed);
