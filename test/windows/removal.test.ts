import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { inTurn, look, users } from "./support/look.ts";

const removed = { removal: "racing", workload: users(["create"], ["create"]) } as const;

/** DriverUnload removes the callback, or does not, and looks whether a call is still under way. */
const unloading = (removes: boolean) =>
  defineDriver("unloading", (d) => {
    const inside = d.variable("Inside");
    const calls = d.variable("Calls");
    const isGone = d.variable("IsGone");
    const left = d.variable("Left");
    const late = d.variable("Late");
    const onCreate = d.onProcessCreate("OnProcessCreate", (a) => {
      a.when(isGone.equals(1), () => a.InterlockedIncrement(late));
      a.InterlockedIncrement(inside);
      a.InterlockedIncrement(calls);
      a.KeDelayExecutionThread("1ms");
      a.InterlockedDecrement(inside);
    });
    d.driverUnload((a) => {
      if (removes) a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      a.when(inside.notEquals(0), () => a.InterlockedIncrement(left));
      a.InterlockedExchange(isGone, 1);
    });
  });

test("CB-U1, CB-U5, T10: removal lets no new call in and returns when none is left", () => {
  const seen = look(unloading(true), removed);
  expect(seen.outcomes).toEqual([]);
  expect(seen.broken).toEqual([]);
  expect(seen.ever("Left")).toEqual([0]);
  expect(seen.ever("Late")).toEqual([0]);
  expect(seen.finals("Calls")).toEqual([[0], [1], [2]]);
  const forgotten = look(unloading(false), removed);
  expect(forgotten.ever("Left")).toEqual([0, 1]);
  expect(forgotten.ever("Late")).toEqual([0, 1, 2]);
  expect(forgotten.broken).toEqual(["B2"]);
});

test("CB-U5, T10: while one callback is being removed the others, of all drivers, are still called", () => {
  const other = defineDriver("other", (d) => {
    const calls = d.variable("OtherCalls");
    d.onProcessCreate("OtherOnCreate", (a) => {
      a.InterlockedIncrement(calls);
    });
    d.driverUnload(() => {});
  });
  const stuck = defineDriver("stuck", (d) => {
    const calls = d.variable("StuckCalls");
    const go = d.event("Go", "NotificationEvent");
    const onCreate = d.onProcessCreate("StuckOnCreate", (a) => {
      a.InterlockedIncrement(calls);
      a.KeWaitForSingleObject(go);
    });
    const remover = d.systemThread("Remover", (a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
    d.driverEntry((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
      a.PsCreateSystemThread(remover);
    });
  });
  const run = inTurn([other, stuck], { workload: users(["create"], ["create"]) }, [
    "start-up",
    "user1",
    "Remover",
    "user2",
  ]);
  expect(run.ways("Remover")).toBe(0);
  expect(run.value("StuckCalls")).toBe(1);
  expect(run.value("OtherCalls")).toBe(2);
});

test.each(["create", "exit"] as const)(
  "CB-U1, CB-U4, B1: a callback that removes itself on %s waits for itself",
  (event) => {
    const driver = (itself: boolean) =>
      defineDriver("itself", (d) => {
        const spare = d.onProcessCreate("Spare", () => {});
        d.onProcess("OnProcess", (a) => {
          a.when(event === "create" ? a.isCreate() : a.isExit(), () => {
            a.PsSetCreateProcessNotifyRoutineEx(itself ? a.self : spare, "TRUE");
          });
        });
      });
    const seen = look(driver(true), { workload: users(["create and exit"]) });
    expect(seen.outcomes).toEqual(["deadlock"]);
    expect(seen.broken).toContain("B1");
    const apart = look(driver(false), { workload: users(["create and exit"]) });
    expect(apart.outcomes).toEqual([]);
    expect(apart.broken).toEqual([]);
  },
);

test("CB-U1, P09: a removal moved to a work item helps only if nobody waits for the item", () => {
  const driver = (awaited: boolean) =>
    defineDriver("moved", (d) => {
      d.onProcessExit("OnProcessExit", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const item = a.workItem("Removes", (w) => {
          w.PsSetCreateProcessNotifyRoutineEx(a.self, "TRUE");
          if (awaited) w.KeSetEvent(done);
        });
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        if (awaited) a.KeWaitForSingleObject(done);
        else a.KeSetEvent(done);
      });
    });
  expect(look(driver(true), { workload: users(["exit"]) }).outcomes).toEqual(["deadlock"]);
  expect(look(driver(false), { workload: users(["exit"]) }).outcomes).toEqual([]);
});

test("CB-U5: a callback is called from its registration on, and not before", () => {
  const driver = defineDriver("late", (d) => {
    const calls = d.variable("Calls");
    const isRegistered = d.variable("IsRegistered");
    const early = d.variable("Early");
    const onCreate = d.onProcessCreate("OnProcessCreate", (a) => {
      a.InterlockedIncrement(calls);
      a.when(isRegistered.equals(0), () => a.InterlockedIncrement(early));
    });
    d.driverEntry((a) => {
      a.InterlockedExchange(isRegistered, 1);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
    });
  });
  const racing = look(driver, { startup: "racing" });
  expect(racing.finals("Calls", "Early")).toEqual([
    [0, 0],
    [1, 0],
  ]);
  expect(look(driver).finals("Calls", "Early")).toEqual([[1, 0]]);
});

const one = { removal: "racing", workload: users(["create"]) } as const;

/** The callback queues an item, through one or the other call, which notes when it has run. */
const queues = (how: "IoQueueWorkItem" | "ExQueueWorkItem") =>
  defineDriver("queues", (d) => {
    const queued = d.variable("Queued");
    const ran = d.variable("Ran");
    const left = d.variable("Left");
    const item = d.workItem("Item", (w) => {
      w.InterlockedIncrement(ran);
    });
    const onCreate = d.onProcessCreate("OnProcessCreate", (a) => {
      a[how](item, "DelayedWorkQueue");
      a.InterlockedIncrement(queued);
    });
    d.driverUnload((a) => {
      a.when(queued.equals(1).and(ran.equals(0)), () => a.InterlockedIncrement(left));
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("W4: an unload waits for items of IoQueueWorkItem that are queued by then, not for others", () => {
  const order = ["start-up", "user1", "sc stop", "DelayedWorkQueue worker 1", "sc stop"];
  const kept = inTurn(queues("IoQueueWorkItem"), one, order);
  expect([kept.value("Ran"), kept.value("Left")]).toEqual([1, 0]);
  const loose = inTurn(queues("ExQueueWorkItem"), one, order);
  expect([loose.value("Ran"), loose.value("Left")]).toEqual([0, 1]);
});

/** An item that waits for what only DriverUnload would signal, or for nothing. */
const needed = (waits: boolean) =>
  defineDriver("needed", (d) => {
    const go = d.event("Go", "NotificationEvent");
    const isUnloaded = d.variable("IsUnloaded");
    const item = d.workItem("Item", (w) => {
      if (waits) w.KeWaitForSingleObject(go);
    });
    const onCreate = d.onProcessCreate("OnProcessCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
    });
    d.driverUnload((a) => {
      a.InterlockedIncrement(isUnloaded);
      a.KeSetEvent(go);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("W4: DriverUnload is not entered while an item of IoQueueWorkItem waits for it", () => {
  expect(look(needed(true), one).finals("IsUnloaded")).toEqual([[0], [1]]);
  expect(look(needed(false), one).finals("IsUnloaded")).toEqual([[1]]);
});

test("W4: an unload that waits for an item which waits for it is a deadlock", () => {
  expect(look(needed(true), one).outcomes).toEqual(["deadlock"]);
});

test("CB-L3: DriverUnload that removes a callback under a lock which the callback takes hangs", () => {
  const driver = (released: boolean) =>
    defineDriver("across", (d) => {
      const lock = d.mutex("Lock");
      const onProcess = d.onProcessCreate("OnProcessCreate", (a) => {
        a.KeWaitForMutexObject(lock);
        a.KeReleaseMutex(lock);
      });
      d.driverUnload((a) => {
        a.KeWaitForMutexObject(lock);
        if (released) a.KeReleaseMutex(lock);
        a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE");
        if (!released) a.KeReleaseMutex(lock);
      });
    });
  expect(look(driver(false), removed).outcomes).toEqual(["deadlock"]);
  expect(look(driver(true), removed).outcomes).toEqual([]);
});

test("W4, P10: an item of ExQueueWorkItem that runs when its driver is gone is a crash", () => {
  expect(look(queues("ExQueueWorkItem"), one).outcomes).toEqual(["crash"]);
});
