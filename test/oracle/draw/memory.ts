/** Frames, records, queues, lists, numbers, objects of processes and loops. */
import type { Condition, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to, when } from "./draft.ts";

export function memory(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const pointer = () => to(of(roll, ["Mine", "Shared", "Mine"]));
  const count = () => to(of(roll, ["Count", "PerProcess", "Local"]));
  const guarded = (made: Statement, name: string, then: Statement[]): Statement[] => [
    made,
    when({ kind: "result", of: name, is: "success" }, then),
  ];
  const compare = (): Condition => ({
    kind: "compare",
    variable: to(of(roll, ["Count", "PerProcess"])),
    op: of(roll, ["==", "!=", "<", ">="] as const),
    value: roll(3),
  });
  const test = (): Condition =>
    of(roll, [
      compare,
      () => ({ kind: "opaque", name: of(roll, ["Luck", "Fate", "Weather"]) }) as Condition,
      () => ({ kind: "event", is: "create" }) as Condition,
      () =>
        ({
          kind: "role",
          who: of(roll, ["current", "subject", "parent", "creator"] as const),
          is: of(roll, ["system", "subject"] as const),
        }) as Condition,
      () => ({ kind: "not", test: compare() }) as Condition,
      () => ({ kind: "and", tests: [compare(), { kind: "opaque", name: "Luck" }] }) as Condition,
      () => ({ kind: "or", tests: [{ kind: "opaque", name: "Luck" }, compare()] }) as Condition,
      () => ({ kind: "apcsDisabled" }) as Condition,
    ])();
  const allocated = () => {
    const name = result();
    return guarded(call("ExAllocateFromLookasideListEx", { Entry: pointer() }, name), name, [
      of(roll, [
        call("KeInsertQueue", { Queue: to("Queue"), Entry: to("Mine") }),
        call("InsertTailList", { ListHead: to("List"), Entry: to("Mine") }),
        call("KeInsertQueue", { Queue: to("Queue"), Entry: to("Mine") }),
        call("InsertTailList", { ListHead: to("List"), Entry: to("Mine") }),
        call("ObReferenceObject", { Entry: to("Mine") }),
        call("ObDereferenceObject", { Entry: to("Mine") }),
      ]),
    ]);
  };
  const steps: ((depth: number) => Statement[])[] = [
    allocated,
    allocated,
    () => {
      const name = result();
      return guarded(
        call("RemoveHeadList", { ListHead: to("List"), Entry: to("Mine") }, name),
        name,
        [call("ObDereferenceObject", { Entry: to("Mine") })],
      );
    },
    () => {
      const name = result();
      return guarded(
        call(
          "KeRemoveQueue",
          {
            Queue: to("Queue"),
            Entry: to("Mine"),
            ...(roll(2) === 0 ? { Timeout: after(of(roll, [0, 1000])) } : {}),
          },
          name,
        ),
        name,
        [call("ObDereferenceObject", { Entry: to("Mine") })],
      );
    },
    () => [call(of(roll, ["ObReferenceObject", "ObDereferenceObject"]), { Entry: pointer() })],
    () => [call("InterlockedIncrement", { Target: count() }, result())],
    () => [call("InterlockedDecrement", { Target: count() }, result())],
    () => {
      const name = result();
      return [
        call(
          "InterlockedCompareExchange",
          { Target: count(), Exchange: roll(3), Comparand: roll(2) },
          name,
        ),
        when(
          {
            kind: "returned",
            of: name,
            op: of(roll, ["==", "<", ">=", "!="] as const),
            value: roll(2),
          },
          [call("KeSetEvent", { Event: to("Done") })],
        ),
      ];
    },
    () => [call("WriteNoFence", { Target: count(), Value: roll(3) })],
    (depth) => [when(test(), block(depth + 1), roll(2) === 0 ? block(depth + 1) : undefined)],
    (depth) => [{ kind: "repeat", times: 1 + roll(2), body: block(depth + 1) }],
    () => [
      {
        kind: "poll",
        until: compare(),
        body: [call("KeDelayExecutionThread", { Interval: after(1000) })],
        limit: of(roll, [null, 0, 1]),
      },
    ],
    () => [
      call(
        "KeWaitForSingleObject",
        {
          Object: to(of(roll, ["Done", "Gone"])),
          ...(roll(2) === 0 ? { Timeout: after(1000) } : {}),
        },
        result(),
      ),
    ],
    () => [call("KeSetEvent", { Event: to(of(roll, ["Done", "Gone"])) })],
    () => [call("KeClearEvent", { Event: to("Done") })],
    () => [{ kind: "invoke", routine: "Helper" }],
    () => [
      call("ExQueueWorkItem", { WorkItem: { routine: "Inner" }, QueueType: "DelayedWorkQueue" }),
    ],
    () => [{ kind: "return" }],
    () => [{ kind: "veto" }],
  ];
  const block = (depth: number): Statement[] =>
    depth > 2
      ? [call("DbgPrint")]
      : some(roll, steps, depth === 0 ? 3 : 1).flatMap((one) => one(depth));
  const locals = [
    object("Mine", "pointer", { record: "Entry" }),
    object("Local", "variable"),
    object("Gone", "NotificationEvent"),
  ];
  const inner: Statement[] = some(
    roll,
    [
      () => call("KeSetEvent", { Event: to("Gone") }),
      () => call("KeSetEvent", { Event: to("Done") }),
      () => call("InterlockedIncrement", { Target: to("Local") }, result()),
      () => call("KeWaitForSingleObject", { Object: to("Done") }, result()),
      () =>
        call("ExQueueWorkItem", { WorkItem: { routine: "Last" }, QueueType: "DelayedWorkQueue" }),
    ],
    2,
  ).map((one) => one());
  return drafted(
    seed,
    {
      objects: [
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Count", "variable"),
        object("Shared", "pointer", { record: "Entry" }),
        object("Queue", "KQUEUE"),
        object("List", "LIST_ENTRY"),
      ],
      perProcess: [object("PerProcess", "variable")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      conditions: [
        { name: "Luck", scope: "activation" },
        { name: "Fate", scope: "driver" },
        { name: "Weather", scope: "process" },
      ],
      routines: [
        routine("callback", "OnEvent", block(0), { locals }),
        routine("workItem", "Inner", inner, { within: "OnEvent" }),
        routine("workItem", "Last", [call("KeSetEvent", { Event: to("Gone") })], {
          within: "OnEvent",
        }),
        routine(
          "function",
          "Helper",
          some(
            roll,
            [
              () => call("InterlockedIncrement", { Target: to("Count") }),
              () => call("KeResetEvent", { Event: to("Done") }),
              () => call("KeSetEvent", { Event: to("Done") }),
            ],
            2,
          ).map((one) => one()),
        ),
      ],
      registrations: [
        {
          family: of(roll, [
            "process-create",
            "process",
            "thread",
            "thread-create",
            "image-exe",
            "image-ntdll",
            "non-system-thread",
          ]),
          routine: "OnEvent",
        },
      ],
    },
    Array.from({ length: 1 + (roll(3) === 0 ? 1 : 0) }, () => [
      of(roll, ["create", "create and exit", "create a thread", "create and wait"]),
    ]),
    { startup: of(roll, ["before", "before", "before", "failing"]) },
  );
}
