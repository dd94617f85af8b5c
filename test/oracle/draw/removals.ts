/** Registration, removal and unloading: in DriverEntry, DriverUnload, items and callbacks. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to, when } from "./draft.ts";

const families: readonly [form: string, set: string, remove: string][] = [
  ["process", "PsSetCreateProcessNotifyRoutineEx", "PsSetCreateProcessNotifyRoutineEx"],
  ["process-create", "PsSetCreateProcessNotifyRoutineEx", "PsSetCreateProcessNotifyRoutineEx"],
  ["thread-create", "PsSetCreateThreadNotifyRoutine", "PsRemoveCreateThreadNotifyRoutine"],
  [
    "non-system-thread-create",
    "PsSetCreateThreadNotifyRoutineEx",
    "PsRemoveCreateThreadNotifyRoutine",
  ],
  ["thread-exit", "PsSetCreateThreadNotifyRoutine", "PsRemoveCreateThreadNotifyRoutine"],
  ["thread-create", "PsSetCreateThreadNotifyRoutineEx", "PsRemoveCreateThreadNotifyRoutine"],
  ["image-exe", "PsSetLoadImageNotifyRoutine", "PsRemoveLoadImageNotifyRoutine"],
];

export function removals(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const [family, set, remove] = of(roll, families);
  const isEx = set === remove;
  const target = { NotifyRoutine: { routine: "OnEvent" } };
  const sets = (): Statement => call(set, isEx ? { ...target, Remove: "FALSE" } : target, result());
  const removes = (): Statement =>
    call(remove, isEx ? { ...target, Remove: "TRUE" } : target, result());
  const queued = (): Statement =>
    call(
      of(roll, [
        "IoQueueWorkItem",
        "ExQueueWorkItem",
        "FltQueueGenericWorkItem",
        "FltQueueDeferredIoWorkItem",
      ]),
      { WorkItem: { routine: "Item" }, QueueType: "DelayedWorkQueue" },
      result(),
    );
  const inside = (): Statement[] =>
    of(roll, [
      () => [
        call(
          "KeWaitForSingleObject",
          { Object: to("Done"), ...(roll(3) === 0 ? { Timeout: after(1000) } : {}) },
          result(),
        ),
      ],
      () => [
        call("ExAcquireFastMutex", { FastMutex: to("Mutex") }),
        call("ExReleaseFastMutex", { FastMutex: to("Mutex") }),
      ],
      () => [queued()],
      () => [queued(), call("KeWaitForSingleObject", { Object: to("Done") }, result())],
      () => (roll(3) === 0 ? [removes()] : [call("KeSetEvent", { Event: to("Done") })]),
      () => {
        const name = result();
        return [
          call("ExAcquireRundownProtection", { RunRef: to("Rundown") }, name),
          when({ kind: "result", of: name, is: "success" }, [
            call("ExReleaseRundownProtection", { RunRef: to("Rundown") }),
          ]),
        ];
      },
      () => [call("PsCreateSystemThread", { StartRoutine: { routine: "Worker" } })],
    ])();
  const atEnd: (() => Statement)[] = [
    removes,
    removes,
    () => call("KeSetEvent", { Event: to("Done") }),
    () => call("ExWaitForRundownProtectionRelease", { RunRef: to("Rundown") }),
    () => call("FltUnregisterFilter"),
    () => call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(1000) }, result()),
    () => call("ExAcquireFastMutex", { FastMutex: to("Mutex") }),
    () => call("ExReleaseFastMutex", { FastMutex: to("Mutex") }),
  ];
  const entry =
    roll(2) === 0
      ? some(roll, [sets, sets, () => call("KeSetEvent", { Event: to("Done") })], 2).map((one) =>
          one(),
        )
      : undefined;
  const unload = roll(3) > 0 ? some(roll, atEnd, 4).map((one) => one()) : undefined;
  const hasService = roll(3) === 0;
  return drafted(
    seed,
    {
      objects: [
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Mutex", "FAST_MUTEX"),
        object("Rundown", "EX_RUNDOWN_REF"),
        object("Port", "FLT_PORT"),
      ],
      routines: [
        routine("callback", "OnEvent", [
          ...inside(),
          ...(roll(2) === 0 ? inside() : []),
          ...(hasService && roll(2) === 0
            ? [call("FltSendMessage", { Port: to("Port"), Reply: "reply" }, result())]
            : []),
        ]),
        routine("workItem", "Item", [
          of(roll, [
            call("KeSetEvent", { Event: to("Done") }),
            removes(),
            call("KeDelayExecutionThread", { Interval: after(1000) }),
          ]),
        ]),
        routine("systemThread", "Worker", [
          of(roll, [
            call("KeSetEvent", { Event: to("Done") }),
            call("KeDelayExecutionThread", { Interval: after(1000) }),
            removes(),
          ]),
        ]),
        ...(entry === undefined ? [] : [routine("entry", "DriverEntry", entry)]),
        ...(unload === undefined ? [] : [routine("unload", "DriverUnload", unload)]),
        ...(hasService
          ? [
              routine(
                "userThread",
                "Answer",
                [
                  call("FilterGetMessage", { Port: to("Port"), Message: to("Message") }, result()),
                  call("FilterReplyMessage", { Message: to("Message") }),
                ],
                { locals: [object("Message", "pointer")] },
              ),
            ]
          : []),
      ],
      registrations: [{ family, routine: "OnEvent" }],
      services: hasService
        ? [{ name: "Service", objects: [], threads: [{ routine: "Answer", count: 1 }] }]
        : [],
    },
    [[of(roll, ["create", "create and exit", "create a thread"])]],
    {
      removal: roll(4) === 0 ? "none" : "racing",
      startup: of(roll, ["before", "before", "racing", "failing"]),
      ...(hasService ? { service: { condition: of(roll, ["well", "restarted", "target"]) } } : {}),
    },
  );
}
