/** APCs, alerts, user APCs and suspension. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to } from "./draft.ts";

export function apcs(roll: Roll, seed: number): Scenario {
  const hasService = roll(2) === 0;
  let results = 0;
  const result = (): string => `r${++results}`;
  const alertable = () => ({ Alertable: of(roll, ["TRUE", "TRUE", "FALSE"]) });
  const timeout = (): object => (roll(3) === 0 ? { Timeout: after(of(roll, [0, 5_000])) } : {});
  const queue = (): Statement =>
    call(
      "KeInsertQueueApc",
      {
        Apc: { routine: "Apc" },
        Thread: { thread: of(roll, ["subject", "current"] as const) },
        Kind: of(roll, ["Special", "Normal"]),
      },
      result(),
    );
  const steps = (inApc: boolean): (() => Statement)[] => [
    () =>
      call(
        "KeWaitForSingleObject",
        {
          Object: to("Done"),
          ...timeout(),
          ...alertable(),
          WaitMode: of(roll, ["UserMode", "KernelMode"]),
        },
        result(),
      ),
    () => call("KeSetEvent", { Event: to("Done") }),
    () => call("KeDelayExecutionThread", { Interval: after(1000), ...alertable() }, result()),
    () => call("ExAcquireFastMutex", { FastMutex: to("Mutex") }),
    () => call("ExReleaseFastMutex", { FastMutex: to("Mutex") }),
    () => call("KeEnterGuardedRegion"),
    () => call("KeLeaveGuardedRegion"),
    () => call("InterlockedIncrement", { Target: to("Count") }),
    () => call("KePulseEvent", { Event: to("Done") }),
    ...(inApc
      ? []
      : [
          queue,
          queue,
          () =>
            call("PsSuspendProcess", {
              Process: {
                process: of(
                  roll,
                  hasService
                    ? (["subject", "service", "current"] as const)
                    : (["subject", "current"] as const),
                ),
              },
            }),
        ]),
  ];
  const body = (n: number, inApc: boolean): Statement[] =>
    some(roll, steps(inApc), n).map((one) => one());
  const calls = (): Statement =>
    of(roll, [
      () => call("QueueUserAPC", { Thread: { routine: of(roll, ["Waiter", "Caller"]) } }, result()),
      () => call("NtAlertThread", { Thread: { routine: "Waiter" } }, result()),
      () => call("SetEvent", { Event: to("Wake") }),
      () => call("SleepEx", { Time: after(1000), ...alertable() }, result()),
    ])();
  const waits = (): Statement =>
    of(roll, [
      () =>
        call(
          "WaitForSingleObjectEx",
          { Handle: to("Wake"), ...timeout(), ...alertable() },
          result(),
        ),
      () => call("SleepEx", { Time: after(1000), ...alertable() }, result()),
      () => call("WaitForSingleObject", { Handle: to("Wake"), ...timeout() }, result()),
      () => call("DeviceIoControl", { Request: { routine: "OnControl" } }, result()),
    ])();
  const hasRequest = hasService;
  return drafted(
    seed,
    {
      objects: [
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Mutex", "FAST_MUTEX"),
        object("Count", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", body(3, false)),
        routine("apc", "Apc", body(2, true)),
        ...(hasService
          ? [
              routine("userThread", "Waiter", Array.from({ length: 1 + roll(2) }, waits)),
              routine("userThread", "Caller", Array.from({ length: 1 + roll(2) }, calls)),
            ]
          : []),
        ...(hasRequest ? [routine("request", "OnControl", body(2, false))] : []),
      ],
      registrations: [
        {
          family: of(roll, [
            "process-create",
            "thread-create",
            "thread-exit",
            "non-system-thread-create",
            "image-exe",
            "process-exit",
            "non-system-thread-exit",
          ]),
          routine: "OnEvent",
        },
      ],
      services: hasService
        ? [
            {
              name: "Service",
              objects: [
                object("Wake", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
              ],
              threads: [
                { routine: "Waiter", count: 1 },
                { routine: "Caller", count: 1 },
              ],
            },
          ]
        : [],
    },
    [[of(roll, ["create", "create and exit", "create a thread", "create and wait"])]],
    {
      service: { condition: of(roll, ["well", "well", "target", "suspended"]) },
      ...(roll(4) === 0 ? { specialApcs: "off" } : {}),
    },
  );
}
