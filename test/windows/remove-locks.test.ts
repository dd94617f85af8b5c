/** Remove locks, and references to the minifilter: rundown that others hold off (SY-32, SV-40). */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look } from "./support/look.ts";

const racing = { removal: "racing" } as const;

type Way = "good" | "kept" | "unchecked" | "waits twice";

/** Callbacks acquire the lock; DriverUnload waits until all have released it. */
const withLock = (way: Way) =>
  defineDriver("device", (d) => {
    const lock = d.removeLock("RemoveLock");
    const gone = d.variable("Gone");
    const touched = d.variable("TouchedTooLate");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const got = a.IoAcquireRemoveLock(lock);
      if (way !== "unchecked") a.when(got.failed(), () => a.return());
      a.when(gone.equals(1), () => a.WriteNoFence(touched, 1));
      if (way === "kept") a.when(a.opaque("LeavesEarly"), () => a.return());
      a.IoReleaseRemoveLock(lock);
    });
    d.driverUnload((a) => {
      a.IoAcquireRemoveLock(lock);
      if (way === "waits twice") a.IoAcquireRemoveLock(lock);
      a.IoReleaseRemoveLockAndWait(lock);
      a.WriteNoFence(gone, 1);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("SY-32: a remove lock that all give back holds removal off for as long, and no longer", () => {
  const seen = look(withLock("good"), racing);
  expect(seen.outcomes).toEqual([]);
  expect(seen.ever("TouchedTooLate")).toEqual([0]);
  expect(seen.broken).toEqual([]);
  // No page asks that whoever has it cannot be suspended, as of rundown protection (B16).
  const asks = (takes: "remove lock" | "protection") =>
    defineDriver("asks", (d) => {
      const lock = d.removeLock("RemoveLock");
      const protection = d.rundown("Protection");
      d.onProcessCreate("OnCreate", () => {});
      const ask = d.request("Ask", (r) => {
        if (takes === "remove lock") r.IoAcquireRemoveLock(lock);
        else r.ExAcquireRundownProtection(protection);
      });
      d.service("Agent", (s) => {
        s.thread("Asks", (t) => t.DeviceIoControl(ask));
      });
    });
  expect(look(asks("remove lock")).broken).toEqual([]);
  expect(look(asks("protection")).broken).toEqual(["B16"]);
});

test("SY-32: one that is not given back on some way hangs removal for good", () => {
  const seen = look(withLock("kept"), racing);
  expect(seen.outcomes).toEqual(["deadlock"]);
  expect(look(withLock("waits twice"), racing).outcomes).toEqual(["deadlock"]);
});

test("SY-32: who does not look whether the lock was had goes on into what is gone", () => {
  expect(look(withLock("unchecked"), racing).ever("TouchedTooLate")).toContain(1);
});

/** A callback takes a reference to the filter for an item, which gives it back, or does not. */
const withReference = (way: "good" | "lost" | "unchecked") =>
  defineDriver("filter", (d) => {
    const scan = d.workItem("Scan", (w) => {
      w.DbgPrint();
      if (way === "lost") w.when(w.opaque("Declines"), () => w.return());
      w.FltObjectDereference();
    });
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const got = a.FltObjectReference();
      if (way !== "unchecked") a.when(got.failed(), () => a.return());
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    });
    d.driverUnload((a) => {
      a.FltUnregisterFilter();
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  });

test("SV-40, CB-U6: unregistering a filter waits for references to it, and for one that is lost for ever", () => {
  const good = look(withReference("good"), racing);
  expect(good.outcomes).toEqual([]);
  expect(good.broken).toEqual([]);
  const lost = look(withReference("lost"), racing);
  expect(lost.outcomes).toEqual(["deadlock"]);
});
