/** Who keeps rundown protection: it has no owner, and who has it may have handed it on (SY-17). */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const exhausted = worldWith({ workload: [], pool: { profile: "tiny", load: "exhausted" } });
const unloading = worldWith({ removal: "racing" });

/** A thread of the driver's takes protection for an item and waits until that has given it back. */
const flushes = (tells: "ahead of it" | "behind it"): DriverModel =>
  defineDriver("flushes", (d) => {
    const items = d.rundown("Items");
    const flushed = d.event("Flushed", "NotificationEvent");
    const asked = d.event("Asked", "NotificationEvent");
    const work = d.workItem("Work", (w) => {
      w.ExReleaseRundownProtection(items);
    });
    const flusher = d.systemThread("Flusher", (t) => {
      t.KeWaitForSingleObject(asked);
      t.KeEnterCriticalRegion();
      const taken = t.ExAcquireRundownProtection(items);
      t.when(taken.succeeded(), () => {
        t.ExQueueWorkItem(work, "DelayedWorkQueue");
      });
      if (tells === "ahead of it") t.KeSetEvent(flushed);
      t.ExWaitForRundownProtectionRelease(items);
      t.KeLeaveCriticalRegion();
      t.KeSetEvent(flushed);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(flusher);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(asked);
      a.KeWaitForSingleObject(flushed);
    });
  });

test("protection that was handed to a queued item is with the item, whoever took it", () => {
  const found = deadlockIn(flushes("behind it"), exhausted, "handed on");
  expect(found?.closesAt).toBeDefined();
  expect(storyOf(found)).toContain(
    "for the rundown of Items: work item Work would release its protection",
  );
  expect(storyOf(found)).not.toContain("obody is left");
  expect(deadlockIn(flushes("ahead of it"), exhausted, "handed on")).toBeUndefined();
});

/** A callback that keeps its protection, beside a thread that gives back all that it takes. */
const leaks = (path: "leaves" | "gives back", helpers: boolean): DriverModel =>
  defineDriver("leaks", (d) => {
    const modules = d.rundown("Modules");
    const work = d.event("Work", "SynchronizationEvent");
    const take = d.routine("Take", (r) => {
      r.ExAcquireRundownProtection(modules);
    });
    const give = d.routine("Give", (r) => {
      r.ExReleaseRundownProtection(modules);
    });
    const pump = d.systemThread("Pump", (t) => {
      t.forever(() => {
        t.KeWaitForSingleObject(work);
        t.KeEnterCriticalRegion();
        if (helpers) {
          t.call(take);
          t.call(give);
        } else {
          const taken = t.ExAcquireRundownProtection(modules);
          t.when(taken.succeeded(), () => {
            t.ExReleaseRundownProtection(modules);
          });
        }
        t.KeLeaveCriticalRegion();
      });
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(pump);
      a.call(take);
      a.call(give);
    });
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const taken = a.ExAcquireRundownProtection(modules);
      a.when(taken.failed(), () => a.return());
      if (path === "leaves") a.when(a.opaque("Trusted"), () => a.return());
      a.ExReleaseRundownProtection(modules);
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      a.ExWaitForRundownProtectionRelease(modules);
    });
  });

test.each([false, true])(
  "who gives back what he would take first keeps none (helpers: %s)",
  (helpers) => {
    const found = deadlockIn(leaks("leaves", helpers), unloading, "leaks");
    expect(storyOf(found)).toContain("user1 took protection at step");
    expect(storyOf(found)).not.toContain("Pump holds protection");
    expect(deadlockIn(leaks("gives back", helpers), unloading, "leaks")).toBeUndefined();
  },
);

/** A callback takes protection for an item, and stands ahead of queueing that. */
const queues = (unload: "under the lock" | "without it"): DriverModel =>
  defineDriver("queues", (d) => {
    const items = d.rundown("Items");
    const table = d.mutex("Table");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const work = a.workItem("Work", (w) => {
        w.ExReleaseRundownProtection(items);
      });
      const taken = a.ExAcquireRundownProtection(items);
      a.when(taken.failed(), () => a.return());
      a.KeWaitForMutexObject(table);
      a.KeReleaseMutex(table);
      a.ExQueueWorkItem(work, "DelayedWorkQueue");
    });
    d.driverUnload((a) => {
      if (unload === "under the lock") a.KeWaitForMutexObject(table);
      a.ExWaitForRundownProtectionRelease(items);
      if (unload === "under the lock") a.KeReleaseMutex(table);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("who has yet to queue the item that gives protection back keeps it", () => {
  const found = deadlockIn(queues("under the lock"), unloading, "queues");
  expect(found?.closesAt).toBeDefined();
  expect(storyOf(found)).toContain("for the rundown of Items: user1 holds protection");
  expect(deadlockIn(queues("without it"), unloading, "queues")).toBeUndefined();
});

/** A callback leaves its protection, to the process's end or for good, and a thread counts on exits. */
const leaves = (to: "the exit" | "nobody"): DriverModel =>
  defineDriver("leaves", (d) => {
    const uses = d.rundown("Uses");
    const ended = d.event("Ended", "SynchronizationEvent");
    const counts = d.systemThread("Counts", (t) => {
      t.forever(() => {
        t.KeWaitForSingleObject(ended);
        t.KeEnterCriticalRegion();
        const taken = t.ExAcquireRundownProtection(uses);
        t.when(taken.succeeded(), () => {
          t.ExReleaseRundownProtection(uses);
        });
        t.KeLeaveCriticalRegion();
      });
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(counts);
    });
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireRundownProtection(uses);
    });
    const onExit = d.onProcessExit("OnExit", (a) => {
      if (to === "the exit") a.ExReleaseRundownProtection(uses);
      a.KeSetEvent(ended);
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      a.ExWaitForRundownProtectionRelease(uses);
      a.PsSetCreateProcessNotifyRoutineEx(onExit, "TRUE");
    });
  });

test("protection that no code would give back is kept for good, whoever comes", () => {
  expect(storyOf(deadlockIn(leaves("nobody"), unloading, "leaves"))).toContain("for good");
  const told = storyOf(deadlockIn(leaves("the exit"), unloading, "leaves"));
  expect(told).toContain("later event");
  expect(told).not.toContain("for good");
});
