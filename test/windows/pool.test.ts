import fc from "fast-check";
import { expect, test } from "vitest";
import { quietHangs } from "../../src/explore/hang-findings.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { poolProfiles } from "../../src/windows/profiles.ts";
import type { PoolProfileName, World } from "../../src/windows/scenario.ts";
import { compile, inTurn, longestUs, look, timedRun, timedRuns, users } from "./support/look.ts";

type QueueType = "CriticalWorkQueue" | "DelayedWorkQueue" | "HyperCriticalWorkQueue";

/** Queues an item that has nothing to do, and waits for it. */
const queueAndWait = (type: QueueType = "DelayedWorkQueue") =>
  defineDriver("queue-and-wait", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const scan = a.workItem("Scan", (w) => {
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(scan, type);
      a.KeWaitForSingleObject(done);
    });
  });

/** So many foreign items, each of which creates a process, are queued before anything else. */
const ahead = (profile: PoolProfileName, items: number): Partial<World> => ({
  pool: { profile, load: "exhausted", items },
});

/** What the callbacks of a run come to: the longest of them, or that they never return. */
const fateOf = (type: QueueType, profile: PoolProfileName, items: number): number | "deadlock" => {
  const trace = timedRun(compile(queueAndWait(type), ahead(profile, items)));
  if (!trace.quiet) return longestUs(trace);
  const outcomes = quietHangs(trace.machine, true, []).map((one) => one.target.outcome);
  return outcomes.includes("deadlock") ? "deadlock" : longestUs(trace);
};

const secondUs = 1_000_000;

test.each([1, 2])(
  "W5, P02: %i items on nt5's Delayed queue leave a worker free: no callback waits for relief",
  (items) => {
    for (const trace of timedRuns(compile(queueAndWait(), ahead("nt5", items)), 20)) {
      expect(longestUs(trace)).toBeLessThan(1_000);
    }
  },
);

test.each([3, 4, 5, 10, 17, 18])(
  "W8, W9, P02, T2: %i items are a staircase: each behind the third adds two looks of the manager",
  (items) => {
    for (const trace of timedRuns(compile(queueAndWait(), ahead("nt5", items)), 4)) {
      const looks = 2 * (items - 3);
      expect(longestUs(trace)).toBeGreaterThan((looks + 1) * secondUs - 10_000);
      expect(longestUs(trace)).toBeLessThan((looks + 2) * secondUs + 10_000);
    }
  },
);

test.each([19, 20, 25])(
  "W5, W9, P02, T2: %i items are a deadlock: relief ends at the cap",
  (items) => {
    expect(fateOf("DelayedWorkQueue", "nt5", items)).toBe("deadlock");
    for (const trace of timedRuns(compile(queueAndWait(), ahead("nt5", items)), 4)) {
      expect(trace.quiet).toBe(true);
      expect(longestUs(trace)).toBe(0);
    }
  },
);

test("W7, W9: the Critical queue grows as items come in, up to the same kind of cap", () => {
  const cap = poolProfiles.nt5.threads.CriticalWorkQueue + poolProfiles.nt5.relief;
  for (const items of [0, 4, 5, 12, cap - 1]) {
    expect(fateOf("CriticalWorkQueue", "nt5", items)).toBeLessThan(1_000);
  }
  for (const items of [cap, cap + 1]) {
    expect(fateOf("CriticalWorkQueue", "nt5", items)).toBe("deadlock");
  }
});

test("W3, W6, T18: queue types are pools of their own in nt5, and one pool in modern", () => {
  /** Blocks a queue for good, beside a callback that waits for an item of another queue. */
  const across = (blocked: number) =>
    defineDriver("across", (d) => {
      const never = d.event("Never", "NotificationEvent");
      const stuck = d.systemThread("QueuesStuck", (a) => {
        const item = a.workItem("Stuck", (w) => {
          w.KeWaitForSingleObject(never);
        });
        for (let i = 0; i < blocked; i++) a.ExQueueWorkItem(item, "CriticalWorkQueue");
        a.KeWaitForSingleObject(never);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(stuck);
      });
      d.onProcessCreate("OnProcessCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const scan = a.workItem("Scan", (w) => {
          w.KeSetEvent(done);
        });
        a.IoQueueWorkItem(scan, "HyperCriticalWorkQueue");
        a.KeWaitForSingleObject(done);
      });
    });
  const returns = (profile: PoolProfileName, blocked: number): boolean => {
    const pool = { profile, load: "idle" } as const;
    return longestUs(timedRun(compile(across(blocked), { pool }))) > 0;
  };
  const whole = poolProfiles.modern.threads.CriticalWorkQueue + poolProfiles.modern.relief;
  expect(returns("nt5", whole)).toBe(true);
  expect(returns("modern", whole - 1)).toBe(true);
  expect(returns("modern", whole)).toBe(false);
});

test("W1: a worker runs one item at a time, and a queue no more than it has workers", () => {
  const driver = (items: number) =>
    defineDriver("inside", (d) => {
      const inside = d.variable("Inside");
      const done = d.variable("Done");
      const item = d.routine("Work", (a) => {
        a.InterlockedIncrement(inside);
        a.InterlockedDecrement(inside);
        a.InterlockedIncrement(done);
      });
      d.onProcessCreate("OnProcessCreate", (a) => {
        const each = a.workItem("Each", (w) => w.call(item));
        for (let i = 0; i < items; i++) a.ExQueueWorkItem(each, "DelayedWorkQueue");
        a.KeDelayExecutionThread("1ms");
      });
    });
  const workers = poolProfiles.nt5.threads.DelayedWorkQueue;
  const pool = { profile: "nt5", load: "idle" } as const;
  for (const items of [1, 2, 3]) {
    const few = look(driver(items), { pool });
    expect(Math.max(...few.ever("Inside"))).toBe(Math.min(items, workers));
    expect(few.finals("Done")).toEqual([[items]]);
  }
  // One worker and one for relief, and no relief while the worker gets on.
  const tiny = look(driver(3));
  expect(Math.max(...tiny.ever("Inside"))).toBeLessThanOrEqual(2);
  expect(tiny.finals("Done")).toEqual([[3]]);
});

test("P01, T19: awaiting an item of an idle pool breaks rules, and nothing else", () => {
  const seen = look(queueAndWait());
  expect(seen.outcomes).toEqual([]);
  expect(seen.broken).toEqual(["R5", "R6b", "R7"]);
});

test("W8, W9: in tiny, exhausted, what takes nineteen items in nt5 takes two", () => {
  const outcomes = [0, 1, 2, 3].map((items) => look(queueAndWait(), ahead("tiny", items)).outcomes);
  expect(outcomes).toEqual([[], [], ["deadlock"], ["deadlock"]]);
});

test("P02: creators that wait in threads of their own occupy no worker", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), (creators) => {
      const workload = users(...Array.from({ length: creators }, () => ["create"] as const));
      expect(look(queueAndWait(), { workload }).outcomes).toEqual([]);
    }),
    { numRuns: 4 },
  );
});

/** Items that queue another to the same queue and wait for it. */
const cascade = (awaits: boolean) =>
  defineDriver("cascade", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => {
      const outerDone = a.event("OuterDone", "NotificationEvent");
      const outer = a.workItem("Outer", (w) => {
        const innerDone = w.event("InnerDone", "NotificationEvent");
        const inner = w.workItem("Inner", (i) => {
          i.KeSetEvent(innerDone);
        });
        w.IoQueueWorkItem(inner, "DelayedWorkQueue");
        if (!awaits) w.KeSetEvent(outerDone);
        w.KeWaitForSingleObject(innerDone);
        if (awaits) w.KeSetEvent(outerDone);
      });
      a.IoQueueWorkItem(outer, "DelayedWorkQueue");
      a.KeWaitForSingleObject(outerDone);
    });
  });

test("W14: items that wait for items of their own queue deadlock once they fill it", () => {
  const creators = (count: number): Partial<World> => ({
    workload: users(...Array.from({ length: count }, () => ["create"] as const)),
  });
  expect(look(cascade(true), creators(1)).outcomes).toEqual([]);
  expect(look(cascade(true), creators(2)).outcomes).toEqual(["deadlock"]);
});

/** An item of the driver's that waits for what nobody signals, while nobody waits for the item. */
const clogs = (waits: boolean) =>
  defineDriver("clogs", (d) => {
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const item = a.workItem("Item", (w) => {
        if (waits) w.KeWaitForSingleObject(never);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
    });
  });

test("B6: an item that never ends, with nobody waiting for it, is a breach and no deadlock", () => {
  const seen = look(clogs(true));
  expect(seen.outcomes).toEqual([]);
  expect(seen.broken).toEqual(["B6"]);
  expect(look(clogs(false)).broken).toEqual([]);
});

/** One item of the whole driver; the routine can queue it again itself. */
const shared = (requeues: boolean) =>
  defineDriver("shared", (d) => {
    const again = d.variable("Again");
    const item = d.workItem("Item", (w) => {
      w.ZwReadFile();
      if (!requeues) return;
      w.when(again.equals(0), () => {
        w.InterlockedExchange(again, 1);
        w.IoQueueWorkItem(w.self, "DelayedWorkQueue");
      });
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
    });
  });

test("B7: an item that is still queued may not be queued again; one whose routine has begun may", () => {
  const two = { workload: users(["create"], ["create"]) };
  expect(look(shared(false)).broken).toEqual([]);
  expect(look(shared(true)).broken).toEqual([]);
  expect(look(shared(false), two).broken).toEqual(["B7"]);
});

test("W7, W11: a worker that waits makes room for another, one that spins does not", () => {
  const grows = (how: "waits" | "spins") =>
    defineDriver("grows", (d) => {
      const go = d.event("Go", "NotificationEvent");
      const isGone = d.variable("IsGone");
      d.onProcessCreate("OnProcessCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const occupies = a.workItem("Occupies", (w) => {
          if (how === "waits") w.KeWaitForSingleObject(go);
          else {
            w.poll({ until: isGone.equals(1), limit: "forever" }, () => {
              w.other("Spins", { cost: "10ms", irql: "DISPATCH_LEVEL" });
            });
          }
        });
        const last = a.workItem("Last", (w) => {
          w.KeSetEvent(done);
        });
        for (let i = 0; i < 5; i++) a.ExQueueWorkItem(occupies, "CriticalWorkQueue");
        a.ExQueueWorkItem(last, "CriticalWorkQueue");
        a.KeWaitForSingleObject(done);
        a.InterlockedExchange(isGone, 1);
        a.KeSetEvent(go);
      });
    });
  const pool = { profile: "nt5", load: "idle" } as const;
  expect(longestUs(timedRun(compile(grows("waits"), { pool })))).toBeLessThan(1_000);
  // Left to the manager's looks, of which it takes two.
  const spun = longestUs(timedRun(compile(grows("spins"), { pool })));
  expect(spun).toBeGreaterThan(secondUs);
  expect(spun).toBeLessThan(2.1 * secondUs);
});

test.each(["FAST_MUTEX", "ERESOURCE"] as const)(
  "W11: a worker that waits for %s makes room for another, as it does in any other wait",
  (kind) => {
    const driver = defineDriver("locks", (d) => {
      const fast = d.fastMutex("Fast");
      const resource = d.resource("Resource");
      d.onProcessCreate("OnProcessCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const occupies = a.workItem("Occupies", (w) => {
          if (kind === "FAST_MUTEX") {
            w.ExAcquireFastMutex(fast);
            w.ExReleaseFastMutex(fast);
          } else {
            w.ExAcquireResourceExclusiveLite(resource);
            w.ExReleaseResourceLite(resource);
          }
        });
        const last = a.workItem("Last", (w) => {
          w.KeSetEvent(done);
        });
        a.ExAcquireFastMutex(fast);
        a.ExAcquireResourceExclusiveLite(resource);
        for (let i = 0; i < 5; i++) a.ExQueueWorkItem(occupies, "CriticalWorkQueue");
        a.ExQueueWorkItem(last, "CriticalWorkQueue");
        a.KeWaitForSingleObject(done);
        a.ExReleaseResourceLite(resource);
        a.ExReleaseFastMutex(fast);
      });
    });
    const pool = { profile: "nt5", load: "idle" } as const;
    expect(longestUs(timedRun(compile(driver, { pool })))).toBeLessThan(1_000);
  },
);

test("W1, P01: a busy pool of items that end is a delay of whole items, not a hang", () => {
  const busy = { pool: { profile: "tiny", load: "busy" } } as const;
  expect(look(queueAndWait(), busy).outcomes).toEqual([]);
  for (const trace of timedRuns(compile(queueAndWait(), busy), 10)) {
    expect(longestUs(trace)).toBeLessThanOrEqual(secondUs + 1_000);
  }
  expect(longestUs(timedRun(compile(queueAndWait(), busy)))).toBeLessThan(2 * secondUs);
});

test("W8: the manager looks at no queue that has a free worker, and at none without items", () => {
  const looks = (items: number, order: readonly string[]): number =>
    inTurn(queueAndWait(), ahead("tiny", items), ["start-up", ...order]).ways(
      "DelayedWorkQueue manager",
    );
  expect(looks(0, [])).toBe(0);
  expect(looks(0, ["user1"])).toBe(0);
  // The worker is in the item that was ahead, and the callback's waits.
  expect(looks(1, ["DelayedWorkQueue worker 1", "user1"])).toBe(1);
  expect(looks(1, ["DelayedWorkQueue worker 1", "user1", "DelayedWorkQueue manager"])).toBe(0);
});
