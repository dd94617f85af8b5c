import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { declareLock, type Kernel, lockNames } from "./support/locks.ts";
import { look, users } from "./support/look.ts";

type Families = "onProcessCreate" | "onThreadCreate" | "onImage";
const dll: Partial<World> = { workload: users(["load a DLL"]) };
const thread: Partial<World> = { workload: users(["create a thread"]) };

/** A driver that does nothing but this, in a callback of a family. */
const doing = (family: Families, body: (a: Kernel) => void) =>
  defineDriver("doing", (d) => {
    d[family]("OnEvent", (a) => body(a));
  });

test.each<[string, (a: Kernel) => void]>([
  ["ZwQueryVirtualMemory", (a) => a.ZwQueryVirtualMemory()],
  ["ZwAllocateVirtualMemory", (a) => a.ZwAllocateVirtualMemory()],
  ["ZwFreeVirtualMemory", (a) => a.ZwFreeVirtualMemory()],
  ["ZwProtectVirtualMemory", (a) => a.ZwProtectVirtualMemory()],
  ["ZwMapViewOfSection", (a) => a.ZwMapViewOfSection()],
  ["MmCopyVirtualMemory", (a) => a.MmCopyVirtualMemory()],
])("B3: %s is not for image callbacks, and fine in others", (_name, body) => {
  expect(look(doing("onImage", body), dll).broken).toEqual(["B3"]);
  expect(look(doing("onProcessCreate", body)).broken).toEqual([]);
  expect(look(doing("onThreadCreate", body), thread).broken).toEqual([]);
});

test("B9: a wait lock is taken at PASSIVE_LEVEL, and given back anywhere; a name is asked for below DISPATCH_LEVEL", () => {
  const driver = (inside: boolean) =>
    defineDriver("locks", (d) => {
      const table = d.fastMutex("Table");
      const lock = d.waitLock("Lock");
      d.onProcessCreate("OnEvent", (a) => {
        if (!inside) a.WdfWaitLockAcquire(lock);
        a.ExAcquireFastMutex(table);
        if (inside) a.WdfWaitLockAcquire(lock);
        a.ObQueryNameString();
        a.WdfWaitLockRelease(lock);
        a.ExReleaseFastMutex(table);
      });
    });
  expect(look(driver(true)).broken).toContain("B9");
  expect(look(driver(false)).broken).not.toContain("B9");
});

test("B3: memory of the kernel, and names, are no concern of it", () => {
  const body = (a: Kernel): void => {
    a.ExAllocatePool2();
    a.ZwQueryInformationProcess();
    a.MmMapViewInSystemSpaceEx();
    a.RtlCopyMemory();
  };
  expect(look(doing("onImage", body), dll).broken).toEqual([]);
});

test("B3: a work item that the image callback queues may touch user memory, called by nobody", () => {
  const driver = defineDriver("later", (d) => {
    const scan = d.workItem("Scan", (w) => {
      w.ZwQueryVirtualMemory();
    });
    d.onImage("OnImage", (a) => {
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    });
  });
  expect(look(driver, dll).broken).toEqual([]);
});

test.each([
  [
    "guarded region",
    (a: Kernel) => a.KeEnterGuardedRegion(),
    (a: Kernel) => a.KeLeaveGuardedRegion(),
  ],
  [
    "raised IRQL",
    (a: Kernel) => a.KeRaiseIrql("APC_LEVEL"),
    (a: Kernel) => a.KeLowerIrql("PASSIVE_LEVEL"),
  ],
] as const)("B9, APC-4: a file is not read in a %s, and is after it", (_name, enter, leave) => {
  const inside = doing("onProcessCreate", (a) => {
    enter(a);
    a.ZwReadFile();
    leave(a);
  });
  expect(look(inside).broken).toContain("B9");
  expect(look(inside).outcomes).toEqual(["deadlock"]);
  const after = doing("onProcessCreate", (a) => {
    enter(a);
    leave(a);
    a.ZwReadFile();
  });
  expect(look(after).broken).toEqual([]);
  expect(look(after).outcomes).toEqual([]);
});

test.each(["onProcessCreate", "onThreadCreate", "onImage"] as const)(
  "B10, SV-3, SV-4, P25, T4: FltCreateFile minds the critical region of %s, ZwCreateFile does not",
  (family) => {
    const world = { onProcessCreate: {}, onThreadCreate: thread, onImage: dll }[family];
    expect(
      look(
        doing(family, (a) => a.FltCreateFile()),
        world,
      ).broken,
    ).toEqual(["B10"]);
    expect(
      look(
        doing(family, (a) => a.ZwCreateFile()),
        world,
      ).broken,
    ).toEqual([]);
  },
);

test("B10: a worker thread, in no region, may call FltCreateFile", () => {
  const driver = (region: boolean) =>
    defineDriver("offloads", (d) => {
      const open = d.workItem("Open", (w) => {
        if (region) w.KeEnterCriticalRegion();
        w.FltCreateFile();
        if (region) w.KeLeaveCriticalRegion();
      });
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.IoQueueWorkItem(open, "DelayedWorkQueue");
      });
    });
  expect(look(driver(true)).broken).toEqual(["B10"]);
  expect(look(driver(false)).broken).toEqual([]);
});

test.each(lockNames)("B11: no %s is held across a call to the file system", (name) => {
  const driver = (released: boolean) =>
    defineDriver("across", (d) => {
      const lock = declareLock(d, name);
      d.onProcessCreate("OnProcessCreate", (a) => {
        lock.take(a);
        if (released) lock.give(a);
        a.ZwWriteFile();
        if (!released) lock.give(a);
      });
    });
  const held = look(driver(false));
  // At DISPATCH_LEVEL the call does not get as far as the file system (SY-18).
  if (held.outcomes.includes("crash")) expect(held.broken).toEqual([]);
  else expect(held.broken).toContain("B11");
  expect(held.outcomes).toEqual(
    name.includes("SPIN") ? ["crash"] : expect.not.arrayContaining(["crash"]),
  );
  expect(look(driver(true)).broken).toEqual([]);
});

test("B11, B5: a lock that each process has of its own counts as any other", () => {
  const driver = (released: boolean) =>
    defineDriver("each", (d) => {
      const lock = d.perProcess.mutex("Lock");
      d.onProcessCreate("OnProcessCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const item = a.workItem("Item", (w) => {
          w.KeSetEvent(done);
        });
        a.KeWaitForMutexObject(lock);
        if (released) a.KeReleaseMutex(lock);
        a.ZwReadFile();
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        a.KeWaitForSingleObject(done);
        if (!released) a.KeReleaseMutex(lock);
      });
    });
  expect(look(driver(false)).broken).toEqual(["B11", "B5", "R5", "R6b", "R7"]);
  expect(look(driver(true)).broken).toEqual(["R5", "R6b", "R7"]);
});

test("B11: a lock that another thread holds at the time, and memory under a lock, are no concern of it", () => {
  const driver = defineDriver("others", (d) => {
    const lock = d.mutex("Lock");
    const holder = d.workItem("Holder", (w) => {
      w.KeWaitForMutexObject(lock);
      w.ExAllocatePool2();
      w.KeReleaseMutex(lock);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.IoQueueWorkItem(holder, "DelayedWorkQueue");
      a.ZwReadFile();
    });
  });
  expect(look(driver).broken).toEqual([]);
});

test("B11, SV-28: a name that is refused where APCs are off is no file call; one that is looked up is", () => {
  const driver = (kind: "fast" | "push") =>
    defineDriver("names", (d) => {
      const fast = d.fastMutex("Fast");
      const push = d.pushLock("Push");
      d.onImage("OnImage", (a) => {
        if (kind === "fast") a.ExAcquireFastMutex(fast);
        else a.ExAcquirePushLockShared(push);
        a.FltGetFileNameInformationUnsafe();
        if (kind === "fast") a.ExReleaseFastMutex(fast);
        else a.ExReleasePushLockShared(push);
      });
    });
  expect(look(driver("push"), dll).broken).toEqual(["B11"]);
  expect(look(driver("fast"), dll).broken).toEqual([]);
});

test.each<[string, (a: Kernel) => void]>([
  ["reads a file", (a) => a.ZwReadFile()],
  ["opens a key", (a) => a.ZwOpenKey()],
  ["looks for a name", (a) => a.FltGetFileNameInformation()],
])("B14, P38, SV-20: nobody %s while attached to another process", (_name, body) => {
  const driver = (attached: boolean) =>
    doing("onProcessCreate", (a) => {
      a.KeStackAttachProcess();
      if (attached) body(a);
      a.KeUnstackDetachProcess();
      if (!attached) body(a);
    });
  expect(look(driver(true)).broken).toContain("B14");
  expect(look(driver(false)).broken).not.toContain("B14");
});

test("B14: to wait while attached is as bad, by whatever it waits; to copy memory is what it is for", () => {
  const driver = (waits: boolean) =>
    defineDriver("attached", (d) => {
      const done = d.event("Done", "NotificationEvent");
      const item = d.workItem("Item", (w) => {
        w.ZwReadFile();
        w.KeSetEvent(done);
      });
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        a.KeStackAttachProcess();
        a.RtlCopyMemory();
        if (waits) a.KeWaitForSingleObject(done);
        a.KeUnstackDetachProcess();
      });
    });
  expect(look(driver(true)).broken).toContain("B14");
  expect(look(driver(false)).broken).toEqual([]);
});

test("B14: a delay while attached waits for nobody", () => {
  const driver = doing("onProcessCreate", (a) => {
    a.KeStackAttachProcess();
    a.KeDelayExecutionThread("1ms");
    a.KeUnstackDetachProcess();
  });
  expect(look(driver).broken).toEqual([]);
});

/** A request of a service's takes rundown protection; at unload it is waited for. */
const protects = (enter: (a: Kernel) => void, leave: (a: Kernel) => void) =>
  defineDriver("protects", (d) => {
    const rundown = d.rundown("Clients");
    const ask = d.request("Ask", (r) => {
      enter(r);
      const got = r.ExAcquireRundownProtection(rundown);
      r.when(got.succeeded(), () => r.ExReleaseRundownProtection(rundown));
      leave(r);
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(ask);
      });
    });
  });

test("B16: who takes rundown protection in a thread that can be suspended holds off suspension first", () => {
  const nothing = (): void => {};
  expect(look(protects(nothing, nothing)).broken).toEqual(["B16"]);
  const regions: readonly [(a: Kernel) => void, (a: Kernel) => void][] = [
    [(a) => a.KeEnterCriticalRegion(), (a) => a.KeLeaveCriticalRegion()],
    [(a) => a.KeEnterGuardedRegion(), (a) => a.KeLeaveGuardedRegion()],
    [(a) => a.KeRaiseIrql("APC_LEVEL"), (a) => a.KeLowerIrql("PASSIVE_LEVEL")],
  ];
  for (const [enter, leave] of regions) expect(look(protects(enter, leave)).broken).toEqual([]);
});

test("B16: callbacks run in a critical region, and system threads cannot be suspended", () => {
  const driver = defineDriver("protected", (d) => {
    const rundown = d.rundown("Clients");
    const use = (a: Kernel): void => {
      const got = a.ExAcquireRundownProtection(rundown);
      a.when(got.succeeded(), () => a.ExReleaseRundownProtection(rundown));
    };
    const item = d.workItem("Item", (w) => use(w));
    const own = d.systemThread("Own", (t) => use(t));
    d.onProcessCreate("OnProcessCreate", (a) => {
      use(a);
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.PsCreateSystemThread(own);
    });
  });
  expect(look(driver).broken).toEqual([]);
});

test("B3: a callback that is registered for DLLs alone is an image callback, too", () => {
  const driver = defineDriver("maps", (d) => {
    d.onImageDll("OnDll", (a) => {
      a.ZwQueryVirtualMemory();
    });
  });
  expect(look(driver, { images: 1 }).broken).toEqual(["B3"]);
});
