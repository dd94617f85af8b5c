import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

/** Exit callbacks wait for a count, and a create's callback gives back `given` at a time. */
const waiting = (count: number, limit: number, given: readonly number[]) =>
  defineDriver("waiting", (d) => {
    const free = d.semaphore("Free", count, limit);
    const passed = d.variable("Passed");
    d.onProcessCreate("Gives", (a) => {
      for (const adjustment of given) a.KeReleaseSemaphore(free, adjustment);
    });
    d.onProcessExit("Waits", (a) => {
      a.KeWaitForSingleObject(free);
      a.InterlockedIncrement(passed);
    });
  });
const besides = (waiters: number) => ({
  workload: users(["create"], ...Array.from({ length: waiters }, () => ["exit"] as const)),
});
const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);

test("SY-7: as many waits end as the count at first and all that is given back allow", () => {
  const given = fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 }),
      given,
      fc.integer({ min: 1, max: 3 }),
      (c, g, n) => {
        const seen = look(waiting(c, 9, g), besides(n));
        const most = Math.min(n, c + sum(g));
        expect(seen.finals("Passed")).toEqual([[most]]);
        expect(seen.outcomes).toEqual(most < n ? ["deadlock"] : []);
      },
    ),
    { numRuns: 12 },
  );
});

test("SY-7: one count too few leaves a thread waiting, and enough of them none", () => {
  expect(look(waiting(0, 9, [1]), besides(2)).outcomes).toEqual(["deadlock"]);
  expect(look(waiting(0, 9, [2]), besides(2)).outcomes).toEqual([]);
});

test("SY-7: giving back more than the limit raises, which is a crash", () => {
  expect(look(waiting(1, 1, [1]), { workload: users(["create"]) }).outcomes).toEqual(["crash"]);
  expect(look(waiting(0, 1, [1]), { workload: users(["create"]) }).outcomes).toEqual([]);
  expect(look(waiting(0, 1, [2]), besides(2)).outcomes).toEqual(["crash"]);
  const [seen] = look(waiting(1, 1, [1]), { workload: users(["create"]) }).observations;
  expect(seen.target.mechanism).toContain("more than its limit");
});

test("SY-7: a release satisfies any set of waiters that its count allows, in one step", () => {
  const all = ["user2", "user3", "user4"];
  const released = (given: number, way: number): readonly string[] => {
    const order = ["start-up", ...all, "user1 up to KeReleaseSemaphore"];
    const run = inTurn(waiting(0, 9, [given]), besides(3), [...order, `user1 by way ${way}`]);
    return all.filter((name) => run.ways(name) > 0);
  };
  expect([0, 1, 2].map((way) => released(1, way))).toEqual([["user2"], ["user3"], ["user4"]]);
  expect([0, 1, 2].map((way) => released(2, way))).toEqual([
    ["user2", "user3"],
    ["user2", "user4"],
    ["user3", "user4"],
  ]);
  expect(released(3, 0)).toEqual(all);
});

test("SY-7: nobody owns a count: who takes two of two waits for nobody but itself", () => {
  const nested = (limit: number) =>
    defineDriver("nested", (d) => {
      const free = d.semaphore("Free", limit, limit);
      d.onProcessCreate("Takes", (a) => {
        a.KeWaitForSingleObject(free);
        a.KeWaitForSingleObject(free);
        a.KeReleaseSemaphore(free, 1);
        a.KeReleaseSemaphore(free, 1);
      });
    });
  const one = look(nested(1));
  expect(one.outcomes).toEqual(["deadlock"]);
  expect(one.observations[0].target.mechanism).toContain("waits for a KSEMAPHORE");
  expect(look(nested(2)).outcomes).toEqual([]);
  expect(look(nested(2), { workload: users(["create"], ["create"]) }).outcomes).toEqual([
    "deadlock",
  ]);
  expect(look(nested(3), { workload: users(["create"], ["create"]) }).outcomes).toEqual([]);
});

test("SY-7: what another thread gives back ends the wait, unlike with a mutex", () => {
  const handed = (semaphore: boolean) =>
    defineDriver("handed", (d) => {
      const free = d.semaphore("Free", 1, 1);
      const lock = d.mutex("Lock");
      d.onProcessCreate("Takes", (a) => {
        a.KeWaitForSingleObject(semaphore ? free : lock);
        const other = a.workItem("Gives", (w) => {
          if (semaphore) w.KeReleaseSemaphore(free, 1);
          else w.KeReleaseMutex(lock);
        });
        a.IoQueueWorkItem(other, "DelayedWorkQueue");
      });
    });
  expect(look(handed(true)).outcomes).toEqual([]);
  expect(look(handed(false)).outcomes).toEqual(["crash"]);
});

test("SY-7, SY-19: two counts waited for together are both had or neither; one by one they deadlock", () => {
  const both = (together: boolean) =>
    defineDriver("both", (d) => {
      const first = d.semaphore("First", 1, 1);
      const second = d.semaphore("Second", 1, 1);
      d.onProcess("Takes", (a) => {
        const take = (x: typeof first, y: typeof first): void => {
          if (together) a.KeWaitForMultipleObjects([x, y], "WaitAll");
          else {
            a.KeWaitForSingleObject(x);
            a.KeWaitForSingleObject(y);
          }
        };
        a.when(a.isCreate(), () => take(first, second)).otherwise(() => take(second, first));
        a.KeReleaseSemaphore(first, 1);
        a.KeReleaseSemaphore(second, 1);
      });
    });
  const world = { workload: users(["create"], ["exit"]) };
  expect(look(both(false), world).outcomes).toEqual(["deadlock"]);
  expect(look(both(true), world).outcomes).toEqual([]);
});

test("SY-7: a count that is looked at, with a timeout of zero, is taken or missed, never awaited", () => {
  const looks = defineDriver("looks", (d) => {
    const free = d.semaphore("Free", 1, 1);
    const got = d.variable("Got");
    d.onProcess("Looks", (a) => {
      const wait = a.KeWaitForSingleObject(free, { Timeout: 0 });
      a.when(wait.succeeded(), () => a.InterlockedIncrement(got));
    });
  });
  const seen = look(looks, { workload: users(["create"], ["exit"]) });
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Got")).toEqual([[1]]);
});

test.each<[number, number, string]>([
  [2, 1, "a count between 0 and its limit"],
  [-1, 1, "a count between 0 and its limit"],
  [0, 0, "a limit is 1 at least"],
  [0.5, 1, "whole numbers"],
])("SY-7: a semaphore that starts at %d of %d is refused", (count, limit, why) => {
  const declare = () =>
    defineDriver("refused", (d) => {
      const free = d.semaphore("Free", count, limit);
      d.onProcessCreate("Waits", (a) => {
        a.KeWaitForSingleObject(free);
      });
    });
  expect(declare).toThrow(why);
});

test("SY-7: a semaphore is given back a whole number of times, at least once", () => {
  for (const adjustment of [0, -1, 1.5]) {
    expect(() => look(waiting(0, 9, [adjustment]), besides(1))).toThrow("whole number");
  }
});
