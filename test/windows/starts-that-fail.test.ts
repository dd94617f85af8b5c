/** W17, SV-12: what makes a thread or a process can fail, and whoever waits for what it made waits for nothing. */
import { describe, expect, it, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import type { ApiShape } from "../../src/language/shape.ts";
import { apiTable } from "../../src/windows/api/table.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look, world } from "./support/look.ts";

const failing = { startup: "failing" } as const;

/** A callback that has a thread of its own do something, and waits for that. */
const helped = (looks: boolean) =>
  defineDriver("helped", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const helper = a.systemThread("Helper", (t) => t.KeSetEvent(done));
      const made = a.PsCreateSystemThread(helper);
      if (looks) a.when(made.failed(), () => a.return());
      a.KeWaitForSingleObject(done);
    });
  });

describe("a thread that does not start", () => {
  it("is waited for for ever, unless somebody looks at what the call came back with", () => {
    expect(look(helped(false), failing).outcomes).toEqual(["deadlock"]);
    expect(look(helped(true), failing).outcomes).toEqual([]);
  });

  it("is a fault of the world: without one it starts", () => {
    expect(look(helped(false)).outcomes).toEqual([]);
    expect(look(helped(true)).outcomes).toEqual([]);
  });

  it("is found by a check, as what needs a fault and nothing less", () => {
    const found = (looks: boolean) =>
      check({ drivers: [helped(looks)] }, { scope: "default", budget: 60_000, seed: "starts" })
        .findings.map(({ finding }) => finding)
        .filter(({ outcome }) => outcome === "deadlock")
        .map(({ needs }) => needs);
    expect(found(false)).toEqual(["fault"]);
    expect(found(true)).toEqual([]);
  });

  it("is one only: the second of two that ask has its own", () => {
    const two = defineDriver("two", (d) => {
      const started = d.variable("Started");
      const thread = d.systemThread("Thread", (t) => t.InterlockedIncrement(started));
      d.driverEntry((a) => {
        a.PsCreateSystemThread(thread);
        a.PsCreateSystemThread(thread);
      });
    });
    expect(look(two, failing).finals("Started")).toEqual([[1], [2]]);
    expect(look(two).finals("Started")).toEqual([[2]]);
  });

  it("raises no callback, and takes nothing that it was handed", () => {
    const told = defineDriver("told", (d) => {
      const threads = d.variable("Threads");
      const failed = d.variable("Failed");
      const done = d.event("Done", "NotificationEvent");
      const thread = d.systemThread("Thread", (t) => {
        t.KeSetEvent(t.context("Mine", "NotificationEvent"));
      });
      d.onThreadCreate("OnThread", (a) => a.InterlockedIncrement(threads));
      d.onProcessCreate("OnCreate", (a) => {
        const made = a.PsCreateSystemThread(thread, { Context: done });
        a.when(made.failed(), () => a.InterlockedIncrement(failed));
      });
    });
    // The thread of the new process is told of in either case.
    expect(look(told, failing).finals("Threads", "Failed")).toEqual([
      [1, 1],
      [2, 0],
    ]);
  });
});

/** A thread of the driver's does what its callbacks wait for; its DriverEntry starts it. */
const pumped = (behind: "gives up" | "goes on" | "ends with a return", registers = false) =>
  defineDriver("pumped", (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    const pump = d.systemThread("Pump", (t) => t.KeSetEvent(ready));
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(ready);
    });
    d.driverEntry((a) => {
      if (registers) a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
      const made = a.PsCreateSystemThread(pump);
      if (behind === "gives up") a.when(made.failed(), () => a.return());
      if (behind === "ends with a return") a.return();
    });
  });

describe("a DriverEntry that comes back early when a call of it has failed", () => {
  it("has failed: its driver is not there, and none of its callbacks is called", () => {
    expect(look(pumped("gives up"), failing).outcomes).toEqual([]);
    expect(look(pumped("goes on"), failing).outcomes).toEqual(["deadlock"]);
  });

  it("has not, where the return is its end", () => {
    expect(look(pumped("ends with a return"), failing).outcomes).toEqual(["deadlock"]);
  });

  it("is followed on where a callback is still registered", () => {
    expect(look(pumped("gives up", true), failing).outcomes).toEqual(["deadlock"]);
  });

  it("takes the driver's code away from whoever is still in it", () => {
    const started = (order: "early" | "told to stop" | "awaited" | "last") =>
      defineDriver("started", (d) => {
        const stop = d.event("Stop", "NotificationEvent");
        const thread = d.threadObject("Thread");
        const first = d.systemThread("First", (t) => t.KeWaitForSingleObject(stop));
        d.onProcessCreate("OnCreate", (a) => a.DbgPrint());
        d.driverEntry((a) => {
          if (order !== "last") {
            const begun = a.PsCreateSystemThread(first, { ThreadHandle: thread });
            a.when(begun.failed(), () => a.return());
          }
          const made = a.IoAllocateWorkItem();
          a.when(made.failed(), () => {
            if (order !== "early") a.KeSetEvent(stop);
            if (order === "awaited") a.KeWaitForSingleObject(thread);
            a.return();
          });
          if (order === "last") a.PsCreateSystemThread(first);
        });
      });
    expect(look(started("early"), failing).outcomes).toEqual(["crash"]);
    expect(look(started("told to stop"), failing).outcomes).toEqual(["crash"]);
    expect(look(started("awaited"), failing).outcomes).toEqual([]);
    expect(look(started("last"), failing).outcomes).toEqual([]);
    expect(look(started("early")).outcomes).toEqual([]);
  });

  it("leaves the code there for items that count on the driver object until they have run (W4)", () => {
    const queued = (api: "IoQueueWorkItem" | "ExQueueWorkItem") =>
      defineDriver("queued", (d) => {
        const item = d.workItem("Item", (w) => w.DbgPrint());
        const pump = d.systemThread("Pump", (t) => t.DbgPrint());
        d.onProcessCreate("OnCreate", (a) => a.DbgPrint());
        d.driverEntry((a) => {
          a[api](item, "DelayedWorkQueue");
          const made = a.PsCreateSystemThread(pump);
          a.when(made.failed(), () => a.return());
          a.DbgPrint();
        });
      });
    expect(look(queued("ExQueueWorkItem"), failing).outcomes).toEqual(["crash"]);
    expect(look(queued("IoQueueWorkItem"), failing).outcomes).toEqual([]);
  });

  it("leaves nobody who asks its driver for anything", () => {
    const asked = (gives: boolean) =>
      defineDriver("asked", (d) => {
        const ready = d.event("Ready", "NotificationEvent");
        const lock = d.mutex("Lock");
        const pump = d.systemThread("Pump", (t) => t.KeSetEvent(ready));
        const ask = d.request("Ask", (r) => {
          r.KeWaitForSingleObject(lock);
          r.KeWaitForSingleObject(ready);
          r.KeReleaseMutex(lock);
        });
        d.onProcessCreate("OnCreate", (a) => a.DbgPrint());
        d.driverEntry((a) => {
          const made = a.PsCreateSystemThread(pump);
          if (gives) a.when(made.failed(), () => a.return());
        });
        d.service("Agent", (s) => s.thread("Asker", (t) => t.DeviceIoControl(ask), { count: 2 }));
      });
    expect(look(asked(true), failing).outcomes).toEqual([]);
    expect(look(asked(false), failing).outcomes).toEqual(["deadlock"]);
  });
});

test("SV-12: a service whose thread is not created does without it, or waits for it for ever", () => {
  const agent = (looks: boolean) =>
    defineDriver("agent", (d) => {
      const port = d.port("Port");
      d.onProcessCreate("OnCreate", (a) => {
        a.when(a.currentIs("service").not(), () => a.FltSendMessage(port, "reply"));
      });
      d.service("Agent", (s) => {
        const done = s.event("Done", "NotificationEvent");
        const helper = s.thread("Helper", (t) => t.SetEvent(done), { count: 0 });
        s.thread("Fetch", (t) => {
          const message = t.pointer("Message");
          t.FilterGetMessage(port, message);
          const made = t.CreateThread(helper);
          if (looks) t.when(made.succeeded(), () => t.WaitForSingleObject(done));
          else t.WaitForSingleObject(done);
          t.FilterReplyMessage(message);
        });
      });
    });
  expect(look(agent(false), failing).outcomes).toEqual(["deadlock"]);
  expect(look(agent(true), failing).outcomes).toEqual([]);
  expect(look(agent(false)).outcomes).toEqual([]);
});

/** Calls that need nothing, and say that they can fail: without a reason that the driver gives. */
const able = (apiTable as readonly ApiShape[]).filter(
  ({ mode, params, results, does }) =>
    mode !== "user" &&
    params.length === 0 &&
    results.includes("failure") &&
    !does.some(({ op }) => op === "protectFilter"),
);

test.each(able.map(({ name }) => name))(
  "%s, which says that it can fail, fails somewhere",
  (name) => {
    const asks = (isHeldOff: boolean) =>
      defineDriver("asks", (d) => {
        const failed = d.variable("Failed");
        const known = d.variable("Known");
        d.onProcessCreate("OnCreate", (a) => {
          const once = a.InterlockedExchange(known, 1);
          a.when(once.is(1), () => a.return());
          if (isHeldOff) a.KeEnterGuardedRegion();
          const got = (a as unknown as Record<string, () => { failed(): never }>)[name]();
          if (isHeldOff) a.KeLeaveGuardedRegion();
          a.when(got.failed(), () => a.InterlockedIncrement(failed));
        });
      });
    const fails = (isHeldOff: boolean, startup: "failing" | "before") =>
      look(asks(isHeldOff), { ...world(), startup })
        .ever("Failed")
        .includes(1);
    expect(fails(false, "failing") || fails(true, "before")).toBe(true);
    expect(fails(false, "before")).toBe(false);
  },
);
