/** Recursion on one stack (section 14): where nothing ends it, and where something does. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { searched } from "../adapter.ts";
import { call, drafted, object, routine, to, when } from "../draw/draft.ts";

interface Recursing {
  readonly name: string;
  /** What is said: a crash, that the model has no more room, or nothing. */
  readonly is: "endless" | "bounded" | "ends";
  readonly body: readonly Statement[];
  readonly more?: Partial<DriverModel>;
}

const creates = call("ZwCreateUserProcess");
const depth = { Target: to("Depth") };
const variable = object("Depth", "variable");
const below = (limit: number, then: readonly Statement[]): Statement =>
  when({ kind: "compare", variable: to("Depth"), op: "<", value: limit }, then);

const recursing: readonly Recursing[] = [
  { name: "nothing else", is: "endless", body: [creates] },
  {
    name: "a count that nobody looks at",
    is: "endless",
    body: [call("InterlockedIncrement", depth), creates],
    more: { objects: [variable] },
  },
  {
    name: "a mutex that is taken once more each time",
    is: "endless",
    body: [call("KeWaitForSingleObject", { Object: to("Mutex") }), creates],
    more: { objects: [object("Mutex", "KMUTEX")] },
  },
  {
    name: "a resource that is taken once more each time",
    is: "endless",
    body: [
      call("KeEnterCriticalRegion"),
      call("ExAcquireResourceExclusiveLite", { Resource: to("Resource"), Wait: "TRUE" }),
      creates,
    ],
    more: { objects: [object("Resource", "ERESOURCE")] },
  },
  {
    name: "a resource that is shared once more each time",
    is: "endless",
    body: [
      call("KeEnterCriticalRegion"),
      call("ExAcquireResourceSharedLite", { Resource: to("Resource"), Wait: "TRUE" }),
      creates,
    ],
    more: { objects: [object("Resource", "ERESOURCE")] },
  },
  {
    name: "a function between",
    is: "endless",
    body: [{ kind: "invoke", routine: "Helper" }],
    more: { routines: [routine("function", "Helper", [creates])] },
  },
  {
    name: "an event of its own in each round",
    is: "endless",
    body: [call("KeSetEvent", { Event: to("Done") }), creates],
    more: { routines: [] },
  },
  {
    name: "a region that is entered once more each time",
    is: "endless",
    body: [call("KeEnterCriticalRegion"), creates],
  },
  {
    name: "a loop of which no round ends",
    is: "endless",
    body: [{ kind: "repeat", times: 2, body: [creates] }],
  },
  {
    name: "an event of all, which is set from the first time on",
    is: "endless",
    body: [call("KeSetEvent", { Event: to("All") }), creates],
    more: { objects: [object("All", "NotificationEvent")] },
  },
  {
    name: "a semaphore that goes up each time",
    is: "bounded",
    body: [call("KeReleaseSemaphore", { Semaphore: to("Many"), Adjustment: 1 }), creates],
    more: { objects: [object("Many", "KSEMAPHORE", { initial: 0, limit: 1_000 })] },
  },
  {
    name: "a number of each round's own that is another one each time",
    is: "bounded",
    body: [
      call("InterlockedIncrement", depth, "n"),
      when({ kind: "returned", of: "n", op: "<", value: 1_000 }, [creates]),
    ],
    more: { objects: [variable] },
  },
  {
    name: "a thread that waits on, and was there before",
    is: "endless",
    body: [creates],
    more: {
      objects: [object("Never", "NotificationEvent")],
      routines: [
        routine("systemThread", "Thread", [call("KeWaitForSingleObject", { Object: to("Never") })]),
        routine("entry", "DriverEntry", [
          call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }),
        ]),
      ],
    },
  },
  ...[1, 2, 3].map(
    (limit): Recursing => ({
      name: `a count that ends it after ${limit}`,
      is: "ends",
      body: [below(limit, [call("InterlockedIncrement", depth), creates])],
      more: { objects: [variable] },
    }),
  ),
  {
    name: "a count that ends it late",
    is: "bounded",
    body: [below(1_000, [call("InterlockedIncrement", depth), creates])],
    more: { objects: [variable] },
  },
  {
    name: "a flag that is another in each round",
    is: "bounded",
    body: [
      when(
        { kind: "compare", variable: to("Depth"), op: "<", value: 1 },
        [call("InterlockedIncrement", depth)],
        [call("InterlockedDecrement", depth)],
      ),
      creates,
    ],
    more: { objects: [variable] },
  },
  ...(
    [
      [2, "ends"],
      [10, "bounded"],
    ] as const
  ).map(
    ([times, is]): Recursing => ({
      name: `another thread that ends it after ${times}`,
      is,
      body: [
        below(1, [
          call("KeSetEvent", { Event: to("Go") }),
          call("KeWaitForSingleObject", { Object: to("Went") }),
          creates,
        ]),
      ],
      more: {
        objects: [
          variable,
          object("Go", "SynchronizationEvent"),
          object("Went", "SynchronizationEvent"),
        ],
        routines: [
          routine("systemThread", "Thread", [
            {
              kind: "repeat",
              times,
              body: [
                call("KeWaitForSingleObject", { Object: to("Go") }),
                call("KeSetEvent", { Event: to("Went") }),
              ],
            },
            call("KeWaitForSingleObject", { Object: to("Go") }),
            call("InterlockedIncrement", depth),
            call("KeSetEvent", { Event: to("Went") }),
          ]),
          routine("entry", "DriverEntry", [
            call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }),
          ]),
        ],
      },
    }),
  ),
  {
    name: "an event that only the first one finds",
    is: "ends",
    body: [
      call("KeWaitForSingleObject", { Object: to("Once"), Timeout: { timeout: 0 } }, "r1"),
      when({ kind: "result", of: "r1", is: "success" }, [creates]),
    ],
    more: { objects: [object("Once", "SynchronizationEvent", { initial: 1 })] },
  },
  {
    name: "a semaphore that goes down each time",
    is: "ends",
    body: [
      call("KeWaitForSingleObject", { Object: to("Few"), Timeout: { timeout: 0 } }, "r1"),
      when({ kind: "result", of: "r1", is: "success" }, [creates]),
    ],
    more: { objects: [object("Few", "KSEMAPHORE", { initial: 3, limit: 3 })] },
  },
];

function answerOf({ body, more }: Recursing): Recursing["is"] | string {
  const callback = routine("callback", "OnEvent", body, {
    locals: JSON.stringify(body).includes('"Done"') ? [object("Done", "NotificationEvent")] : [],
  });
  const { crashes, bounds, complete } = searched(
    drafted(
      1,
      {
        ...more,
        routines: [callback, ...(more?.routines ?? [])],
        registrations: [{ family: "process-create", routine: "OnEvent" }],
      },
      [["create"]],
    ),
  );
  const isEndless = crashes.some((one) => one.includes("recursion"));
  if (!complete) return "not searched to its end";
  return isEndless ? "endless" : bounds.length > 0 ? "bounded" : "ends";
}

/** Where something else is said than there should be. */
export const recursionDifferences = (): string[] =>
  recursing.flatMap((one) => {
    const found = answerOf(one);
    return found === one.is ? [] : [`${one.name}: ${found}, and it is ${one.is}`];
  });
