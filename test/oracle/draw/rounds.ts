/**
 * Threads that go round for ever with a lock, a mutex or a wait for a rundown, beside whoever wants the same:
 * each round is a request that is met, or is not (section 12).
 */
import type { Statement } from "../../../src/language/model.ts";
import { call, drafted, object, of, routine, to } from "./draft.ts";
import { heldOf, lockPairs } from "./lock-pairs.ts";
import { onEvent, type Sketch, starts, user } from "./sketch.ts";

const adds = call("InterlockedIncrement", { Target: to("Count") });

/** Any lock: one thread takes it and gives it back for ever, and the callback takes it once, or keeps it. */
const locked: Sketch = (roll, seed) => {
  const pair = of(
    roll,
    lockPairs.filter(({ kind }) => kind !== "KMUTEX"),
  );
  const round = heldOf(roll, pair, "0");
  const once = heldOf(roll, pair, "0");
  const isKept = roll(3) === 0;
  const body = isKept ? once.slice(0, -1) : once;
  const isOwn = roll(3) === 0;
  return drafted(
    seed,
    {
      objects: [object(`${pair.kind}0`, pair.kind), object("Count", "variable")],
      routines: [
        routine("callback", "OnEvent", [starts("Round"), ...(isOwn ? [] : body)]),
        routine("systemThread", "Round", [
          ...(isOwn ? body : []),
          { kind: "forever", body: [...round, ...(roll(3) === 0 ? [adds] : [])] },
        ]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A mutex, for which a wait is the request; or a rundown, which is waited for again and again. */
const waited: Sketch = (roll, seed) => {
  const isMutex = roll(2) === 0;
  const takes = of(roll, [
    call("KeWaitForSingleObject", { Object: to("Mutant") }),
    call("KeWaitForMutexObject", { Mutex: to("Mutant") }),
  ]);
  const runsDown = call("ExWaitForRundownProtectionRelease", { RunRef: to("Rundown") });
  const gives = call("KeReleaseMutex", { Mutex: to("Mutant") });
  const protects = call("ExAcquireRundownProtection", { RunRef: to("Rundown") }, "had");
  const ends = call("ExReleaseRundownProtection", { RunRef: to("Rundown") });
  const beside = isMutex
    ? of(roll, [[takes, gives], [takes], [takes, takes, gives, gives]])
    : of(roll, [[protects, ends], [protects], [adds]]);
  return drafted(
    seed,
    {
      objects: [
        object("Mutant", "KMUTEX"),
        object("Rundown", "EX_RUNDOWN_REF"),
        object("Count", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", [starts("Round"), ...beside]),
        routine("systemThread", "Round", [
          { kind: "forever", body: isMutex ? [takes, gives] : [runsDown] },
        ]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A section of user mode, which two threads of a service take again and again, or one keeps. */
const inUserMode: Sketch = (roll, seed) => {
  const takes = call("EnterCriticalSection", { Section: to("Section") });
  const gives = call("LeaveCriticalSection", { Section: to("Section") });
  const round: Statement = { kind: "forever", body: [takes, gives] };
  return drafted(
    seed,
    {
      routines: [
        routine("callback", "OnEvent", [call("DbgPrint")]),
        routine("userThread", "First", [round]),
        routine("userThread", "Second", of(roll, [[takes], [takes, gives], [round]])),
      ],
      registrations: onEvent(roll),
      services: [
        {
          name: "Service",
          objects: [object("Section", "CRITICAL_SECTION")],
          threads: [
            { routine: "First", count: 1 },
            { routine: "Second", count: 1 },
          ],
        },
      ],
    },
    [],
    { service: { condition: of(roll, ["well", "target", "hung", "suspended"]) } },
  );
};

const sketches: readonly Sketch[] = [locked, locked, waited, waited, inUserMode];

export const rounds: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
