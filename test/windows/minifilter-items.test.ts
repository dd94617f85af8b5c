/** W21, W22: unregistering a minifilter waits for its work items, and from there on none can be queued. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { hang } from "./support/hang.ts";
import type { Kernel, Recorder } from "./support/locks.ts";
import { crashesOf, look } from "./support/look.ts";

type Queueing = "IoQueueWorkItem" | "FltQueueGenericWorkItem" | "FltQueueDeferredIoWorkItem";
const filtering = ["FltQueueGenericWorkItem", "FltQueueDeferredIoWorkItem"] as const;
const removed = { removal: "racing" } as const;

/** An item waits until the driver is told to stop; `unloads` says what DriverUnload does when. */
const stopping = (
  queue: Queueing,
  unloads: (a: Kernel, stop: ReturnType<Recorder["event"]>) => unknown,
) =>
  defineDriver("stopping", (d) => {
    const stop = d.event("Stop", "NotificationEvent");
    const item = d.workItem("Item", (w) => w.KeWaitForSingleObject(stop));
    const onCreate = d.onProcessCreate("OnCreate", (a) => a[queue](item, "DelayedWorkQueue"));
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      unloads(a, stop);
    });
  });

test("FltUnregisterFilter waits for the items of the minifilter, for ever if they wait for what comes behind it", () => {
  for (const queue of filtering) {
    const early = stopping(queue, (a, stop) => {
      a.FltUnregisterFilter();
      a.KeSetEvent(stop);
    });
    expect(hang(early, removed), queue).toBe(
      "DriverUnload waits for rundown > work item waits for an event (circle)",
    );
  }
});

test("an item of a minifilter keeps FilterUnloadCallback from nothing, and FltUnregisterFilter alone waits for it", () => {
  const late = (queue: Queueing) =>
    stopping(queue, (a, stop) => {
      a.KeSetEvent(stop);
      a.FltUnregisterFilter();
    });
  for (const queue of filtering) expect(look(late(queue), removed).outcomes, queue).toEqual([]);
  // The I/O manager waits for its own ahead of DriverUnload (W4).
  expect(look(late("IoQueueWorkItem"), removed).outcomes).toEqual(["deadlock"]);
});

/** Whoever comes late queues an item of a minifilter that is being unregistered. */
const late = (queue: Queueing | "ExQueueWorkItem") =>
  defineDriver("late", (d) => {
    const refused = d.variable("Refused", 0);
    const item = d.workItem("Item", (w) => w.DbgPrint());
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const queued = a[queue](item, "DelayedWorkQueue");
      a.when(queued.is("failure" as never), () => a.WriteNoFence(refused, 1));
    });
    d.driverUnload((a) => {
      a.FltUnregisterFilter();
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("an item is refused once its minifilter is being unregistered, and cannot outlive its code", () => {
  for (const queue of filtering) {
    const sight = look(late(queue), removed);
    expect(sight.outcomes, queue).toEqual([]);
    expect(sight.ever("Refused"), queue).toContain(1);
    expect(look(late(queue)).ever("Refused"), queue).toEqual([0]);
  }
});

test("an item that unregisters its own minifilter waits for itself", () => {
  const driver = (itself: boolean) =>
    defineDriver("itself", (d) => {
      const item = d.workItem("Item", (w) => (itself ? w.FltUnregisterFilter() : w.DbgPrint()));
      d.onProcessCreate("OnCreate", (a) => {
        a.FltQueueGenericWorkItem(item, "DelayedWorkQueue");
        if (!itself) a.FltUnregisterFilter();
      });
    });
  expect(look(driver(true)).broken).toEqual(["B6"]);
  expect(look(driver(false)).broken).not.toContain("B6");
});

test("of a driver that never unregisters its minifilter, unloading waits for the items by itself", () => {
  const driver = (queue: Queueing | "ExQueueWorkItem") =>
    defineDriver("silent", (d) => {
      const item = d.workItem("Item", (w) => w.DbgPrint());
      const onCreate = d.onProcessCreate("OnCreate", (a) => a[queue](item, "DelayedWorkQueue"));
      d.driverUnload((a) => a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE"));
    });
  expect(look(driver("FltQueueGenericWorkItem"), removed).outcomes).toEqual([]);
  expect(crashesOf(look(driver("ExQueueWorkItem"), removed))).not.toEqual([]);
});

test("one item that is queued in several ways counts on what it was queued by last", () => {
  const driver = defineDriver("mixed", (d) => {
    const item = d.workItem("Item", (w) => w.DbgPrint());
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.FltQueueGenericWorkItem(item, "DelayedWorkQueue");
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      a.FltUnregisterFilter();
    });
  });
  expect(look(driver, removed).outcomes).toEqual([]);
});
