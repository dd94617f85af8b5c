/** Two threads of which one does its part later than the other: what each clock joins, and what it leaves (section 15). */
import { it } from "vitest";
import type { ObjectDecl, Statement } from "../../../src/language/model.ts";
import { after, call, object, to, when } from "../draw/draft.ts";
import { met, threads } from "./meet.ts";

type Body = readonly Statement[];
const sets = (name: string): Statement => call("KeSetEvent", { Event: to(name) });
const resets = (name: string): Statement => call("KeResetEvent", { Event: to(name) });
const waits = (name: string, more: object = {}): Statement =>
  call("KeWaitForSingleObject", { Object: to(name), ...more }, "w");
const reads = (name: string): Statement => call("KeReadStateEvent", { Event: to(name) }, "r");
const late = (us: number): Statement => call("KeDelayExecutionThread", { Interval: after(us) });
const all = (...names: readonly string[]): Statement =>
  call("KeWaitForMultipleObjects", { Objects: { objects: names.map(to) }, WaitType: "WaitAll" });

const count = { Target: to("Count") };
const adds = call("InterlockedIncrement", count);
const asks = call("InterlockedIncrement", count, "n");
const writes = call("InterlockedExchange", { ...count, Value: 2 });
const tests = when({ kind: "compare", variable: to("Count"), op: "==", value: 2 }, [
  call("DbgPrint"),
]);
const number = [object("Count", "variable")];
const event = [object("Event", "NotificationEvent")];
const auto = [object("Event", "SynchronizationEvent")];
const lockOf = (kind: ObjectDecl["kind"], take: string, give: string, param: string) => ({
  objects: [object("Lock", kind)],
  body: [call(take, { [param]: to("Lock") }), call(give, { [param]: to("Lock") })],
});
const rundown = { RunRef: to("Ref") };

interface Meeting {
  readonly name: string;
  readonly objects: readonly ObjectDecl[];
  readonly one: Body;
  readonly other: Body;
}
const meeting = (
  name: string,
  objects: readonly ObjectDecl[],
  one: Body,
  other: Body,
): Meeting => ({
  name,
  objects,
  one,
  other,
});

const entries = [
  object("Mine", "pointer", { record: "Entry" }),
  object("Taken", "pointer", { record: "Entry" }),
  object("List", "LIST_ENTRY"),
];
const list = { ListHead: to("List") };
const puts = [
  call("ExAllocateFromLookasideListEx", { Entry: to("Mine") }),
  call("InsertTailList", { ...list, Entry: to("Mine") }),
];
const records = [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }];

const locks = [
  lockOf("FAST_MUTEX", "ExAcquireFastMutex", "ExReleaseFastMutex", "FastMutex"),
  lockOf("KGUARDED_MUTEX", "KeAcquireGuardedMutex", "KeReleaseGuardedMutex", "Mutex"),
  lockOf("EX_PUSH_LOCK", "FltAcquirePushLockShared", "FltReleasePushLock", "PushLock"),
  lockOf("EX_PUSH_LOCK", "FltAcquirePushLockExclusive", "FltReleasePushLock", "PushLock"),
  lockOf("EX_SPIN_LOCK", "ExAcquireSpinLockShared", "ExReleaseSpinLockShared", "SpinLock"),
  lockOf("ERESOURCE", "FltAcquireResourceShared", "FltReleaseResource", "Resource"),
  lockOf("KMUTEX", "KeWaitForMutexObject", "KeReleaseMutex", "Mutex"),
];

const meetings: readonly Meeting[] = [
  meeting("an event that is set", event, [sets("Event")], [waits("Event")]),
  meeting(
    "an event that is set and cleared",
    event,
    [sets("Event"), resets("Event")],
    [waits("Event", { Timeout: after(80) })],
  ),
  meeting("an event of one", auto, [sets("Event")], [waits("Event"), resets("Event")]),
  meeting("an event that is read", event, [sets("Event")], [reads("Event")]),
  meeting("an event that is set twice", event, [sets("Event")], [sets("Event"), reads("Event")]),
  meeting(
    "two events",
    [...event, object("Two", "NotificationEvent")],
    [sets("Event"), sets("Two")],
    [all("Event", "Two")],
  ),
  meeting(
    "a pulse",
    event,
    [call("KePulseEvent", { Event: to("Event") })],
    [waits("Event", { Timeout: after(90) })],
  ),
  meeting(
    "a semaphore",
    [object("Many", "KSEMAPHORE", { initial: 0, limit: 3 })],
    [call("KeReleaseSemaphore", { Semaphore: to("Many"), Adjustment: 2 })],
    [waits("Many"), waits("Many")],
  ),
  meeting("a number that is added to", number, [adds], [adds]),
  meeting("a number that comes back", number, [asks], [writes, asks]),
  meeting("a number that is written", number, [writes], [tests]),
  meeting("a number that is written twice", number, [writes, adds], [writes]),
  ...locks.map(({ objects, body }) =>
    meeting(`${objects[0].kind} of ${(body[0] as { api?: string }).api}`, objects, body, body),
  ),
  meeting(
    "a rundown",
    [object("Ref", "EX_RUNDOWN_REF")],
    [call("ExAcquireRundownProtection", rundown), call("ExReleaseRundownProtection", rundown)],
    [call("ExWaitForRundownProtectionRelease", rundown)],
  ),
  meeting("an entry that is taken", entries, puts, [
    call("RemoveHeadList", { ...list, Entry: to("Taken") }, "e"),
  ]),
  meeting("an entry that is come to", entries, puts, [
    call("Flink", { ...list, Entry: to("Taken") }, "e"),
  ]),
  meeting("an entry that is taken out", entries, puts, [
    call("Flink", { ...list, Entry: to("Taken") }, "e"),
    when({ kind: "result", of: "e", is: "success" }, [
      call("RemoveEntryList", { ...list, Entry: to("Taken") }),
    ]),
  ]),
  meeting("a pointer", entries, puts.slice(0, 1), [
    call("InsertTailList", { ...list, Entry: to("Mine") }),
  ]),
  meeting(
    "a timer",
    [object("Timer", "SynchronizationTimer")],
    [
      call("KeSetTimerEx", { Timer: to("Timer"), DueTime: after(70), Period: after(0) }),
      waits("Timer"),
    ],
    [call("KeSetTimerEx", { Timer: to("Timer"), DueTime: after(20), Period: after(0) })],
  ),
  meeting(
    "a timer that is cancelled",
    [object("Timer", "NotificationTimer")],
    [call("KeSetTimerEx", { Timer: to("Timer"), DueTime: after(70), Period: after(1_000) })],
    [call("KeCancelTimer", { Timer: to("Timer") }, "c"), waits("Timer", { Timeout: after(90) })],
  ),
];

const last = object("Last", "NotificationEvent");

it.each(meetings)("$name, by one of whom the other comes later", ({ objects, one, other }) => {
  const ends = [sets("Last")];
  for (const [lateOne, lateOther] of [
    [60, 0],
    [0, 100],
  ])
    met(
      threads(
        [
          [...(lateOne > 0 ? [late(lateOne)] : []), ...one, ...ends],
          [...(lateOther > 0 ? [late(lateOther)] : []), ...other, ...ends],
        ],
        [...objects, last],
        { records },
      ),
    );
});
