/** Where a run comes to a bound (section 16), and where it stops short of it. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { surveyed } from "../adapter.ts";
import { call, drafted, object, routine, to } from "../draw/draft.ts";
import { labelled } from "../scenario.ts";

/** The names of the bounds that a callback of one creation comes to. */
function boundsOf(body: readonly Statement[], more: Partial<DriverModel> = {}): string {
  const { bounds, complete } = surveyed(
    labelled(
      drafted(
        1,
        {
          ...more,
          routines: [routine("callback", "OnEvent", body), ...(more.routines ?? [])],
          registrations: [{ family: "process-create", routine: "OnEvent" }],
        },
        [["create"]],
      ),
    ),
    20_000,
  );
  return complete ? bounds.join() : "not searched to its end";
}

const times = (count: number, one: (i: number) => Statement): Statement[] =>
  Array.from({ length: count }, (_, i) => one(i));

const records = (count: number): string =>
  boundsOf(
    times(count, () => call("ExAllocateFromLookasideListEx", { Entry: to("Mine") })),
    {
      objects: [object("Mine", "pointer", { record: "Entry" })],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 3 }],
    },
  );
const entries = (count: number): string =>
  boundsOf(
    [
      call("ExAllocateFromLookasideListEx", { Entry: to("Mine") }),
      ...times(count, () => call("InsertTailList", { ListHead: to("List"), Entry: to("Mine") })),
    ],
    {
      objects: [object("Mine", "pointer", { record: "Entry" }), object("List", "LIST_ENTRY")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 3 }],
    },
  );
const threads = (count: number): string =>
  boundsOf(
    times(count, () => call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } })),
    { routines: [routine("systemThread", "Thread", [])] },
  );
const userThreads = (count: number): string =>
  boundsOf(
    times(count, () => call("RtlCreateUserThread")),
    { routines: [], objects: [] },
  );
const rounds = (count: number): string =>
  boundsOf([{ kind: "repeat", times: count, body: [call("DbgPrint")] }]);
const numbers = (count: number): string =>
  boundsOf(
    [
      call("InterlockedExchange", { Target: to("Count"), Value: count }),
      call("InterlockedIncrement", { Target: to("Count") }),
    ],
    { objects: [object("Count", "variable")] },
  );

const cases = (): readonly (readonly [string, string, string])[] => [
  ["as many records as there can be", records(3), ""],
  ["one record more", records(4), "records"],
  ["a list with eight entries", entries(8), ""],
  ["a list with many more", entries(40), "queueRoom"],
  ["four threads of a routine", threads(4), ""],
  ["five threads of a routine", threads(5), "threads"],
  ["user threads where nobody listens", userThreads(6), ""],
  ["a thousand rounds", rounds(1_000), ""],
  ["a hundred thousand rounds", rounds(100_000), "localSteps"],
  ["a small number", numbers(1_000), ""],
];

export const boundDifferences = (): string[] =>
  cases()
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => `${name}: ${is || "none"}, not ${should || "none"}`);
