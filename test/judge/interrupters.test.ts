/** Who is named beside those who would end a wait: whoever would cut it short (SY-20, APC-2, APC-5). */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const hangOf = (driver: DriverModel): Finding | undefined =>
  deadlockIn(driver, worldWith({}), "interrupters");

const relationsOf = (found: Finding | undefined): readonly (readonly string[])[] =>
  (found?.chain ?? []).map(({ enders }) => enders.map(({ relation }) => relation));

/** A request that keeps a semaphore while it waits; another service would end its process. */
const guarded = (mode: "UserMode" | "KernelMode") =>
  defineDriver("guarded", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const slot = d.semaphore("Slot", 1, 1);
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(slot);
      a.KeReleaseSemaphore(slot, 1);
    });
    const hold = d.request("Hold", (r) => {
      r.KeWaitForSingleObject(slot);
      r.KeWaitForSingleObject(never, { WaitMode: mode });
      r.KeReleaseSemaphore(slot, 1);
    });
    const touch = d.request("Touch", (r) => {
      r.KeWaitForSingleObject(slot);
      r.KeReleaseSemaphore(slot, 1);
    });
    d.service("Agent", (s) => {
      s.thread("Waiter", (t) => {
        t.DeviceIoControl(hold);
      });
    });
    d.service("Guard", (s) => {
      s.thread("Killer", (t) => {
        t.DeviceIoControl(touch);
        t.TerminateProcess(t.process("service", "Agent"));
      });
    });
  });

test("who would end the process of a UserMode wait is named, and closes the circle", () => {
  const found = hangOf(guarded("UserMode"));
  expect(relationsOf(found)).toContainEqual(["wouldTerminate"]);
  expect(found?.closesAt).toBeDefined();
  expect(storyOf(found)).toContain("(Guard/Killer would end its process)");
});

test("a KernelMode wait hears of no end, and nobody is left (SY-20)", () => {
  const found = hangOf(guarded("KernelMode"));
  expect(relationsOf(found).at(-1)).toEqual([]);
  expect(storyOf(found)).toContain("nobody is left who would set it");
});

/** The same by an alert; `isHeldOff`: a mutex keeps user APCs away. */
const alerted = (by: "alert" | "user APC", isHeldOff: boolean) =>
  defineDriver("alerted", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const lock = d.mutex("Lock");
    const slot = d.semaphore("Slot", 1, 1);
    d.onProcessCreate("OnCreate", (a) => {
      if (isHeldOff) a.KeWaitForMutexObject(lock);
      else a.KeWaitForSingleObject(slot);
      if (isHeldOff) a.KeReleaseMutex(lock);
      else a.KeReleaseSemaphore(slot, 1);
    });
    const hold = d.request("Hold", (r) => {
      if (isHeldOff) r.KeWaitForMutexObject(lock);
      else r.KeWaitForSingleObject(slot);
      r.KeWaitForSingleObject(never, { WaitMode: "UserMode", Alertable: "TRUE" });
      if (isHeldOff) r.KeReleaseMutex(lock);
      else r.KeReleaseSemaphore(slot, 1);
    });
    d.service("Agent", (s) => {
      const go = s.event("Go", "NotificationEvent");
      const waiter = s.thread("Waiter", (t) => {
        t.DeviceIoControl(hold);
      });
      s.thread("Waker", (t) => {
        t.WaitForSingleObject(go);
        if (by === "alert") t.NtAlertThread(waiter);
        else t.QueueUserAPC(waiter);
      });
    });
  });

test("who would alert an alertable wait is named, and what keeps him from it", () => {
  for (const by of ["alert", "user APC"] as const) {
    const found = hangOf(alerted(by, false));
    expect(relationsOf(found).slice(-2)).toEqual([["wouldAlert"], []]);
    expect(storyOf(found)).toContain("Agent/Waker for event Go, and nobody is left");
  }
});

test("a mutex holds off a user APC, but no alert (APC-2, APC-3)", () => {
  expect(relationsOf(hangOf(alerted("alert", true))).slice(-2)).toEqual([["wouldAlert"], []]);
  expect(relationsOf(hangOf(alerted("user APC", true))).at(-1)).toEqual([]);
});
