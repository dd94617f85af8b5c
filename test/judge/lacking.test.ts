/** A wait for several objects is told by what it lacks, and not by the first of them. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const told = (driver: DriverModel): string => storyOf(deadlockIn(driver, worldWith({}), "lacking"));

test("of a mutex and an event the event is lacking: who took it is named, and nobody holds it", () => {
  const driver = defineDriver("both", (d) => {
    const lock = d.mutex("Lock");
    const token = d.event("Token", "SynchronizationEvent", { signalled: true });
    const taker = d.systemThread("Taker", (t) => {
      t.KeWaitForSingleObject(token);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(taker);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForMultipleObjects([lock, token], "WaitAll");
      a.KeSetEvent(token);
    });
  });
  const story = told(driver);
  expect(story).toContain("for event Token: user1 itself would set it, later");
  expect(story).toMatch(/Taker took the signal at step \d+/);
  expect(story).not.toContain("Do not ask for");
});

/** A thread that owns the mutex for good, and a callback that waits for that and an event. */
const kept = (event: "signalled" | "clear"): DriverModel =>
  defineDriver("kept", (d) => {
    const lock = d.mutex("Lock");
    const token = d.event("Token", "NotificationEvent", { signalled: event === "signalled" });
    const never = d.event("Never", "NotificationEvent");
    const keeper = d.systemThread("Keeper", (t) => {
      t.KeWaitForMutexObject(lock);
      t.KeWaitForSingleObject(never);
      t.KeReleaseMutex(lock);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(keeper);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForMultipleObjects([token, lock], event === "clear" ? "WaitAny" : "WaitAll");
    });
  });

test("of an event and a mutex the mutex is lacking: who owns it is named, and since when", () => {
  expect(told(kept("signalled"))).toMatch(/waits for KMUTEX Lock: Keeper owns it, since step \d+/);
});

test("objects of several kinds are named by their own kinds, and no one thing ends the wait", () => {
  const found = deadlockIn(kept("clear"), worldWith({}), "lacking");
  expect(found?.chain[0]?.wait.kind).toBe("other");
  expect(storyOf(found)).toContain("waits for NotificationEvent Token or KMUTEX Lock: Keeper");
});

/** Somebody owns the mutex, somebody else would set the event, and both wait for who waits for these. */
const bothLacking = (isCircle: boolean): DriverModel =>
  defineDriver("both-lacking", (d) => {
    const lock = d.mutex("Lock");
    const ready = d.event("Ready", "NotificationEvent");
    const done = d.event("Done", "NotificationEvent");
    const keeper = d.systemThread("Keeper", (t) => {
      t.KeWaitForMutexObject(lock);
      if (isCircle) t.KeWaitForSingleObject(done);
      t.KeReleaseMutex(lock);
    });
    const setter = d.systemThread("Setter", (t) => {
      if (isCircle) t.KeWaitForSingleObject(done);
      t.KeSetEvent(ready);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(keeper);
      a.PsCreateSystemThread(setter);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForMultipleObjects([lock, ready], "WaitAll");
      a.KeReleaseMutex(lock);
      a.KeSetEvent(done);
    });
  });

test("who would end only a part of a wait for all is told with what he does to that part (SY-19)", () => {
  const story = told(bothLacking(true));
  expect(story).toMatch(
    /for KMUTEX Lock and NotificationEvent Ready: (Keeper owns KMUTEX Lock|Setter would set event Ready)/,
  );
  expect(story).not.toContain("would end this wait");
  expect(told(bothLacking(false))).toBe("");
});
