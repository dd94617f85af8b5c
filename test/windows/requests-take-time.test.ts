/** What a service asks of a driver has a limit to its time; at rest it takes none (design, point 8). */
import { defineApi, defineDriverWith } from "loophole-fuzz";
import { expect, test } from "vitest";
import { type Late, latenciesOf } from "../../src/explore/latency-findings.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { compile, timedRuns, users } from "./support/look.ts";

const waitForNews = defineApi({
  name: "WaitForNews",
  params: [
    { name: "News", kind: { type: "object", kinds: ["SynchronizationEvent"] } },
    { name: "Limit", kind: { type: "timeout" } },
  ],
  does: [{ kind: "op", op: "wait", object: { param: "News" }, timeout: { param: "Limit" } }],
  results: ["success", "timeout"],
  summary: "Waits for an event.",
});

type Recorder = Parameters<Parameters<typeof defineDriver>[1]>[0];
type Request = ReturnType<Recorder["request"]>;

/** A service's thread, in a driver that listens to creations, makes a request once. */
const asks = (build: (d: Recorder) => Request): DriverModel =>
  defineDriver("asked", (d) => {
    const request = build(d);
    d.service("Agent", (s) => {
      s.thread("Main", (t) => {
        t.DeviceIoControl(request);
      });
    });
  });

/** The requests that take long in some runs, in which a user creates two processes. */
function lateRequests(driver: DriverModel): Late[] {
  const program = compile(driver, { workload: users(["create", "create"]) });
  return timedRuns(program, 60)
    .flatMap((trace) => latenciesOf(program, trace))
    .filter(({ target }) => target.of === "request");
}

const longestSeconds = (driver: DriverModel): number =>
  Math.round(Math.max(0, ...lateRequests(driver).map(({ root }) => root.took)) / 1e6);

test("the time of a request counts from its call to its return, also when nobody else is left", () => {
  const late = lateRequests(
    asks((d) => {
      d.onProcessCreate("OnCreate", () => {});
      return d.request("Ask", (r) => r.KeDelayExecutionThread("40s"));
    }),
  );
  expect(late.length).toBe(61);
  for (const { root, target } of late) {
    expect(target).toEqual({
      outcome: "latency",
      identity: "Ask/KeDelayExecutionThread",
      mechanism: "request: delay",
      of: "request",
    });
    expect(Math.round(root.took / 1e6)).toBe(40);
  }
});

test("a wait for what the request itself had done is its own time, whoever does it", () => {
  const byItem = asks((d) => {
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnCreate", () => {});
    const item = d.workItem("Work", (w) => {
      w.KeDelayExecutionThread("20s");
      w.KeSetEvent(done);
    });
    return d.request("Ask", (r) => {
      r.IoQueueWorkItem(item, "DelayedWorkQueue");
      r.KeWaitForSingleObject(done);
    });
  });
  const byThread = asks((d) => {
    const kick = d.event("Kick", "SynchronizationEvent");
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnCreate", () => {});
    const worker = d.systemThread("Worker", (t) => {
      t.KeWaitForSingleObject(kick);
      t.KeDelayExecutionThread("20s");
      t.KeSetEvent(done);
    });
    d.driverEntry((a) => a.PsCreateSystemThread(worker));
    return d.request("Ask", (r) => {
      r.KeSetEvent(kick);
      r.KeWaitForSingleObject(done);
    });
  });
  for (const driver of [byItem, byThread]) expect(longestSeconds(driver)).toBe(20);
});

test("an inverted call is at rest until a callback completes it or ends its wait, however late", () => {
  const pends = asks((d) => {
    const queue = d.csq("Queue");
    d.onProcessCreate("OnCreate", (a) => {
      const irp = a.pointer("Irp");
      a.KeDelayExecutionThread("30s");
      const got = a.IoCsqRemoveNextIrp(queue, irp);
      a.when(got.succeeded(), () => a.IoCompleteRequest(irp));
    });
    return d.request("Ask", (r) => r.IoCsqInsertIrp(queue));
  });
  const waits = asks((d) => {
    const news = d.event("News", "SynchronizationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeDelayExecutionThread("30s");
      a.KeSetEvent(news);
    });
    return d.request("Ask", (r) => r.KeWaitForSingleObject(news, { Timeout: "60s" }));
  });
  for (const driver of [pends, waits]) expect(longestSeconds(driver)).toBe(0);
});

test("an IRP that nobody completes is at rest until its service ends, however late", () => {
  const driver = asks((d) => {
    const queue = d.csq("Queue");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeDelayExecutionThread("30s");
      a.ZwTerminateProcess(a.process("service"));
    });
    return d.request("Ask", (r) => r.IoCsqInsertIrp(queue));
  });
  expect(longestSeconds(driver)).toBe(0);
});

test("an IRP that the request has an item complete is at work meanwhile", () => {
  const driver = asks((d) => {
    const queue = d.csq("Queue");
    d.onProcessCreate("OnCreate", () => {});
    const item = d.workItem("Work", (w) => {
      const irp = w.pointer("Irp");
      w.KeDelayExecutionThread("20s");
      const got = w.IoCsqRemoveNextIrp(queue, irp);
      w.when(got.succeeded(), () => w.IoCompleteRequest(irp));
    });
    return d.request("Ask", (r) => {
      r.IoQueueWorkItem(item, "DelayedWorkQueue");
      r.IoCsqInsertIrp(queue);
    });
  });
  expect(longestSeconds(driver)).toBe(20);
});

test("what a request takes before its rest and behind it adds up", () => {
  const driver = asks((d) => {
    const news = d.event("News", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeDelayExecutionThread("100s");
      a.KeSetEvent(news);
    });
    return d.request("Ask", (r) => {
      r.KeDelayExecutionThread("7s");
      r.KeWaitForSingleObject(news);
      r.KeDelayExecutionThread("8s");
    });
  });
  const late = lateRequests(driver);
  expect(late.length).toBe(61);
  for (const { root, target } of late) {
    expect(Math.round(root.took / 1e6)).toBe(15);
    expect(target.identity).toBe("Ask/KeDelayExecutionThread + Ask/KeDelayExecutionThread#2");
    expect(target.mechanism).toBe("request: delay");
  }
});

test("a call of a user's own that waits is at rest where a library's is", () => {
  const build = (isSet: boolean): DriverModel =>
    defineDriverWith({ apis: [waitForNews] })("own", (d) => {
      const news = d.event("News", "SynchronizationEvent");
      d.onProcessCreate("OnCreate", (a) => {
        a.KeDelayExecutionThread("30s");
        if (isSet) a.KeSetEvent(news);
      });
      const ask = d.request("Ask", (r) => r.WaitForNews(news, "60s"));
      d.service("Agent", (s) => {
        s.thread("Main", (t) => t.DeviceIoControl(ask));
      });
    });
  expect(longestSeconds(build(true))).toBe(0);
  // Nobody ever signals it: that is a delay.
  expect(longestSeconds(build(false))).toBe(60);
});

test("a request that stands before a lock is not at rest, whoever holds it", () => {
  const driver = asks((d) => {
    const lock = d.fastMutex("Table");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireFastMutex(lock);
      a.KeDelayExecutionThread("12s");
      a.ExReleaseFastMutex(lock);
    });
    return d.request("Ask", (r) => {
      r.KeDelayExecutionThread("5ms");
      r.ExAcquireFastMutex(lock);
      r.ExReleaseFastMutex(lock);
    });
  });
  expect(longestSeconds(driver)).toBe(12);
});
