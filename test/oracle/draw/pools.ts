/** The worker pool: its profiles and loads, items of the driver, of activations and of themselves. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";

const queues = [
  "DelayedWorkQueue",
  "CriticalWorkQueue",
  "HyperCriticalWorkQueue",
  "NormalWorkQueue",
  "BackgroundWorkQueue",
];

export function pools(roll: Roll, seed: number): Scenario {
  let results = 0;
  const queue = of(roll, queues);
  const queued = (item: string): Statement =>
    call(of(roll, ["IoQueueWorkItem", "ExQueueWorkItem"]), {
      WorkItem: { routine: item },
      QueueType: roll(6) === 0 ? of(roll, queues) : queue,
    });
  const isShared = roll(3) === 0;
  const wait = (): Statement =>
    call(
      "KeWaitForSingleObject",
      { Object: to("Done"), ...(roll(4) === 0 ? { Timeout: after(5_000) } : {}) },
      `r${++results}`,
    );
  const inCallback = (): Statement[] =>
    of(roll, [
      () => [queued("Item"), wait()],
      () => [queued("Item")],
      () => [queued("Item"), queued("Item")],
      () => [call("PsCreateSystemThread", { StartRoutine: { routine: "Worker" } }), wait()],
      () => [wait()],
      ...(isShared ? [() => [call("IoFreeWorkItem", { WorkItem: { routine: "Item" } })]] : []),
    ])();
  const inItem = (): Statement[] =>
    of(roll, [
      () => [call("KeSetEvent", { Event: to("Done") })],
      () => [call("KeSetEvent", { Event: to("Done") })],
      () => [wait()],
      () => [queued("Second"), wait()],
      () => [call("ZwCreateUserProcess", {}, `r${++results}`)],
      () => [call("PsCreateSystemThread", { StartRoutine: { routine: "Worker" } })],
      () => [
        call("ExAcquireFastMutex", { FastMutex: to("Mutex") }),
        wait(),
        call("ExReleaseFastMutex", { FastMutex: to("Mutex") }),
      ],
      () => [when({ kind: "causedByOwnWork" }, [{ kind: "return" }]), call("ZwCreateUserProcess")],
    ])();
  const profile = of(roll, ["tiny", "tiny", "tiny", "nt5", "modern"]);
  const load = of(
    roll,
    profile === "tiny" ? ["idle", "idle", "busy", "exhausted"] : ["idle", "idle", "busy"],
  );
  return drafted(
    seed,
    {
      objects: [
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Mutex", "FAST_MUTEX"),
        ...(isShared ? [object("Item", "WORK_ITEM", { routine: "Item" })] : []),
      ],
      routines: [
        routine("callback", "OnEvent", [
          ...(roll(5) === 0 ? [when({ kind: "causedByOwnWork" }, [{ kind: "return" }])] : []),
          ...inCallback(),
        ]),
        routine("workItem", "Item", Array.from({ length: 1 + roll(2) }, inItem).flat()),
        routine("workItem", "Second", [
          of(roll, [call("KeSetEvent", { Event: to("Done") }), wait()]),
        ]),
        routine(
          "systemThread",
          "Worker",
          roll(2) === 0 ? [call("KeSetEvent", { Event: to("Done") })] : [wait()],
        ),
      ],
      registrations: [
        {
          family: of(roll, [
            "process-create",
            "thread-create",
            "thread-exit",
            "image-driver",
            "image-exe",
            "process-exit",
          ]),
          routine: "OnEvent",
        },
      ],
    },
    Array.from({ length: 1 + (roll(3) === 0 ? 1 : 0) }, () => [
      of(roll, ["create", "create", "create a thread", "load a driver", "create and exit"]),
    ]),
    {
      pool: { profile, load, ...(load !== "idle" && roll(3) === 0 ? { items: 1 + roll(2) } : {}) },
      removal: roll(6) === 0 ? "racing" : "none",
    },
  );
}
