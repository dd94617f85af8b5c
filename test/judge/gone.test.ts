/** Who would have ended a wait that nobody can end any more, and why he does not. */
import { expect, test } from "vitest";
import type { Finding, Link } from "../../src/judge/finding.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, findingsIn, storyOf } from "./support/findings.ts";

const lastOf = (finding: Finding | undefined): Link | undefined => finding?.chain.at(-1);

/** A slot for each launch, which the new process gives back when it comes up. */
const launches = (denied: "gives back" | "keeps" | "none") =>
  defineDriver("launches", (d) => {
    const slot = d.semaphore("Slot", 1, 1);
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(slot);
      if (denied === "none") return;
      a.when(a.opaque("Deny"), () => {
        if (denied === "gives back") a.KeReleaseSemaphore(slot, 1);
        a.veto();
      });
    });
    d.onImage("OnImage", (a) => {
      a.when(a.isImage("exe"), () => a.KeReleaseSemaphore(slot, 1));
    });
  });

test("a unit that a vetoed process would have given back is told of that, not of who waits for it", () => {
  const world = worldWith({ workload: users(2, "create") });
  const found = deadlockIn(launches("keeps"), world, "gone");
  expect(found?.chain.map(({ who }) => who)).toEqual([
    { kind: "thread", name: "user2", callback: "OnCreate" },
  ]);
  expect(lastOf(found)?.past).toMatchObject({ kind: "taken", by: "user1" });
  expect(lastOf(found)?.gone).toEqual([
    { who: "child 1", how: "vetoed", step: expect.any(Number) },
  ]);
  const step = lastOf(found)?.gone?.[0].step ?? -1;
  expect(found?.steps[step].operation).toBe("the creation was vetoed");
  expect(storyOf(found)).toMatch(
    /user1 took the last of it at step \d+, and nobody has given that back; child 1 would have, and its creation was vetoed at step \d+/,
  );
  expect(storyOf(found)).toContain(
    "See to it that whoever takes KSEMAPHORE Slot has it given back",
  );
  for (const well of ["gives back", "none"] as const)
    expect(deadlockIn(launches(well), world, "gone")).toBeUndefined();
});

test("what the new process would bring is a circle still, where no unit was there to be taken", () => {
  const waits = defineDriver("waits", (d) => {
    const up = d.semaphore("Up", 0, 9);
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(up));
    d.onImage("OnImage", (a) => a.KeReleaseSemaphore(up, 1));
  });
  const found = deadlockIn(waits, worldWith({}), "gone");
  expect(found?.chain.map(({ who }) => who.kind === "thread" && who.name)).toEqual([
    "user1",
    "child 1",
  ]);
  expect(found?.closesAt).toBe(0);
});

/** Four scans at once, each with an item that takes a unit of its own, or that of its queuer. */
const scans = (takesAgain: boolean) =>
  defineDriver("scans", (d) => {
    const units = d.semaphore("Scans", 1, 1);
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Scan", (w) => {
        if (takesAgain) w.KeWaitForSingleObject(units);
        w.ZwReadFile();
        if (takesAgain) w.KeReleaseSemaphore(units, 1);
        w.KeSetEvent(done);
      });
      a.KeWaitForSingleObject(units);
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
      a.KeReleaseSemaphore(units, 1);
    });
  });

test("an item that takes a unit before it gives one back lets nobody go on by that", () => {
  const world = worldWith({
    workload: users(2, "create"),
    pool: { profile: "tiny", load: "exhausted" },
  });
  const found = findingsIn(scans(true), world, "gone").find(
    ({ outcome, chain }) =>
      outcome === "deadlock" && chain.some(({ wait }) => wait.kind === "semaphore"),
  );
  expect(found).toBeDefined();
  const enders = found?.chain.flatMap((link) =>
    link.wait.kind === "semaphore" ? link.enders.map(({ who }) => who.kind) : [],
  );
  expect(enders).not.toContain("workItem");
  expect(storyOf(found)).not.toContain("on every way out");
  const idle = worldWith({ workload: users(2, "create") });
  expect(deadlockIn(scans(true), idle, "gone")).toBeDefined();
  expect(deadlockIn(scans(false), idle, "gone")).toBeUndefined();
});

test("an APC that waits for what its own thread has is named, and what to do is no way out", () => {
  const apc = (isGivenBack: boolean) =>
    defineDriver("collects", (d) => {
      const units = d.semaphore("Units", 1, 1);
      d.onProcessCreate("OnCreate", (a) => {
        const collect = a.apc("Collect", (r) => {
          r.KeWaitForSingleObject(units);
          r.KeReleaseSemaphore(units, 1);
        });
        a.KeWaitForSingleObject(units);
        if (isGivenBack) a.KeReleaseSemaphore(units, 1);
        a.KeInsertQueueApc(collect, a.thread("current"), "Special");
        if (!isGivenBack) a.KeReleaseSemaphore(units, 1);
      });
    });
  const found = deadlockIn(apc(false), worldWith({}), "gone");
  expect(found?.chain[0].who).toMatchObject({ callback: "OnCreate", apc: "Collect" });
  expect(storyOf(found)).toContain("user1, in APC Collect on top of callback OnCreate, waits for");
  expect(storyOf(found)).toContain("Give back KSEMAPHORE Units before APC Collect can run");
  expect(deadlockIn(apc(true), worldWith({}), "gone")).toBeUndefined();
});

const pumped = (looks: boolean) =>
  defineDriver("pumped", (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    const pump = d.systemThread("Pump", (t) => t.KeSetEvent(ready));
    const onCreate = d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(ready));
    d.driverEntry((a) => {
      const made = a.PsCreateSystemThread(pump);
      if (looks) a.when(made.failed(), () => a.return());
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
    });
  });

test("a thread whose creation failed is named, with the step of that", () => {
  const world = worldWith({ startup: "failing" });
  const found = deadlockIn(pumped(false), world, "gone");
  const [gone] = lastOf(found)?.gone ?? [];
  expect(gone).toMatchObject({ who: "Pump", how: "notCreated" });
  expect(found?.steps[gone?.step ?? -1].operation).toBe("PsCreateSystemThread(Pump)");
  expect(storyOf(found)).toMatch(
    /nobody is left who would set it: Pump would, had its creation not failed at step \d+/,
  );
  expect(storyOf(found)).toContain(
    "Look at what PsCreateSystemThread comes back with, and do not wait for Pump where it has failed.",
  );
  expect(deadlockIn(pumped(true), world, "gone")).toBeUndefined();
});

test("a callback that would have set it and was removed is named, with the step of that", () => {
  const ordered = (isLast: boolean) =>
    defineDriver("ordered", (d) => {
      const ready = d.event("Ready", "NotificationEvent");
      const onThread = d.onThreadExit("OnThread", (a) => a.KeSetEvent(ready));
      const onExit = d.onProcessExit("OnExit", (a) => a.KeWaitForSingleObject(ready));
      d.driverUnload((a) => {
        if (!isLast) a.PsRemoveCreateThreadNotifyRoutine(onThread);
        a.PsSetCreateProcessNotifyRoutineEx(onExit, "TRUE");
        if (isLast) a.PsRemoveCreateThreadNotifyRoutine(onThread);
      });
    });
  const world = worldWith({ workload: users(1, "create and exit"), removal: "racing" });
  const found = deadlockIn(ordered(false), world, "gone");
  const [gone] = lastOf(found)?.gone ?? [];
  expect(gone).toMatchObject({ who: "OnThread", how: "removed" });
  expect(storyOf(found)).toMatch(/OnThread would have, and was removed at step \d+/);
  expect(storyOf(found)).toContain(
    "Remove OnExit, which waits for what OnThread does, before OnThread.",
  );
  expect(deadlockIn(ordered(true), world, "gone")).toBeUndefined();
});

test("what DriverUnload alone would set is told of DriverUnload", () => {
  const tidy = (ends: boolean) =>
    defineDriver("tidies", (d) => {
      const stop = d.event("Stop", "NotificationEvent");
      const item = d.workItem("Tidy", (w) => {
        w.KeWaitForSingleObject(stop, ends ? { Timeout: "1s" } : {});
      });
      d.driverEntry((a) => a.IoQueueWorkItem(item, "DelayedWorkQueue"));
      d.driverUnload((a) => a.KeSetEvent(stop));
    });
  const b6 = (ends: boolean): Finding | undefined =>
    findingsIn(tidy(ends), worldWith({ workload: [] }), "gone").find(({ rules }) =>
      rules.includes("B6"),
    );
  expect(lastOf(b6(false))?.gone).toEqual([{ who: "DriverUnload", how: "unloads" }]);
  expect(storyOf(b6(false))).toContain(
    "nobody is left who would set it: DriverUnload would, and runs only when the driver is unloaded",
  );
  expect(b6(true)).toBeUndefined();
});

test("an item that another event, or a request, would let go is not told as one that nobody would", () => {
  const waits = (by: "OnProcess" | "Wake" | "nobody") =>
    defineDriver("serves", (d) => {
      const [stop, work] = [
        d.event("Stop", "NotificationEvent"),
        d.event("Work", "SynchronizationEvent"),
      ];
      const item = d.workItem("Serve", (w) => {
        w.KeWaitForMultipleObjects([stop, work], "WaitAny");
      });
      d.onProcess("OnProcess", (a) => {
        if (by === "OnProcess") a.KeSetEvent(work);
      });
      d.request("Wake", (r) => {
        if (by === "Wake") r.KeSetEvent(work);
      });
      d.driverEntry((a) => a.IoQueueWorkItem(item, "DelayedWorkQueue"));
      d.driverUnload((u) => u.KeSetEvent(stop));
    });
  const b6 = (by: "OnProcess" | "Wake" | "nobody"): Finding | undefined =>
    findingsIn(waits(by), worldWith({ workload: [] }), "gone").find(({ rules }) =>
      rules.includes("B6"),
    );
  const unloads = { who: "DriverUnload", how: "unloads" };
  expect(lastOf(b6("OnProcess"))?.gone).toEqual([unloads, { who: "OnProcess", how: "event" }]);
  expect(storyOf(b6("OnProcess"))).toContain(
    "nobody is there who would set any of them: DriverUnload would, and runs only when the driver is unloaded; OnProcess would, when an event calls it",
  );
  expect(storyOf(b6("OnProcess"))).toContain("waits to the end of the run, breaks B6");
  // Shrinking takes away what nobody in the run asks for.
  expect(lastOf(b6("Wake"))?.gone).toEqual([unloads, { who: "Wake", how: "asked" }]);
  expect(lastOf(b6("nobody"))?.gone).toEqual([unloads]);
});
