import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { refused } from "../language/support/refused.ts";
import { look, users } from "./support/look.ts";

const two = { workload: users(["create"], ["create"]) } as const;
const one = { workload: users(["create"]) } as const;

test.each(["exchange", "compare"] as const)(
  "of two that test and set by %s, one gets in",
  (how) => {
    const driver = defineDriver("once", (d) => {
      const taken = d.variable("Taken");
      const inside = d.variable("Inside");
      d.onProcessCreate("OnProcessCreate", (a) => {
        const was =
          how === "exchange"
            ? a.InterlockedExchange(taken, 1)
            : a.InterlockedCompareExchange(taken, 1, 0);
        a.when(was.is(0), () => a.InterlockedIncrement(inside));
      });
    });
    const seen = look(driver, two);
    expect(seen.finals("Inside", "Taken")).toEqual([[1, 1]]);
  },
);

test("a test and a set apart let both in", () => {
  const driver = defineDriver("twice", (d) => {
    const taken = d.variable("Taken");
    const inside = d.variable("Inside");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.when(taken.equals(0), () => {
        a.InterlockedExchange(taken, 1);
        a.InterlockedIncrement(inside);
      });
    });
  });
  expect(look(driver, two).finals("Inside")).toEqual([[1], [2]]);
});

test("a compare and exchange stores only where the comparand stands", () => {
  const driver = defineDriver("compares", (d) => {
    const word = d.variable("Word", 5);
    const was = d.variable("Was");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const other = a.InterlockedCompareExchange(word, 9, 4);
      a.when(other.is(5), () => a.InterlockedIncrement(was));
      a.InterlockedCompareExchange(word, -1, 5);
      a.when(a.InterlockedExchange(word, 6).is(-1), () => a.InterlockedIncrement(was));
    });
  });
  expect(look(driver, one).finals("Word", "Was")).toEqual([[6, 2]]);
});

test("of two that count, each is told what came of its own step, in fields of records too", () => {
  const driver = defineDriver("counts", (d) => {
    const record = d.record("Record", (r) => r.variable("Count", 2));
    const shared = d.pointer("Shared", record);
    const last = d.variable("Last");
    const freed = d.event("Freed", "NotificationEvent");
    d.driverEntry((a) => {
      a.ExAllocateFromLookasideListEx(shared);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      const left = a.InterlockedDecrement(shared.field("Count"));
      a.when(left.is(0), () => {
        a.InterlockedIncrement(last);
        a.KeSetEvent(freed);
      });
      a.KeWaitForSingleObject(freed);
    });
  });
  const seen = look(driver, two);
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Last")).toEqual([[1]]);
});

test.each(["NotificationEvent", "SynchronizationEvent"] as const)(
  "SY-1, SY-2: reading the state of a %s takes nothing from it and never waits",
  (kind) => {
    const driver = defineDriver("reads", (d) => {
      const event = d.event("Event", kind);
      const record = d.record("Record", (r) => r.event("Set", kind, { signalled: true }));
      const bits = d.variable("Bits");
      const lock = d.spinLock("Lock");
      d.onProcessCreate("OnProcessCreate", (a) => {
        const own = a.pointer("Own", record);
        a.ExAllocateFromLookasideListEx(own);
        a.KeAcquireSpinLock(lock);
        a.when(a.KeReadStateEvent(event).is(0), () => a.InterlockedIncrement(bits));
        a.KeSetEvent(event);
        a.when(a.KeReadStateEvent(event).is(1), () => a.InterlockedIncrement(bits));
        a.when(a.KeReadStateEvent(own.field("Set")).is(1), () => a.InterlockedIncrement(bits));
        a.KeReleaseSpinLock(lock);
        a.KeWaitForSingleObject(event);
        const left = a.KeReadStateEvent(event);
        a.when(left.is(kind === "NotificationEvent" ? 1 : 0), () => a.InterlockedIncrement(bits));
        a.ObDereferenceObject(own);
      });
    });
    const seen = look(driver, one);
    expect(seen.outcomes).toEqual([]);
    expect(seen.broken).toEqual([]);
    expect(seen.finals("Bits")).toEqual([[4]]);
  },
);

test("no number is any number while the call has not been made", () => {
  const driver = defineDriver("late", (d) => {
    const word = d.variable("Word");
    const seen = d.variable("Seen");
    d.onProcessCreate("OnProcessCreate", (a) => {
      let was = a.InterlockedExchange(word, 0);
      a.when(a.isExit(), () => {
        was = a.InterlockedExchange(word, 3);
      });
      a.when(was.is(0).or(was.notEquals(0)), () => a.InterlockedIncrement(seen));
    });
  });
  expect(look(driver, one).finals("Seen")).toEqual([[0]]);
});

test("a thread of a service changes what it shares with the driver", () => {
  const driver = defineDriver("shares", (d) => {
    const shared = d.variable("Shared");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.InterlockedIncrement(shared);
    });
    d.service("Agent", (s) => {
      s.thread("Worker", (t) => {
        t.when(t.InterlockedExchange(shared, 5).is(1), () => t.WriteNoFence(shared, 7));
      });
    });
  });
  expect(look(driver, one).finals("Shared")).toEqual([[6], [7]]);
});

test("a drain in a loop empties the list each time, and ends with the list", () => {
  const driver = defineDriver("drains", (d) => {
    const record = d.record("Record", (r) => r.variable("Unused"));
    const list = d.list("List");
    const taken = d.variable("Taken");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const entry = a.pointer("Entry", record);
      a.repeat(2, () => {
        a.repeat(3, () => {
          a.ExAllocateFromLookasideListEx(entry);
          a.InsertTailList(list, entry);
        });
        a.drain(list, entry, () => {
          a.InterlockedIncrement(taken);
          a.ObDereferenceObject(entry);
        });
      });
    });
  });
  const seen = look(driver, one);
  expect(seen.outcomes).toEqual([]);
  expect(seen.boundHits).toBe(0);
  expect(seen.finals("Taken")).toEqual([[6]]);
});

/** Waits for ever, with these numbers kept. */
const keeping = (value: number, limit: number) =>
  defineDriver("keeps", (d) => {
    const kept = d.variable("Kept", -value);
    const free = d.semaphore("Free", 0, limit);
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.InterlockedExchange(kept, value);
      a.KeWaitForSingleObject(free);
    });
  });

test("the largest numbers are numbers still: a hang that keeps them is found, and told", () => {
  const driver = keeping(1_000_000_000, 2 ** 31 - 1);
  const { findings } = check({ drivers: [driver] }, { scope: "small", budget: 10_000, seed: "a" });
  expect(findings.map(({ finding }) => finding.outcome)).toContain("deadlock");
});

test.each([1.5, 1_000_000_001, -1e308, Number.NaN])(
  "%d is no number that a driver keeps",
  (value) => {
    expect(refused(() => keeping(value, 1)).message).toMatch(/whole number|too (?:big|small)/);
    const exchanged = () =>
      defineDriver("keeps", (d) => {
        const kept = d.variable("Kept");
        d.onProcessCreate("OnProcessCreate", (a) => a.InterlockedExchange(kept, value));
      });
    expect(refused(exchanged).message).toMatch(/whole number|takes a number/);
  },
);
