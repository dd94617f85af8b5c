/** A removal that waits for an APC, which came ahead of the release of the callback's registration. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

/** The APC takes a lock that DriverUnload has while it removes the callback, or has not. */
const locks = (holds: boolean) =>
  defineDriver("locks", (d) => {
    const lock = d.mutex("Lock");
    const apcs = d.rundown("Apcs");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const apc = a.apc("Later", (r) => {
        r.KeWaitForMutexObject(lock);
        r.KeReleaseMutex(lock);
        r.ExReleaseRundownProtection(apcs);
      });
      a.when(a.ExAcquireRundownProtection(apcs).failed(), () => a.return());
      const queued = a.KeInsertQueueApc(apc, a.thread("current"), "Normal");
      a.when(queued.failed(), () => a.ExReleaseRundownProtection(apcs));
    });
    d.driverUnload((a) => {
      if (holds) a.KeWaitForMutexObject(lock);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      if (holds) a.KeReleaseMutex(lock);
      a.ExWaitForRundownProtectionRelease(apcs);
    });
  });

test("who stands in an APC, with the registration still to be released, is who a removal waits for", () => {
  const world = worldWith({ workload: users(1, "create"), removal: "racing" });
  const found = deadlockIn(locks(true), world, "returns");
  const removal = found?.chain.find(({ wait }) => wait.kind === "rundown");
  expect(removal?.enders.map(({ relation }) => relation)).toEqual(["holdsProtection"]);
  expect(found?.closesAt).toBeDefined();
  expect(found?.assumptions.join()).toContain("at a callback's return");
  expect(storyOf(found)).not.toContain("Nobody is left");
  expect(deadlockIn(locks(false), world, "returns")).toBeUndefined();
});
