/** Scarce waits: at locks of every kind, for several objects, in line. */
import type { Operand, Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, type Roll, routine, to } from "./draft.ts";
import { heldOf, lockPairs } from "./lock-pairs.ts";
import { onEvent, type Sketch, starts, user } from "./sketch.ts";

const waitFor = (name: string): Statement => call("KeWaitForSingleObject", { Object: to(name) });
const sets = (name: string): Statement => call("KeSetEvent", { Event: to(name) });

/** Some of a list, none twice. */
function several<T>(roll: Roll, list: readonly T[], count: number): T[] {
  const left = [...list];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(roll(left.length), 1),
  ).flat();
}

/** Four locks of different kinds, one after the other, in the callback; one of them beside a thread. */
export const manyLocks: Sketch = (roll, seed) => {
  const pairs = several(roll, lockPairs.slice(2), 4);
  const [beside] = pairs;
  const isBeside = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: pairs.map(({ kind }, i) => object(`${kind}${i}`, kind)),
      routines: [
        routine("callback", "OnEvent", [
          ...(isBeside ? [starts("Thread")] : []),
          ...pairs.flatMap((pair, i) => heldOf(roll, pair, String(i))),
        ]),
        ...(isBeside ? [routine("systemThread", "Thread", heldOf(roll, beside, "0"))] : []),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** A wait for three or four, one or two of which are signalled, or come to be. */
export const fourth: Sketch = (roll, seed) => {
  const names = ["First", "Second", "Third", "Fourth"].slice(0, 3 + roll(2));
  const last = names.slice(-1 - roll(2));
  const isSet = roll(2) === 0;
  const inUser = roll(3) === 0;
  const objects: Operand = { objects: names.map(to) };
  const type = of(roll, ["WaitAny", "WaitAny", "WaitAny", "WaitAll"]);
  const patience = roll(3) === 0 ? { Timeout: after(1000) } : {};
  const declared = names.map((name) =>
    object(name, of(roll, ["NotificationEvent", "SynchronizationEvent"] as const), {
      initial: isSet && last.includes(name) ? 1 : 0,
    }),
  );
  const wait = inUser
    ? call("WaitForMultipleObjects", { Handles: objects, WaitType: type, ...patience }, "got")
    : call("KeWaitForMultipleObjects", { Objects: objects, WaitType: type, ...patience }, "got");
  const sets = last.map((name) => call("KeSetEvent", { Event: to(name) }));
  const body = [...(isSet || inUser ? [] : [starts("Thread")]), wait];
  return drafted(
    seed,
    {
      objects: declared,
      routines: [
        routine("callback", "OnEvent", inUser ? sets : body),
        ...(inUser ? [routine("userThread", "Waiter", body)] : []),
        ...(isSet || inUser ? [] : [routine("systemThread", "Thread", sets)]),
      ],
      registrations: onEvent(roll),
      services: inUser
        ? [{ name: "Service", objects: [], threads: [{ routine: "Waiter", count: 1 }] }]
        : [],
    },
    user(roll),
  );
};

/** Two threads of different kinds in line for what the callback has, or gives. */
export const inLine: Sketch = (roll, seed) => {
  const [kind, ...calls] = of(roll, [
    ["KMUTEX", waitFor("Line"), waitFor("Line"), call("KeReleaseMutex", { Mutex: to("Line") })],
    [
      "KSEMAPHORE",
      call("KeReleaseSemaphore", { Semaphore: to("Line"), Adjustment: 1 }),
      waitFor("Line"),
      call("KeReleaseSemaphore", { Semaphore: to("Line"), Adjustment: 1 + roll(2) }),
    ],
    [
      "SynchronizationEvent",
      call("KeClearEvent", { Event: to("Line") }),
      waitFor("Line"),
      sets("Line"),
    ],
    [
      "NotificationEvent",
      call("KeClearEvent", { Event: to("Line") }),
      waitFor("Line"),
      call("KePulseEvent", { Event: to("Line") }),
    ],
  ] as const);
  const [first, waits, gives] = calls;
  const ends = (name: string): Statement =>
    call("InterlockedExchange", { Target: to("Last"), Value: name.length });
  const isMutex = kind === "KMUTEX";
  return drafted(
    seed,
    {
      objects: [
        object("Line", kind, kind === "KSEMAPHORE" ? { initial: 0, limit: 3 } : {}),
        object("Last", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", [first, starts("One"), starts("Another"), gives]),
        routine("systemThread", "One", [waits, ends("One"), ...(isMutex ? [gives] : [])]),
        routine("systemThread", "Another", [waits, ends("Another"), ...(isMutex ? [gives] : [])]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};
