/** Who could end a wait goes only the ways that his own process leaves him. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const workload = [
  { name: "user1", does: ["create"] },
  { name: "user2", does: ["exit"] },
];

/** Only the end of the service, whose handle Windows then closes, sets the event. */
const setByCleanup = (serviceEnds: boolean): DriverModel =>
  defineDriver("cleanup", (d) => {
    const gone = d.event("Gone", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(gone));
    d.onProcessExit("OnExit", (a) => {
      a.when(a.currentIs("service"), () => a.return());
      a.KeWaitForSingleObject(gone);
    });
    d.onCleanup("Cleanup", (c) => c.KeSetEvent(gone));
    d.service("Agent", (s) => {
      const never = s.event("Never", "NotificationEvent");
      s.thread("Main", (t) => {
        if (serviceEnds) t.WaitForSingleObject(never);
        else t.forever(() => t.WaitForSingleObject(never));
      });
    });
  });

test("the end of a process that is no service runs no cleanup routine", () => {
  const found = deadlockIn(setByCleanup(false), worldWith({ workload }), "cleanup");
  const told = storyOf(found);
  expect(told).not.toContain("user2 would set");
});

test("the end of the service does, and whoever comes to it is named", () => {
  const found = deadlockIn(setByCleanup(true), worldWith({ workload }), "cleanup");
  expect(storyOf(found)).toContain("Agent/Main would set it");
});

const setBy = (who: "service" | "system"): DriverModel =>
  defineDriver("role", (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(ready));
    const ask = d.request("Ask", (r) => {
      r.KeWaitForSingleObject(never);
      const isOurs = who === "service" ? r.currentIs(who) : r.currentIs(who);
      r.when(isOurs, () => r.KeSetEvent(ready));
    });
    d.service("Agent", (s) => s.thread("Main", (t) => t.DeviceIoControl(ask)));
  });

test("a way that a test of its process bars is none, and one that it opens is", () => {
  const told = (who: "service" | "system") =>
    storyOf(deadlockIn(setBy(who), worldWith({}), "role"));
  expect(told("service")).toContain("Agent/Main would set it");
  expect(told("system")).toContain("Nobody is left who would set it.");
});
