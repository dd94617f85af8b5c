/** W20: what a work item is handed as its context lives as long as somebody keeps it, and no longer. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { hang } from "./support/hang.ts";
import type { Kernel } from "./support/locks.ts";
import { crashesOf, look, users } from "./support/look.ts";

/** A callback hands a record to an item of its own, and lets go of it. */
const handing = (keeps: boolean, queue: "IoQueueWorkItem" | "FltQueueGenericWorkItem") =>
  defineDriver("handing", (d) => {
    const record = d.record("REC", (r) => r.event("Done", "NotificationEvent"));
    d.onProcessCreate("OnCreate", (a) => {
      const p = a.pointer("P", record);
      const item = a.workItem("Item", (w) => {
        const mine = w.context("Mine", record);
        w.KeSetEvent(mine.field("Done"));
        if (keeps) w.ObDereferenceObject(mine);
      });
      a.ExAllocateFromLookasideListEx(p);
      if (keeps) a.ObReferenceObject(p);
      a[queue](item, "DelayedWorkQueue", { Context: p });
      a.ObDereferenceObject(p);
    });
  });

test("an item that is handed a record uses freed memory if its queuer frees it first", () => {
  expect(crashesOf(look(handing(false, "IoQueueWorkItem")))).toContain("use after free");
  expect(crashesOf(look(handing(false, "FltQueueGenericWorkItem")))).toContain("use after free");
});

test("an item that has a reference of its own to its record outlives the callback, whose frame it leaves alone", () => {
  expect(look(handing(true, "IoQueueWorkItem")).outcomes).toEqual([]);
  expect(look(handing(true, "FltQueueGenericWorkItem")).outcomes).toEqual([]);
});

/** A callback hands an event on its stack to the driver's one item, and waits for it, or not for long. */
const lending = (change: (a: Kernel, done: ReturnType<Kernel["event"]>) => void, handed = true) =>
  defineDriver("lending", (d) => {
    const item = d.workItem("Item", (w) => {
      const done = w.context("Done", "NotificationEvent");
      w.KeSetEvent(done);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Mine", "NotificationEvent");
      a.IoQueueWorkItem(item, "DelayedWorkQueue", handed ? { Context: done } : {});
      change(a, done);
    });
  });

test("an item sets the event that it was handed, wherever it lives", () => {
  expect(look(lending((a, done) => a.KeWaitForSingleObject(done))).outcomes).toEqual([]);
});

test("an event on a stack is gone once its callback has returned, and the item that was handed it crashes", () => {
  const early = lending((a, done) => a.KeWaitForSingleObject(done, { Timeout: "1ms" }));
  expect(crashesOf(look(early))).toEqual(["use after return"]);
});

test("an item that is handed nothing has an empty pointer", () => {
  expect(crashesOf(look(lending((a) => a.DbgPrint(), false)))).toEqual([
    "a pointer that points to nothing is used",
  ]);
});

test("an item that would set the event that it was handed stands in the chain of a wait for it", () => {
  const driver = defineDriver("starved", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => w.KeSetEvent(w.context("Its", "NotificationEvent")));
      a.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: done });
      a.KeWaitForSingleObject(done);
    });
  });
  const exhausted = { pool: { profile: "tiny", load: "exhausted", items: 2 } } as const;
  expect(hang(driver, exhausted)).toContain("queued work item waits for a free worker (circle)");
});

test("an item that was handed another record is not told as who would end a wait for this one", () => {
  const driver = (swapped: boolean) =>
    defineDriver("two-records", (d) => {
      const record = d.record("REC", (r) => r.event("Done", "NotificationEvent"));
      const never = d.event("Never", "NotificationEvent");
      const item = d.workItem("Item", (w) => {
        const its = w.context("Its", record);
        w.KeWaitForSingleObject(never);
        w.KeSetEvent(its.field("Done"));
      });
      d.onProcessCreate("OnCreate", (a) => {
        const p = a.pointer("P", record);
        const q = a.pointer("Q", record);
        a.ExAllocateFromLookasideListEx(p);
        a.ExAllocateFromLookasideListEx(q);
        a.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: swapped ? q : p });
        a.KeWaitForSingleObject(p.field("Done"));
      });
    });
  expect(hang(driver(false))).toBe("callback waits for an event > work item waits for an event");
  expect(hang(driver(true))).toBe("callback waits for an event");
});

test("an item that walks from the record that it was handed to another can end a wait for that one", () => {
  const driver = (walks: boolean) =>
    defineDriver("two-records", (d) => {
      const record = d.record("REC", (r) => r.event("Done", "NotificationEvent"));
      const list = d.list("List");
      const never = d.event("Never", "NotificationEvent");
      const item = d.workItem("Item", (w) => {
        const its = w.context("Its", record);
        w.KeWaitForSingleObject(never);
        if (walks) w.Flink(list, its, { From: its });
        w.KeSetEvent(its.field("Done"));
      });
      d.onProcessCreate("OnCreate", (a) => {
        const p = a.pointer("P", record);
        const q = a.pointer("Q", record);
        a.ExAllocateFromLookasideListEx(p);
        a.ExAllocateFromLookasideListEx(q);
        a.InsertTailList(list, q);
        a.InsertTailList(list, p);
        a.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: q });
        a.KeWaitForSingleObject(p.field("Done"));
      });
    });
  expect(hang(driver(true))).toBe("callback waits for an event > work item waits for an event");
  expect(hang(driver(false))).toBe("callback waits for an event");
});

test("a request that an item completes is handed to it as its context", () => {
  const driver = (completes: boolean) =>
    defineDriver("completing", (d) => {
      const csq = d.csq("Requests");
      const item = d.workItem("Item", (w) => {
        const irp = w.context("Irp");
        if (completes) w.IoCompleteRequest(irp);
      });
      const ask = d.request("Ask", (r) => {
        const irp = r.pointer("Mine");
        r.IoCsqInsertIrp(csq);
        const next = r.IoCsqRemoveNextIrp(csq, irp);
        r.when(next.succeeded(), () =>
          r.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: irp }),
        );
      });
      const answered = d.variable("Answered", 0);
      d.onProcessCreate("OnCreate", (a) => a.DbgPrint());
      d.service("Agent", (s) => {
        s.thread("AskOnce", (t) => {
          t.DeviceIoControl(ask);
          t.WriteNoFence(answered, 1);
        });
      });
    });
  const idle = { workload: users() };
  expect(look(driver(true), idle).ever("Answered")).toContain(1);
  expect(look(driver(false), idle).ever("Answered")).toEqual([0]);
});

test("a driver-wide item that is queued already keeps the context that it has", () => {
  const driver = defineDriver("twice", (d) => {
    const first = d.event("First", "NotificationEvent");
    const second = d.event("Second", "NotificationEvent");
    const item = d.workItem("Item", (w) => w.KeSetEvent(w.context("Its", "NotificationEvent")));
    d.onProcessCreate("OnCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: first });
      a.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: second });
      a.KeWaitForSingleObject(first);
    });
  });
  expect(look(driver).outcomes).toEqual([]);
});
