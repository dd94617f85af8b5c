/** What is no scenario is refused, with what is wrong; what is next to it is none the worse. */
import type { Statement } from "../../../src/language/model.ts";
import { validateDriver } from "../../../src/language/validate.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { windows } from "../../../src/windows/language.ts";
import { after, call, drafted, object, routine, to } from "../draw/draft.ts";
import type { Scenario } from "../scenario.ts";

interface Refused {
  readonly says: string;
  readonly wrong: Scenario;
  /** Of the same, what is right. */
  readonly right: readonly Scenario[];
}

const objects = [
  object("Slots", "KSEMAPHORE", { initial: 0, limit: 3 }),
  object("Timer", "NotificationTimer"),
];

const withCalls = (...body: Statement[]): Scenario =>
  drafted(
    1,
    {
      objects,
      records: [{ name: "BOX", fields: [], max: 2 } as never],
      routines: [
        routine("callback", "OnEvent", body, {
          locals: [object("Boxed", "pointer", { record: "BOX" }), object("Bare", "pointer")],
        }),
        routine("dpc", "Dpc", []),
        routine("workItem", "Item", []),
        routine("systemThread", "Thread", []),
        routine("apc", "Apc", []),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    [["create"]],
  );

const given = (Adjustment: number) =>
  withCalls(call("KeReleaseSemaphore", { Semaphore: to("Slots"), Adjustment }));
const timer = (due: number | "none", period: number, dpc?: string) =>
  withCalls(
    call("KeSetTimerEx", {
      Timer: to("Timer"),
      DueTime: after(due),
      Period: after(period),
      ...(dpc === undefined ? {} : { Dpc: { routine: dpc } }),
    }),
  );
const sleep = (us: number | "none") =>
  withCalls(call("KeDelayExecutionThread", { Interval: after(us) }));
const queued = (name: string) =>
  withCalls(
    call("ExQueueWorkItem", { WorkItem: { routine: name }, QueueType: "DelayedWorkQueue" }),
  );
const started = (name: string) =>
  withCalls(call("PsCreateSystemThread", { StartRoutine: { routine: name } }));
const removed = (name: string) =>
  withCalls(
    call("PsSetCreateProcessNotifyRoutineEx", { NotifyRoutine: { routine: name }, Remove: "TRUE" }),
  );
const allocated = (name: string) =>
  withCalls(call("ExAllocateFromLookasideListEx", { Entry: to(name) }));
const doing = (action: string): Scenario => {
  const { drivers, world } = withCalls();
  return { drivers, world: { ...world, workload: [{ name: "user1", does: [action] }] } };
};

const refused: readonly Refused[] = [
  { says: "a whole number of times, not 0", wrong: given(0), right: [given(1), given(2)] },
  { says: "a whole number of times, not 1.5", wrong: given(1.5), right: [given(3)] },
  {
    says: "has a time that it is due at",
    wrong: timer("none", 0),
    right: [timer(0, 0), timer(1, 0)],
  },
  { says: "whole milliseconds", wrong: timer(0, 1_500), right: [timer(0, 2_000), timer(5, 0)] },
  { says: 'no routine "Nowhere"', wrong: timer(0, 0, "Nowhere"), right: [timer(0, 0, "Dpc")] },
  { says: "has to end", wrong: sleep("none"), right: [sleep(0), sleep(1)] },
  { says: '"Nowhere"', wrong: queued("Nowhere"), right: [queued("Item")] },
  { says: '"Nowhere"', wrong: started("Nowhere"), right: [started("Thread")] },
  { says: '"Nowhere" is no callback', wrong: removed("Nowhere"), right: [removed("OnEvent")] },
  { says: "holds no record", wrong: allocated("Bare"), right: [allocated("Boxed")] },
  {
    says: "nobody can do “dance”",
    wrong: doing("dance"),
    right: ["create", "exit", "create a thread", "load a DLL", "load a driver"].map(doing),
  },
];

/** Why it is refused; an empty text where it is not. */
function reasonOf(scenario: Scenario): string {
  try {
    compileScenario(scenario as unknown as Parameters<typeof compileScenario>[0]);
    return "";
  } catch (error) {
    return String((error as Error).message);
  }
}

/** Which families may veto what they are called for (section 8). */
const vetoes: readonly (readonly [family: string, may: boolean])[] = [
  ["process-create", true],
  ["process", true],
  ["thread-create", false],
  ["non-system-thread-create", false],
  ["image", false],
  ["image-exe", false],
];

function vetoIn(family: string): boolean {
  const { drivers } = drafted(
    1,
    {
      routines: [routine("callback", "OnEvent", [{ kind: "veto" }])],
      registrations: [{ family, routine: "OnEvent" }],
    },
    [],
  );
  try {
    validateDriver(drivers[0], "driver", windows);
    return true;
  } catch {
    return false;
  }
}

export const refusalDifferences = (): string[] => [
  ...vetoes
    .filter(([family, may]) => vetoIn(family) !== may)
    .map(([family, may]) => `${family} ${may ? "may" : "may not"} veto`),
  ...inputDifferences(),
];

const inputDifferences = (): string[] =>
  refused.flatMap(({ says, wrong, right }) => {
    const reason = reasonOf(wrong);
    return [
      ...(reason.includes(says) ? [] : [`not refused as it should be (${says}): ${reason}`]),
      ...right.map(reasonOf).filter((one) => one !== ""),
    ];
  });
