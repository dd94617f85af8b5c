import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";

type Body = Parameters<typeof defineDriver>[1];
const failing = (body: Body): string => {
  try {
    defineDriver("refused", body);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

test("an item that takes no context is handed none", () => {
  const message = failing((d) => {
    const done = d.event("Done", "NotificationEvent");
    const item = d.workItem("Item", (w) => w.DbgPrint());
    d.onProcessCreate("OnCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: done });
    });
  });
  expect(message).toContain("Item takes no context: declare what it is handed, w.context(…)");
});

test("an item is handed what it takes, and nothing of another kind", () => {
  const message = failing((d) => {
    const record = d.record("REC", (r) => r.variable("Pid"));
    const done = d.event("Done", "NotificationEvent");
    const item = d.workItem("Item", (w) => w.ObDereferenceObject(w.context("Mine", record)));
    d.onProcessCreate("OnCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue", { Context: done });
    });
  });
  expect(message).toContain(
    "Item takes a pointer to REC as its context; this is a NotificationEvent",
  );
});

test("a context is of work items and system threads, and one each", () => {
  expect(
    failing((d) => {
      d.onProcessCreate("OnCreate", (a) => a.KeSetEvent(a.context("Its", "NotificationEvent")));
    }),
  ).toContain("a callback is handed no context: work items and system threads are");
  expect(
    failing((d) => {
      const item = d.workItem("Item", (w) => {
        w.KeSetEvent(w.context("One", "NotificationEvent"));
        w.KeSetEvent(w.context("Two", "NotificationEvent"));
      });
      d.onProcessCreate("OnCreate", (a) => a.IoQueueWorkItem(item, "DelayedWorkQueue"));
    }),
  ).toContain('"Item" is handed one context, not several');
});

test("a wait for several objects follows one pointer, and no two", () => {
  const waiting =
    (two: boolean): Body =>
    (d) => {
      const record = d.record("REC", (r) =>
        r.event("Done", "NotificationEvent").event("Gone", "NotificationEvent"),
      );
      d.onProcessCreate("OnCreate", (a) => {
        const p = a.pointer("P", record);
        const q = a.pointer("Q", record);
        a.ExAllocateFromLookasideListEx(p);
        a.ExAllocateFromLookasideListEx(q);
        const other = two ? q : p;
        a.KeWaitForMultipleObjects([p.field("Done"), other.field("Gone")], "WaitAny");
      });
    };
  expect(failing(waiting(true))).toContain(
    "one wait follows one pointer at most, not both P and Q",
  );
  expect(failing(waiting(false))).toBe("");
});
