/** Threads that do little but take and give back locks: what random runs hop over. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, routine, to } from "./draft.ts";

const takes = {
  FAST_MUTEX: ["ExAcquireFastMutex", "ExReleaseFastMutex", "FastMutex"],
  KSPIN_LOCK: ["KeAcquireSpinLock", "KeReleaseSpinLock", "SpinLock"],
} as const;
type Kind = keyof typeof takes;

const inside = (kind: Kind, name: string, body: readonly Statement[]): Statement[] => {
  const [take, give, param] = takes[kind];
  return [call(take, { [param]: to(name) }), ...body, call(give, { [param]: to(name) })];
};

/** Two locks, taken in one order by all; what is done meanwhile takes no time, or some. */
const bodies = (kind: Kind): Statement[] => [
  ...inside(kind, "One", []),
  ...inside(kind, "One", inside(kind, "Two", [])),
  ...inside(kind, "Two", [call("DbgPrint")]),
];

const objects = (kind: Kind) => [object("One", kind), object("Two", kind)];
const names = ["First", "Second", "Third"];

export const locksInTurn = (): Scenario[] =>
  (["FAST_MUTEX", "KSPIN_LOCK"] as const).map((kind) =>
    drafted(
      1,
      {
        objects: objects(kind),
        routines: [
          routine(
            "entry",
            "DriverEntry",
            names.map((name) => call("PsCreateSystemThread", { StartRoutine: { routine: name } })),
          ),
          ...names.map((name) => routine("systemThread", name, bodies(kind))),
        ],
      },
      [],
    ),
  );

/** Users arrive meanwhile, some of them late. */
export const arrivalsAtLocks = (): Scenario[] =>
  (["FAST_MUTEX", "KSPIN_LOCK"] as const).flatMap((kind) =>
    [100, 101, 5_000].map((us) =>
      drafted(
        1,
        {
          objects: objects(kind),
          routines: [
            routine("callback", "OnEvent", bodies(kind)),
            routine("entry", "DriverEntry", [
              call("PsCreateSystemThread", { StartRoutine: { routine: "First" } }),
            ]),
            routine("systemThread", "First", [
              ...bodies(kind),
              call("KeDelayExecutionThread", { Interval: after(us) }),
              ...bodies(kind),
            ]),
          ],
          registrations: [{ family: "process-create", routine: "OnEvent" }],
        },
        [["create"], ["create"]],
      ),
    ),
  );
