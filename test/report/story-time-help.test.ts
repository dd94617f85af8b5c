/** What would help against a latency: told of the wait that takes the time, and of whose that is. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { findingsIn } from "../judge/support/findings.ts";

/** What is advised of the latencies of a driver. */
const advice = (driver: DriverModel): string[] =>
  findingsIn(driver, worldWith({ workload: users(1, "create") }), "help")
    .filter(({ outcome }) => outcome === "latency")
    .map((finding) => (helpOf(finding) ?? "").replaceAll(/\s/g, " "));

/** A thread of the driver's that answers behind a wait of two seconds; the callback waits for the answer. */
const answers = (patience: "for ever" | "600ms"): DriverModel =>
  defineDriver("acme", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const go = d.event("Go", "SynchronizationEvent");
    const done = d.event("Done", "SynchronizationEvent");
    const pump = d.systemThread("Pump", (t) => {
      t.forever(() => {
        t.KeWaitForSingleObject(go);
        t.KeWaitForSingleObject(never, { Timeout: "2s" });
        t.KeSetEvent(done);
      });
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(pump);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(go);
      a.KeWaitForSingleObject(done, patience === "for ever" ? {} : { Timeout: patience });
    });
  });

test("a timeout is told of the wait that has it, be it another thread's", () => {
  expect(advice(answers("for ever"))).toEqual([
    "Let Pump wait for less at “KeWaitForSingleObject(Never, timeout 2 s)”, or do not wait for it: the waits of one call add up, and have 500 ms together.",
  ]);
  expect(advice(answers("600ms"))).toEqual([
    "Wait for less at “KeWaitForSingleObject(Done, timeout 600 ms)”: the waits of one call add up, and have 500 ms together.",
  ]);
});

/** An item that waits for two seconds, under the lock that the callback asks for or ahead of it. */
const waits = (place: "under the lock" | "ahead of it"): DriverModel =>
  defineDriver("acme", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const lock = d.fastMutex("Lock");
    const item = d.workItem("Scan", (w) => {
      if (place === "ahead of it") w.KeWaitForSingleObject(never, { Timeout: "2s" });
      w.ExAcquireFastMutex(lock);
      if (place === "under the lock") w.KeWaitForSingleObject(never, { Timeout: "2s" });
      w.ExReleaseFastMutex(lock);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.ExAcquireFastMutex(lock);
      a.ExReleaseFastMutex(lock);
    });
  });

test("of who waits under a lock it is the lock that is to be given back: no request for one has a timeout", () => {
  expect(advice(waits("under the lock"))).toEqual([
    "Let DelayedWorkQueue worker 1 give back the lock before “KeWaitForSingleObject(Never, timeout 2 s)”: whoever asks for the lock waits along, and the waits of one call add up, and have 500 ms together.",
  ]);
  expect(advice(waits("ahead of it"))).toEqual([]);
});

test("a work item that is slow in a wait is not to be waited for", () => {
  const item = defineDriver("acme", (d) => {
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const scan = a.workItem("Scan", (w) => {
        w.KeWaitForSingleObject(never, { Timeout: "3s" });
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
    });
  });
  expect(advice(item)).toEqual([
    "Do not wait for the work item: let it finish by itself, with memory of its own.",
  ]);
});
