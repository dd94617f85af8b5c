/** Walks over a list of records, which others put in, take out and free meanwhile (SY-27). */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to, when } from "./draft.ts";

const record = { record: "Entry" } as const;

export function walked(roll: Roll, seed: number): Scenario {
  const list = { ListHead: to("List") };
  const put = (): Statement[] => [
    call("ExAllocateFromLookasideListEx", { Entry: to("New") }, "made"),
    when({ kind: "result", of: "made", is: "success" }, [
      call("InsertTailList", { ...list, Entry: to("New") }),
    ]),
  ];
  const inside = (): Statement[] =>
    some(
      roll,
      [
        () => call("KeSetEvent", { Event: { ref: "At", field: "Ready" } }),
        () => call("RemoveEntryList", { ...list, Entry: to("At") }),
        () => call("ObDereferenceObject", { Entry: to("At") }),
        () =>
          call("KeWaitForSingleObject", {
            Object: { ref: "At", field: "Ready" },
            ...(roll(2) === 0 ? { Timeout: after(1000) } : {}),
          }),
        () => call("InsertTailList", { ListHead: to("Other"), Entry: to("At") }),
      ],
      2,
    ).map((one) => one());
  const walk = (): Statement[] => {
    const saves = roll(2) === 0;
    const ends = { kind: "result", of: "next" } as const;
    return [
      call("Flink", { ...list, Entry: to("At") }, "first"),
      {
        kind: "poll",
        until: {
          kind: "or",
          tests: [
            { kind: "result", of: "first", is: "empty" },
            { ...ends, is: "empty" },
          ],
        },
        body: saves
          ? [
              call("Flink", { ...list, Entry: to("Next"), From: to("At") }, "next"),
              ...inside(),
              when({ ...ends, is: "success" }, [
                call("InterlockedExchangePointer", { Target: to("At"), Value: to("Next") }),
              ]),
            ]
          : [...inside(), call("Flink", { ...list, Entry: to("At"), From: to("At") }, "next")],
        limit: 3,
      },
    ];
  };
  const take = (): Statement[] => [
    call("RemoveHeadList", { ...list, Entry: to("Head") }, "taken"),
    when({ kind: "result", of: "taken", is: "success" }, [
      roll(2) === 0
        ? call("ObDereferenceObject", { Entry: to("Head") })
        : call("KeSetEvent", { Event: { ref: "Head", field: "Ready" } }),
    ]),
  ];
  const lock = roll(2) === 0;
  const under = (body: Statement[]): Statement[] =>
    lock
      ? [
          call("ExAcquireFastMutex", { FastMutex: to("Lock") }),
          ...body,
          call("ExReleaseFastMutex", { FastMutex: to("Lock") }),
        ]
      : body;
  const made = [...put(), ...(roll(2) === 0 ? put().map((one) => again(one)) : [])];
  const alone = roll(3) > 0;
  return drafted(
    seed,
    {
      objects: [
        object("List", "LIST_ENTRY"),
        object("Other", "LIST_ENTRY"),
        object("Lock", "FAST_MUTEX"),
      ],
      records: [
        {
          name: "Entry",
          fields: [
            object("Ready", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
          ],
          max: 2,
        },
      ],
      routines: [
        routine("callback", "OnCreate", [...made, ...under(alone ? walk() : take())], {
          locals: ["New", "At", "Next", "Head"].map((name) => object(name, "pointer", record)),
        }),
        ...(alone
          ? []
          : [
              routine("callback", "OnExit", under(walk().map(elsewhere)), {
                locals: ["At2", "Next2"].map((name) => object(name, "pointer", record)),
              }),
            ]),
      ],
      registrations: [
        { family: "process-create", routine: "OnCreate" },
        ...(alone ? [] : [{ family: "process-exit", routine: "OnExit" }]),
      ],
    },
    alone ? [["create"]] : [["create"], ["exit"]],
    { startup: "before" },
  );
}

/** The same of another routine, with its own pointers. */
const elsewhere = (one: Statement): Statement =>
  JSON.parse(JSON.stringify(one).replaceAll(/"ref":"(At|Next)"/g, '"ref":"$12"')) as Statement;

/** The same with another name for its result. */
const again = (one: Statement): Statement =>
  JSON.parse(JSON.stringify(one).replaceAll('"made"', '"made2"')) as Statement;
