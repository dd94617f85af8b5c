/** Small scenarios made of what the other ideas draw least: a few of them each, so that all are there often enough. */
import type { Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, routine, to, when } from "./draft.ts";
import {
  images,
  inService,
  makers,
  message,
  neighbours,
  removing,
  reopening,
} from "./scarce-events.ts";
import { fourth, inLine, manyLocks } from "./scarce-waits.ts";
import { onEvent, type Sketch, starts, succeeded, user } from "./sketch.ts";

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
