/** What routines that Windows enters leave behind when they return (W13, W15, APC-2). */
import { expect, test } from "vitest";
import { threadOf } from "../../src/machine/layout.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { leftBy } from "./support/left.ts";
import { compile, look } from "./support/look.ts";

type Definition = Parameters<typeof defineDriver>[1];

const shows = (definition: Definition, change: Partial<World> = {}) =>
  leftBy(defineDriver("leaves", definition), change);

const removal = { removal: "racing" } as const;
const raised = "a routine returns at a raised IRQL";

test("W13, W15: DriverUnload gives back a FAST_MUTEX before it returns, or the worker that ran it stops the system", () => {
  const unloads =
    (gives: boolean): Definition =>
    (d) => {
      const lock = d.fastMutex("Lock");
      d.onProcessCreate("OnCreate", () => {});
      d.driverUnload((a) => {
        a.ExAcquireFastMutex(lock);
        if (gives) a.ExReleaseFastMutex(lock);
      });
    };
  const kept = shows(unloads(false), removal);
  expect(kept.broken).toContain("LEAK");
  expect(kept.crash).toBe(raised);
  const given = shows(unloads(true), removal);
  expect(given.broken).not.toContain("LEAK");
  expect(given.crash).toBe("");
});

test("LEAK is told at the return that leaves something behind", () => {
  const returns =
    (gives: boolean): Definition =>
    (d) => {
      const lock = d.fastMutex("Lock");
      d.onProcessCreate("OnCreate", (a) => {
        a.ExAcquireFastMutex(lock);
        a.when(a.opaque("Empty"), () => {
          if (gives) a.ExReleaseFastMutex(lock);
          a.return();
        });
        a.ExReleaseFastMutex(lock);
      });
    };
  expect(shows(returns(false)).at).toBe("OnCreate/return(Empty)");
  expect(shows(returns(true)).broken).toEqual([]);
});

test("APC-2: a region that is entered and never left is told at the end of the routine", () => {
  const end = shows((d) => {
    d.onProcessCreate("OnCreate", (a) => {
      a.KeEnterCriticalRegion();
    });
  });
  expect(end.at).toBe("OnCreate/end");
});

test("an ERESOURCE that is kept while its region is left is left behind, too", () => {
  const keeps =
    (gives: boolean): Definition =>
    (d) => {
      const resource = d.resource("Rules");
      d.onProcessCreate("OnCreate", (a) => {
        a.KeEnterCriticalRegion();
        a.ExAcquireResourceSharedLite(resource);
        a.ExAcquireResourceSharedLite(resource);
        a.ExReleaseResourceLite(resource);
        if (gives) a.ExReleaseResourceLite(resource);
        a.KeLeaveCriticalRegion();
      });
    };
  expect(shows(keeps(false)).broken).toContain("LEAK");
  expect(shows(keeps(true)).broken).not.toContain("LEAK");
});

test("SY-16: a DPC that keeps a spin lock leaves it behind, although the IRQL is what it was", () => {
  const dpc =
    (gives: boolean): Definition =>
    (d) => {
      const lock = d.spinLock("Lock");
      const tick = d.dpc("Tick", (p) => {
        p.KeAcquireSpinLock(lock);
        if (gives) p.KeReleaseSpinLock(lock);
      });
      d.onProcessCreate("OnCreate", (a) => {
        a.KeInsertQueueDpc(tick);
      });
    };
  expect(shows(dpc(false)).broken).toContain("LEAK");
  expect(shows(dpc(true)).broken).toEqual([]);
});

test("an APC, an item, a system thread and DriverEntry leave regions as they found them", () => {
  const each = (leaves: boolean): readonly Definition[] => [
    (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        const apc = a.apc("Apc", (r) => {
          r.KeEnterGuardedRegion();
          if (!leaves) r.KeLeaveGuardedRegion();
        });
        a.KeInsertQueueApc(apc, a.thread("current"), "Special");
      });
    },
    (d) => {
      const item = d.workItem("Item", (w) => {
        w.KeEnterCriticalRegion();
        if (!leaves) w.KeLeaveCriticalRegion();
      });
      d.onProcessCreate("OnCreate", (a) => {
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
      });
    },
    (d) => {
      const thread = d.systemThread("Pump", (t) => {
        t.KeEnterCriticalRegion();
        if (!leaves) t.KeLeaveCriticalRegion();
      });
      d.onProcessCreate("OnCreate", (a) => {
        a.PsCreateSystemThread(thread);
      });
    },
    (d) => {
      d.onProcessCreate("OnCreate", () => {});
      d.driverEntry((a) => {
        a.KeEnterCriticalRegion();
        if (!leaves) a.KeLeaveCriticalRegion();
      });
    },
  ];
  for (const definition of each(true)) expect(shows(definition).broken).toContain("LEAK");
  for (const definition of each(false)) expect(shows(definition).broken).not.toContain("LEAK");
});

test("what a function takes it may hand to its caller", () => {
  const handed = shows((d) => {
    const lock = d.fastMutex("Lock");
    const take = d.routine("Take", (r) => {
      r.ExAcquireFastMutex(lock);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.call(take);
      a.ExReleaseFastMutex(lock);
    });
  });
  expect(handed.broken).toEqual([]);
});

/** Queues an item as one call or the other does, and is unloaded. */
const queuing =
  (call: "ExQueueWorkItem" | "IoQueueWorkItem"): Definition =>
  (d) => {
    const item = d.workItem("Item", (w) => {
      w.DbgPrint();
    });
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a[call](item, "DelayedWorkQueue");
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
    });
  };

test("W4: an item that ExQueueWorkItem leaves in the queue is taken by a worker, who finds its code gone", () => {
  const driver = defineDriver("leaves", queuing("ExQueueWorkItem"));
  const { observations } = look(driver, removal);
  const crashes = observations.filter(({ target }) => target.outcome === "crash");
  const taken = crashes.find(({ target }) => target.identity === "Item");
  expect(taken?.target.mechanism).toMatch(/^the driver is unloaded/);
  const last = compile(driver, removal).threads[threadOf(taken?.codes.at(-1) ?? 0)];
  expect(last.name).toBe("DelayedWorkQueue worker 1");
  // One that a worker runs already is inside of it.
  expect(crashes.map(({ target }) => target.identity)).toContain("Item/end");
  expect(shows(queuing("IoQueueWorkItem"), removal).crash).toBe("");
});
