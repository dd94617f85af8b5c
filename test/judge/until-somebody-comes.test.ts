/** A wait that only somebody from outside ends takes as long as he stays away. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { findingsIn, storyOf } from "./support/findings.ts";

/** Beside it something goes on, so that unloading can come at many times. */
const stopped = (stop: "DriverUnload" | "Beat") =>
  defineDriver("stopped", (d) => {
    const event = d.event("Stop", "NotificationEvent");
    const beat = d.systemThread("Beat", (t) => {
      t.repeat(3, () => t.KeDelayExecutionThread("1s"));
      if (stop === "Beat") t.KeSetEvent(event);
    });
    const onCreate = d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(event));
    d.driverEntry((a) => {
      a.PsCreateSystemThread(beat);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
    });
    d.driverUnload((u) => {
      if (stop === "DriverUnload") u.KeSetEvent(event);
      u.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

const lateIn = (stop: "DriverUnload" | "Beat"): Finding | undefined =>
  findingsIn(stopped(stop), worldWith({ workload: users(1, "create"), removal: "racing" }), "until")
    .filter(({ outcome }) => outcome === "latency")
    .at(0);

test("what only unloading ends is told as that, and not by the time at which it came", () => {
  const found = lateIn("DriverUnload");
  expect(found?.until).toEqual({ thread: "sc stop", unloads: true });
  const story = storyOf(found);
  expect(story).toContain("can hold up the machine until somebody unloads the driver, where");
  expect(story).toContain("until sc stop comes, and nothing else ends that in this run");
  expect(story).toContain("What would help Bound the wait at “KeWaitForSingleObject(Stop");
});

test("what a thread of the driver's ends takes the time that it takes", () => {
  const found = lateIn("Beat");
  expect(found?.until).toBeUndefined();
  expect(storyOf(found)).toMatch(/can hold up the machine for \d+ s, where/);
});
