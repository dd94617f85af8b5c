import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

const both = { workload: users(["create"], ["exit"]) };

test("SY-9, SY-10: trying a guarded mutex fails while it is owned, and never waits", () => {
  const driver = (tries: boolean) =>
    defineDriver("try", (d) => {
      const lock = d.guardedMutex("Lock");
      const hold = d.event("Hold", "NotificationEvent");
      const missed = d.variable("Missed");
      d.onProcessCreate("Holds", (a) => {
        a.KeAcquireGuardedMutex(lock);
        a.KeWaitForSingleObject(hold);
        a.KeReleaseGuardedMutex(lock);
      });
      d.onProcessExit("Tries", (a) => {
        if (tries) {
          const got = a.KeTryToAcquireGuardedMutex(lock);
          a.when(got.succeeded(), () => a.KeReleaseGuardedMutex(lock)).otherwise(() =>
            a.InterlockedIncrement(missed),
          );
        } else {
          a.KeAcquireGuardedMutex(lock);
          a.KeReleaseGuardedMutex(lock);
        }
        a.KeSetEvent(hold);
      });
    });
  expect(look(driver(true), both).outcomes).toEqual([]);
  expect(look(driver(false), both).outcomes).toEqual(["deadlock"]);
  expect(inTurn(driver(true), both, ["start-up", "user1", "user2"]).value("Missed")).toBe(1);
});

test("SY-9, APC-2: its owner is in a guarded region, at the IRQL that it had", () => {
  const under = (what: "guarded" | "fast") =>
    defineDriver("under", (d) => {
      const guarded = d.guardedMutex("Guarded");
      const fast = d.fastMutex("Fast");
      const held = d.variable("Held");
      d.onProcessCreate("OnProcessCreate", (a) => {
        if (what === "guarded") a.KeAcquireGuardedMutex(guarded);
        else a.ExAcquireFastMutex(fast);
        a.when(a.apcsDisabled(), () => a.InterlockedIncrement(held));
        // For PASSIVE_LEVEL, and no I/O that would have to complete.
        a.other("RtlPassiveOnly", { cost: 1, irql: "PASSIVE_LEVEL" });
        if (what === "guarded") a.KeReleaseGuardedMutex(guarded);
        else a.ExReleaseFastMutex(fast);
      });
    });
  expect(look(under("guarded")).finals("Held")).toEqual([[1]]);
  expect(look(under("guarded")).broken).toEqual([]);
  expect(look(under("fast")).broken).toEqual(["B9"]);
});

test("SY-8: the unsafe form of a FAST_MUTEX is as exclusive, and leaves I/O to complete", () => {
  const reads = (unsafe: boolean) =>
    defineDriver("reads", (d) => {
      const lock = d.fastMutex("Lock");
      d.onProcess("OnProcess", (a) => {
        if (unsafe) a.ExAcquireFastMutexUnsafe(lock);
        else a.ExAcquireFastMutex(lock);
        a.ZwReadFile();
        if (unsafe) a.ExReleaseFastMutexUnsafe(lock);
        else a.ExReleaseFastMutex(lock);
      });
    });
  expect(look(reads(true), both).outcomes).toEqual([]);
  expect(look(reads(false), both).outcomes).toEqual(["deadlock"]);
});

test("SY-8, SY-14: the unsafe form with normal kernel APCs on is a breach", () => {
  const driver = (inRegion: boolean) =>
    defineDriver("outside", (d) => {
      const lock = d.fastMutex("Lock");
      const request = d.request("Request", (r) => {
        if (inRegion) r.KeEnterCriticalRegion();
        r.ExAcquireFastMutexUnsafe(lock);
        r.ExReleaseFastMutexUnsafe(lock);
        if (inRegion) r.KeLeaveCriticalRegion();
      });
      d.service("Agent", (s) => {
        s.thread("Asks", (t) => {
          t.DeviceIoControl(request);
        });
      });
    });
  expect(look(driver(true), { workload: [] }).broken).toEqual([]);
  expect(look(driver(false), { workload: [] }).broken).toEqual(["LOCK"]);
});
