import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { skewUs } from "../../src/windows/profiles.ts";
import {
  compile,
  inTurn,
  longestUs,
  look,
  timedRun,
  timedRuns,
  users,
} from "../windows/support/look.ts";

const kinds = ["NotificationTimer", "SynchronizationTimer"] as const;
type Kind = (typeof kinds)[number];
const both = { workload: users(["create"], ["exit"]) };

/** A create's callback sets a timer, or not, and waits for it. */
const waits = (kind: Kind, dueUs: number | "never") =>
  defineDriver("waits", (d) => {
    const timer = d.timer("Timer", kind);
    d.onProcessCreate("Waits", (a) => {
      if (dueUs !== "never") a.KeSetTimer(timer, dueUs);
      a.KeWaitForSingleObject(timer);
    });
  });

test.each(kinds)("SY-21: a %s that is set ends a wait, one that nobody sets does not", (kind) => {
  expect(look(waits(kind, 1_000)).outcomes).toEqual([]);
  const [never] = look(waits(kind, "never")).observations;
  expect(never.target.outcome).toBe("deadlock");
  expect(never.target.mechanism).toBe("callback waits for a timer");
});

test("SY-21: with times a timer is signalled at its due time, and not before", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.integer({ min: 0, max: 400_000 }), (kind, due) => {
      for (const run of timedRuns(compile(waits(kind, due)), 3)) {
        // Less what came only of letting others go first.
        expect(longestUs(run)).toBeGreaterThanOrEqual(due - skewUs);
        expect(longestUs(run)).toBeLessThan(due + skewUs);
      }
    }),
    { numRuns: 20 },
  );
});

test("SY-21: waiting for one's own timer is waiting, and for no other thread", () => {
  expect(look(waits("NotificationTimer", 1_000)).broken).toEqual([]);
});

/** Exit callbacks wait for a timer that a create's callback sets. */
const crowd = (kind: Kind, periodUs: number) =>
  defineDriver("crowd", (d) => {
    const timer = d.timer("Timer", kind);
    const released = d.variable("Released");
    d.onProcessCreate("Sets", (a) => {
      a.KeSetTimerEx(timer, 1_000, periodUs);
    });
    d.onProcessExit("Waits", (a) => {
      a.KeWaitForSingleObject(timer);
      a.InterlockedIncrement(released);
    });
  });

test("SY-22: a notification timer frees all, a synchronization timer one each time that it is due", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.boolean(), (n, periodic) => {
      const world = {
        workload: users(["create"], ...Array.from({ length: n }, () => ["exit"] as const)),
      };
      const period = periodic ? 1_000 : 0;
      expect(look(crowd("NotificationTimer", period), world).outcomes).toEqual([]);
      const one = look(crowd("SynchronizationTimer", period), world);
      expect(one.outcomes).toEqual(n === 1 || periodic ? [] : ["deadlock"]);
      expect(Math.max(...one.ever("Released"))).toBe(periodic ? n : 1);
    }),
    { numRuns: 6 },
  );
});

test("SY-22: any of those that wait may be the one that a synchronization timer frees", () => {
  const world = { workload: users(["create"], ["exit"], ["exit"]) };
  const order = ["start-up", "user2", "user3", "user1"];
  const ready = inTurn(crowd("SynchronizationTimer", 0), world, order);
  expect(ready.ways("clock")).toBe(2);
  expect(inTurn(crowd("NotificationTimer", 0), world, order).ways("clock")).toBe(1);
});

test("SY-22: with times a period goes on from the due time", () => {
  const ticks = (due: number, periodMs: number, times: number) =>
    defineDriver("ticks", (d) => {
      const timer = d.timer("Timer", "SynchronizationTimer");
      d.onProcessCreate("Waits", (a) => {
        a.KeSetTimerEx(timer, due, periodMs * 1000);
        for (let i = 0; i < times; i++) a.KeWaitForSingleObject(timer);
        a.KeCancelTimer(timer);
      });
    });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 4 }),
      (due, period, times) => {
        const took = longestUs(timedRun(compile(ticks(due, period, times))));
        const expected = due + (times - 1) * period * 1000;
        expect(took).toBeGreaterThanOrEqual(expected);
        expect(took).toBeLessThan(expected + 100);
      },
    ),
    { numRuns: 20 },
  );
});

test("SY-23: a timer that somebody cancels is not signalled, unless it was due before", () => {
  const cancelled = (sets: boolean, again: boolean) =>
    defineDriver("cancelled", (d) => {
      const timer = d.timer("Timer", "NotificationTimer");
      d.onProcessCreate("Waits", (a) => {
        if (sets) a.KeSetTimer(timer, "1ms");
        a.KeWaitForSingleObject(timer);
      });
      d.onProcessExit("Cancels", (a) => {
        const was = a.KeCancelTimer(timer);
        if (again) a.when(was.succeeded(), () => a.KeSetTimer(timer, "2ms"));
      });
    });
  expect(look(cancelled(true, false), both).outcomes).toEqual(["deadlock"]);
  expect(look(cancelled(true, true), both).outcomes).toEqual([]);
});

test("SY-23: a timer that is set again is due once, at the later setting, and not signalled till then", () => {
  const again = defineDriver("again", (d) => {
    const timer = d.timer("Timer", "NotificationTimer");
    const early = d.variable("Early");
    d.onProcessCreate("Sets", (a) => {
      a.KeSetTimer(timer, 0);
      a.KeWaitForSingleObject(timer);
      a.KeSetTimer(timer, "1ms");
      a.KeSetTimer(timer, "5ms");
      const state = a.KeReadStateTimer(timer);
      a.when(state.equals(1), () => a.InterlockedIncrement(early));
      a.KeWaitForSingleObject(timer);
    });
  });
  const took = longestUs(timedRun(compile(again)));
  expect(took).toBeGreaterThanOrEqual(5_000);
  expect(took).toBeLessThan(5_100);
  expect(look(again).outcomes).toEqual([]);
});

test("SY-19, SY-21: a timer beside an event bounds a wait for any of them, not one for all", () => {
  const bounded = (type: "WaitAny" | "WaitAll") =>
    defineDriver("bounded", (d) => {
      const timer = d.timer("Timer", "SynchronizationTimer");
      const never = d.event("Never", "NotificationEvent");
      d.onProcessCreate("Waits", (a) => {
        a.KeSetTimer(timer, "1ms");
        a.KeWaitForMultipleObjects([never, timer], type);
      });
    });
  expect(look(bounded("WaitAny")).outcomes).toEqual([]);
  expect(look(bounded("WaitAll")).outcomes).toEqual(["deadlock"]);
});

test("SY-23: a timer on the stack that is still set when the call returns is a crash", () => {
  const onStack = (cancels: boolean) =>
    defineDriver("stack", (d) => {
      d.onProcessCreate("Sets", (a) => {
        const timer = a.timer("Timer", "NotificationTimer");
        a.KeSetTimer(timer, "1ms");
        if (cancels) a.KeCancelTimer(timer);
      });
    });
  const [left] = look(onStack(false)).observations;
  expect(left.target).toMatchObject({ outcome: "crash", identity: "Sets/KeSetTimer(Timer)" });
  expect(look(onStack(true)).outcomes).toEqual([]);
});
