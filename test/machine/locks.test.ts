import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

type Recorder = Parameters<Parameters<typeof defineDriver>[1]>[0];
type Activation = Parameters<Parameters<Recorder["onProcess"]>[1]>[0];
interface Lock {
  readonly take: (a: Activation) => void;
  readonly give: (a: Activation) => void;
}

/** Each lock with one owner, by what it is called. */
const locks: Readonly<Record<string, (d: Recorder, name: string) => Lock>> = {
  KMUTEX: (d, name) => {
    const lock = d.mutex(name);
    return {
      take: (a) => a.KeWaitForMutexObject(lock),
      give: (a) => a.KeReleaseMutex(lock),
    };
  },
  FAST_MUTEX: (d, name) => {
    const lock = d.fastMutex(name);
    return { take: (a) => a.ExAcquireFastMutex(lock), give: (a) => a.ExReleaseFastMutex(lock) };
  },
  "spin lock": (d, name) => {
    const lock = d.spinLock(name);
    return { take: (a) => a.KeAcquireSpinLock(lock), give: (a) => a.KeReleaseSpinLock(lock) };
  },
  WDFWAITLOCK: (d, name) => {
    const lock = d.waitLock(name);
    return { take: (a) => a.WdfWaitLockAcquire(lock), give: (a) => a.WdfWaitLockRelease(lock) };
  },
  "exclusive ERESOURCE": (d, name) => {
    const lock = d.resource(name);
    return {
      take: (a) => a.ExAcquireResourceExclusiveLite(lock),
      give: (a) => a.ExReleaseResourceLite(lock),
    };
  },
  "exclusive push lock": (d, name) => {
    const lock = d.pushLock(name);
    return {
      take: (a) => a.ExAcquirePushLockExclusive(lock),
      give: (a) => a.ExReleasePushLockExclusive(lock),
    };
  },
};
const names = Object.keys(locks);
const recursive = ["KMUTEX", "exclusive ERESOURCE"];
const both = { workload: users(["create"], ["exit"]) };
const crowd = { workload: users(["create"], ["create"], ["exit"]) };

test.each(names)("SY-5, SY-8, SY-12, SY-15, SY-16: a %s has one owner at a time", (name) => {
  const inside = (locked: boolean) =>
    defineDriver("inside", (d) => {
      const lock = locks[name](d, "Lock");
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
});

const taken = (name: string, times: number, given: number) =>
  defineDriver("taken", (d) => {
    const lock = locks[name](d, "Lock");
    d.onProcessCreate("OnProcessCreate", (a) => {
      for (let i = 0; i < times; i++) lock.take(a);
      for (let i = 0; i < given; i++) lock.give(a);
    });
  });

test.each(names.filter((name) => !recursive.includes(name)))(
  "SY-8, SY-15, SY-16: a %s that one thread takes twice is never had",
  (name) => {
    expect(look(taken(name, 2, 2)).outcomes).toEqual(["deadlock"]);
    expect(look(taken(name, 1, 1)).outcomes).toEqual([]);
  },
);

test.each(recursive)("SY-5, SY-12: a %s has to be given back as often as it was taken", (name) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.boolean(), (times, once) => {
      const seen = look(taken(name, times, once ? times - 1 : times), {
        workload: users(["create"], ["create"]),
      });
      expect(seen.outcomes).toEqual(once ? ["deadlock"] : []);
    }),
    { numRuns: 8 },
  );
});

test.each(names)("SY-16, T1: two of %s in opposite orders deadlock, in one order never", (name) => {
  const ordered = (opposite: boolean) =>
    defineDriver("orders", (d) => {
      const first = locks[name](d, "First");
      const second = locks[name](d, "Second");
      const hold = (a: Activation, outer: Lock, inner: Lock): void => {
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
});

test.each(names)(
  "SY-5, SY-8: a %s given back by a thread that does not own it is a crash",
  (name) => {
    const stolen = (own: boolean) =>
      defineDriver("stolen", (d) => {
        const lock = locks[name](d, "Lock");
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

test.each(names)("SY-2: who of those that wait gets a %s next is open", (name) => {
  const driver = defineDriver("race", (d) => {
    const lock = locks[name](d, "Lock");
    const turn = d.variable("Turn");
    const last = d.variable("Last");
    d.onProcessCreate("First", (a) => {
      lock.take(a);
      a.InterlockedExchange(last, 1);
      a.InterlockedIncrement(turn);
      lock.give(a);
    });
    d.onProcessExit("Second", (a) => {
      lock.take(a);
      a.InterlockedExchange(last, 2);
      a.InterlockedIncrement(turn);
      lock.give(a);
    });
  });
  expect(look(driver, both).finals("Turn", "Last")).toEqual([
    [2, 1],
    [2, 2],
  ]);
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
      d.service("Agent", (s) => {
        const section = s.criticalSection("Section");
        s.thread("Work", (t) => {
          for (let i = 0; i < times; i++) t.EnterCriticalSection(section);
          for (let i = 0; i < given; i++) t.LeaveCriticalSection(section);
        });
        s.thread("Other", (t) => {
          t.EnterCriticalSection(section);
          t.LeaveCriticalSection(section);
        });
      });
    });
  expect(look(driver(2, 2)).outcomes).toEqual([]);
  expect(look(driver(2, 1)).outcomes).toEqual(["deadlock"]);
});
