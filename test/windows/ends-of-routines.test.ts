/** Code that goes while it runs, where what runs is local: writing to a file, say (P10). */
import { expect, test } from "vitest";
import { Op, stride } from "../../src/machine/opcodes.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { compile, look, users } from "./support/look.ts";

type Definition = Parameters<typeof defineDriver>[1];

const removed = { removal: "racing", workload: users(["create"]) } as const;
const unloaded = "the driver is unloaded while its code still runs or is queued";

/** Where the code of a driver goes while it runs, by operation, in this world. */
function lostAt(build: Definition, world: object = removed): string[] {
  const { observations } = look(defineDriver("lost", build), world);
  const crashes = observations.filter(({ target }) => target.outcome === "crash");
  for (const { target } of crashes) expect(target.mechanism).toBe(unloaded);
  return crashes.map(({ target }) => target.identity).sort();
}

/** A callback starts a thread that writes a file; the unloading, if there is one, waits for nothing. */
const starting =
  (unload: "none" | "does not wait"): Definition =>
  (d) => {
    const thread = d.systemThread("Log", (t) => t.ZwWriteFile());
    const onCreate = d.onProcessCreate("OnCreate", (a) => a.PsCreateSystemThread(thread));
    if (unload === "none") return;
    d.driverUnload((a) => a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE"));
  };

test("a system thread that writes a file is inside of its driver's code until it has returned", () => {
  expect(lostAt(starting("does not wait"))).toEqual(["Log/end"]);
  // A driver that stays in memory, and a world in which it does.
  expect(lostAt(starting("none"))).toEqual([]);
  expect(lostAt(starting("does not wait"), { workload: users(["create"]) })).toEqual([]);
});

/** A thread of DriverEntry, which is sure to be there. */
const awaited =
  (last: "says so" | "says so, and writes", by: "event" | "nothing" = "event"): Definition =>
  (d) => {
    const ended = d.event("Ended", "NotificationEvent");
    const thread = d.systemThread("Log", (t) => {
      t.ZwWriteFile();
      t.KeSetEvent(ended);
      if (last === "says so, and writes") t.DbgPrint();
    });
    d.driverEntry((a) => a.PsCreateSystemThread(thread));
    d.driverUnload((a) => {
      if (by === "event") a.KeWaitForSingleObject(ended);
    });
  };

test("an unloading that waits for the last call of a thread waits long enough, one for a call before is too early", () => {
  const alone = { removal: "racing", workload: [] } as const;
  expect(lostAt(awaited("says so"), alone)).toEqual([]);
  expect(lostAt(awaited("says so, and writes"), alone)).toEqual(["Log/end"]);
  expect(lostAt(awaited("says so", "nothing"), alone)).not.toEqual([]);
});

test.each(["return", "function"] as const)("so it is of a thread that ends behind a %s", (how) => {
  const found = lostAt((d) => {
    const scan = d.routine("Scan", (r) => r.ZwReadFile());
    const thread = d.systemThread("Log", (t) => {
      t.call(scan);
      if (how === "function") return;
      t.other("ScanMemory", { cost: "2s" });
      t.return();
    });
    d.driverEntry((a) => a.PsCreateSystemThread(thread));
    d.driverUnload(() => {});
  });
  expect(found).toEqual([how === "return" ? "Log/return" : "Log/end"]);
});

test("an APC of local steps is inside until it has returned; a rundown that it releases last waits for it", () => {
  const driver =
    (guarded: boolean): Definition =>
    (d) => {
      const apcs = d.rundown("Apcs");
      const onCreate = d.onProcessCreate("OnCreate", (a) => {
        const apc = a.apc("Map", (r) => {
          r.ZwMapViewOfSection();
          if (guarded) r.ExReleaseRundownProtection(apcs);
        });
        if (guarded) {
          const held = a.ExAcquireRundownProtection(apcs);
          a.when(held.failed(), () => a.return());
        }
        a.KeInsertQueueApc(apc, a.thread("subject"), "Normal");
      });
      d.driverUnload((a) => {
        a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
        if (guarded) a.ExWaitForRundownProtectionRelease(apcs);
      });
    };
  expect(lostAt(driver(false))).toContain("Map/end");
  expect(lostAt(driver(true))).toEqual([]);
});

test("SY-24: a DPC that runs is inside, which KeFlushQueuedDpcs waits for", () => {
  const driver =
    (flushes: boolean): Definition =>
    (d) => {
      const timer = d.timer("Beat", "SynchronizationTimer");
      const beat = d.dpc("OnBeat", (p) => p.DbgPrint());
      d.driverEntry((a) => a.KeSetTimer(timer, "1s", { Dpc: beat }));
      d.driverUnload((a) => {
        a.KeCancelTimer(timer);
        if (flushes) a.KeFlushQueuedDpcs();
      });
    };
  expect(lostAt(driver(false), { removal: "racing", workload: [] })).toContain("OnBeat/end");
  expect(lostAt(driver(true), { removal: "racing", workload: [] })).toEqual([]);
});

test("W4: an item that counts on the driver object is waited for, and has no step of its own at its end", () => {
  const driver =
    (queue: "IoQueueWorkItem" | "ExQueueWorkItem"): Definition =>
    (d) => {
      const item = d.workItem("Item", (w) => w.ZwWriteFile());
      const onCreate = d.onProcessCreate("OnCreate", (a) => a[queue](item, "DelayedWorkQueue"));
      d.driverUnload((a) => a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE"));
    };
  expect(lostAt(driver("ExQueueWorkItem"))).toContain("Item/end");
  expect(lostAt(driver("IoQueueWorkItem"))).toEqual([]);
});

/** A callback that writes a file, and is removed where it may still run. */
const removing =
  (by: "DriverUnload" | "an item" | "nobody"): Definition =>
  (d) => {
    const onCreate = d.onProcessCreate("OnCreate", (a) => a.ZwWriteFile());
    const item = d.workItem("Item", (w) => {
      if (by === "an item") w.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
    d.driverEntry((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
      a.ExQueueWorkItem(item, "DelayedWorkQueue");
    });
    d.driverUnload((a) => {
      if (by !== "nobody") a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  };

test("CB-U1: a callback is inside where the unloading does not wait for its removal, or somebody else has made it", () => {
  expect(lostAt(removing("nobody"))).toContain("OnCreate/end");
  expect(lostAt(removing("an item"))).toContain("OnCreate/end");
  expect(lostAt(removing("DriverUnload"))).not.toContain("OnCreate/end");
});

test("where no code can go, nobody leaves in a step of his own", () => {
  const leaves = (build: Definition, world: object): boolean => {
    const { code } = compile(defineDriver("left", build), world);
    return code.some((op, at) => at % stride === 0 && op === Op.leave);
  };
  expect(leaves(starting("does not wait"), removed)).toBe(true);
  expect(leaves(starting("none"), removed)).toBe(false);
  expect(leaves(starting("does not wait"), { startup: "failing" })).toBe(false);
  expect(leaves(removing("DriverUnload"), {})).toBe(false);
});
