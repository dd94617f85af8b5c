/** Where a run comes to a bound (section 16), and where it stops short of it. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { surveyed } from "../adapter.ts";
import { after, call, drafted, object, routine, to } from "../draw/draft.ts";
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

const inside = (api: string, count: number): string => boundsOf(times(count, () => call(api)));
const timers = (count: number): string =>
  boundsOf(
    times(count, (i) =>
      call("KeSetTimerEx", {
        Timer: to(`Timer${i}`),
        DueTime: after(60_000_000),
        Period: after(0),
      }),
    ),
    { objects: times(count, (i) => object(`Timer${i}`, "NotificationTimer") as never) as never },
  );
const rivals = (count: number): string => {
  const both = call("KeWaitForMultipleObjects", {
    Objects: { objects: [to("Many"), to("One")] },
    WaitType: "WaitAll",
  });
  const start = call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } });
  return boundsOf(
    [start, start, call("KeReleaseSemaphore", { Semaphore: to("Many"), Adjustment: count })],
    {
      objects: [
        object("Many", "KSEMAPHORE", { initial: 0, limit: 4 }),
        object("One", "SynchronizationEvent", { initial: 1 }),
      ],
      routines: [routine("systemThread", "Thread", [both])],
    },
  );
};

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
  ["the largest number", numbers(2 ** 30 - 2), ""],
  ["one more than the largest number", numbers(2 ** 30 - 1), "numbers"],
  ...["KeEnterCriticalRegion", "KeEnterGuardedRegion"].flatMap(
    (api): (readonly [string, string, string])[] => [
      [`as many of ${api} as there can be`, inside(api, 61), ""],
      [`too many of ${api}`, inside(api, 70), "regions"],
    ],
  ),
  ["as many timers as can be set", timers(8), ""],
  ["one timer more", timers(9), "timers"],
  ["two who need another thing get one of a semaphore each", rivals(1), ""],
  ["in which order two are served who need another thing, too", rivals(2), "ways"],
];

export const boundDifferences = (): string[] =>
  cases()
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => `${name}: ${is || "none"}, not ${should || "none"}`);
