/** One small scenario for each call, result and statement that the other ideas draw too seldom. */
import type { Routine, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";
import { messages, pended } from "./rare-messages.ts";
import { onEvent, oneUser, onProcess, type RareSketch, starts } from "./rare-parts.ts";
import { alerts, lpc, stopping } from "./rare-services.ts";
import { abandoned, lock, periodic, several } from "./rare-waits.ts";

const registering: readonly (readonly [family: string, set: string, remove: string])[] = [
  ["thread-create", "PsSetCreateThreadNotifyRoutine", "PsRemoveCreateThreadNotifyRoutine"],
  [
    "non-system-thread-create",
    "PsSetCreateThreadNotifyRoutineEx",
    "PsRemoveCreateThreadNotifyRoutine",
  ],
  ["image-exe", "PsSetLoadImageNotifyRoutine", "PsRemoveLoadImageNotifyRoutine"],
];

/** Callbacks that DriverEntry registers and DriverUnload removes, or forgets. */
function registrations(roll: Roll): RareSketch {
  const [family, set, remove] = of(roll, registering);
  const named = { NotifyRoutine: { routine: "OnEvent" } };
  const entry = [call(set, named, "set"), ...(roll(4) === 0 ? [call(remove, named, "back")] : [])];
  return {
    driver: {
      objects: [object("Count", "variable")],
      routines: [
        routine("callback", "OnEvent", [
          call("InterlockedDecrement", { Target: to("Count") }, "count"),
        ]),
        routine("entry", "DriverEntry", entry),
        routine("unload", "DriverUnload", roll(4) === 0 ? [] : [call(remove, named, "removed")]),
      ],
      registrations: [{ family, routine: "OnEvent" }],
    },
    world: {
      startup: of(roll, ["before", "racing", "failing"]),
      removal: of(roll, ["none", "racing", "racing"]),
    },
  };
}

/** Lists and queues of references that a thread puts in and another takes out. */
function handing(roll: Roll): RareSketch {
  const isList = roll(2) === 0;
  const name = isList ? { ListHead: to("Line") } : { Queue: to("Line") };
  const put = [
    call("ExAllocateFromLookasideListEx", { Entry: to("Mine") }, "got"),
    call(isList ? "InsertTailList" : "KeInsertQueue", { ...name, Entry: to("Mine") }),
  ];
  const patience = isList || roll(2) === 0 ? {} : { Timeout: after(of(roll, [0, 1000])) };
  const take = [
    call(
      isList ? "RemoveHeadList" : "KeRemoveQueue",
      { ...name, Entry: to("Theirs"), ...patience },
      "taken",
    ),
    when({ kind: "result", of: "taken", is: "success" }, [
      call("ObDereferenceObject", { Entry: to("Theirs") }),
    ]),
  ];
  const pointer = (one: string) => object(one, "pointer", { record: "Entry" });
  const isPutHere = roll(2) === 0;
  return {
    driver: {
      objects: [object("Line", isList ? "LIST_ENTRY" : "KQUEUE")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), ...(isPutHere ? put : take)], {
          locals: [pointer("Mine"), pointer("Theirs")],
        }),
        routine("systemThread", "Thread", isPutHere ? take : put, {
          locals: [pointer("Mine"), pointer("Theirs")],
        }),
      ],
      registrations: onProcess(roll),
    },
  };
}

/** A kernel call that makes processes or threads; statements that end or repeat others. */
function statements(roll: Roll): RareSketch {
  const count = { Target: to("Count") };
  const add = call("InterlockedIncrement", count, "n");
  const enough: Statement = when({ kind: "returned", of: "n", op: ">=", value: 2 }, [
    { kind: "return" },
  ]);
  const body = of(roll, [
    (): Statement[] => [{ kind: "repeat", times: 2 + roll(2), body: [add, enough] }, add],
    (): Statement[] => [
      {
        kind: "poll",
        until: { kind: "returned", of: "n", op: ">=", value: 2 },
        limit: roll(2) === 0 ? 3 : null,
        body: [add],
      },
    ],
    (): Statement[] => [add, enough, call("ZwCreateUserProcess", {}, "made")],
    (): Statement[] => [
      when({ kind: "causedByOwnWork" }, [{ kind: "return" }]),
      call("ZwCreateUserProcess", {}, "made"),
    ],
  ])();
  const helper: Routine[] =
    roll(2) === 0 ? [routine("function", "Helper", [...body, call("DbgPrint")])] : [];
  return {
    driver: {
      objects: [object("Count", "variable")],
      routines: [
        routine(
          "callback",
          "OnEvent",
          helper.length > 0 ? [{ kind: "invoke", routine: "Helper" }, add] : body,
        ),
        ...helper,
      ],
      registrations: onEvent(roll),
    },
    does: [...oneUser(roll), ...(roll(3) === 0 ? [["create a thread"]] : [])],
  };
}

const sketches: readonly ((roll: Roll) => RareSketch)[] = [
  several,
  several,
  abandoned,
  abandoned,
  alerts,
  alerts,
  alerts,
  lpc,
  lpc,
  lpc,
  registrations,
  lock,
  lock,
  periodic,
  stopping,
  handing,
  handing,
  statements,
];

export function rare(roll: Roll, seed: number): Scenario {
  return ofRare(roll, seed, sketches);
}

const rarest = [
  abandoned,
  abandoned,
  alerts,
  alerts,
  lpc,
  stopping,
  pended,
  messages,
  messages,
  messages,
];

/** Those of them that hardly anything else comes to. */
export const rarer = (roll: Roll, seed: number): Scenario => ofRare(roll, seed, rarest);

/** Those about messages alone. */
export const spoken = (roll: Roll, seed: number): Scenario => ofRare(roll, seed, [messages]);

function ofRare(roll: Roll, seed: number, list: readonly ((roll: Roll) => RareSketch)[]): Scenario {
  const { driver, does, world } = of(roll, list)(roll);
  return drafted(seed, driver, does ?? oneUser(roll), world);
}
