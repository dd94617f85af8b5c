/**
 * A callback returns with a kernel APC pending: the release of its registration and the APC come in
 * either order, since no source says which is first (CB-U7).
 */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look, users } from "./support/look.ts";

const removed = { removal: "racing", workload: users(["create"]) } as const;
const mapped = { ...removed, workload: users(["load a DLL"]) } as const;

/** A callback has its own thread run an APC once it has left the callback's region. */
const leavesApc = (unload: "removes" | "waits for the APC") =>
  defineDriver("leaves", (d) => {
    const apcs = d.rundown("Apcs");
    const count = d.variable("Count");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const apc = a.apc("Later", (r) => {
        r.InterlockedIncrement(count);
        r.ExReleaseRundownProtection(apcs);
      });
      a.when(a.ExAcquireRundownProtection(apcs).failed(), () => a.return());
      const queued = a.KeInsertQueueApc(apc, a.thread("current"), "Normal");
      a.when(queued.failed(), () => a.ExReleaseRundownProtection(apcs));
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      if (unload === "waits for the APC") a.ExWaitForRundownProtectionRelease(apcs);
    });
  });

test("a removal waits for calls of the callback, and not for the APCs that they leave behind", () => {
  const lost = look(leavesApc("removes"), removed);
  expect(lost.outcomes).toEqual(["crash"]);
  // Its first operation, its last, and its end.
  expect(lost.observations.map(({ target }) => target.identity.split("/")[0])).toEqual(
    lost.observations.map(() => "Later"),
  );
  const waited = look(leavesApc("waits for the APC"), removed);
  expect(waited.outcomes).toEqual([]);
  // Once as it is queued, and not at all where the rundown has begun, or no callback is called.
  expect(waited.finals("Count")).toEqual([[0], [1]]);
  expect(look(leavesApc("removes"), { workload: removed.workload }).outcomes).toEqual([]);
});

/** The APC waits for what the unloading signals: before it removes the callback, or after. */
const awaitsUnload = (signals: "first" | "behind the removal") =>
  defineDriver("awaits", (d) => {
    const go = d.event("Go", "NotificationEvent");
    const apcs = d.rundown("Apcs");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      const apc = a.apc("Later", (r) => {
        r.KeWaitForSingleObject(go);
        r.ExReleaseRundownProtection(apcs);
      });
      a.when(a.ExAcquireRundownProtection(apcs).failed(), () => a.return());
      const queued = a.KeInsertQueueApc(apc, a.thread("current"), "Normal");
      a.when(queued.failed(), () => a.ExReleaseRundownProtection(apcs));
    });
    d.driverUnload((a) => {
      if (signals === "first") a.KeSetEvent(go);
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      if (signals !== "first") a.KeSetEvent(go);
      a.ExWaitForRundownProtectionRelease(apcs);
    });
  });

test("an APC may come ahead of the release: then a removal waits for what the APC waits for", () => {
  expect(look(awaitsUnload("behind the removal"), removed).outcomes).toEqual(["deadlock"]);
  expect(look(awaitsUnload("first"), removed).outcomes).toEqual([]);
});

test.each([
  ["Normal", "on", true],
  ["Special", "on", false],
  ["Special", "off", true],
] as const)(
  "APC-2, CB-I1: a %s APC with special ones %s comes once the image callback has returned: %s",
  (kind, specialApcs, isLost) => {
    const driver = defineDriver("images", (d) => {
      const count = d.variable("Count");
      const onImage = d.onImage("OnImage", (a) => {
        const apc = a.apc("Later", (r) => r.InterlockedIncrement(count));
        a.KeInsertQueueApc(apc, a.thread("current"), kind);
      });
      d.driverUnload((a) => a.PsRemoveLoadImageNotifyRoutine(onImage));
    });
    const seen = look(driver, { ...mapped, specialApcs });
    expect(seen.outcomes).toEqual(isLost ? ["crash"] : []);
  },
);

test("APC-2: an APC that another region holds off has nothing to do with the callback's return", () => {
  const driver = (region: boolean) =>
    defineDriver("region", (d) => {
      const ran = d.variable("Ran");
      const before = d.variable("Before");
      const called = d.variable("Called");
      const onCreate = d.onThreadCreate("OnCreate", (a) => {
        const apc = a.apc("Later", (r) => r.InterlockedIncrement(ran));
        a.KeInsertQueueApc(apc, a.thread("current"), "Normal");
        a.InterlockedIncrement(called);
      });
      const idle = d.systemThread("Idle", () => {});
      const makes = d.systemThread("Makes", (t) => {
        t.PsSetCreateThreadNotifyRoutine(onCreate);
        if (region) t.KeEnterCriticalRegion();
        t.PsCreateSystemThread(idle);
        t.when(ran.equals(1), () => t.InterlockedIncrement(before));
        if (region) t.KeLeaveCriticalRegion();
        t.PsRemoveCreateThreadNotifyRoutine(onCreate);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(makes);
      });
    });
  const alone = { workload: [] };
  expect(look(driver(true), alone).finals("Called", "Ran", "Before")).toEqual([[1, 1, 0]]);
  expect(look(driver(false), alone).finals("Called", "Ran", "Before")).toEqual([[1, 1, 1]]);
});
