/** A crash at a timer that is still set: told of the call that set it, and of whoever's step finds it so. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { findingsIn, storyOf } from "./support/findings.ts";

/** A DPC that sets its timer anew; `isTold`: it stops when it is told, and is waited for. */
const beat = (isTold: boolean) =>
  defineDriver("beat", (d) => {
    const timer = d.timer("Beat", "NotificationTimer");
    const stop = d.variable("Stop");
    const dpc = d.dpc("OnBeat", (p) => {
      p.when(stop.equals(0), () => p.KeSetTimer(timer, "100ms", { Dpc: p.self }));
    });
    d.driverEntry((a) => a.KeSetTimer(timer, "100ms", { Dpc: dpc }));
    d.driverUnload((a) => {
      if (isTold) a.WriteNoFence(stop, 1);
      a.KeCancelTimer(timer);
      a.KeFlushQueuedDpcs();
      if (!isTold) return;
      a.KeCancelTimer(timer);
      a.KeFlushQueuedDpcs();
    });
  });

const unloading = worldWith({ workload: [], removal: "racing" });

const crashesIn = (driver: ReturnType<typeof beat>) =>
  findingsIn(driver, unloading, "timers").filter(({ outcome }) => outcome === "crash");

test("a timer that is set when the driver goes is told of the call that set it", () => {
  const found = crashesIn(beat(false)).find(({ timerSet }) => timerSet !== undefined);
  const { operation, step = -1 } = found?.timerSet ?? {};
  expect(operation).toBe("KeSetTimer(Beat, 100 ms, OnBeat)");
  expect(found?.steps[step].thread).toMatch(/OnBeat|start-up/);
  expect(found?.steps.at(-1)?.operation).toBe("unloads the driver");
  const told = storyOf(found);
  expect(told).toContain("has set a timer, which is set still. By now the driver is unloaded");
  expect(told).toContain("Cancel the timer in DriverUnload, and wait for its DPC");
  expect(told).not.toContain("sc stop comes to KeSetTimer");
});

test("a DPC that is told to set its timer no more, and is waited for, leaves nothing", () => {
  expect(crashesIn(beat(true))).toEqual([]);
});

test("a timer on the stack of a call that has returned is told so, too", () => {
  const driver = defineDriver("stack", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const timer = a.timer("Own", "NotificationTimer");
      a.KeSetTimer(timer, "100ms");
    });
  });
  const [found] = findingsIn(driver, worldWith({}), "timers");
  expect(found.timerSet?.operation).toBe("KeSetTimer(Own, 100 ms)");
  expect(found.steps.at(-1)?.operation).toBe("a timer expires");
  expect(storyOf(found)).toContain("Cancel the timer before what it lies in goes.");
});
