/**
 * Calls that the other ideas draw too seldom, each beside somebody who feels it: a thread of the driver's, or of a
 * service. Few steps each, so that both interpreters come to the end of them.
 */
import type { Operand } from "../../../src/language/model.ts";
import { read, sent, served } from "./beside-services.ts";
import { after, call, drafted, object, of, routine, to } from "./draft.ts";
import { few, one } from "./few.ts";
import { heldOf, lockPairs } from "./lock-pairs.ts";
import { images, neighbours, removing } from "./scarce-events.ts";
import { onEvent, type Sketch, starts, succeeded, user } from "./sketch.ts";

/** Events, semaphores, timers, DPCs and numbers, which a thread changes meanwhile. */
const changed: Sketch = (roll, seed) => {
  const done = { Event: to("Done") };
  const dpc = { Dpc: { routine: "Dpc" } };
  const count = { Target: to("Count") };
  const rundown = { RunRef: to("Rundown") };
  const body = few(
    roll,
    [
      one("KeResetEvent", done),
      one("KeClearEvent", done),
      one("KeReadStateEvent", done, "event"),
      one("KeReadStateSemaphore", { Semaphore: to("Slots") }, "slots"),
      one("KeReadStateTimer", { Timer: to("Timer") }, "timer"),
      one("KeInsertQueueDpc", dpc, "in"),
      one("KeRemoveQueueDpc", dpc, "out"),
      one("KeDelayExecutionThread", { Interval: after(1000) }, "slept"),
      one("WriteNoFence", { ...count, Value: 2 }),
      one("InterlockedExchangePointer", { Target: to("There"), Value: to("Here") }),
      () => [
        call("ExAcquireRundownProtection", rundown, "protected"),
        succeeded("protected", [call("ExReleaseRundownProtection", rundown)]),
      ],
      one("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(0) }, "was"),
      one(of(roll, ["FltQueueGenericWorkItem", "FltQueueDeferredIoWorkItem"]), {
        WorkItem: { routine: "Item" },
        QueueType: of(roll, ["DelayedWorkQueue", "CriticalWorkQueue"]),
      }),
    ],
    3,
  );
  const thread = few(
    roll,
    [
      one("KeSetEvent", done),
      one("KeResetEvent", done),
      one("KeReleaseSemaphore", { Semaphore: to("Slots"), Adjustment: 1 }),
      one("KeSetTimer", { Timer: to("Timer"), DueTime: after(1000) }),
      one("KeInsertQueueDpc", dpc, "queued"),
      one("InterlockedIncrement", count, "n"),
      one("ExWaitForRundownProtectionRelease", rundown),
    ],
    1,
  );
  const event = of(roll, ["NotificationEvent", "SynchronizationEvent"] as const);
  return drafted(
    seed,
    {
      objects: [
        object("Done", event, { initial: roll(2) }),
        object("Slots", "KSEMAPHORE", { initial: roll(2), limit: 3 }),
        object("Timer", of(roll, ["NotificationTimer", "SynchronizationTimer"] as const)),
        object("Rundown", "EX_RUNDOWN_REF"),
        object("Count", "variable"),
        object("Here", "pointer"),
        object("There", "pointer"),
      ],
      routines: [
        routine("callback", "OnEvent", [...(roll(3) > 0 ? [starts("Thread")] : []), ...body]),
        routine("systemThread", "Thread", thread),
        routine("dpc", "Dpc", [call("KeSetEvent", done)]),
        routine("workItem", "Item", [call("KeSetEvent", done)]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A wait for three or four, of which a thread signals one while another may be signalled already. */
const chosen: Sketch = (roll, seed) => {
  const names = ["First", "Second", "Third", "Fourth"].slice(0, roll(4) === 0 ? 3 : 4);
  const last = names[names.length - 1];
  const isSet = roll(2) === 0;
  const already = of(roll, [...names, last]);
  const set = call("KeSetEvent", { Event: to(of(roll, [...names, last, last])) });
  const objects: Operand = { objects: names.map(to) };
  const wait = call("KeWaitForMultipleObjects", { Objects: objects, WaitType: "WaitAny" }, "got");
  return drafted(
    seed,
    {
      objects: names.map((name) =>
        object(name, of(roll, ["NotificationEvent", "SynchronizationEvent"] as const), {
          initial: isSet && name === already ? 1 : 0,
        }),
      ),
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), wait]),
        routine("systemThread", "Thread", [set]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** An entry that one thread hands to the other by a queue or a list. */
const passed: Sketch = (roll, seed) => {
  const isList = roll(3) === 0;
  const line = isList ? { ListHead: to("Line") } : { Queue: to("Line") };
  const patience = isList || roll(2) === 0 ? {} : { Timeout: after(1000) };
  const put = call(isList ? "InsertTailList" : "KeInsertQueue", { ...line, Entry: to("Mine") });
  const taken = isList
    ? of(roll, [
        [call("RemoveHeadList", { ...line, Entry: to("Mine") }, "taken")],
        [call("RemoveEntryList", { ...line, Entry: to("Mine") })],
      ])
    : [call("KeRemoveQueue", { ...line, Entry: to("Theirs"), ...patience }, "taken")];
  const pointer = (name: string) => object(name, "pointer", { record: "Entry" });
  return drafted(
    seed,
    {
      objects: [object("Line", isList ? "LIST_ENTRY" : "KQUEUE"), pointer("Mine")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      routines: [
        routine("callback", "OnEvent", [
          call("ExAllocateFromLookasideListEx", { Entry: to("Mine") }, "got"),
          starts("Thread"),
          put,
        ]),
        routine("systemThread", "Thread", taken, { locals: [pointer("Theirs")] }),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** One lock, and two threads that ask for it in one way or two. */
const locked: Sketch = (roll, seed) => {
  const [first] = lockPairs.slice(2 + roll(lockPairs.length - 2));
  const others = lockPairs.filter(({ kind, give }) => kind === first.kind && give === first.give);
  return drafted(
    seed,
    {
      objects: [object(`${first.kind}0`, first.kind)],
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), ...heldOf(roll, first, "0")]),
        routine("systemThread", "Thread", heldOf(roll, of(roll, others), "0")),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

const sketches: readonly Sketch[] = [
  changed,
  changed,
  changed,
  changed,
  sent,
  sent,
  sent,
  sent,
  served,
  served,
  served,
  served,
  read,
  read,
  read,
  chosen,
  chosen,
  chosen,
  passed,
  passed,
  locked,
  neighbours,
  images,
  removing,
];

export const beside: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
