/** Whether DriverUnload begins ahead of the end of work items that count on the driver (W26). */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { look, users, world } from "./support/look.ts";

const ended = { workload: users(), removal: "racing" } as const;
const runOn = { ...ended, itemsAtUnload: "run on" } as const;

/** An item that DriverEntry queues ends by what DriverUnload sets. */
const toldToStop = defineDriver("told", (d) => {
  const stop = d.event("Stop", "NotificationEvent");
  const done = d.event("Done", "NotificationEvent");
  const pump = d.workItem("Pump", (w) => {
    w.KeWaitForSingleObject(stop);
    w.KeSetEvent(done);
  });
  d.driverEntry((a) => {
    a.IoQueueWorkItem(pump, "DelayedWorkQueue");
  });
  d.driverUnload((a) => {
    a.KeSetEvent(stop);
    a.KeWaitForSingleObject(done);
  });
});

/** DriverUnload waits, with a lock or without it, for an item that takes the lock. */
const waitsFor = (isUnderLock: boolean, call: "IoQueueWorkItem" | "ExQueueWorkItem") =>
  defineDriver("waits", (d) => {
    const lock = d.fastMutex("Lock");
    const done = d.event("Done", "NotificationEvent");
    const init = d.workItem("Init", (w) => {
      w.ExAcquireFastMutex(lock);
      w.ExReleaseFastMutex(lock);
      w.KeSetEvent(done);
    });
    d.driverEntry((a) => {
      a[call](init, "DelayedWorkQueue");
    });
    d.driverUnload((a) => {
      if (isUnderLock) a.ExAcquireFastMutex(lock);
      a.KeWaitForSingleObject(done);
      if (isUnderLock) a.ExReleaseFastMutex(lock);
    });
  });

test("W26: an item that DriverUnload tells to end hangs unloading only where it is awaited before", () => {
  expect(look(toldToStop, ended).outcomes).toEqual(["deadlock"]);
  expect(look(toldToStop, runOn).outcomes).toEqual([]);
});

test("W26: DriverUnload that waits under a lock for an item hangs only where it runs beside the item", () => {
  expect(look(waitsFor(true, "IoQueueWorkItem"), ended).outcomes).toEqual([]);
  expect(look(waitsFor(true, "IoQueueWorkItem"), runOn).outcomes).toEqual(["deadlock"]);
  expect(look(waitsFor(false, "IoQueueWorkItem"), runOn).outcomes).toEqual([]);
});

test("W4: code stays for an item that counts and still runs behind DriverUnload", () => {
  const writes = (call: "IoQueueWorkItem" | "ExQueueWorkItem") =>
    defineDriver("writes", (d) => {
      const late = d.workItem("Late", (w) => {
        w.ZwWriteFile();
        w.ZwWriteFile();
      });
      d.driverEntry((a) => {
        a[call](late, "DelayedWorkQueue");
      });
      d.driverUnload(() => {});
    });
  expect(look(writes("IoQueueWorkItem"), runOn).outcomes).toEqual([]);
  expect(look(writes("ExQueueWorkItem"), runOn).outcomes).toEqual(["crash"]);
});

test("W26: worlds have either account where an item counts on a driver that can be unloaded", () => {
  const accounts = (driver: typeof toldToStop) =>
    new Set(worldsFor([driver], "default").map((one) => one.itemsAtUnload ?? "ended"));
  expect(accounts(toldToStop)).toEqual(new Set(["ended", "run on"]));
  expect(accounts(waitsFor(true, "ExQueueWorkItem"))).toEqual(new Set(["ended"]));
});

test("W26: findings name the account that they rest on, where unloading has to do with it", () => {
  const told = (change: Parameters<typeof world>[0]) =>
    check(
      { drivers: [waitsFor(true, "IoQueueWorkItem"), toldToStop], worlds: [world(change)] },
      { scope: "small", budget: 5_000, seed: "s" },
    ).findings.flatMap(({ finding: { outcome, assumptions } }) =>
      outcome === "deadlock" ? [assumptions.filter((one) => one.includes("W26"))] : [],
    );
  expect(told(ended)).toEqual([[expect.stringContaining("begins when")]]);
  expect(told(runOn)).toEqual([[expect.stringContaining("begins while")]]);
});
