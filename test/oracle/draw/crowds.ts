/** Several who wait for the same: in which order, how many of them, and what each takes along. */
import type { Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, type Roll, routine, to } from "./draft.ts";
import { onEvent, type Sketch, starts, user } from "./sketch.ts";

const adds = call("InterlockedIncrement", { Target: to("Count") });
const count = object("Count", "variable");
const patience = (roll: Roll): object => (roll(4) === 0 ? { Timeout: after(1000) } : {});

/** Waits for all of two or three, which have one in common; then what others need, too, is signalled. */
const rivals: Sketch = (roll, seed) => {
  const others = ["Own", "Shared", "Mutant", "Slots"];
  const waits = (): Statement =>
    call(
      "KeWaitForMultipleObjects",
      {
        Objects: {
          objects: [...(roll(2) === 0 ? ["Gate"] : []), of(roll, others), "Gate"]
            .filter((one, i, all) => all.indexOf(one) === i)
            .map(to),
        },
        WaitType: of(roll, ["WaitAll", "WaitAll", "WaitAll", "WaitAny"]),
        ...patience(roll),
      },
      "got",
    );
  const signals = [
    call("KeSetEvent", { Event: to("Shared") }),
    call("KeReleaseSemaphore", { Semaphore: to("Slots"), Adjustment: 1 + roll(2) }),
    call("KeSetEvent", { Event: to("Own") }),
  ];
  const opens = call(of(roll, ["KeSetEvent", "KeSetEvent", "KePulseEvent"]), { Event: to("Gate") });
  const first = of(roll, signals);
  return drafted(
    seed,
    {
      objects: [
        object("Gate", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Own", "NotificationEvent", { initial: roll(2) }),
        object("Shared", "SynchronizationEvent"),
        object("Mutant", "KMUTEX"),
        object("Slots", "KSEMAPHORE", { initial: roll(2), limit: 4 }),
        count,
      ],
      routines: [
        routine("callback", "OnEvent", [
          starts("First"),
          starts("Second"),
          ...(roll(2) === 0 ? [first, opens] : [opens, first]),
        ]),
        routine("systemThread", "First", [waits(), adds]),
        routine("systemThread", "Second", [waits(), ...(roll(2) === 0 ? [adds] : [])]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A semaphore of which one or more are given back at once, to two or three who wait, for it alone or not. */
const many: Sketch = (roll, seed) => {
  const waits = (): Statement =>
    of(roll, [
      () => call("KeWaitForSingleObject", { Object: to("Slots"), ...patience(roll) }, "got"),
      () =>
        call(
          "KeWaitForMultipleObjects",
          {
            Objects: { objects: [to("Slots"), to("Gate")] },
            WaitType: of(roll, ["WaitAll", "WaitAny"]),
          },
          "got",
        ),
    ])();
  const names = ["First", "Second", "Third"].slice(0, 2 + roll(2));
  return drafted(
    seed,
    {
      objects: [
        object("Slots", "KSEMAPHORE", { initial: roll(2), limit: 1 + roll(4) }),
        object("Gate", "NotificationEvent", { initial: 1 }),
        count,
      ],
      routines: [
        routine("callback", "OnEvent", [
          ...names.map(starts),
          call("KeReleaseSemaphore", { Semaphore: to("Slots"), Adjustment: 1 + roll(3) }),
        ]),
        ...names.map((name) => routine("systemThread", name, [waits()])),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A lock's line, in which some want to share and some to write, and an owner who shares it with them. */
const inTurn: Sketch = (roll, seed) => {
  const resource = { Resource: to("Lock") };
  const enters = (isShared: boolean): Statement =>
    call(`ExEnterCriticalRegionAndAcquireResource${isShared ? "Shared" : "Exclusive"}`, resource);
  const leaves = call("ExReleaseResourceAndLeaveCriticalRegion", resource);
  const converts = call("ExConvertExclusiveToSharedLite", resource);
  const waiter = (isShared: boolean): Statement[] => [enters(isShared), leaves];
  const names = ["First", "Second", "Third"].slice(0, 2 + roll(2));
  return drafted(
    seed,
    {
      objects: [object("Lock", "ERESOURCE")],
      routines: [
        routine("callback", "OnEvent", [
          enters(roll(4) === 0),
          ...names.map(starts),
          ...(roll(3) === 0 ? [] : [converts]),
          ...(roll(3) === 0 ? [enters(true), leaves] : []),
          leaves,
        ]),
        ...names.map((name) => routine("systemThread", name, waiter(roll(2) === 0))),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** Whoever waits for the end of a thread or a process, for that alone or with something else. */
const forEnds: Sketch = (roll, seed) => {
  const process = { process: "subject" };
  const waits = (): Statement =>
    of(roll, [
      () => call("KeWaitForSingleObject", { Object: process, ...patience(roll) }, "got"),
      () =>
        call(
          "KeWaitForMultipleObjects",
          {
            Objects: { objects: [process, to("Shared")] },
            WaitType: of(roll, ["WaitAll", "WaitAny"]),
          },
          "got",
        ),
    ])();
  return drafted(
    seed,
    {
      objects: [object("Shared", "SynchronizationEvent", { initial: roll(2) }), count],
      routines: [
        routine("callback", "OnEvent", [
          starts("First"),
          ...(roll(2) === 0 ? [starts("Second")] : []),
        ]),
        routine("systemThread", "First", [waits(), adds], { within: "OnEvent" }),
        routine("systemThread", "Second", [waits()], { within: "OnEvent" }),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    [[of(roll, ["create and exit", "create and wait", "create"])]],
  );
};

const sketches: readonly Sketch[] = [rivals, rivals, many, many, inTurn, inTurn, forEnds];

export const crowds: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
