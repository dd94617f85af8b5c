/** Whom code is about whose frame has gone, slots of callbacks, replies that nobody hears, code that goes late. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { crashesOf, look, users } from "./support/look.ts";

/** A callback queues an item that asks about the subject, and does not wait for it. */
const asksLater = (of: "subject" | "current") =>
  defineDriver("asks", (d) => {
    const same = d.variable("Same");
    d.onThreadExit("OnExit", (a) => {
      const item = a.workItem("Item", (w) => {
        w.KeWaitForSingleObject(w.process(of));
        w.when(w.currentIs("subject"), () => w.InterlockedIncrement(same));
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
    });
  });

test("an item is about the process that its callback was called for, also when that has returned", () => {
  const exits = { workload: users(["create and exit"]), removal: "racing" } as const;
  const seen = look(asksLater("subject"), exits);
  expect(seen.outcomes).toEqual([]);
  expect(seen.ever("Same")).toEqual([0]);
  expect(look(asksLater("current"), exits).outcomes).toEqual(["deadlock"]);
});

test("an item is about the thread that its callback was called for, also when that has returned", () => {
  const driver = defineDriver("asks", (d) => {
    const ended = d.variable("Ended");
    d.onThreadExit("OnExit", (a) => {
      const item = a.workItem("Item", (w) => {
        w.KeWaitForSingleObject(w.thread("subject"));
        w.InterlockedIncrement(ended);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
    });
  });
  const seen = look(driver, { workload: users(["create a thread"]) });
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Ended")).toEqual([[1]]);
});

test.each(["well", "restarted"] as const)(
  "a request has no subject, so nobody is it, nor its creator: the service is %s",
  (condition) => {
    const driver = defineDriver("asks", (d) => {
      const asked = d.variable("Asked");
      const same = d.variable("Same");
      const control = d.request("Control", (r) => {
        r.InterlockedIncrement(asked);
        r.when(r.creatorIs("subject"), () => r.InterlockedIncrement(same));
        r.when(r.currentIs("subject"), () => r.InterlockedIncrement(same));
      });
      d.service("Agent", (s) => s.thread("Main", (t) => t.DeviceIoControl(control)));
    });
    const seen = look(driver, { service: { condition } });
    expect(seen.ever("Asked")).toContain(1);
    expect(seen.ever("Same")).toEqual([0]);
  },
);

test("SV-6: a reply to a message whose port has been closed is a failure", () => {
  const driver = (closes: boolean) =>
    defineDriver("closes", (d) => {
      const port = d.port("Port");
      const refused = d.variable("Refused");
      const never = d.event("Never", "NotificationEvent");
      d.onProcessCreate("OnCreate", (a) => {
        a.FltSendMessage(port, "reply");
        a.KeWaitForSingleObject(never);
      });
      const close = d.request("Close", (r) => r.FltCloseClientPort(port));
      d.service("Agent", (s) => {
        s.thread("Answer", (t) => {
          const message = t.pointer("Message");
          const got = t.FilterGetMessage(port, message);
          if (closes) t.DeviceIoControl(close);
          const replied = t.FilterReplyMessage(message);
          t.when(got.succeeded(), () =>
            t.when(replied.failed(), () => t.InterlockedIncrement(refused)),
          );
        });
      });
    });
  expect(look(driver(true)).finals("Refused")).toEqual([[1]]);
  expect(look(driver(false)).finals("Refused")).toEqual([[0]]);
});

test("SV-8: who has taken a message that wants no reply cannot reply to the next one with it", () => {
  const driver = (wanted: "reply" | "no reply") =>
    defineDriver("twice", (d) => {
      const port = d.port("Port");
      d.onProcessCreate("OnCreate", (a) => {
        a.FltSendMessage(port, wanted);
        a.FltSendMessage(port, "reply");
      });
      d.service("Agent", (s) => {
        s.thread("Answer", (t) => {
          const message = t.pointer("Message");
          t.FilterGetMessage(port, message);
          t.FilterReplyMessage(message);
          if (wanted === "reply") t.FilterGetMessage(port, message);
          t.forever(() => t.FilterReplyMessage(message));
        });
      });
    });
  const hangs = (wanted: "reply" | "no reply") =>
    look(driver(wanted)).outcomes.filter((one) => one === "deadlock" || one === "livelock");
  expect(hangs("no reply")).not.toEqual([]);
  expect(hangs("reply")).toEqual([]);
});

test("a process callback that is registered already is refused, and stays (PsSetCreateProcessNotifyRoutineEx)", () => {
  const driver = (twice: boolean) =>
    defineDriver("twice", (d) => {
      const called = d.variable("Called");
      const refused = d.variable("Refused");
      const onCreate = d.onProcessCreate("OnCreate", (a) => a.InterlockedIncrement(called));
      d.driverEntry((a) => {
        a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
        const again = twice
          ? a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE")
          : a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
        a.when(again.failed(), () => a.InterlockedIncrement(refused));
      });
    });
  expect(look(driver(true)).finals("Called", "Refused")).toEqual([[1, 1]]);
  expect(look(driver(false)).finals("Called", "Refused")).toEqual([[0, 0]]);
});

test("W4, P10: code that an item kept goes with that item, and takes down who is inside", () => {
  const driver = (isInside: boolean) =>
    defineDriver("late", (d) => {
      const never = d.event("Never", "NotificationEvent");
      const item = d.workItem("Item", (w) => w.DbgPrint());
      d.onProcessCreate("OnCreate", (a) => a.DbgPrint());
      d.driverUnload((a) => {
        if (isInside)
          a.PsCreateSystemThread(a.systemThread("Helper", (t) => t.KeWaitForSingleObject(never)));
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
      });
    });
  const removed = { workload: [], removal: "racing" } as const;
  expect(crashesOf(look(driver(true), removed))).toEqual([
    "the driver is unloaded while its code still runs or is queued",
  ]);
  expect(look(driver(false), removed).outcomes).toEqual([]);
});
