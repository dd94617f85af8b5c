/** Timers and DPCs, of the driver and of activations that end before them. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to } from "./draft.ts";

export function timers(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const dpc = { Dpc: { routine: "Dpc" } };
  const isLocal = roll(5) === 0;
  const timer = (): { ref: string } => to(isLocal && roll(3) === 0 ? "Local" : "Timer");
  const steps: (() => Statement)[] = [
    () =>
      call("KeSetTimer", { Timer: timer(), DueTime: after(1000), ...(roll(2) === 0 ? dpc : {}) }),
    () =>
      call("KeSetTimerEx", {
        Timer: timer(),
        DueTime: after(1000),
        Period: of(roll, [after(0), after(0), after(1000)]),
        ...(roll(2) === 0 ? dpc : {}),
      }),
    () => call("KeCancelTimer", { Timer: timer() }, result()),
    () => call("KeReadStateTimer", { Timer: timer() }, result()),
    () => call("KeInsertQueueDpc", dpc, result()),
    () => call("KeInsertQueueDpc", dpc, result()),
    () => call("KeRemoveQueueDpc", dpc, result()),
    () => call("KeFlushQueuedDpcs"),
    () =>
      call(
        "KeWaitForSingleObject",
        { Object: timer(), ...(roll(2) === 0 ? { Timeout: after(500) } : {}) },
        result(),
      ),
    () => call("KeWaitForSingleObject", { Object: to("Done") }, result()),
    () => call("KeReadStateEvent", { Event: to("Done") }, result()),
    () => call("KeAcquireSpinLock", { SpinLock: to("Spin") }),
    () => call("KeReleaseSpinLock", { SpinLock: to("Spin") }),
  ];
  const atDispatch: (() => Statement)[] = [
    () => call("KeSetEvent", { Event: to("Done") }),
    () => call("KeSetEvent", { Event: to("Done") }),
    () => call("InterlockedIncrement", { Target: to("Count") }, result()),
    () => call("KeAcquireSpinLock", { SpinLock: to("Spin") }),
    () => call("KeReleaseSpinLock", { SpinLock: to("Spin") }),
    () => call("KeInsertQueueDpc", dpc, result()),
    () => call("KeCancelTimer", { Timer: to("Timer") }, result()),
    () => call("KeReleaseSemaphore", { Semaphore: to("Slots"), Adjustment: 1 }),
    () => call("KeReadStateSemaphore", { Semaphore: to("Slots") }, result()),
    () =>
      call(
        "KeWaitForSingleObject",
        { Object: to("Done"), Timeout: after(of(roll, [0, 0, 100])) },
        result(),
      ),
    () => call("ExQueueWorkItem", { WorkItem: { routine: "Item" }, QueueType: "DelayedWorkQueue" }),
  ];
  const removal = roll(4) === 0 ? "racing" : "none";
  const unload = roll(2) === 0 && removal === "racing";
  return drafted(
    seed,
    {
      objects: [
        object("Timer", of(roll, ["NotificationTimer", "SynchronizationTimer"] as const)),
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Spin", "KSPIN_LOCK"),
        object("Slots", "KSEMAPHORE", { initial: 0, limit: 1 }),
        object("Count", "variable"),
      ],
      routines: [
        routine(
          "callback",
          "OnEvent",
          some(roll, steps, 4).map((one) => one()),
          {
            locals: isLocal ? [object("Local", "NotificationTimer")] : [],
          },
        ),
        routine(
          "dpc",
          "Dpc",
          some(roll, atDispatch, 3).map((one) => one()),
        ),
        routine("workItem", "Item", [call("KeSetEvent", { Event: to("Done") })]),
        ...(unload
          ? [
              routine("unload", "DriverUnload", [
                call("PsSetCreateProcessNotifyRoutineEx", {
                  NotifyRoutine: { routine: "OnEvent" },
                  Remove: "TRUE",
                }),
                ...some(
                  roll,
                  [
                    () => call("KeFlushQueuedDpcs"),
                    () => call("KeCancelTimer", { Timer: to("Timer") }),
                  ],
                  2,
                ).map((one) => one()),
              ]),
            ]
          : []),
      ],
      registrations: [
        {
          family: unload
            ? "process-create"
            : of(roll, ["process-create", "image-exe", "thread-exit"]),
          routine: "OnEvent",
        },
      ],
    },
    Array.from({ length: 1 + roll(2) }, () => [of(roll, ["create", "create and exit"])]),
    { removal },
  );
}
