/** Rare waits and locks: for several objects, of who has ended, at the rarer locks, for timers. */
import type { Operand, Statement } from "../../../src/language/model.ts";
import { after, call, object, of, type Roll, routine, to, when } from "./draft.ts";
import { onEvent, onProcess, type RareSketch, starts } from "./rare-parts.ts";

/** A wait for up to four objects, of which a thread beside it signals the last ones. */
export function several(roll: Roll): RareSketch {
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
export function abandoned(roll: Roll): RareSketch {
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
export function lock(roll: Roll): RareSketch {
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
export function periodic(roll: Roll): RareSketch {
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
