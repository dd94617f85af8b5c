import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel } from "../windows/support/locks.ts";
import { compile, longestUs, look, timedRun, users } from "../windows/support/look.ts";

const both = { workload: users(["create"], ["exit"]) };

/** A create's callback queues a DPC, by itself or by a timer, and waits for what it does. */
const queued = (by: "timer" | "call", body: (p: Kernel, done: () => void) => void) =>
  defineDriver("queued", (d) => {
    const timer = d.timer("Timer", "NotificationTimer");
    const done = d.event("Done", "NotificationEvent");
    const dpc = d.dpc("Dpc", (p) => body(p, () => p.KeSetEvent(done)));
    d.onProcessCreate("Queues", (a) => {
      if (by === "timer") a.KeSetTimer(timer, "1ms", { Dpc: dpc });
      else a.KeInsertQueueDpc(dpc);
      a.KeWaitForSingleObject(done);
    });
  });

test.each(["timer", "call"] as const)(
  "SY-24, SY-18: a DPC queued by a %s signals its event, and crashes where it waits",
  (by) => {
    expect(look(queued(by, (_, done) => done())).outcomes).toEqual([]);
    expect(look(queued(by, () => {})).outcomes).toEqual(["deadlock"]);
    const waits = look(
      queued(by, (p, done) => {
        p.KeDelayExecutionThread("1ms");
        done();
      }),
    );
    expect(waits.outcomes).toEqual(["crash"]);
    expect(waits.observations[0].target.mechanism).toContain("too high an IRQL");
  },
);

test("SY-24, SY-16: what takes APC_LEVEL or less crashes in a DPC, spin locks and looks do not", () => {
  const body =
    (call: (p: Kernel) => void) =>
    (p: Kernel, done: () => void): void => {
      call(p);
      done();
    };
  for (const call of [(p: Kernel) => p.ZwReadFile(), (p: Kernel) => p.ZwClose()]) {
    expect(look(queued("call", body(call))).outcomes).toEqual(["crash"]);
  }
  const legal = defineDriver("legal", (d) => {
    const lock = d.spinLock("Lock");
    const ready = d.event("Ready", "SynchronizationEvent");
    const done = d.event("Done", "NotificationEvent");
    const dpc = d.dpc("Dpc", (p) => {
      p.KeAcquireSpinLock(lock);
      p.KeWaitForSingleObject(ready, { Timeout: 0 });
      p.KeReleaseSpinLock(lock);
      p.KeSetEvent(done);
    });
    d.onProcessCreate("Queues", (a) => {
      a.KeInsertQueueDpc(dpc);
      a.KeWaitForSingleObject(done);
    });
  });
  expect(look(legal).outcomes).toEqual([]);
});

test("SY-24: queued while it is queued, a DPC runs once; queued again by itself, it runs again", () => {
  const twice = (again: boolean) =>
    defineDriver("twice", (d) => {
      const ran = d.variable("Ran");
      const missed = d.variable("Missed");
      const dpc = d.dpc("Dpc", (p) => {
        p.InterlockedIncrement(ran);
      });
      d.onProcessCreate("Queues", (a) => {
        const first = a.KeInsertQueueDpc(dpc);
        a.when(first.failed(), () => a.InterlockedIncrement(missed));
        if (!again) return;
        const second = a.KeInsertQueueDpc(dpc);
        a.when(second.failed(), () => a.InterlockedIncrement(missed));
      });
    });
  expect(look(twice(false)).finals("Ran", "Missed")).toEqual([[1, 0]]);
  expect(look(twice(true)).finals("Ran", "Missed")).toEqual([
    [1, 1],
    [2, 0],
  ]);
});

test("SY-24: a DPC can run on two processors at once, and so needs a lock", () => {
  const inside = (locks: boolean) =>
    defineDriver("inside", (d) => {
      const lock = d.spinLock("Lock");
      const count = d.variable("Inside");
      const dpc = d.dpc("Dpc", (p) => {
        if (locks) p.KeAcquireSpinLock(lock);
        p.InterlockedIncrement(count);
        p.InterlockedDecrement(count);
        if (locks) p.KeReleaseSpinLock(lock);
      });
      d.onProcess("Queues", (a) => {
        a.KeInsertQueueDpc(dpc);
      });
    });
  expect(look(inside(false), both).ever("Inside")).toEqual([0, 1, 2]);
  expect(look(inside(true), both).ever("Inside")).toEqual([0, 1]);
});

test("SY-16, SY-24: a DPC and a callback that take two spin locks in opposite orders spin for ever", () => {
  const orders = (opposite: boolean) =>
    defineDriver("orders", (d) => {
      const first = d.spinLock("First");
      const second = d.spinLock("Second");
      const hold = (a: Kernel, outer: typeof first, inner: typeof first): void => {
        a.KeAcquireSpinLock(outer);
        a.KeAcquireSpinLock(inner);
        a.KeReleaseSpinLock(inner);
        a.KeReleaseSpinLock(outer);
      };
      const dpc = d.dpc("Dpc", (p) => {
        if (opposite) hold(p, second, first);
        else hold(p, first, second);
      });
      d.onProcessCreate("Queues", (a) => {
        a.KeInsertQueueDpc(dpc);
        hold(a, first, second);
      });
    });
  expect(look(orders(false)).outcomes).toEqual([]);
  const seen = look(orders(true));
  expect(seen.outcomes).toEqual(["deadlock"]);
  expect(seen.observations[0].target.mechanism).toContain("DPC waits for a KSPIN_LOCK");
});

/** A driver that is unloaded while its timer is set, and what its DriverUnload does about it. */
const unloads = (does: (a: Kernel, cancel: () => void, flush: () => void) => void) =>
  defineDriver("unloads", (d) => {
    const timer = d.timer("Timer", "NotificationTimer");
    const dpc = d.dpc("Dpc", () => {});
    d.driverEntry((a) => {
      a.KeSetTimer(timer, "1ms", { Dpc: dpc });
    });
    const onProcess = d.onProcessCreate("OnProcessCreate", () => {});
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE");
      does(
        a,
        () => a.KeCancelTimer(timer),
        () => a.KeFlushQueuedDpcs(),
      );
    });
  });
const removed = { removal: "racing" } as const;

test("SY-23, SY-25: unloading with a timer set, or its DPC still to run, is a crash", () => {
  expect(
    look(
      unloads(() => {}),
      removed,
    ).outcomes,
  ).toEqual(["crash"]);
  expect(
    look(
      unloads((_, cancel) => cancel()),
      removed,
    ).outcomes,
  ).toEqual(["crash"]);
  const safe = unloads((_, cancel, flush) => {
    cancel();
    flush();
  });
  expect(look(safe, removed).outcomes).toEqual([]);
});

test("SY-25: KeFlushQueuedDpcs never comes back from what a DPC spins for, which its caller holds", () => {
  const holding = (gives: boolean) =>
    defineDriver("holding", (d) => {
      const lock = d.variable("Lock", 1);
      const dpc = d.dpc("Dpc", (p) => {
        p.poll({ until: lock.equals(0), limit: "forever" }, () => p.DbgPrint());
      });
      d.onProcessCreate("Flushes", (a) => {
        a.KeInsertQueueDpc(dpc);
        if (gives) a.WriteNoFence(lock, 0);
        a.KeFlushQueuedDpcs();
        a.WriteNoFence(lock, 0);
      });
    });
  expect(look(holding(true)).outcomes).toEqual([]);
  const [seen] = look(holding(false)).observations;
  expect(seen.target.outcome).toBe("deadlock");
});

test("SY-24: with times a timer's DPC runs when the timer is due", () => {
  const took = longestUs(timedRun(compile(queued("timer", (_, done) => done()))));
  expect(took).toBeGreaterThanOrEqual(1_000);
  expect(took).toBeLessThan(1_100);
});

test("SY-24: KeRemoveQueueDpc takes back what has not begun, and tells", () => {
  const driver = defineDriver("removes", (d) => {
    const ran = d.variable("Ran");
    const took = d.variable("Took");
    const dpc = d.dpc("Dpc", (p) => {
      p.InterlockedIncrement(ran);
    });
    d.onProcessCreate("Queues", (a) => {
      a.KeInsertQueueDpc(dpc);
      const back = a.KeRemoveQueueDpc(dpc);
      a.when(back.succeeded(), () => a.InterlockedIncrement(took));
    });
  });
  expect(look(driver).finals("Ran", "Took")).toEqual([
    [0, 1],
    [1, 0],
  ]);
});
