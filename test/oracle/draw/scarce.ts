/** Small scenarios made of what the other ideas draw least: a few of them each, so that all are there often enough. */
import type { Operand, Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";
import { heldOf, lockPairs } from "./lock-pairs.ts";
import {
  images,
  inService,
  makers,
  message,
  neighbours,
  removing,
  reopening,
} from "./scarce-events.ts";
import { onEvent, type Sketch, starts, succeeded, user } from "./sketch.ts";

const waitFor = (name: string): Statement => call("KeWaitForSingleObject", { Object: to(name) });
const sets = (name: string): Statement => call("KeSetEvent", { Event: to(name) });

/** Some of a list, none twice. */
function several<T>(roll: Roll, list: readonly T[], count: number): T[] {
  const left = [...list];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(roll(left.length), 1),
  ).flat();
}

/** Four locks of different kinds, one after the other, in the callback; one of them beside a thread. */
const manyLocks: Sketch = (roll, seed) => {
  const pairs = several(roll, lockPairs.slice(2), 4);
  const [beside] = pairs;
  const isBeside = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: pairs.map(({ kind }, i) => object(`${kind}${i}`, kind)),
      routines: [
        routine("callback", "OnEvent", [
          ...(isBeside ? [starts("Thread")] : []),
          ...pairs.flatMap((pair, i) => heldOf(roll, pair, String(i))),
        ]),
        ...(isBeside ? [routine("systemThread", "Thread", heldOf(roll, beside, "0"))] : []),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A wait for three or four, one or two of which are signalled, or come to be. */
const fourth: Sketch = (roll, seed) => {
  const names = ["First", "Second", "Third", "Fourth"].slice(0, 3 + roll(2));
  const last = names.slice(-1 - roll(2));
  const isSet = roll(2) === 0;
  const inUser = roll(3) === 0;
  const objects: Operand = { objects: names.map(to) };
  const type = of(roll, ["WaitAny", "WaitAny", "WaitAny", "WaitAll"]);
  const patience = roll(3) === 0 ? { Timeout: after(1000) } : {};
  const declared = names.map((name) =>
    object(name, of(roll, ["NotificationEvent", "SynchronizationEvent"] as const), {
      initial: isSet && last.includes(name) ? 1 : 0,
    }),
  );
  const wait = inUser
    ? call("WaitForMultipleObjects", { Handles: objects, WaitType: type, ...patience }, "got")
    : call("KeWaitForMultipleObjects", { Objects: objects, WaitType: type, ...patience }, "got");
  const sets = last.map((name) => call("KeSetEvent", { Event: to(name) }));
  const body = [...(isSet || inUser ? [] : [starts("Thread")]), wait];
  return drafted(
    seed,
    {
      objects: declared,
      routines: [
        routine("callback", "OnEvent", inUser ? sets : body),
        ...(inUser ? [routine("userThread", "Waiter", body)] : []),
        ...(isSet || inUser ? [] : [routine("systemThread", "Thread", sets)]),
      ],
      registrations: onEvent(roll),
      services: inUser
        ? [{ name: "Service", objects: [], threads: [{ routine: "Waiter", count: 1 }] }]
        : [],
    },
    user(roll),
  );
};

/** Records that are counted up and down, under a pointer of one's own or one that others have. */
const counted: Sketch = (roll, seed) => {
  const isShared = roll(2) === 0;
  const mine = { Entry: to("Mine") };
  const more = Array.from({ length: 1 + roll(2) }, () => call("ObReferenceObject", mine));
  const less = Array.from({ length: 1 + roll(3) }, () => call("ObDereferenceObject", mine));
  const pointer = object("Mine", "pointer", { record: "Entry" });
  return drafted(
    seed,
    {
      objects: isShared ? [pointer] : [],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      routines: [
        routine(
          "callback",
          "OnEvent",
          [
            call("ExAllocateFromLookasideListEx", mine, "got"),
            succeeded("got", [...(isShared ? [starts("Thread")] : []), ...more, ...less]),
          ],
          isShared ? {} : { locals: [pointer] },
        ),
        ...(isShared
          ? [routine("systemThread", "Thread", [call("ObDereferenceObject", mine)])]
          : []),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** Calls that ask or take back: of events, semaphores, timers, DPCs, rundown references. */
const asking: Sketch = (roll, seed) => {
  const dpc = { Dpc: { routine: "Dpc" } };
  const body = Array.from({ length: 2 + roll(3) }, (_, n) =>
    of(roll, [
      () => call("KeReadStateEvent", { Event: to("Done") }, `s${n}`),
      () => call("KeReadStateSemaphore", { Semaphore: to("Slots") }, `s${n}`),
      () => call("KeClearEvent", { Event: to("Done") }),
      () => call("KeResetEvent", { Event: to("Done") }),
      () => call("KeReadStateTimer", { Timer: to("Timer") }, `s${n}`),
      () => call("WriteNoFence", { Target: to("Count"), Value: 1 }),
      () => call("KeInsertQueueDpc", dpc, `s${n}`),
      () => call("KeRemoveQueueDpc", dpc, `s${n}`),
      () => call("KeCancelTimer", { Timer: to("Timer") }, `s${n}`),
      () => call("ExWaitForRundownProtectionRelease", { RunRef: to("Rundown") }),
      () => call("ExAcquireRundownProtection", { RunRef: to("Rundown") }, `s${n}`),
      () => call("KeSetEvent", { Event: to("Done") }),
    ])(),
  );
  return drafted(
    seed,
    {
      objects: [
        object("Done", "NotificationEvent"),
        object("Slots", "KSEMAPHORE", { initial: roll(3), limit: 3 }),
        object("Timer", "NotificationTimer"),
        object("Rundown", "EX_RUNDOWN_REF"),
        object("Count", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", body),
        routine("dpc", "Dpc", [call("KeSetEvent", { Event: to("Done") })]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** Loops that come round more than once. */
const rounds: Sketch = (roll, seed) => {
  const add = call("InterlockedIncrement", { Target: to("Count") }, "n");
  const enough: Statement["kind"] = "return";
  const body = of(roll, [
    (): Statement[] => [
      {
        kind: "repeat",
        times: 2 + roll(2),
        body: [add, when({ kind: "returned", of: "n", op: ">=", value: 3 }, [{ kind: enough }])],
      },
    ],
    (): Statement[] => [
      {
        kind: "poll",
        until: { kind: "compare", variable: to("Count"), op: ">=", value: 2 },
        limit: of(roll, [null, 1, 3]),
        body: [add],
      },
    ],
    (): Statement[] => [
      {
        kind: "poll",
        until: { kind: "returned", of: "n", op: ">=", value: 2 },
        limit: of(roll, [null, 1, 3]),
        body: [add],
      },
    ],
  ])();
  const isHelped = roll(2) === 0;
  const isBeside = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: [object("Count", "variable")],
      routines: [
        routine("callback", "OnEvent", [
          ...(isBeside ? [starts("Thread")] : []),
          ...(isHelped ? [{ kind: "invoke", routine: "Helper" } as const] : body),
        ]),
        ...(isHelped ? [routine("function", "Helper", body)] : []),
        ...(isBeside ? [routine("systemThread", "Thread", [add])] : []),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** Two threads of different kinds in line for what the callback has, or gives. */
const inLine: Sketch = (roll, seed) => {
  const [kind, ...calls] = of(roll, [
    ["KMUTEX", waitFor("Line"), waitFor("Line"), call("KeReleaseMutex", { Mutex: to("Line") })],
    [
      "KSEMAPHORE",
      call("KeReleaseSemaphore", { Semaphore: to("Line"), Adjustment: 1 }),
      waitFor("Line"),
      call("KeReleaseSemaphore", { Semaphore: to("Line"), Adjustment: 1 + roll(2) }),
    ],
    [
      "SynchronizationEvent",
      call("KeClearEvent", { Event: to("Line") }),
      waitFor("Line"),
      sets("Line"),
    ],
    [
      "NotificationEvent",
      call("KeClearEvent", { Event: to("Line") }),
      waitFor("Line"),
      call("KePulseEvent", { Event: to("Line") }),
    ],
  ] as const);
  const [first, waits, gives] = calls;
  const ends = (name: string): Statement =>
    call("InterlockedExchange", { Target: to("Last"), Value: name.length });
  const isMutex = kind === "KMUTEX";
  return drafted(
    seed,
    {
      objects: [
        object("Line", kind, kind === "KSEMAPHORE" ? { initial: 0, limit: 3 } : {}),
        object("Last", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", [first, starts("One"), starts("Another"), gives]),
        routine("systemThread", "One", [waits, ends("One"), ...(isMutex ? [gives] : [])]),
        routine("systemThread", "Another", [waits, ends("Another"), ...(isMutex ? [gives] : [])]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A request that waits for an entry, of a service that is told to end. */
const fetching: Sketch = (roll, seed) => {
  const patience = roll(3) === 0 ? { Timeout: after(1000) } : {};
  const mode = { WaitMode: of(roll, ["KernelMode", "UserMode"]) };
  const take = call(
    "KeRemoveQueue",
    { Queue: to("Line"), Entry: to("Mine"), ...mode, ...patience },
    "g",
  );
  return drafted(
    seed,
    {
      objects: [object("Line", "KQUEUE")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      routines: [
        routine(
          "request",
          "OnControl",
          of(roll, [
            [take],
            [call("KeEnterCriticalRegion"), take, call("KeLeaveCriticalRegion")],
            [
              call("KeRaiseIrql", { NewIrql: "APC_LEVEL" }),
              take,
              call("KeLowerIrql", { NewIrql: "PASSIVE_LEVEL" }),
            ],
          ]),
          {
            locals: [object("Mine", "pointer", { record: "Entry" })],
          },
        ),
        routine("userThread", "Asker", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }, "asked"),
        ]),
      ],
      services: [{ name: "Service", objects: [], threads: [{ routine: "Asker", count: 1 }] }],
    },
    [],
    { service: { condition: of(roll, ["target", "target", "well"]) } },
  );
};

/** An APC for whoever runs, or for the initial thread of the subject. */
const apcFor: Sketch = (roll, seed) => {
  const queue = call(
    "KeInsertQueueApc",
    {
      Apc: { routine: "Apc" },
      Thread: { thread: of(roll, ["current", "subject"]) },
      Kind: of(roll, ["Normal", "Special"]),
    },
    "queued",
  );
  const body = of(roll, [
    [queue],
    [queue, call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(1000) }, "got")],
    [call("KeEnterGuardedRegion"), queue, call("KeLeaveGuardedRegion")],
    [queue, queue],
  ]);
  return drafted(
    seed,
    {
      objects: [object("Done", "SynchronizationEvent")],
      routines: [
        routine("callback", "OnEvent", body),
        routine("apc", "Apc", [call("KeSetEvent", { Event: to("Done") })]),
      ],
      registrations: [
        {
          family: of(roll, ["process-create", "image-exe", "process-exit", "thread-create"]),
          routine: "OnEvent",
        },
      ],
    },
    user(roll),
  );
};

const sketches: readonly Sketch[] = [
  manyLocks,
  manyLocks,
  manyLocks,
  fourth,
  fourth,
  message,
  message,
  images,
  images,
  neighbours,
  makers,
  makers,
  makers,
  counted,
  removing,
  removing,
  reopening,
  inService,
  inService,
  asking,
  asking,
  rounds,
  inLine,
  inLine,
  fetching,
  apcFor,
];

export const scarce: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
