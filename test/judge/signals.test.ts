/** What became of a signal that somebody waits for in vain, of objects that nobody owns. */
import { expect, test } from "vitest";
import type { Finding, Link } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const world = (...does: World["workload"][number]["does"][]): World =>
  worldWith({ workload: does.map((one, i) => ({ name: `user${i + 1}`, does: one })) });

const hangOf = (driver: DriverModel, where: World): Finding | undefined =>
  deadlockIn(driver, where, "signals");

const lastOf = (finding: Finding | undefined): Link | undefined => finding?.chain.at(-1);

const slots = (isReleased: boolean) =>
  defineDriver("throttle", (d) => {
    const free = d.semaphore("Slots", 1, 1);
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(free);
      a.when(a.opaque("Denied"), () => {
        if (isReleased) a.KeReleaseSemaphore(free, 1);
        a.return();
      });
      a.KeReleaseSemaphore(free, 1);
    });
  });

test("of a semaphore that is kept, the story says who took the last of it and at which step", () => {
  const found = hangOf(slots(false), world(["create"], ["create"]));
  const past = lastOf(found)?.past;
  expect(past).toMatchObject({ kind: "taken", by: expect.stringMatching(/^user[12]$/) });
  const step = found?.steps[past?.step ?? -1];
  expect(step?.operation).toContain("KeWaitForSingleObject(Slots");
  expect(step?.thread).toBe(past?.kind === "taken" ? past.by : "");
  expect(storyOf(found)).toMatch(
    /user[12] took the last of KSEMAPHORE Slots at step \d+, and nobody has given that back/,
  );
  expect(storyOf(found)).toContain("Give back KSEMAPHORE Slots on every way out.");
  expect(hangOf(slots(true), world(["create"], ["create"]))).toBeUndefined();
});

const apc = (isShared: boolean) =>
  defineDriver("probe", (d) => {
    const shared = d.event("Ran", "SynchronizationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      const ran = isShared ? shared : a.event("RanHere", "SynchronizationEvent");
      a.KeSetEvent(ran);
      a.KeWaitForSingleObject(ran);
    });
  });

test("of a synchronization event that another took, the story says who, and when it was set", () => {
  const found = hangOf(apc(true), world(["create"], ["create"]));
  expect(lastOf(found)?.past).toMatchObject({ kind: "taken", set: expect.any(Number) });
  expect(storyOf(found)).toMatch(
    /it was set at step \d+, and user[12] took the signal at step \d+/,
  );
  expect(hangOf(apc(false), world(["create"], ["create"]))).toBeUndefined();
});

const retry = (isTold: boolean) =>
  defineDriver("retry", (d) => {
    const done = d.event("Done", "NotificationEvent");
    const timer = d.timer("Retry", "NotificationTimer");
    const dpc = d.dpc("OnRetry", (p) => p.KeSetEvent(done));
    d.onProcessCreate("OnCreate", (a) => {
      a.KeClearEvent(done);
      a.KeSetTimer(timer, "100ms", { Dpc: dpc });
      a.KeWaitForSingleObject(done);
    });
    d.onProcessExit("OnExit", (a) => {
      a.KeCancelTimer(timer);
      if (isTold) a.KeSetEvent(done);
    });
  });

test("a timer that was cancelled is told as why nobody sets the event any more", () => {
  const worlds = world(["create and exit"], ["create"]);
  const found = hangOf(retry(false), worlds);
  const past = lastOf(found)?.past;
  expect(past?.kind).toBe("calledOff");
  expect(found?.steps[past?.step ?? -1]?.operation).toBe("KeCancelTimer(Retry)");
  expect(storyOf(found)).toContain("Let whoever cancels the timer set event Done, too.");
  expect(hangOf(retry(true), worlds)).toBeUndefined();
});

test("who would have set an event, and has ended, is named where nobody is left", () => {
  const pumped = (isRobust: boolean) =>
    defineDriver("pumped", (d) => {
      const go = d.event("Go", "SynchronizationEvent");
      const done = d.event("Done", "SynchronizationEvent");
      const pump = d.systemThread("Pump", (t) => {
        t.forever(() => {
          t.KeWaitForSingleObject(go);
          const key = t.ZwOpenKey();
          if (!isRobust) t.when(key.failed(), () => t.return());
          t.KeSetEvent(done);
        });
      });
      d.driverEntry((a) => a.PsCreateSystemThread(pump));
      d.onProcessCreate("OnCreate", (a) => {
        a.KeSetEvent(go);
        a.KeWaitForSingleObject(done);
      });
    });
  const failing: World = { ...world(["create"]), startup: "failing" };
  const found = hangOf(pumped(false), failing);
  expect(lastOf(found)?.gone).toEqual([{ who: "Pump", how: "ended" }]);
  expect(storyOf(found)).toContain(
    "nobody is left who would set it: Pump would have, and has ended",
  );
  const robust = hangOf(pumped(true), failing);
  expect(lastOf(robust)?.gone).toMatchObject([{ who: "Pump", how: "notCreated" }]);
});

test("of a signal that ended another's wait, the story says whose, and since when that waited", () => {
  const once = (type: "SynchronizationEvent" | "NotificationEvent") =>
    defineDriver("once", (d) => {
      const ready = d.event("Ready", type);
      const pump = d.systemThread("Pump", (t) => {
        t.KeDelayExecutionThread("5s");
        t.KeSetEvent(ready);
      });
      d.driverEntry((a) => a.PsCreateSystemThread(pump));
      d.onProcessCreate("OnCreate", (a) => {
        a.KeWaitForSingleObject(ready);
      });
    });
  const found = hangOf(once("SynchronizationEvent"), world(["create"], ["create"]));
  const past = lastOf(found)?.past;
  if (past?.kind !== "taken" || past.set === undefined) throw new Error("nobody took the signal");
  expect(past.set).toBeGreaterThan(past.step);
  expect(storyOf(found)).toContain(
    `it was set at step ${past.set + 1}, and that went to ${past.by}, who waited since step ${past.step + 1}`,
  );
  expect(hangOf(once("NotificationEvent"), world(["create"], ["create"]))).toBeUndefined();
});
