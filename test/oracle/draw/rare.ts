/** One small scenario for each call, result and statement that the other ideas draw too seldom. */
import type { DriverModel, Operand, Routine, Statement } from "../../../src/language/model.ts";
import type { Scenario, World } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";

interface Sketch {
  readonly driver: Partial<DriverModel>;
  readonly does?: readonly (readonly string[])[];
  readonly world?: Partial<World>;
}

const creates = (roll: Roll): string =>
  of(roll, ["process-create", "thread-create", "image-exe", "process-exit", "thread-exit"]);
const onEvent = (roll: Roll) => [{ family: creates(roll), routine: "OnEvent" }];
/** Of events that the threads which a callback starts do not raise again. */
const onProcess = (roll: Roll) => [
  { family: of(roll, ["process-create", "image-exe", "process-exit"]), routine: "OnEvent" },
];
const starts = (name: string): Statement =>
  call("PsCreateSystemThread", { StartRoutine: { routine: name } });
const oneUser = (roll: Roll) => [[of(roll, ["create", "create and exit"])]];

/** A wait for up to four objects, of which a thread beside it signals the last ones. */
function several(roll: Roll): Sketch {
  const names = ["First", "Second", "Third", "Fourth"].slice(0, 3 + roll(2));
  const objects: Operand[] = names.map(to);
  const signals = names
    .slice(roll(4) === 0 ? -2 : -1)
    .map((name) => call("KeSetEvent", { Event: to(name) }));
  const wait = call(
    "KeWaitForMultipleObjects",
    {
      Objects: { objects },
      WaitType: of(roll, ["WaitAny", "WaitAny", "WaitAll"]),
      ...(roll(3) === 0 ? { Timeout: after(1000) } : {}),
    },
    "got",
  );
  return {
    driver: {
      objects: names.map((name, i) =>
        object(name, of(roll, ["NotificationEvent", "SynchronizationEvent"] as const), {
          initial: i > 0 && roll(6) === 0 ? 1 : 0,
        }),
      ),
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), wait]),
        routine("systemThread", "Thread", signals),
      ],
      registrations: onProcess(roll),
    },
  };
}

/** A thread that ends with a KMUTEX, and those who wait for it. */
function abandoned(roll: Roll): Sketch {
  const take = (result?: string): Statement =>
    roll(2) === 0
      ? call("KeWaitForMutexObject", { Mutex: to("Mutant") }, result)
      : call("KeWaitForSingleObject", { Object: to("Mutant") }, result);
  const gives = roll(3) > 0 ? [call("KeReleaseMutex", { Mutex: to("Mutant") })] : [];
  return {
    driver: {
      objects: [object("Mutant", "KMUTEX"), object("Done", "NotificationEvent")],
      routines: [
        routine("callback", "OnEvent", [
          starts("Thread"),
          ...(roll(2) === 0 ? [call("KeWaitForSingleObject", { Object: to("Done") })] : []),
          take("got"),
          ...gives,
        ]),
        routine("systemThread", "Thread", [take(), call("KeSetEvent", { Event: to("Done") })]),
      ],
      registrations: onProcess(roll),
    },
  };
}

const aService = (...threads: readonly string[]) => [
  {
    name: "Service",
    objects: [object("Gate", "SynchronizationEvent")],
    threads: threads.map((name) => ({ routine: name, count: 1 })),
  },
];

/** Alerts and user APCs for a thread that waits alertably, in user mode or in a request. */
function alerts(roll: Roll): Sketch {
  const alertable = { Alertable: "TRUE", ...(roll(2) === 0 ? { Timeout: after(1000) } : {}) };
  const waits = of(roll, [
    () => call("SleepEx", { Time: after(1000), Alertable: "TRUE" }, "got"),
    () => call("WaitForSingleObjectEx", { Handle: to("Gate"), ...alertable }, "got"),
    () => call("DeviceIoControl", { Request: { routine: "OnControl" } }),
  ])();
  const inKernel = call(
    "KeWaitForSingleObject",
    { Object: to("Done"), WaitMode: of(roll, ["UserMode", "KernelMode"]), ...alertable },
    "got",
  );
  const calls = Array.from({ length: 1 + roll(2) }, (_, i) =>
    call(of(roll, ["QueueUserAPC", "NtAlertThread"]), { Thread: { routine: "Waiter" } }, `c${i}`),
  );
  return {
    driver: {
      objects: [object("Done", "NotificationEvent")],
      routines: [
        routine("userThread", "Waiter", roll(3) === 0 ? [waits, waits] : [waits]),
        routine("userThread", "Caller", calls),
        routine("request", "OnControl", [inKernel]),
      ],
      services: aService("Waiter", "Caller"),
    },
    does: [],
    world: { service: { condition: of(roll, ["well", "well", "target", "hung"]) } },
  };
}

/** Requests and posts by LPC, and a server of them. */
function lpc(roll: Roll): Sketch {
  const port = { Port: to("Port") };
  const send = call(
    of(roll, [
      "LpcRequestPort",
      "LpcRequestWaitReplyPort",
      "ZwAlpcSendWaitReceivePort",
      "SecLookupAccountSid",
    ]),
    port,
    "sent",
  );
  const serve = call("NtReplyWaitReceivePort", { ...port, Message: to("Message") }, "got");
  const first = call("NtAlpcSendWaitReceivePort", { ...port, ReceiveMessage: to("Message") }, "g0");
  const asks = call("NtRequestWaitReplyPort", port, "asked");
  const isAsked = roll(2) === 0;
  return {
    driver: {
      objects: [object("Port", "FLT_PORT")],
      routines: [
        routine("callback", "OnEvent", isAsked ? [] : [send]),
        routine(
          "userThread",
          "Server",
          of(roll, [[first, serve], [serve], [{ kind: "forever", body: [serve] }]]),
          { locals: [object("Message", "pointer")] },
        ),
        ...(isAsked ? [routine("userThread", "Client", [asks])] : []),
      ],
      registrations: onEvent(roll),
      services: aService("Server", ...(isAsked ? ["Client"] : [])),
    },
    does: isAsked ? [] : oneUser(roll),
    world: { service: { condition: of(roll, ["well", "well", "target", "restarted", "hung"]) } },
  };
}

const registering: readonly (readonly [family: string, set: string, remove: string])[] = [
  ["thread-create", "PsSetCreateThreadNotifyRoutine", "PsRemoveCreateThreadNotifyRoutine"],
  [
    "non-system-thread-create",
    "PsSetCreateThreadNotifyRoutineEx",
    "PsRemoveCreateThreadNotifyRoutine",
  ],
  ["image-exe", "PsSetLoadImageNotifyRoutine", "PsRemoveLoadImageNotifyRoutine"],
];

/** Callbacks that DriverEntry registers and DriverUnload removes, or forgets. */
function registrations(roll: Roll): Sketch {
  const [family, set, remove] = of(roll, registering);
  const named = { NotifyRoutine: { routine: "OnEvent" } };
  const entry = [call(set, named, "set"), ...(roll(4) === 0 ? [call(remove, named, "back")] : [])];
  return {
    driver: {
      objects: [object("Count", "variable")],
      routines: [
        routine("callback", "OnEvent", [
          call("InterlockedDecrement", { Target: to("Count") }, "count"),
        ]),
        routine("entry", "DriverEntry", entry),
        routine("unload", "DriverUnload", roll(4) === 0 ? [] : [call(remove, named, "removed")]),
      ],
      registrations: [{ family, routine: "OnEvent" }],
    },
    world: {
      startup: of(roll, ["before", "racing", "failing"]),
      removal: of(roll, ["none", "racing", "racing"]),
    },
  };
}

const locking: readonly (readonly [
  kind: "EX_SPIN_LOCK" | "EX_PUSH_LOCK" | "FAST_MUTEX" | "WDFWAITLOCK",
  param: string,
  take: string,
  give: string,
])[] = [
  ["EX_SPIN_LOCK", "SpinLock", "ExAcquireSpinLockShared", "ExReleaseSpinLockShared"],
  ["EX_SPIN_LOCK", "SpinLock", "ExAcquireSpinLockExclusive", "ExReleaseSpinLockExclusive"],
  ["EX_PUSH_LOCK", "PushLock", "FltAcquirePushLockShared", "FltReleasePushLock"],
  ["FAST_MUTEX", "FastMutex", "ExTryToAcquireFastMutex", "ExReleaseFastMutex"],
  ["WDFWAITLOCK", "Lock", "WdfWaitLockAcquire", "WdfWaitLockRelease"],
];

/** Two threads at one lock of the rarer kinds; now and then one of them keeps it. */
function lock(roll: Roll): Sketch {
  const [kind, param, take, give] = of(roll, locking);
  const section = (name: string): Statement[] => {
    const taken = call(take, { [param]: to("Lock") }, take.includes("Try") ? name : undefined);
    const rest = [
      call("InterlockedDecrement", { Target: to("Count") }, `${name}n`),
      ...(roll(8) === 0 ? [] : [call(give, { [param]: to("Lock") })]),
    ];
    return take.includes("Try")
      ? [taken, when({ kind: "result", of: name, is: "success" }, rest)]
      : [taken, ...rest];
  };
  return {
    driver: {
      objects: [object("Lock", kind), object("Count", "variable", { initial: 2 })],
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), ...section("a")]),
        routine("systemThread", "Thread", section("b")),
      ],
      registrations: onProcess(roll),
    },
  };
}

/** Periodic timers, DPCs that are flushed or removed. */
function periodic(roll: Roll): Sketch {
  const dpc = { Dpc: { routine: "Dpc" } };
  const period = after(of(roll, [0, 1000]));
  return {
    driver: {
      objects: [
        object("Timer", of(roll, ["NotificationTimer", "SynchronizationTimer"] as const)),
        object("Count", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", [
          call("KeSetTimerEx", {
            Timer: to("Timer"),
            DueTime: after(1000),
            Period: period,
            ...(roll(2) === 0 ? dpc : {}),
          }),
          ...(roll(2) === 0 ? [call("KeWaitForSingleObject", { Object: to("Timer") }, "w")] : []),
          call("KeCancelTimer", { Timer: to("Timer") }, "c"),
          ...(roll(2) === 0 ? [call("KeFlushQueuedDpcs")] : []),
        ]),
        routine("dpc", "Dpc", [call("InterlockedDecrement", { Target: to("Count") })]),
      ],
      registrations: onEvent(roll),
    },
  };
}

/** IRPs that are pended unless somebody has stopped, and threads that services start. */
function stopping(roll: Roll): Sketch {
  const insert = { Csq: to("Pending"), Stopped: to("Stopped") };
  const next = call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, "next");
  const complete = when({ kind: "result", of: "next", is: "success" }, [
    call("IoCompleteRequest", { Irp: to("Irp") }),
  ]);
  const stop = call("WriteNoFence", { Target: to("Stopped"), Value: 1 });
  return {
    driver: {
      objects: [
        object("Pending", "IO_CSQ"),
        object("Stopped", "variable"),
        object("Irp", "pointer"),
      ],
      routines: [
        routine("callback", "OnEvent", roll(2) === 0 ? [stop, next, complete] : [next, complete]),
        routine("request", "OnControl", [call("IoCsqInsertIrpEx", insert, "in")]),
        routine("userThread", "Asker", [
          ...(roll(2) === 0 ? [call("CreateThread", { StartAddress: { routine: "Extra" } })] : []),
          call("DeviceIoControl", { Request: { routine: "OnControl" } }, "asked"),
        ]),
        routine("userThread", "Extra", [call("SetEvent", { Event: to("Gate") })]),
      ],
      registrations: onEvent(roll),
      services: [
        {
          ...aService("Asker")[0],
          threads: [
            { routine: "Asker", count: 1 },
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    world: { service: { condition: of(roll, ["well", "target", "hung"]) } },
  };
}

/** Lists and queues of references that a thread puts in and another takes out. */
function handing(roll: Roll): Sketch {
  const isList = roll(2) === 0;
  const name = isList ? { ListHead: to("Line") } : { Queue: to("Line") };
  const put = [
    call("ExAllocateFromLookasideListEx", { Entry: to("Mine") }, "got"),
    call(isList ? "InsertTailList" : "KeInsertQueue", { ...name, Entry: to("Mine") }),
  ];
  const patience = isList || roll(2) === 0 ? {} : { Timeout: after(of(roll, [0, 1000])) };
  const take = [
    call(
      isList ? "RemoveHeadList" : "KeRemoveQueue",
      { ...name, Entry: to("Theirs"), ...patience },
      "taken",
    ),
    when({ kind: "result", of: "taken", is: "success" }, [
      call("ObDereferenceObject", { Entry: to("Theirs") }),
    ]),
  ];
  const pointer = (one: string) => object(one, "pointer", { record: "Entry" });
  const isPutHere = roll(2) === 0;
  return {
    driver: {
      objects: [object("Line", isList ? "LIST_ENTRY" : "KQUEUE")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), ...(isPutHere ? put : take)], {
          locals: [pointer("Mine"), pointer("Theirs")],
        }),
        routine("systemThread", "Thread", isPutHere ? take : put, {
          locals: [pointer("Mine"), pointer("Theirs")],
        }),
      ],
      registrations: onProcess(roll),
    },
  };
}

/** A kernel call that makes processes or threads; statements that end or repeat others. */
function statements(roll: Roll): Sketch {
  const count = { Target: to("Count") };
  const add = call("InterlockedIncrement", count, "n");
  const enough: Statement = when({ kind: "returned", of: "n", op: ">=", value: 2 }, [
    { kind: "return" },
  ]);
  const body = of(roll, [
    (): Statement[] => [{ kind: "repeat", times: 2 + roll(2), body: [add, enough] }, add],
    (): Statement[] => [
      {
        kind: "poll",
        until: { kind: "returned", of: "n", op: ">=", value: 2 },
        limit: roll(2) === 0 ? 3 : null,
        body: [add],
      },
    ],
    (): Statement[] => [add, enough, call("ZwCreateUserProcess", {}, "made")],
    (): Statement[] => [
      when({ kind: "causedByOwnWork" }, [{ kind: "return" }]),
      call("ZwCreateUserProcess", {}, "made"),
    ],
  ])();
  const helper: Routine[] =
    roll(2) === 0 ? [routine("function", "Helper", [...body, call("DbgPrint")])] : [];
  return {
    driver: {
      objects: [object("Count", "variable")],
      routines: [
        routine(
          "callback",
          "OnEvent",
          helper.length > 0 ? [{ kind: "invoke", routine: "Helper" }, add] : body,
        ),
        ...helper,
      ],
      registrations: onEvent(roll),
    },
    does: [...oneUser(roll), ...(roll(3) === 0 ? [["create a thread"]] : [])],
  };
}

const sketches: readonly ((roll: Roll) => Sketch)[] = [
  several,
  several,
  abandoned,
  abandoned,
  alerts,
  alerts,
  alerts,
  lpc,
  lpc,
  lpc,
  registrations,
  lock,
  lock,
  periodic,
  stopping,
  handing,
  handing,
  statements,
];

export function rare(roll: Roll, seed: number): Scenario {
  const { driver, does, world } = of(roll, sketches)(roll);
  return drafted(seed, driver, does ?? oneUser(roll), world);
}
