/** W23: what a system thread is handed as its context lives as long as somebody keeps it, and no longer. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { hang } from "./support/hang.ts";
import { crashesOf, look } from "./support/look.ts";

/** A callback hands a record to a thread of the driver's, and lets go of it. */
const handing = (keeps: boolean) =>
  defineDriver("handing", (d) => {
    const record = d.record("REC", (r) => r.event("Done", "NotificationEvent"));
    const thread = d.systemThread("Thread", (t) => {
      const mine = t.context("Mine", record);
      t.KeSetEvent(mine.field("Done"));
      if (keeps) t.ObDereferenceObject(mine);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const p = a.pointer("P", record);
      a.ExAllocateFromLookasideListEx(p);
      if (keeps) a.ObReferenceObject(p);
      a.PsCreateSystemThread(thread, { Context: p });
      a.ObDereferenceObject(p);
    });
  });

test("a thread that is handed a record uses freed memory if its starter frees it first", () => {
  expect(crashesOf(look(handing(false)))).toContain("use after free");
  expect(look(handing(true)).outcomes).toEqual([]);
});

/** A callback hands an event on its stack to a thread, and waits for it, or not for long. */
const lending = (Timeout: "none" | "1ms", handed = true) =>
  defineDriver("lending", (d) => {
    const thread = d.systemThread("Thread", (t) =>
      t.KeSetEvent(t.context("Done", "NotificationEvent")),
    );
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Mine", "NotificationEvent");
      a.PsCreateSystemThread(thread, handed ? { Context: done } : {});
      a.KeWaitForSingleObject(done, { Timeout });
    });
  });

test("a thread sets the event that it was handed, which is gone with the stack that it is on", () => {
  expect(look(lending("none")).outcomes).toEqual([]);
  expect(crashesOf(look(lending("1ms")))).toEqual(["use after return"]);
});

test("a thread that is handed nothing has an empty pointer", () => {
  expect(crashesOf(look(lending("none", false)))).toEqual([
    "a pointer that points to nothing is used",
  ]);
});

test("a thread that would set the event that it was handed stands in the chain of a wait for it", () => {
  const driver = defineDriver("starved", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const thread = d.systemThread("Thread", (t) => {
      const its = t.context("Its", "NotificationEvent");
      t.KeWaitForSingleObject(never);
      t.KeSetEvent(its);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      a.PsCreateSystemThread(thread, { Context: done });
      a.KeWaitForSingleObject(done);
    });
  });
  expect(hang(driver)).toBe("callback waits for an event > driver thread waits for an event");
});

test("where somebody listens to threads, one has its context by the time it runs", () => {
  const driver = defineDriver("listening", (d) => {
    const done = d.event("Done", "NotificationEvent");
    const thread = d.systemThread("Thread", (t) =>
      t.KeSetEvent(t.context("Its", "NotificationEvent")),
    );
    d.onThreadCreate("OnThread", (a) => a.DbgPrint());
    d.onProcessCreate("OnCreate", (a) => {
      a.PsCreateSystemThread(thread, { Context: done });
      a.KeWaitForSingleObject(done);
    });
  });
  expect(look(driver).outcomes).toEqual([]);
});
