/** A service that is suspended while it has what another waits for. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

/** A request that holds protection, where its thread can be suspended or not. */
const fills = (region: boolean): DriverModel =>
  defineDriver("fills", (d) => {
    const use = d.rundown("Use");
    const closed = d.variable("Closed");
    const fill = d.request("Fill", (r) => {
      if (region) r.KeEnterCriticalRegion();
      const taken = r.ExAcquireRundownProtection(use);
      r.when(taken.succeeded(), () => {
        r.ZwReadFile();
        r.ExReleaseRundownProtection(use);
      });
      if (region) r.KeLeaveCriticalRegion();
    });
    d.onProcessCreate("OnCreate", (a) => {
      const was = a.InterlockedExchange(closed, 1);
      a.when(was.is(0), () => {
        a.ExWaitForRundownProtectionRelease(use);
      });
    });
    d.service("Agent", (s) => {
      s.thread("Ask", (t) => {
        t.forever(() => {
          t.DeviceIoControl(fill);
          t.Compute("10ms");
          t.Sleep("1s");
        });
      });
    });
  });

test("who was suspended with what another waits for is to be in a critical region (APC-6, B16)", () => {
  const world = worldWith({ service: { condition: "suspended" } });
  const found = deadlockIn(fills(false), world, "suspended");
  const told = storyOf(found);
  expect(told).toContain("Agent/Ask, in APC KiSuspendThread, is suspended, and nobody is left");
  // Nothing bounds a wait for a rundown (SY-17).
  expect(helpOf(found as Finding)).toBe(
    "Enter a critical region before taking protection of Use, and leave it once that is given back: nobody is suspended in one.",
  );
  expect(deadlockIn(fills(true), world, "suspended")).toBeUndefined();
});

test("a call that an APC comes ahead of is not told as made (APC-6)", () => {
  const world = worldWith({ service: { condition: "suspended" } });
  const calls = deadlockIn(fills(false), world, "suspended")?.steps.map(({ api }) => api);
  expect(calls).toContain("ExAcquireRundownProtection");
  expect(calls).not.toContain("ExReleaseRundownProtection");
});
