/** Contention: locks, events, a semaphore, a rundown reference, items and messages. */
import type { ObjectDecl, Routine, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { call, drafted, of, type Roll, to } from "./draft.ts";
import { lockPairs } from "./lock-pairs.ts";

/** Those that are always granted in the end. */
const pairs = lockPairs.filter(({ tries }) => tries !== "always");

const forms = [
  "process-create",
  "process-exit",
  "thread-create",
  "non-system-thread-create",
  "image-exe",
  "thread-exit",
];

/** Few objects, which several routines share, so that contention is likely. */
export function contention(roll: Roll, seed: number): Scenario {
  const kinds = [of(roll, pairs).kind, of(roll, pairs).kind];
  const objects: ObjectDecl[] = kinds.map((kind, i) => ({ name: `Lock${i}`, kind }));
  objects.push(
    {
      name: "Done",
      kind: of(roll, ["NotificationEvent", "SynchronizationEvent"] as const),
      initial: roll(4) === 0 ? 1 : 0,
    },
    { name: "Count", kind: "KSEMAPHORE", initial: roll(2), limit: 2 },
    { name: "Rundown", kind: "EX_RUNDOWN_REF" },
    { name: "Busy", kind: "variable" },
    { name: "Timer", kind: of(roll, ["NotificationTimer", "SynchronizationTimer"] as const) },
    { name: "Port", kind: "FLT_PORT" },
  );
  const routines: Routine[] = [];
  const used = new Set<string>();
  let results = 0;
  const timeout = (): object =>
    roll(3) === 0 ? { Timeout: { timeout: of(roll, [0, 50_000]) } } : {};
  // What a zero timeout of a message means is open (SV-7).
  const patience = (): object => (roll(3) === 0 ? { Timeout: { timeout: 50_000 } } : {});
  const hasService = roll(3) === 0;
  const hasItem = roll(2) === 0;
  const queue = (): Statement => {
    used.add("Item");
    return call(of(roll, ["IoQueueWorkItem", "ExQueueWorkItem"]), {
      WorkItem: { routine: "Item" },
      QueueType: "DelayedWorkQueue",
    });
  };
  const block = (depth: number, inItem: boolean): Statement[] => {
    switch (roll(12)) {
      case 0:
      case 1:
      case 2: {
        const i = roll(2);
        const { take, give, param, region } = of(
          roll,
          pairs.filter(({ kind }) => kind === kinds[i]),
        );
        const lock = to(`Lock${i}`);
        const giveParam = param === "Object" ? "Mutex" : param;
        const inner = depth < 2 ? block(depth + 1, inItem) : [];
        const body = [call(take, { [param]: lock }), ...inner, call(give, { [giveParam]: lock })];
        return region === true && inItem
          ? [call("KeEnterCriticalRegion"), ...body, call("KeLeaveCriticalRegion")]
          : body;
      }
      case 3:
        return [
          call(of(roll, ["KeSetEvent", "KeSetEvent", "KeResetEvent", "KePulseEvent"]), {
            Event: to("Done"),
          }),
        ];
      case 4:
      case 5:
        return [
          call(
            "KeWaitForSingleObject",
            { Object: to(of(roll, ["Done", "Count", "Timer"])), ...timeout() },
            `r${++results}`,
          ),
        ];
      case 6:
        return [
          call(
            "KeWaitForMultipleObjects",
            {
              Objects: { objects: [to("Done"), to("Count")] },
              WaitType: of(roll, ["WaitAny", "WaitAll"]),
              ...timeout(),
            },
            `r${++results}`,
          ),
        ];
      case 7:
        return hasItem && !inItem
          ? [queue()]
          : [call("KeReleaseSemaphore", { Semaphore: to("Count"), Adjustment: 1 })];
      case 8:
        return hasService && !inItem
          ? [
              call(
                "FltSendMessage",
                { Port: to("Port"), Reply: of(roll, ["reply", "no reply"]), ...patience() },
                `r${++results}`,
              ),
            ]
          : [call("KeSetTimer", { Timer: to("Timer"), DueTime: { timeout: 1000 } })];
      case 9: {
        const name = `r${++results}`;
        return [
          call("InterlockedExchange", { Target: to("Busy"), Value: roll(2) }, name),
          {
            kind: "if",
            test: { kind: "returned", of: name, op: "==", value: 0 },
            then: depth < 2 ? block(depth + 1, inItem) : [call("ZwReadFile")],
          },
        ];
      }
      case 10: {
        const name = `r${++results}`;
        return [
          call("ExAcquireRundownProtection", { RunRef: to("Rundown") }, name),
          {
            kind: "if",
            test: { kind: "result", of: name, is: "success" },
            then: [
              ...(depth < 2 ? block(depth + 1, inItem) : []),
              call("ExReleaseRundownProtection", { RunRef: to("Rundown") }),
            ],
          },
        ];
      }
      default:
        return [
          of(roll, [
            call("ZwReadFile"),
            call("ExWaitForRundownProtectionRelease", { RunRef: to("Rundown") }),
            call("KeDelayExecutionThread", { Interval: { timeout: 1000 } }),
          ]),
        ];
    }
  };
  const bodyOf = (n: number, inItem: boolean): Statement[] =>
    Array.from({ length: n }, () => block(0, inItem)).flat();
  const registrations = Array.from({ length: 1 + roll(2) }, (_, i) => {
    const family = of(roll, forms);
    routines.push({
      name: `OnEvent${i}`,
      role: "callback",
      locals: [],
      body: bodyOf(1 + roll(3), false),
    });
    return { family, routine: `OnEvent${i}` };
  });
  if (used.has("Item"))
    routines.push({ name: "Item", role: "workItem", locals: [], body: bodyOf(1 + roll(2), true) });
  const service = { name: "Service", objects: [], threads: [{ routine: "Answer", count: 1 }] };
  if (hasService) {
    routines.push({
      name: "Answer",
      role: "userThread",
      locals: [{ name: "Message", kind: "pointer" }],
      body: [
        {
          kind: "forever",
          body: [
            call("FilterGetMessage", { Port: to("Port"), Message: to("Message") }),
            ...(roll(3) === 0
              ? [call("CreateProcess")]
              : [call("Compute", { Time: { timeout: 1000 } })]),
            call("FilterReplyMessage", { Message: to("Message") }),
          ],
        },
      ],
    });
  }
  const removal = roll(5) === 0 ? "racing" : "none";
  return drafted(
    seed,
    { objects, routines, registrations, services: hasService ? [service] : [] },
    Array.from({ length: 1 + roll(2) }, () => [of(roll, does)]),
    {
      pool: { profile: "tiny", load: used.has("Item") && roll(4) === 0 ? "exhausted" : "idle" },
      startup: roll(8) === 0 ? "racing" : "before",
      removal,
    },
  );
}

const does = ["create", "create", "create and exit", "create a thread", "create and wait"];
