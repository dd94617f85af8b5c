/** What a hang is said to last for, where an event that is still to come would end it. */

import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, findingsIn, storyOf } from "./support/findings.ts";

const one = worldWith({ workload: users(1, "create") });

const hangOf = (driver: DriverModel, world: World = one): Finding | undefined =>
  deadlockIn(driver, world, "later");

const laterOf = (found: Finding | undefined): unknown => found?.chain.map(({ later }) => later);

/** A creation that waits for room, which each exit makes; `isKept`: behind a lock that it keeps. */
const room = (isKept: boolean) =>
  defineDriver("room", (d) => {
    const made = d.event("Made", "SynchronizationEvent");
    const table = d.pushLock("Table");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeEnterCriticalRegion();
      if (isKept) a.ExAcquirePushLockExclusive(table);
      a.KeWaitForSingleObject(made);
      if (isKept) a.ExReleasePushLockExclusive(table);
      a.KeLeaveCriticalRegion();
    });
    d.onProcessExit("OnExit", (a) => {
      a.KeEnterCriticalRegion();
      a.ExAcquirePushLockExclusive(table);
      a.KeSetEvent(made);
      a.ExReleasePushLockExclusive(table);
      a.KeLeaveCriticalRegion();
    });
  });

test("a hang that the next exit of a process would end is not one for good", () => {
  const found = hangOf(room(false));
  expect(laterOf(found)).toEqual([["OnExit"]]);
  const told = storyOf(found);
  expect(told).toContain("can hang the machine, until a later event ends it");
  expect(told).toContain(
    "A later event could end that: OnExit, called for it, would set event Made",
  );
  expect(told).not.toMatch(/for ever|for good/);
});

test("a later event that stands before a kept lock ends nothing", () => {
  const found = hangOf(room(true));
  expect(laterOf(found)).toEqual([undefined]);
  expect(storyOf(found)).toContain("can hang the machine, for good");
});

/** A thread that waits for more, with the lock that whoever brings more asks for, or without. */
const pump = (isKept: boolean) =>
  defineDriver("pump", (d) => {
    const list = d.fastMutex("List");
    const more = d.event("More", "SynchronizationEvent");
    const isDone = d.event("IsDone", "NotificationEvent");
    const thread = d.systemThread("Pump", (t) => {
      t.forever(() => {
        t.ExAcquireFastMutex(list);
        if (!isKept) t.ExReleaseFastMutex(list);
        t.KeWaitForSingleObject(more);
        if (isKept) t.ExReleaseFastMutex(list);
        t.KeWaitForSingleObject(more);
        t.KeSetEvent(isDone);
      });
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(thread);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireFastMutex(list);
      a.KeSetEvent(more);
      a.ExReleaseFastMutex(list);
      a.KeWaitForSingleObject(isDone);
    });
  });

test("a lock that a thread keeps through a wait in the middle of its round lets no later event by", () => {
  const found = hangOf(pump(true));
  expect(found?.chain.map(({ who }) => who)).toHaveLength(2);
  expect(laterOf(found)).toEqual([undefined, undefined]);
  expect(laterOf(hangOf(pump(false)))).toEqual([undefined, ["OnCreate"]]);
});

/** A signal that the waiter itself takes first; `asks` first, which a later one would do as well. */
const gate = (asksFirst: boolean) =>
  defineDriver("gate", (d) => {
    const free = d.event("Free", "SynchronizationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      if (asksFirst) a.KeWaitForSingleObject(free);
      a.KeSetEvent(free);
      a.KeWaitForSingleObject(free);
      if (!asksFirst) a.KeWaitForSingleObject(free);
    });
  });

test("who would come to a signal only behind the same wait is nobody who gives it", () => {
  expect(laterOf(hangOf(gate(true)))).toEqual([undefined]);
  expect(laterOf(hangOf(gate(false)))).toEqual([["OnCreate"]]);
});

/** One scan at a time: `isKept` says so by a flag, which who waits for the lost signal has set. */
const single = (isKept: boolean) =>
  defineDriver("single", (d) => {
    const busy = d.variable("Busy", 0);
    const done = d.event("Done", "NotificationEvent");
    const scan = d.workItem("Scan", (w) => {
      w.KePulseEvent(done);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const was = a.InterlockedExchange(busy, isKept ? 1 : 0);
      a.when(was.is(0), () => {
        a.IoQueueWorkItem(scan, "DelayedWorkQueue");
        a.KeWaitForSingleObject(done);
        a.WriteNoFence(busy, 0);
      });
    });
  });

test("a later event goes the way that the driver's variables leave it", () => {
  // A work item that it queues does.
  expect(laterOf(hangOf(single(false)))).toEqual([[]]);
  expect(laterOf(hangOf(single(true)))).toEqual([undefined]);
});

/** Unloading waits for a creation to come by; `isTurnedAway`: it has said before that none is to. */
const drained = (isTurnedAway: boolean) =>
  defineDriver("drained", (d) => {
    const stopping = d.variable("Stopping", 0);
    const done = d.event("Drained", "NotificationEvent");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.when(stopping.equals(1), () => a.return());
      a.KeSetEvent(done);
    });
    d.driverUnload((a) => {
      if (isTurnedAway) a.WriteNoFence(stopping, 1);
      a.KeWaitForSingleObject(done);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("who is turned away by a flag that nobody takes back ends nothing", () => {
  const world = worldWith({ workload: [], removal: "racing" });
  expect(laterOf(hangOf(drained(false), world))).toEqual([["OnCreate"]]);
  expect(laterOf(hangOf(drained(true), world))).toEqual([undefined]);
});

/** A request that another one waits for, while it waits for the next creation. */
const inverted = (isTold: boolean) =>
  defineDriver("inverted", (d) => {
    const lock = d.waitLock("Device");
    const created = d.event("Created", "SynchronizationEvent");
    const next = d.request("Next", (r) => {
      r.WdfWaitLockAcquire(lock);
      r.KeWaitForSingleObject(created);
      r.WdfWaitLockRelease(lock);
    });
    const status = d.request("Status", (r) => {
      r.WdfWaitLockAcquire(lock);
      r.WdfWaitLockRelease(lock);
    });
    d.onProcessCreate("OnCreate", (a) => {
      if (isTold) a.KeSetEvent(created);
    });
    d.service("Agent", (s) => {
      s.thread("Listen", (t) => {
        t.DeviceIoControl(next);
      });
      s.thread("Ask", (t) => {
        t.DeviceIoControl(status);
      });
    });
  });

/** Unloading looks until no call counts any more, with the lock kept that a call has to get past. */
const counted = (by: "InterlockedIncrement" | "InterlockedDecrement", from: number) =>
  defineDriver("counted", (d) => {
    const calls = d.variable("Calls", from);
    d.onProcessCreate("OnCreate", (a) => {
      a.poll({ until: calls.equals(0), limit: "forever" }, () => a.KeDelayExecutionThread("10ms"));
    });
    d.onProcessExit("OnExit", (a) => a[by](calls));
  });

test.each([
  ["InterlockedDecrement", 2, ["OnExit"]],
  ["InterlockedIncrement", 2, undefined],
  ["InterlockedIncrement", -2, ["OnExit"]],
] as const)("of a count that is looked at, %s from %i on is followed", (by, from, later) => {
  expect(laterOf(findingsIn(counted(by, from), one, "later")[0])).toEqual([later]);
});

test("who counts up and down again brings a count to nothing that it was not at before", () => {
  const driver = defineDriver("hooks", (d) => {
    const running = d.variable("Running", 1);
    d.onProcessCreate("OnCreate", (a) => {
      a.poll({ until: running.equals(0), limit: "forever" }, () =>
        a.KeDelayExecutionThread("10ms"),
      );
    });
    d.onProcessExit("OnExit", (a) => {
      a.InterlockedIncrement(running);
      a.InterlockedDecrement(running);
    });
  });
  expect(laterOf(findingsIn(driver, one, "later")[0])).toEqual([undefined]);
});

test("who waits behind an inverted call waits for the next event, and that is no hang", () => {
  expect(hangOf(inverted(true), worldWith({ workload: [] }))).toBeUndefined();
  expect(hangOf(inverted(false), worldWith({ workload: [] }))).toBeDefined();
});

/** Two threads of a service that lock each other out; `isAsked`: a callback waits for one of them. */
const ownAffair = (isAsked: boolean) =>
  defineDriver("affair", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => {
      if (isAsked) a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      const first = s.criticalSection("First");
      const second = s.criticalSection("Second");
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message, { Timeout: isAsked ? undefined : 0 });
        t.EnterCriticalSection(first);
        t.EnterCriticalSection(second);
        t.FilterReplyMessage(message);
      });
      s.thread("Other", (t) => {
        t.EnterCriticalSection(second);
        t.EnterCriticalSection(first);
        t.LeaveCriticalSection(first);
        t.LeaveCriticalSection(second);
      });
    });
  });

test("a service that locks itself out hangs nothing but itself, unless somebody waits for it", () => {
  expect(hangOf(ownAffair(false))).toBeUndefined();
  const found = hangOf(ownAffair(true));
  expect(found?.callback).toBe("OnCreate");
  expect(found?.chain.map(({ wait }) => wait.kind)).toEqual(["reply", "lock", "lock"]);
});
