/** Small scenarios for what two of the other ideas would have to come together for: one idea each, drawn often enough. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";
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

/** An alertable wait for what is signalled already, with an alert or a user APC that may have come first. */
const alerted: Sketch = (roll, seed) => {
  const wait = (result: string): Statement =>
    call(
      "WaitForSingleObjectEx",
      { Handle: to("Gate"), Alertable: "TRUE", Timeout: after(of(roll, [0, 1000])) },
      result,
    );
  return drafted(
    seed,
    {
      routines: [
        routine("userThread", "Waiter", [wait("first"), ...(roll(2) === 0 ? [wait("then")] : [])]),
        routine("userThread", "Caller", [
          call(of(roll, ["QueueUserAPC", "NtAlertThread"]), { Thread: { routine: "Waiter" } }, "c"),
          ...(roll(2) === 0 ? [call("SetEvent", { Event: to("Gate") })] : []),
        ]),
      ],
      services: [
        {
          name: "Service",
          objects: [
            object("Gate", of(roll, ["SynchronizationEvent", "NotificationEvent"] as const), {
              initial: roll(3) === 0 ? 0 : 1,
            }),
          ],
          threads: [
            { routine: "Waiter", count: 1 },
            { routine: "Caller", count: 1 },
          ],
        },
      ],
    },
    [],
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

/** Two messages that a server has at once, which it answers in either order; one of them may want no reply. */
const twoMessages: Sketch = (roll, seed) => {
  const gets = (name: string): Statement =>
    call("FilterGetMessage", { Port: to("Port"), Message: to(name) }, `got${name}`);
  const answers = (name: string): Statement =>
    call("FilterReplyMessage", { Message: to(name) }, `answered${name}`);
  const sends = call(
    "FltSendMessage",
    {
      Port: to("Port"),
      Reply: roll(3) === 0 ? "no reply" : "reply",
      ...(roll(2) === 0 ? { Timeout: after(1000) } : {}),
    },
    "sent",
  );
  const isShared = roll(3) === 0;
  const pointers = [object("One", "pointer"), object("Other", "pointer")];
  return drafted(
    seed,
    {
      objects: [object("Port", "FLT_PORT"), ...(isShared ? pointers : [])],
      routines: [
        routine("callback", "OnEvent", [sends]),
        routine(
          "userThread",
          "Server",
          of(roll, [
            [gets("One"), gets("Other"), answers("One"), answers("Other")],
            [gets("One"), gets("Other"), answers("Other"), answers("One")],
            [gets("One"), answers("One"), answers("One")],
          ]),
          { locals: isShared ? [] : pointers },
        ),
      ],
      registrations: onEvent(roll),
      services: [{ name: "Service", objects: [], threads: [{ routine: "Server", count: 1 }] }],
    },
    roll(2) === 0 ? [["create"], ["create"]] : user(roll),
    { service: { condition: of(roll, ["well", "well", "target"]) } },
  );
};

/** A request that waits for what its own work, or somebody else's, brings about: in time it rests, or does not. */
const resting: Sketch = (roll, seed) => {
  const signals = of(roll, [
    call("KeSetEvent", { Event: to("Done") }),
    call("KeReleaseSemaphore", { Semaphore: to("Few"), Adjustment: 1 }),
  ]);
  const hasEvent = JSON.stringify(signals).includes("Done");
  const begins = of(roll, [
    call("ZwCreateUserProcess"),
    starts("Thread"),
    call("IoQueueWorkItem", { WorkItem: { routine: "Item" }, QueueType: "DelayedWorkQueue" }),
    call("InterlockedIncrement", { Target: to("Count") }),
  ]);
  const waits = call(
    "KeWaitForSingleObject",
    {
      Object: to(hasEvent ? "Done" : "Few"),
      ...(roll(2) === 0 ? { Timeout: after(of(roll, [20_000, 1_000])) } : {}),
    },
    "got",
  );
  const where = of(roll, ["OnEvent", "Thread", "Item"]);
  const body = (name: string): Statement[] => (name === where ? [signals] : []);
  return drafted(
    seed,
    {
      objects: [
        count,
        object("Done", "SynchronizationEvent"),
        object("Few", "KSEMAPHORE", { initial: 0, limit: 4 }),
      ],
      routines: [
        routine("callback", "OnEvent", body("OnEvent")),
        routine("request", "OnControl", [begins, waits]),
        routine("systemThread", "Thread", body("Thread")),
        routine("workItem", "Item", body("Item")),
        routine("userThread", "First", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }),
        ]),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
      services: [{ name: "Service", objects: [], threads: [{ routine: "First", count: 1 }] }],
    },
    roll(2) === 0 ? [] : [["create"]],
  );
};

/** A service that computes, and is slow, or hangs and is told to end. */
const computing: Sketch = (roll, seed) => {
  const sets = call("SetEvent", { Event: to("Gate") });
  const computes = call("Compute", { Time: after(1000) });
  const resets = call("ResetEvent", { Event: to("Gate") });
  return drafted(
    seed,
    {
      routines: [
        routine(
          "userThread",
          "Worker",
          of(roll, [
            [sets, computes, resets],
            [computes, sets, resets],
            [sets, resets, computes],
            [sets, resets],
            [sets, computes, resets, sets],
          ]),
        ),
        routine("userThread", "Other", [sets]),
        routine("callback", "OnEvent", [call("DbgPrint")]),
      ],
      registrations: [{ family: "process-exit", routine: "OnEvent" }],
      services: [
        {
          name: "Service",
          objects: [object("Gate", "NotificationEvent")],
          threads: [
            { routine: "Worker", count: 1 },
            ...(roll(3) === 0 ? [{ routine: "Other", count: 1 }] : []),
          ],
        },
      ],
    },
    [],
    {
      service: { condition: of(roll, ["slow", "slow", "hung", "target"]) },
      removal: of(roll, ["none", "racing", "racing"]),
    },
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

/** A service's thread that starts others while its process is told to end. */
const starting: Sketch = (roll, seed) =>
  drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine("callback", "OnEvent", roll(2) === 0 ? [adds] : [call("DbgPrint")]),
        routine("userThread", "First", [
          call("CreateThread", { StartAddress: { routine: "Extra" } }),
          ...(roll(2) === 0 ? [call("CreateThread", { StartAddress: { routine: "Extra" } })] : []),
        ]),
        routine("userThread", "Extra", [call("SetEvent", { Event: to("Gate") })]),
      ],
      registrations: [
        {
          family: of(roll, ["thread-create", "non-system-thread-create", "thread-exit"]),
          routine: "OnEvent",
        },
      ],
      services: [
        {
          name: "Service",
          objects: [object("Gate", "NotificationEvent")],
          threads: [
            { routine: "First", count: 1 },
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    [],
    { service: { condition: of(roll, ["target", "target", "suspended", "well"]) } },
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
