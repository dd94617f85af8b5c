/** Of each call in kernel mode that is rarely drawn: a few statements that it makes sense in. */
import type { ObjectDecl, RecordDecl, Statement } from "../../../src/language/model.ts";
import { after, call, object, of, type Roll, to } from "./draft.ts";
import { heldOf, lockPairs } from "./lock-pairs.ts";
import { succeeded } from "./sketch.ts";

type Called = (roll: Roll, n: string) => Statement[];

export const kernelObjects: readonly ObjectDecl[] = [
  object("Count", "variable"),
  object("Event", "NotificationEvent"),
  object("Units", "KSEMAPHORE", { initial: 1, limit: 2 }),
  object("Timer", "NotificationTimer"),
  object("RunRef", "EX_RUNDOWN_REF"),
  object("RemoveLock", "IO_REMOVE_LOCK"),
  object("List", "LIST_ENTRY"),
  object("Queue", "KQUEUE"),
  object("Kept", "WORK_ITEM", { routine: "Kept" }),
  object("Shared", "pointer", { record: "Entry" }),
  object("First", "NotificationEvent"),
  object("Second", "SynchronizationEvent"),
  object("Third", "NotificationEvent"),
  object("Fourth", "SynchronizationEvent", { initial: 1 }),
  ...[...new Set(lockPairs.map(({ kind }) => kind))].map((kind) => object(`${kind}9`, kind)),
];
export const records: readonly RecordDecl[] = [
  { name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 },
];

const event = to("Event");
const byHandle = { EventHandle: event };
const mine = { Entry: to("Mine") };
const list = { ListHead: to("List") };

const clears: Called = (roll, n) => [
  of(roll, [
    call("KeResetEvent", { Event: event }),
    call("KeClearEvent", { Event: event }),
    call("ZwResetEvent", byHandle),
    call("ZwResetEvent", byHandle),
    call("ZwClearEvent", byHandle),
    call("ZwClearEvent", byHandle),
  ]),
  of(roll, [
    call("KeReadStateEvent", { Event: event }, `state${n}`),
    call("KeReadStateEvent", { Event: event }, `state${n}`),
    call("ZwSetEvent", byHandle),
    call("KePulseEvent", { Event: event }),
  ]),
];
const counts: Called = (roll, n) => [
  call("KeReadStateSemaphore", { Semaphore: to("Units") }, `units${n}`),
  ...(roll(2) === 0
    ? [call("KeReleaseSemaphore", { Semaphore: to("Units"), Adjustment: 1 })]
    : [call("WriteNoFence", { Target: to("Count"), Value: 1 })]),
];
const times: Called = (roll, n) => {
  const timer = { Timer: to("Timer") };
  const due = { ...timer, DueTime: after(1000) };
  return [
    roll(2) === 0 ? call("KeSetTimer", due) : call("KeSetTimerEx", { ...due, Period: after(0) }),
    ...(roll(3) > 0 ? [call("KeReadStateTimer", timer, `timer${n}`)] : []),
    ...(roll(3) > 0 ? [call("KeCancelTimer", timer, `was${n}`)] : []),
  ];
};
const takes: Called = (roll) => heldOf(roll, of(roll, lockPairs), "9");
const shares: Called = (roll) => {
  const pairs = lockPairs.filter(({ take }) => /Push|Resource|Shared|Unsafe|Spin|Wdf/.test(take));
  const rarest = pairs.filter(({ take }) =>
    /Unsafe|InStack|Starve|Shared$|SharedLite|^(Ex|Flt)AcquirePush/.test(take),
  );
  return heldOf(roll, of(roll, [...pairs, ...rarest]), "9");
};
const tries: Called = (roll) => {
  const pairs = lockPairs.filter((pair) => pair.tries === "always");
  return heldOf(roll, of(roll, pairs), "9");
};
const protects: Called = (roll, n) => {
  const aware = of(roll, ["", "CacheAware", "CacheAware"]);
  const ref = { RunRef: to("RunRef") };
  const gives = call(`ExReleaseRundownProtection${aware}`, ref);
  const waits = call(`ExWaitForRundownProtectionRelease${aware}`, ref);
  return [
    ...(roll(4) > 0
      ? [
          call(`ExAcquireRundownProtection${aware}`, ref, `held${n}`),
          succeeded(`held${n}`, [gives]),
        ]
      : []),
    ...(roll(2) === 0 ? [waits] : []),
  ];
};
const removes: Called = (roll, n) => {
  const lock = { RemoveLock: to("RemoveLock") };
  const gives = of(roll, [
    "IoReleaseRemoveLock",
    "IoReleaseRemoveLock",
    "IoReleaseRemoveLockAndWait",
  ]);
  return [call("IoAcquireRemoveLock", lock, `got${n}`), succeeded(`got${n}`, [call(gives, lock)])];
};
const filters: Called = (roll, n) => [
  call("FltObjectReference", {}, `filter${n}`),
  succeeded(`filter${n}`, [call("FltObjectDereference")]),
  ...(roll(4) === 0 ? [call("FltUnregisterFilter")] : []),
];
const frees: Called = (roll) => [
  call(
    of(roll, [
      "IoUninitializeWorkItem",
      "IoUninitializeWorkItem",
      "FltFreeGenericWorkItem",
      "FltFreeDeferredIoWorkItem",
      "IoFreeWorkItem",
    ]),
    { WorkItem: { routine: "Kept" } },
  ),
];
const queues: Called = (roll, n) => [
  call(
    of(roll, [
      "IoQueueWorkItemEx",
      "IoQueueWorkItemEx",
      "IoQueueWorkItemEx",
      "IoQueueWorkItem",
      "FltQueueGenericWorkItem",
      "FltQueueDeferredIoWorkItem",
      "FltQueueDeferredIoWorkItem",
    ]),
    {
      WorkItem: { routine: "Item" },
      QueueType: of(roll, ["DelayedWorkQueue", "CriticalWorkQueue"]),
    },
    `queued${n}`,
  ),
];
const lists: Called = (roll, n) => {
  const by = of(roll, ["", "ExInterlocked", "ExInterlocked"]);
  const gone = of(roll, [
    call(`${by}RemoveHeadList`, { ...list, ...mine }, `head${n}`),
    call(`${by}RemoveHeadList`, { ...list, ...mine }, `head${n}`),
    call("RemoveEntryList", { ...list, ...mine }),
  ]);
  return [
    call("ExAllocateFromLookasideListEx", mine, `made${n}`),
    succeeded(`made${n}`, [call(`${by}InsertTailList`, { ...list, ...mine }), gone]),
  ];
};
const hands: Called = (_, n) => [
  call("ExAllocateFromLookasideListEx", mine, `made${n}`),
  succeeded(`made${n}`, [
    call("InterlockedExchangePointer", { Target: to("Shared"), Value: to("Mine") }),
    call("KeInsertQueue", { Queue: to("Queue"), ...mine }),
    call("KeRemoveQueue", { Queue: to("Queue"), ...mine, Timeout: after(0) }, `next${n}`),
  ]),
];
const empties: Called = (roll, n) => [
  call(`${of(roll, ["", "ExInterlocked"])}RemoveHeadList`, { ...list, ...mine }, `head${n}`),
];
const ends: Called = () => [call("PsCreateSystemThread", { StartRoutine: { routine: "Ends" } })];
const interrupts: Called = (roll, n) => [
  call("KeInsertQueueDpc", { Dpc: { routine: "Dpc" } }, `dpc${n}`),
  of(roll, [
    call("KeFlushQueuedDpcs"),
    call("KeRemoveQueueDpc", { Dpc: { routine: "Dpc" } }, `taken${n}`),
  ]),
];
const visits: Called = (roll, n) => [
  call(
    "KeInsertQueueApc",
    {
      Apc: { routine: "Apc" },
      Thread: { thread: "current" },
      Kind: of(roll, ["Special", "Normal"]),
    },
    `apc${n}`,
  ),
];
/** A wait for any of four, of which the last one, or another, is set. */
const looks: Called = (roll, n) => [
  ...(roll(2) === 0
    ? [call("KeSetEvent", { Event: to(of(roll, ["First", "Second", "Third", "Third", "Third"])) })]
    : []),
  call(
    "KeWaitForMultipleObjects",
    {
      Objects: { objects: ["First", "Second", "Third", "Fourth"].map(to) },
      WaitType: of(roll, ["WaitAny", "WaitAny", "WaitAll"]),
      Timeout: after(of(roll, [0, 1000])),
    },
    `looked${n}`,
  ),
];
const asksPerson: Called = (roll, n) => [
  of(roll, [
    call("IoRaiseHardError"),
    call("ExAllocatePool2", { Flags: "POOL_FLAG_PAGED" }, `pool${n}`),
    call("RtlCreateUserThread", {}, `user${n}`),
  ]),
];

/** As often in the list as it has names. */
export const callsInKernel: readonly Called[] = [
  ...[clears, clears, clears, clears, clears, clears, counts, counts, times, times, times],
  ...[
    tries,
    tries,
    tries,
    takes,
    shares,
    shares,
    shares,
    shares,
    shares,
    shares,
    shares,
    shares,
    shares,
  ],
  ...[protects, protects, protects, protects, protects, removes, removes, removes, filters],
  ...[
    frees,
    frees,
    frees,
    frees,
    frees,
    frees,
    frees,
    frees,
    queues,
    queues,
    queues,
    queues,
    queues,
  ],
  ...[lists, lists, lists, lists, hands, hands, hands, empties, ends, ends, interrupts, interrupts],
  ...[interrupts, visits, looks, looks, looks, looks, asksPerson],
];
