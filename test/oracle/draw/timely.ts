/**
 * What only times tell: arrivals that meet with others (section 15), a slow service's places, who leaves a
 * process last, and what is due while a root is open.
 */
import type { Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, type Roll, routine, to } from "./draft.ts";
import { type Sketch, starts } from "./sketch.ts";

const sets = (name: string): Statement => call("KeSetEvent", { Event: to(name) });
const sleeps = (us: number): Statement => call("KeDelayExecutionThread", { Interval: after(us) });
const adds = call("InterlockedIncrement", { Target: to("Count") });
const span = (roll: Roll): number => of(roll, [50, 200, 1_000, 20_000]);
const takes = call("ExAcquireFastMutex", { FastMutex: to("Lock") });
const gives = call("ExReleaseFastMutex", { FastMutex: to("Lock") });

/** A thread of the driver's, started before anybody arrives, meets with a callback at a lock, an event or a timer. */
const met: Sketch = (roll, seed) => {
  const runsDown = call("ExWaitForRundownProtectionRelease", { RunRef: to("Rundown") });
  const protects = call("ExAcquireRundownProtection", { RunRef: to("Rundown") }, "had");
  const ends = call("ExReleaseRundownProtection", { RunRef: to("Rundown") });
  const held = (us: number): Statement[] =>
    of(roll, [
      [takes, sleeps(us), gives],
      [sleeps(us), takes, gives],
      [takes, gives, sleeps(us), takes, gives],
    ]);
  const waits = call("KeWaitForSingleObject", {
    Object: to("Done"),
    ...(roll(2) === 0 ? { Timeout: after(span(roll)) } : {}),
  });
  const [here, there] = of(roll, [
    [held(span(roll)), held(span(roll))],
    [held(span(roll)), [sleeps(span(roll)), ...held(span(roll))]],
    [
      [waits, adds],
      [sleeps(span(roll)), sets("Done")],
    ],
    [[sets("Done")], [waits, sleeps(span(roll)), adds]],
    [
      [protects, sleeps(span(roll)), ends],
      [sleeps(span(roll)), runsDown],
    ],
    [
      [sleeps(span(roll)), adds],
      [sleeps(span(roll)), adds, sleeps(span(roll))],
    ],
  ]);
  return drafted(
    seed,
    {
      objects: [
        object("Lock", "FAST_MUTEX"),
        object("Rundown", "EX_RUNDOWN_REF"),
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Count", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", here),
        routine("systemThread", "Thread", there),
        routine("entry", "DriverEntry", [starts("Thread")]),
      ],
      registrations: [{ family: of(roll, ["process-create", "process-exit"]), routine: "OnEvent" }],
    },
    [[of(roll, ["create", "exit", "exit"])], ...(roll(2) === 0 ? [["exit"]] : [])],
  );
};

/** Two users, of whom each comes at any time, and what they do to each other. */
const twoUsers: Sketch = (roll, seed) => {
  const us = span(roll);
  const body = of(roll, [
    [takes, sleeps(us), gives],
    [sleeps(us), takes, gives],
    [adds, sleeps(us), adds],
    [
      call("KeSetTimerEx", { Timer: to("Timer"), DueTime: after(us), Period: after(0) }),
      call("KeWaitForSingleObject", { Object: to("Timer") }),
    ],
    [sets("Done"), sleeps(us), call("KeWaitForSingleObject", { Object: to("Done") })],
  ]);
  return drafted(
    seed,
    {
      objects: [
        object("Lock", "FAST_MUTEX"),
        object("Timer", "NotificationTimer"),
        object("Done", "SynchronizationEvent"),
        object("Count", "variable"),
      ],
      routines: [routine("callback", "OnEvent", body)],
      registrations: [{ family: "process-exit", routine: "OnEvent" }],
    },
    [["exit"], ["exit"]],
  );
};

/** A slow service that computes at some places of its text, or at none, and whoever asks it. */
const slow: Sketch = (roll, seed) => {
  const computes = call("Compute", { Time: after(of(roll, [1_000, 20_000])) });
  const done = call("SetEvent", { Event: to("Done") });
  const clears = call("ResetEvent", { Event: to("Done") });
  const body = of(roll, [
    [done],
    [computes, done],
    [done, computes],
    [done, computes, clears],
    [done, clears, computes, done],
    [computes, done, clears, done],
  ]);
  const isAwaited = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: [object("Done", "NotificationEvent")],
      routines: [
        routine(
          "callback",
          "OnEvent",
          isAwaited
            ? [call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(20_000) })]
            : [call("DbgPrint")],
        ),
        routine("userThread", "Worker", body),
      ],
      registrations: [{ family: "process-exit", routine: "OnEvent" }],
      services: [{ name: "Service", objects: [], threads: [{ routine: "Worker", count: 1 }] }],
    },
    isAwaited ? [["exit"]] : [],
    { service: { condition: of(roll, ["slow", "slow", "well"]) } },
  );
};

/** Threads of one process that leave it at almost the same time, or are told to end wherever they are. */
const leaving: Sketch = (roll, seed) => {
  const waits = call("WaitForSingleObject", { Handle: to("Done") }, "got");
  const section = [
    call("EnterCriticalSection", { Section: to("Section") }),
    ...(roll(2) === 0 ? [call("LeaveCriticalSection", { Section: to("Section") })] : []),
  ];
  const bodies = [[waits], section, [call("Sleep", { Time: after(span(roll)) })], []];
  return drafted(
    seed,
    {
      objects: [object("Count", "variable")],
      routines: [
        routine("callback", "OnEvent", of(roll, [[adds], [sleeps(span(roll))], []])),
        routine("userThread", "First", of(roll, bodies)),
        routine("userThread", "Second", of(roll, bodies)),
      ],
      registrations: [
        { family: of(roll, ["process-exit", "process-exit", "thread-exit"]), routine: "OnEvent" },
      ],
      services: [
        {
          name: "Service",
          objects: [object("Done", "NotificationEvent"), object("Section", "CRITICAL_SECTION")],
          threads: [
            { routine: "First", count: 1 },
            { routine: "Second", count: 1 },
          ],
        },
      ],
    },
    [],
    { service: { condition: of(roll, ["well", "target", "target"]) } },
  );
};

const sketches: readonly Sketch[] = [met, met, met, twoUsers, twoUsers, slow, leaving, leaving];

export const timely: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
