/** Who would end a wait, has not started, and cannot before the one who waits goes on. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const queuesApc = (to: "subject" | "current"): DriverModel =>
  defineDriver("apc", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const apc = a.apc("InTarget", (r) => {
        r.KeSetEvent(done);
      });
      a.KeInsertQueueApc(apc, a.thread(to), "Special");
      a.KeWaitForSingleObject(done);
    });
  });

test("a thread that has not begun would run the APC that it has, and stands behind its creator", () => {
  const found = deadlockIn(queuesApc("subject"), worldWith({}), "apc");
  expect(found?.mechanism).toBe(
    "callback waits for an event > new thread waits for its creator (circle)",
  );
  const told = storyOf(found);
  expect(told).toContain("child 1 would set it, and has not started");
  expect(told).toContain("user1 is still creating it");
  expect(deadlockIn(queuesApc("current"), worldWith({}), "apc")).toBeUndefined();
});

const waitsAtEntry = (timeout?: "2s"): DriverModel =>
  defineDriver("entry", (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    const hello = d.request("Hello", (r) => {
      r.KeSetEvent(ready);
    });
    d.driverEntry((a) => {
      if (timeout === undefined) a.KeWaitForSingleObject(ready);
      else a.KeWaitForSingleObject(ready, { Timeout: timeout });
    });
    d.service("Agent", (s) => {
      s.thread("Main", (t) => {
        t.DeviceIoControl(hello);
      });
    });
  });

test("what starts behind DriverEntry cannot end its wait, and no callback is told to return", () => {
  const told = storyOf(deadlockIn(waitsAtEntry(), worldWith({}), "entry"));
  expect(told).toContain("Agent/Main would set it, and has not started");
  expect(told).toContain("start-up would start it");
  expect(told).toContain("start-up → Agent/Main → start-up");
  expect(told).toContain("Do not wait for what cannot start before this has gone on.");
  expect(deadlockIn(waitsAtEntry("2s"), worldWith({}), "entry")).toBeUndefined();
});

test("a service that is yet to be created waits for start-up just the same: that is no other hang", () => {
  const mechanisms = (["well", "restarted"] as const).map(
    (condition) =>
      deadlockIn(waitsAtEntry(), worldWith({ workload: [], service: { condition } }), "entry")
        ?.mechanism,
  );
  expect(mechanisms[0]).toContain("(circle)");
  expect(mechanisms[1]).toBe(mechanisms[0]);
});

test("a user whose event would set it stands behind DriverEntry, too", () => {
  const driver = defineDriver("first", (d) => {
    const seen = d.event("Seen", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(seen);
    });
    d.driverEntry((a) => {
      a.KeWaitForSingleObject(seen);
    });
  });
  expect(storyOf(deadlockIn(driver, worldWith({}), "first"))).toContain(
    "user1 would set it, and has not started",
  );
});
