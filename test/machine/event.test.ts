import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

const kinds = ["NotificationEvent", "SynchronizationEvent"] as const;
type Kind = (typeof kinds)[number];

/** Exit callbacks wait for the event, which a create's callback sets `sets` times. */
const waitersOf = (kind: Kind, sets = 1, reset = false) =>
  defineDriver("waiters", (d) => {
    const changed = d.event("Changed", kind);
    const released = d.variable("Released");
    d.onProcessCreate("Signals", (a) => {
      for (let i = 0; i < sets; i++) a.KeSetEvent(changed);
      if (reset) a.KeResetEvent(changed);
    });
    d.onProcessExit("Waits", (a) => {
      a.KeWaitForSingleObject(changed);
      a.InterlockedIncrement(released);
    });
  });

const besideWaiters = (waiters: number) => ({
  workload: users(["create"], ...Array.from({ length: waiters }, () => ["exit"] as const)),
});

test("SY-1: setting a notification event releases all who wait, and all who come later", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), (n, sets) => {
      const seen = look(waitersOf("NotificationEvent", sets), besideWaiters(n));
      expect(seen.outcomes).toEqual([]);
      expect(seen.finals("Released")).toEqual([[n]]);
    }),
    { numRuns: 6 },
  );
});

test("SY-2: setting a synchronization event releases exactly one; sets that find it set are lost", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (n, sets) => {
      const seen = look(waitersOf("SynchronizationEvent", sets), besideWaiters(n));
      const most = Math.min(n, sets);
      expect(seen.finals("Released")).toEqual(Array.from({ length: most }, (_, i) => [i + 1]));
      expect(seen.outcomes).toEqual(n > 1 ? ["deadlock"] : []);
    }),
    { numRuns: 9 },
  );
});

test.each(kinds)("SY-1: a thread that waits gets a %s that is set and reset at once", (kind) => {
  const run = inTurn(waitersOf(kind, 1, true), besideWaiters(1), [
    "start-up",
    "user2",
    "user1",
    "user2",
  ]);
  expect(run.value("Released")).toBe(1);
});

test.each(kinds)("SY-1: a thread that comes late misses a %s set and reset before", (kind) => {
  const order = ["start-up", "user1", "user2"];
  expect(inTurn(waitersOf(kind, 1, true), besideWaiters(1), order).value("Released")).toBe(0);
  expect(inTurn(waitersOf(kind, 1, false), besideWaiters(1), order).value("Released")).toBe(1);
  expect(look(waitersOf(kind, 1, true), besideWaiters(1)).outcomes).toEqual(["deadlock"]);
  expect(look(waitersOf(kind, 1, false), besideWaiters(1)).outcomes).toEqual([]);
});

test("SY-2: whichever waiter came first, any of them may be the one released", () => {
  const driver = waitersOf("SynchronizationEvent");
  const waiters = ["user2", "user3", "user4"];
  const order = ["start-up", ...waiters, "user1 up to KeSetEvent"];
  expect(inTurn(driver, besideWaiters(3), order).ways("user1")).toBe(3);
  const released = [0, 1, 2].map((way) => {
    const run = inTurn(driver, besideWaiters(3), [...order, `user1 by way ${way}`]);
    return waiters.filter((waiter) => run.ways(waiter) > 0);
  });
  expect(released).toEqual([["user2"], ["user3"], ["user4"]]);
  const all = waitersOf("NotificationEvent");
  expect(inTurn(all, besideWaiters(3), order).ways("user1")).toBe(1);
});

test.each(kinds)("SY-1: a %s that starts signalled lets the first one through", (kind) => {
  const driver = defineDriver("signalled", (d) => {
    const ready = d.event("Ready", kind, { signalled: true });
    d.onProcessCreate("Waits", (a) => {
      a.KeWaitForSingleObject(ready);
    });
  });
  expect(look(driver).outcomes).toEqual([]);
  const second = look(driver, { workload: users(["create"], ["create"]) });
  expect(second.outcomes).toEqual(kind === "NotificationEvent" ? [] : ["deadlock"]);
});

test("SY-3, T1: a circle through an event, which has no owner, is a deadlock like one of locks", () => {
  const holding = (lockFirst: boolean) =>
    defineDriver("circle", (d) => {
      const lock = d.mutex("Lock");
      const done = d.event("Done", "NotificationEvent");
      d.onProcessCreate("Waits", (a) => {
        if (lockFirst) a.KeWaitForMutexObject(lock);
        a.KeWaitForSingleObject(done);
        if (!lockFirst) a.KeWaitForMutexObject(lock);
        a.KeReleaseMutex(lock);
      });
      d.onProcessExit("Signals", (a) => {
        a.KeWaitForMutexObject(lock);
        a.KeSetEvent(done);
        a.KeReleaseMutex(lock);
      });
    });
  const both = { workload: users(["create"], ["exit"]) };
  expect(look(holding(true), both).outcomes).toEqual(["deadlock"]);
  expect(look(holding(false), both).outcomes).toEqual([]);
});
