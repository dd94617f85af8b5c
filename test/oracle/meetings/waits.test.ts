import { expect, it } from "vitest";
import type { Statement } from "../../../src/language/model.ts";
import { after, call, object, routine, to, when } from "../draw/draft.ts";
import { called, met, threads } from "./meet.ts";

const all = (...names: readonly string[]): Statement =>
  call("KeWaitForMultipleObjects", { Objects: { objects: names.map(to) }, WaitType: "WaitAll" });
const waits = (name: string, more: object = {}): Statement =>
  call("KeWaitForSingleObject", { Object: to(name), ...more }, "w");
const sets = (name: string): Statement => call("KeSetEvent", { Event: to(name) });
const gives = (Adjustment: number): Statement =>
  call("KeReleaseSemaphore", { Semaphore: to("Many"), Adjustment });
const many = object("Many", "KSEMAPHORE", { initial: 0, limit: 4 });
const one = object("One", "SynchronizationEvent", { initial: 1 });

it("one of a semaphore is given to one of two who need another thing, too: no order is open (SY-19)", () => {
  const both = [all("Many", "One")];
  expect(met(threads([both, both, [gives(1)]], [many, one])).bounds).toEqual([]);
});

it("three who want a semaphore get what there is of it, any of them (SY-7)", () => {
  const wants = [waits("Many")];
  met(threads([wants, wants, wants, [gives(2)]], [many]));
});

it("who waits for a thread and another thing goes on at that thread's end, and takes the thing (W25)", () => {
  const ends = call("PsCreateSystemThread", {
    StartRoutine: { routine: "Short" },
    ThreadHandle: to("Kept"),
  });
  const body = [ends, all("Kept", "One")];
  const short = { routines: [routine("systemThread", "Short", [])] };
  const objects = [object("Kept", "PETHREAD"), one];
  expect(met(threads([body], objects, short)).bounds).toEqual([]);
  expect(met(threads([body, [waits("One"), sets("One")]], objects, short)).bounds).toEqual([]);
});

it("a mutex that was abandoned is told of once, to whoever takes it first, with others as well (SY-6)", () => {
  const leaves = [waits("Mutex")];
  const mutex = object("Mutex", "KMUTEX");
  const objects = [mutex, object("Set", "NotificationEvent", { initial: 1 })];
  met(threads([leaves, [waits("Mutex"), call("KeReleaseMutex", { Mutex: to("Mutex") })]], objects));
  met(threads([leaves, [all("Set", "Mutex")]], objects));
  // In time: what a mutex has been through before does not matter to who takes it next (section 15).
  met(threads([leaves, leaves, leaves], objects));
});

it("an alert stays with a thread whose wait is satisfied at once (SY-20)", () => {
  const waitsFor = (Handle: string, more = {}): Statement =>
    call("WaitForSingleObjectEx", { Handle: to(Handle), Alertable: "TRUE", ...more }, "w");
  const alerts = call("NtAlertThread", { Thread: { routine: "Alerted" } }, "a");
  const queues = call("QueueUserAPC", { Thread: { routine: "Alerted" } }, "a");
  const objects = [
    object("Set", "NotificationEvent", { initial: 1 }),
    object("Unset", "NotificationEvent"),
  ];
  for (const tells of [alerts, queues]) {
    met(
      called("process-create", [], [], {
        objects,
        routines: [
          routine("userThread", "Alerted", [
            waitsFor("Set"),
            waitsFor("Unset", { Timeout: after(1_000) }),
          ]),
          routine("userThread", "Alerts", [tells]),
        ],
        services: [
          {
            name: "Service",
            objects: [],
            threads: ["Alerted", "Alerts"].map((name) => ({ routine: name, count: 1 })),
          },
        ],
      }),
    );
  }
});

it("two timers that two calls set, again and again, fall due each at its time (SY-21)", () => {
  const timer = (name: string, us: number): Statement =>
    call("KeSetTimerEx", { Timer: to(name), DueTime: after(us), Period: after(0) });
  const objects = [
    object("First", "SynchronizationTimer"),
    object("Second", "NotificationTimer"),
    object("Third", "NotificationTimer"),
  ];
  met(
    threads(
      [
        [timer("First", 2_000), timer("Second", 1_000), timer("First", 1_000), waits("First")],
        [waits("Second", { Timeout: after(500) })],
      ],
      objects,
    ),
  );
  const cancels = call("KeCancelTimer", { Timer: to("Second") }, "c");
  const three = ["Third", "Second", "First"].map((name) => timer(name, 1_000));
  met(threads([[...three, cancels, waits("Third")], [cancels]], objects));
});

it("two who need another thing, too, are served in either order by an event of all (SY-19)", () => {
  const both = [all("All", "One")];
  met(threads([both, both, [sets("All")]], [object("All", "NotificationEvent"), one]));
});

it("a user APC ends one wait of user mode, and no more (SY-20)", () => {
  const sleeps = call("SleepEx", { Time: after(1_000), Alertable: "TRUE" }, "w");
  const again = call("SleepEx", { Time: after(1_000), Alertable: "TRUE" }, "v");
  const queues = call("QueueUserAPC", { Thread: { routine: "Alerted" } }, "a");
  met(
    called("process-create", [], [], {
      routines: [
        routine("userThread", "Alerted", [sleeps, again]),
        routine("userThread", "Alerts", [queues]),
      ],
      services: [
        {
          name: "Service",
          objects: [],
          threads: ["Alerted", "Alerts"].map((name) => ({ routine: name, count: 1 })),
        },
      ],
    }),
  );
});

it("a wait for four things takes the first that is there, and only that", () => {
  const names = ["A", "B", "C", "D"];
  const any = call(
    "KeWaitForMultipleObjects",
    { Objects: { objects: names.map(to) }, WaitType: "WaitAny" },
    "w",
  );
  const objects = names.map((name) => object(name, "SynchronizationEvent"));
  const mine = when({ kind: "result", of: "w", is: "object3" }, [call("DbgPrint")]);
  met(threads([[any, mine], [sets("D")], [sets("B")]], objects));
  met(threads([[all(...names)], [...names.map(sets)]], objects));
});
