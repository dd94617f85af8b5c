import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import {
  compile,
  inTurn,
  longestUs,
  look,
  timedRun,
  timedRuns,
  users,
  valueIn,
} from "../windows/support/look.ts";

const both = { workload: users(["create"], ["exit"]) };
const three = { workload: users(["create"], ["exit"], ["exit"]) };

/** A create's callback sets two events; exits' callbacks want both, in either order. */
const wantBoth = (how: "one by one" | "WaitAll", kind: "event" | "mutex") =>
  defineDriver("both", (d) => {
    const passed = d.variable("Passed");
    const turn = d.variable("Turn");
    const first = d.event("First", "SynchronizationEvent");
    const second = d.event("Second", "SynchronizationEvent");
    const one = d.mutex("One");
    const other = d.mutex("Other");
    d.onProcessCreate("Signals", (a) => {
      a.when(a.opaque("Swapped"), () => {
        a.KeSetEvent(second);
        a.KeSetEvent(first);
      }).otherwise(() => {
        a.KeSetEvent(first);
        a.KeSetEvent(second);
      });
    });
    d.onProcessExit("Wants", (a) => {
      const forwards = kind === "event" ? [first, second] : [one, other];
      const take = (a1: typeof first | typeof one, a2: typeof first | typeof one): void => {
        if (how === "WaitAll") a.KeWaitForMultipleObjects([a1, a2], "WaitAll");
        else {
          a.KeWaitForSingleObject(a1);
          a.KeWaitForSingleObject(a2);
        }
      };
      a.InterlockedIncrement(turn);
      a.when(a.opaque("Backwards"), () => take(forwards[1], forwards[0])).otherwise(() =>
        take(forwards[0], forwards[1]),
      );
      a.InterlockedIncrement(passed);
      if (kind === "mutex") {
        a.KeReleaseMutex(one);
        a.KeReleaseMutex(other);
      }
    });
  });

test("SY-19: of two that wait for all of two events, one gets both; waiting one by one, maybe none", () => {
  expect(look(wantBoth("WaitAll", "event"), three).finals("Passed")).toEqual([[1]]);
  expect(look(wantBoth("one by one", "event"), three).finals("Passed")).toEqual([[0], [1]]);
});

test("SY-19: two mutexes waited for together never deadlock; one by one, in opposite orders, they do", () => {
  expect(look(wantBoth("WaitAll", "mutex"), three).outcomes).toEqual([]);
  expect(look(wantBoth("one by one", "mutex"), three).outcomes).toEqual(["deadlock"]);
});

test("SY-19: waiting for any of several says which it was, and takes only that one", () => {
  const driver = defineDriver("any", (d) => {
    const first = d.event("First", "SynchronizationEvent");
    const second = d.event("Second", "SynchronizationEvent");
    const was = d.variable("Was");
    const left = d.variable("Left");
    d.onProcessCreate("Waits", (a) => {
      const got = a.KeWaitForMultipleObjects([first, second], "WaitAny");
      a.when(got.is("object0"), () => a.InterlockedExchange(was, 1));
      a.when(got.is("object1"), () => a.InterlockedExchange(was, 2));
      // The other one is still there to be had, sooner or later.
      const rest = a.KeWaitForMultipleObjects([first, second], "WaitAny");
      a.when(rest.is("object0"), () => a.InterlockedExchange(left, 1));
      a.when(rest.is("object1"), () => a.InterlockedExchange(left, 2));
    });
    d.onProcessExit("Signals", (a) => {
      a.when(a.opaque("Swapped"), () => {
        a.KeSetEvent(second);
        a.KeSetEvent(first);
      }).otherwise(() => {
        a.KeSetEvent(first);
        a.KeSetEvent(second);
      });
    });
  });
  const seen = look(driver, both);
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Was", "Left")).toEqual([
    [1, 2],
    [2, 1],
  ]);
});

test("SY-6, SY-19: a wait for all says so if it got a mutex that was left behind, and has them all", () => {
  const driver = defineDriver("left", (d) => {
    const lock = d.mutex("Lock");
    const count = d.semaphore("Count", 1, 1);
    const told = d.variable("Told");
    const owner = d.systemThread("Owner", (a) => {
      a.KeWaitForMutexObject(lock);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(owner);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      const got = a.KeWaitForMultipleObjects([count, lock], "WaitAll");
      a.when(got.is("abandoned"), () => a.InterlockedIncrement(told));
      a.KeReleaseMutex(lock);
      a.KeReleaseSemaphore(count, 1);
    });
  });
  const seen = look(driver);
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Told")).toEqual([[0], [1]]);
});

test("SY-19: a wait for all with a timeout of zero takes all or nothing, one for any the first there is", () => {
  const tries = (type: "WaitAll" | "WaitAny") =>
    defineDriver("tries", (d) => {
      const first = d.semaphore("First", 1, 1);
      const second = d.semaphore("Second", 0, 1);
      const left = d.variable("Left");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.KeWaitForMultipleObjects([second, first], type, { Timeout: 0 });
        const now = a.KeReadStateSemaphore(first);
        a.when(now.atLeast(1), () => a.InterlockedIncrement(left));
      });
    });
  expect(look(tries("WaitAll")).finals("Left")).toEqual([[1]]);
  expect(look(tries("WaitAny")).finals("Left")).toEqual([[0]]);
});

/** Waits with a timeout for an event that an exit's callback sets, perhaps, after a delay. */
const impatient = (timeoutUs: number | "none", signalled: "never" | "before" | number) =>
  defineDriver("impatient", (d) => {
    const done = d.event("Done", "NotificationEvent", { signalled: signalled === "before" });
    const result = d.variable("Result");
    d.onProcessCreate("Waits", (a) => {
      const wait = a.KeWaitForSingleObject(done, { Timeout: timeoutUs });
      a.when(wait.succeeded(), () => a.InterlockedExchange(result, 1));
      a.when(wait.timedOut(), () => a.InterlockedExchange(result, 2));
    });
    d.onProcessExit("Signals", (a) => {
      if (typeof signalled !== "number") return;
      if (signalled > 0) a.KeDelayExecutionThread(signalled);
      a.KeSetEvent(done);
    });
  });

test("SV-25: a delay that is over is a success; a wait whose time is over is a timeout", () => {
  const sleeps = defineDriver("sleeps", (d) => {
    const over = d.variable("Over");
    d.onProcessCreate("Sleeps", (a) => {
      const slept = a.KeDelayExecutionThread("1ms");
      a.when(slept.succeeded(), () => a.InterlockedIncrement(over));
    });
  });
  expect(look(sleeps).finals("Over")).toEqual([[1]]);
  expect(look(impatient(1_000, "never")).finals("Result")).toEqual([[2]]);
});

test("SY-18: a timeout of zero looks and never waits", () => {
  expect(look(impatient(0, "never")).finals("Result")).toEqual([[2]]);
  expect(look(impatient(0, "before")).finals("Result")).toEqual([[1]]);
  expect(look(impatient(0, 0), both).finals("Result")).toEqual([[1], [2]]);
});

test("SY-18: without times a finite timeout may fire at any point of the wait, but not instead of it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 1 }), (t, delay) => {
      expect(look(impatient(t, delay % 3_000_000), both).finals("Result")).toEqual([[1], [2]]);
      expect(look(impatient(t, "before")).finals("Result")).toEqual([[1]]);
      expect(look(impatient(t, "never")).finals("Result")).toEqual([[2]]);
    }),
    { numRuns: 5 },
  );
});

test("SY-18: a wait without timeout for what nobody signals is a deadlock, with one it is none", () => {
  expect(look(impatient("none", "never")).outcomes).toEqual(["deadlock"]);
  expect(look(impatient(1, "never")).outcomes).toEqual([]);
  expect(look(impatient("none", 0), both).outcomes).toEqual([]);
});

/** Starts a thread that sets the event after a delay, and waits for it with a timeout. */
const racing = (timeoutUs: number, delayUs: number) =>
  defineDriver("racing", (d) => {
    const done = d.event("Done", "NotificationEvent");
    const result = d.variable("Result");
    const signals = d.systemThread("Signals", (a) => {
      a.KeDelayExecutionThread(delayUs);
      a.KeSetEvent(done);
    });
    d.onProcessCreate("Waits", (a) => {
      a.PsCreateSystemThread(signals);
      const wait = a.KeWaitForSingleObject(done, { Timeout: timeoutUs });
      a.when(wait.succeeded(), () => a.InterlockedExchange(result, 1));
      a.when(wait.timedOut(), () => a.InterlockedExchange(result, 2));
    });
  });

test("SV-25, SY-18: with times, what comes first ends a wait: the signal or the timeout", () => {
  const times = fc.integer({ min: 1, max: 400_000 });
  fc.assert(
    fc.property(times, times, (timeoutUs, delayUs) => {
      fc.pre(Math.abs(timeoutUs - delayUs) > 200);
      const run = timedRun(compile(racing(timeoutUs, delayUs)));
      expect(valueIn(run.machine, "Result")).toBe(timeoutUs < delayUs ? 2 : 1);
      expect(Math.abs(longestUs(run) - Math.min(timeoutUs, delayUs))).toBeLessThan(10);
    }),
    { numRuns: 50 },
  );
});

test("SY-18: with times no timeout fires late by more than the skew", () => {
  for (const run of timedRuns(compile(impatient(5_000, "never")), 20)) {
    expect(longestUs(run)).toBeGreaterThanOrEqual(5_000);
    expect(longestUs(run)).toBeLessThan(5_200);
  }
});

/** Creates' callbacks want the door open, and the one token, both at once; an exit opens the door last. */
const rivals = (kind: "SynchronizationEvent" | "NotificationEvent") =>
  defineDriver("rivals", (d) => {
    const turn = d.variable("Turn");
    const winner = d.variable("Winner");
    const door = d.event("Door", "NotificationEvent");
    const token = d.event("Token", kind, { signalled: true });
    d.onProcessCreate("Wants", (a) => {
      const mine = a.InterlockedIncrement(turn);
      a.KeWaitForMultipleObjects([door, token], "WaitAll");
      a.when(mine.is(1), () => {
        a.WriteNoFence(winner, 1);
      }).otherwise(() => {
        a.WriteNoFence(winner, 2);
      });
    });
    d.onProcessExit("Opens", (a) => {
      a.KeSetEvent(door);
    });
  });

const opened = (driver: ReturnType<typeof rivals>, way: number) =>
  inTurn(driver, { workload: users(["create"], ["create"], ["exit"]) }, [
    "start-up",
    "user1",
    "user2",
    "user3 up to KeSetEvent",
    `user3 by way ${way}`,
    "user1",
    "user2",
  ]).value("Winner");

test("SY-19: either of two that wait for all can be the one that a notification event serves first", () => {
  expect([
    opened(rivals("SynchronizationEvent"), 0),
    opened(rivals("SynchronizationEvent"), 1),
  ]).toEqual([1, 2]);
});

test("a signal goes one way where nobody takes what another one needs", () => {
  const before = ["start-up", "user1", "user2", "user3 up to KeSetEvent"];
  const ways = (kind: "SynchronizationEvent" | "NotificationEvent"): number =>
    inTurn(rivals(kind), { workload: users(["create"], ["create"], ["exit"]) }, before).ways(
      "user3",
    );
  expect([ways("SynchronizationEvent"), ways("NotificationEvent")]).toEqual([2, 1]);
});
