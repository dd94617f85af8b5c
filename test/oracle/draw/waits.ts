/** Waits for several objects of all kinds, alertable ones, and objects of the dispatcher that end them. */
import type { Operand, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to } from "./draft.ts";

export function waits(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const hasService = roll(3) === 0;
  const waitables: readonly Operand[] = [
    to("Done"),
    to("Wake"),
    to("Slots"),
    to("Mutant"),
    to("Timer"),
    to("Mutant"),
    { process: "subject" },
    { thread: "subject" },
    ...(hasService ? [{ process: "service" } as const] : []),
  ];
  const patience = (): object =>
    roll(3) === 0 ? { Timeout: after(of(roll, [0, 1000, 1000])) } : {};
  const manner = (): object => ({
    ...patience(),
    WaitMode: of(roll, ["KernelMode", "UserMode"]),
    Alertable: of(roll, ["FALSE", "TRUE"]),
  });
  const several = (): Operand => ({
    objects: [...new Set(Array.from({ length: 2 + roll(3) }, () => of(roll, waitables)))],
  });
  const ends = (): Statement =>
    of(roll, [
      () => call("KeSetEvent", { Event: to(of(roll, ["Done", "Wake"])) }),
      () => call("KePulseEvent", { Event: to(of(roll, ["Done", "Wake"])) }),
      () => call("KeReleaseSemaphore", { Semaphore: to("Slots"), Adjustment: 1 + roll(2) }),
      () => call("KeReadStateSemaphore", { Semaphore: to("Slots") }, result()),
      () => call("KeSetTimer", { Timer: to("Timer"), DueTime: after(1000) }),
      () => call("KeReleaseMutex", { Mutex: to("Mutant") }),
      () => call("KeWaitForSingleObject", { Object: to("Mutant") }, result()),
      () => call("KeResetEvent", { Event: to("Wake") }),
    ])();
  const waiting = (): Statement =>
    of(roll, [
      () =>
        call(
          "KeWaitForMultipleObjects",
          {
            Objects: several(),
            WaitType: of(roll, ["WaitAny", "WaitAny", "WaitAll"]),
            ...manner(),
          },
          result(),
        ),
      () => call("KeWaitForSingleObject", { Object: of(roll, waitables), ...manner() }, result()),
      () => call("KeWaitForMutexObject", { Mutex: to("Mutant"), ...manner() }, result()),
    ])();
  const ofProcess = (): Statement =>
    call(
      "ZwWaitForSingleObject",
      {
        Handle: { process: of(roll, hasService ? ["service", "subject"] : ["subject"]) },
        ...patience(),
      },
      result(),
    );
  const mixed = (n: number): Statement[] =>
    Array.from({ length: 1 + roll(n) }, () =>
      of(roll, [waiting, waiting, ends, ends, ofProcess])(),
    );
  const called = (): Statement =>
    of(roll, [
      () => call("QueueUserAPC", { Thread: { routine: "Waiter" } }, result()),
      () => call("NtAlertThread", { Thread: { routine: "Waiter" } }, result()),
      () => call("ExitProcess"),
      () => call("SetEvent", { Event: to("Wake") }),
    ])();
  const inUser = (): Statement =>
    of(roll, [
      () => call("DeviceIoControl", { Request: { routine: "OnControl" } }, result()),
      () => call("DeviceIoControl", { Request: { routine: "OnControl" } }, result()),
      () => call("SleepEx", { Time: after(1000), Alertable: "TRUE" }, result()),
      () =>
        call(
          "WaitForSingleObjectEx",
          { Handle: to("Wake"), Alertable: "TRUE", ...patience() },
          result(),
        ),
      () =>
        call(
          "WaitForMultipleObjects",
          {
            Handles: { objects: [to("Done"), to("Wake")] },
            WaitType: of(roll, ["WaitAny", "WaitAll"]),
            ...patience(),
          },
          result(),
        ),
    ])();
  return drafted(
    seed,
    {
      objects: [
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const), {
          initial: roll(4) === 0 ? 1 : 0,
        }),
        object("Wake", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Slots", "KSEMAPHORE", { initial: roll(2), limit: 1 + roll(2) }),
        object("Mutant", "KMUTEX"),
        object("Timer", of(roll, ["NotificationTimer", "SynchronizationTimer"] as const)),
      ],
      routines: [
        routine("callback", "OnEvent", [
          ...(hasService
            ? []
            : [call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } })]),
          ...mixed(2),
        ]),
        ...(hasService
          ? [
              routine("userThread", "Waiter", Array.from({ length: 1 + roll(2) }, inUser)),
              routine("userThread", "Caller", Array.from({ length: 1 + roll(2) }, called)),
              routine("request", "OnControl", [waiting()]),
            ]
          : [routine("systemThread", "Thread", mixed(2))]),
      ],
      registrations: [
        {
          family: of(roll, [
            "process-create",
            "thread-create",
            "image-exe",
            "thread-exit",
            "process-exit",
            "non-system-thread-create",
          ]),
          routine: "OnEvent",
        },
      ],
      services: hasService
        ? [
            {
              name: "Service",
              objects: [],
              threads: [
                { routine: "Waiter", count: 1 },
                { routine: "Caller", count: 1 },
              ],
            },
          ]
        : [],
    },
    hasService && roll(2) === 0
      ? []
      : [[of(roll, ["create", "create and exit", "create a thread", "create and wait"])]],
    hasService ? { service: { condition: of(roll, ["well", "target", "hung", "target"]) } } : {},
  );
}
