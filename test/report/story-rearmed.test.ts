/** A timer that is set anew again and again keeps who waits for it: the story says by whom, and where. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { findingsIn, storyOf } from "../judge/support/findings.ts";

const latencyOf = (driver: DriverModel): Finding | undefined =>
  findingsIn(driver, worldWith({ workload: users(2, "create") }), "rearmed").find(
    ({ outcome }) => outcome === "latency",
  );

/** Each callback sets the one timer, and waits for it, or for what its DPC sets. */
const settles = (how: "timer" | "DPC", each: "300ms" | "600ms", isOwn: boolean): DriverModel =>
  defineDriver("acme", (d) => {
    const settled = d.event("Settled", "NotificationEvent");
    const shared = d.timer("Settle", "NotificationTimer");
    const dpc = how === "DPC" ? { Dpc: d.dpc("OnSettle", (p) => p.KeSetEvent(settled)) } : {};
    d.onProcessCreate("OnCreate", (a) => {
      const timer = isOwn ? a.timer("Own", "NotificationTimer") : shared;
      a.KeClearEvent(settled);
      a.KeSetTimer(timer, each, dpc);
      a.KeWaitForSingleObject(how === "DPC" ? settled : timer);
    });
  });

test("who sets a timer anew that is waited for is named, with the step, which is shown", () => {
  for (const how of ["timer", "DPC"] as const) {
    const found = latencyOf(settles(how, "300ms", false));
    const [again] = found?.rearmed?.again ?? [];
    expect(found?.rearmed?.timer).toBe("Settle");
    expect(found?.steps[again.step]).toMatchObject({ api: "KeSetTimer", thread: again.by });
    const story = storyOf(found);
    expect(story).toContain(
      `set anew before it fell due, by ${again.by} at step ${again.step + 1}:`,
    );
    expect(story).toMatch(new RegExp(` ${again.step + 1} \\d+\\.\\d+ ● KeSetTimer`));
    expect(found && helpOf(found)).toContain("Let nobody set timer Settle anew");
  }
});

test("of a timer that is only long nothing of the kind is said, and one of each wait is no such one", () => {
  const long = latencyOf(settles("timer", "600ms", true));
  expect(long?.rearmed).toBeUndefined();
  expect(storyOf(long)).not.toContain("anew");
  expect(long && helpOf(long)).toMatch(/^(?:Wait for less|Do not wait for other threads)/);
  expect(latencyOf(settles("timer", "300ms", true))).toBeUndefined();
});
