import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import {
  declareLock,
  isSpinLock,
  type Kernel,
  type Lock,
  type LockName,
  lockNames,
} from "../windows/support/locks.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

const recursive = ["KMUTEX", "ERESOURCE", "ERESOURCE, Flt"] as const;
const others = lockNames.filter((name) => !recursive.some((one) => one === name));
const both = { workload: users(["create"], ["exit"]) };
const crowd = { workload: users(["create"], ["create"], ["exit"]) };

test.each(lockNames)(
  "SY-5, SY-8, SY-9, SY-12, SY-15, SY-16: %s has one owner at a time",
  (name) => {
    const inside = (locked: boolean) =>
      defineDriver("inside", (d) => {
        const lock = declareLock(d, name);
        const count = d.variable("Inside");
        d.onProcess("OnProcess", (a) => {
          if (locked) lock.take(a);
          a.InterlockedIncrement(count);
          a.InterlockedDecrement(count);
          if (locked) lock.give(a);
        });
      });
    const seen = look(inside(true), crowd);
    expect(seen.outcomes).toEqual([]);
    expect(seen.ever("Inside")).toEqual([0, 1]);
    expect(look(inside(false), crowd).ever("Inside")).toEqual([0, 1, 2, 3]);
  },
);

const taken = (name: LockName, times: number, given: number) =>
  defineDriver("taken", (d) => {
    const lock = declareLock(d, name);
    d.onProcessCreate("OnProcessCreate", (a) => {
      for (let i = 0; i < times; i++) lock.take(a);
      for (let i = 0; i < given; i++) lock.give(a);
    });
  });

test.each(others)(
  "SY-8, SY-9, SY-15, SY-16: %s that one thread takes twice is never had",
  (name) => {
    expect(look(taken(name, 2, 2)).outcomes).toEqual(["deadlock"]);
    expect(look(taken(name, 1, 1)).outcomes).toEqual([]);
  },
);

test.each(recursive)("SY-5, SY-12: %s has to be given back as often as it was taken", (name) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.boolean(), (times, once) => {
      const seen = look(taken(name, times, once ? times - 1 : times), {
        workload: users(["create"], ["create"]),
      });
      // With a KMUTEX the system stops as soon as its owner is back in user mode.
      const harm = name === "KMUTEX" ? "crash" : "deadlock";
      expect(seen.outcomes).toEqual(once ? [harm] : []);
    }),
    { numRuns: 8 },
  );
});

test.each(lockNames)(
  "SY-16, T1: two of %s in opposite orders deadlock, in one order never",
  (name) => {
    const ordered = (opposite: boolean) =>
      defineDriver("orders", (d) => {
        const first = declareLock(d, name, "First");
        const second = declareLock(d, name, "Second");
        const hold = (a: Kernel, outer: Lock, inner: Lock): void => {
          outer.take(a);
          inner.take(a);
          inner.give(a);
          outer.give(a);
        };
        d.onProcessCreate("OnProcessCreate", (a) => hold(a, first, second));
        d.onProcessExit("OnProcessExit", (a) =>
          opposite ? hold(a, second, first) : hold(a, first, second),
        );
      });
    expect(look(ordered(true), both).outcomes).toEqual(["deadlock"]);
    expect(look(ordered(false), both).outcomes).toEqual([]);
  },
);

test.each(lockNames)(
  "SY-5, SY-8: %s given back by a thread that does not own it is a crash",
  (name) => {
    const stolen = (own: boolean) =>
      defineDriver("stolen", (d) => {
        const lock = declareLock(d, name);
        d.onProcessCreate("OnProcessCreate", (a) => {
          if (own) lock.take(a);
          lock.give(a);
        });
      });
    const [seen] = look(stolen(false)).observations;
    expect(seen.target.outcome).toBe("crash");
    expect(seen.target.mechanism).toContain("does not own it");
    expect(look(stolen(true)).outcomes).toEqual([]);
  },
);

/** One holds the lock until an event comes; two others, of different routines, then want it. */
const contended = (name: LockName) =>
  defineDriver("contended", (d) => {
    const lock = declareLock(d, name);
    const go = d.event("Go", "NotificationEvent");
    const holder = d.systemThread("Holder", (a) => {
      lock.take(a);
      a.KeWaitForSingleObject(go);
      lock.give(a);
    });
    const wants = d.systemThread("Wants", (a) => {
      lock.take(a);
      lock.give(a);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(holder);
      a.PsCreateSystemThread(wants);
      a.PsCreateSystemThread(wants);
    });
    d.onProcessCreate("Releases", (a) => {
      a.KeSetEvent(go);
    });
  });

test.each(lockNames.filter((name) => !isSpinLock(name) && name !== "KMUTEX"))(
  "SY-8, SY-9, SY-12, SY-15: which of two that wait gets %s next",
  (name) => {
    const order = ["start-up", "Holder", "Wants 2", "Wants", "user1", "Holder"];
    const freed = inTurn(contended(name), {}, order);
    const inLine = name.startsWith("ERESOURCE") || name.startsWith("EX_PUSH_LOCK");
    // Where there is a line, the one that came first; elsewhere either of them.
    expect(freed.ways("Wants 2")).toBe(1);
    expect(freed.ways("Wants")).toBe(inLine ? 0 : 1);
  },
);

test("SY-5: any of those that wait for a KMUTEX may get it, whichever came first", () => {
  const waiting = [
    "start-up",
    "Holder",
    "Wants 2",
    "Wants",
    "user1",
    "Holder up to KeReleaseMutex",
  ];
  expect(inTurn(contended("KMUTEX"), {}, waiting).ways("Holder")).toBe(2);
});

test("SY-6: a KMUTEX that a thread leaves behind goes to the next waiter, with a status", () => {
  const driver = defineDriver("abandoned", (d) => {
    const lock = d.mutex("Lock");
    const told = d.variable("Told");
    const owner = d.systemThread("Owner", (a) => {
      a.KeWaitForMutexObject(lock);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(owner);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      const got = a.KeWaitForMutexObject(lock);
      a.when(got.is("abandoned"), () => a.InterlockedIncrement(told));
      a.KeReleaseMutex(lock);
    });
  });
  const seen = look(driver);
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Told")).toEqual([[0], [1]]);
});

test("SY-5: a thread that goes back to user mode with a KMUTEX is a crash", () => {
  const driver = defineDriver("keeps", (d) => {
    const lock = d.mutex("Lock");
    const request = d.request("Request", (r) => {
      r.KeWaitForMutexObject(lock);
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(request);
        t.Sleep("1s");
      });
    });
  });
  expect(look(driver, { workload: [] }).outcomes).toEqual(["crash"]);
});

test("SY-10: trying a FAST_MUTEX fails while it is owned, and never waits", () => {
  const driver = defineDriver("try", (d) => {
    const lock = d.fastMutex("Lock");
    const hold = d.event("Hold", "NotificationEvent");
    const missed = d.variable("Missed");
    d.onProcessCreate("Holds", (a) => {
      a.ExAcquireFastMutex(lock);
      a.KeWaitForSingleObject(hold);
      a.ExReleaseFastMutex(lock);
    });
    d.onProcessExit("Tries", (a) => {
      const got = a.ExTryToAcquireFastMutex(lock);
      a.when(got.succeeded(), () => a.ExReleaseFastMutex(lock)).otherwise(() =>
        a.InterlockedIncrement(missed),
      );
      a.KeSetEvent(hold);
    });
  });
  expect(look(driver, both).outcomes).toEqual([]);
  expect(inTurn(driver, both, ["start-up", "user1", "user2"]).value("Missed")).toBe(1);
  expect(inTurn(driver, both, ["start-up", "user2", "user1"]).value("Missed")).toBe(0);
});

test("CB-L3: a critical section can be taken twice by its owner, and by nobody else", () => {
  const driver = (times: number, given: number) =>
    defineDriver("loader", (d) => {
      const had = d.variable("Had");
      d.service("Agent", (s) => {
        const section = s.criticalSection("Section");
        s.thread("Work", (t) => {
          for (let i = 0; i < times; i++) t.EnterCriticalSection(section);
          for (let i = 0; i < given; i++) t.LeaveCriticalSection(section);
        });
        s.thread("Other", (t) => {
          t.EnterCriticalSection(section);
          t.InterlockedExchange(had, 1);
          t.LeaveCriticalSection(section);
        });
      });
    });
  expect(look(driver(2, 2)).finals("Had")).toEqual([[1]]);
  expect(look(driver(2, 1)).finals("Had")).toEqual([[0], [1]]);
});
