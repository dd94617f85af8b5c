import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import {
  declareLock,
  isSpinLock,
  type Kernel,
  type LockName,
  lockNames,
} from "../windows/support/locks.ts";
import { look, users } from "../windows/support/look.ts";

/** A callback that does something while it owns a lock. */
const owning = (name: LockName, body: (a: Kernel) => void) =>
  defineDriver("owning", (d) => {
    const lock = declareLock(d, name);
    d.onProcessCreate("OnProcessCreate", (a) => {
      lock.take(a);
      body(a);
      lock.give(a);
    });
  });

/** What a file read made in it comes to. */
const readUnder: Readonly<Record<LockName, readonly string[]>> = {
  KMUTEX: [],
  FAST_MUTEX: ["deadlock"],
  "FAST_MUTEX, unsafe": [],
  KGUARDED_MUTEX: ["deadlock"],
  KSPIN_LOCK: ["crash"],
  "KSPIN_LOCK, queued": ["crash"],
  WDFWAITLOCK: [],
  ERESOURCE: [],
  "ERESOURCE, Flt": [],
  EX_PUSH_LOCK: [],
  "EX_PUSH_LOCK, Flt": [],
  EX_SPIN_LOCK: ["crash"],
};

test.each(lockNames)(
  "APC-3, APC-4, SY-8, SY-9: whether a file is ever read depends on what its owner of %s runs at",
  (name) => {
    expect(look(owning(name, (a) => a.ZwReadFile())).outcomes).toEqual(readUnder[name]);
  },
);

test.each(lockNames)(
  "SV-21, SY-8: paged memory can be allocated by the owner of %s below DISPATCH_LEVEL",
  (name) => {
    const seen = look(owning(name, (a) => a.ExAllocatePool2()));
    expect(seen.outcomes).toEqual(isSpinLock(name) ? ["crash"] : []);
  },
);

test("APC-2, APC-4, T4: a critical region lets I/O complete, a guarded region does not", () => {
  const inRegion = (guarded: boolean, leftFirst = false) =>
    defineDriver("region", (d) => {
      d.onProcessCreate("OnProcessCreate", (a) => {
        if (guarded) a.KeEnterGuardedRegion();
        else a.KeEnterCriticalRegion();
        if (leftFirst) a.KeLeaveGuardedRegion();
        a.ZwReadFile();
        if (leftFirst) return;
        if (guarded) a.KeLeaveGuardedRegion();
        else a.KeLeaveCriticalRegion();
      });
    });
  expect(look(inRegion(false)).outcomes).toEqual([]);
  expect(look(inRegion(true)).outcomes).toEqual(["deadlock"]);
  expect(look(inRegion(true, true)).outcomes).toEqual([]);
});

test("APC-2: regions are counts: the inner one's end does not end the outer one", () => {
  const nested = (left: number) =>
    defineDriver("nested", (d) => {
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.KeEnterGuardedRegion();
        a.KeEnterGuardedRegion();
        for (let i = 0; i < left; i++) a.KeLeaveGuardedRegion();
        a.ZwReadFile();
        for (let i = left; i < 2; i++) a.KeLeaveGuardedRegion();
      });
    });
  expect(look(nested(1)).outcomes).toEqual(["deadlock"]);
  expect(look(nested(2)).outcomes).toEqual([]);
});

test("SY-18, T20, P36: a wait with a spin lock is a crash, never a hang, even where it would not block", () => {
  const waits = (signalled: boolean, lockFirst: boolean) =>
    defineDriver("spin", (d) => {
      const lock = d.spinLock("Lock");
      const ready = d.event("Ready", "NotificationEvent", { signalled });
      d.onProcessCreate("OnProcessCreate", (a) => {
        if (lockFirst) a.KeAcquireSpinLock(lock);
        a.KeWaitForSingleObject(ready);
        if (!lockFirst) a.KeAcquireSpinLock(lock);
        a.KeReleaseSpinLock(lock);
      });
    });
  expect(look(waits(false, true)).outcomes).toEqual(["crash"]);
  expect(look(waits(true, true)).outcomes).toEqual(["crash"]);
  expect(look(waits(false, false)).outcomes).toEqual(["deadlock"]);
  expect(look(waits(true, false)).outcomes).toEqual([]);
});

test.each<[string, (a: Kernel) => void]>([
  ["KeDelayExecutionThread", (a) => a.KeDelayExecutionThread("1ms")],
  ["ZwOpenKey", (a) => a.ZwOpenKey()],
  ["ZwCreateUserProcess", (a) => a.ZwCreateUserProcess()],
])("SY-16, SY-18: %s at DISPATCH_LEVEL is a crash", (_name, body) => {
  expect(look(owning("KSPIN_LOCK", body)).outcomes).toEqual(["crash"]);
});

test("SY-16: what is legal at DISPATCH_LEVEL is done under a spin lock without harm", () => {
  const driver = defineDriver("dispatch", (d) => {
    const lock = d.spinLock("Lock");
    const done = d.event("Done", "NotificationEvent");
    const count = d.variable("Count");
    const item = d.workItem("Item", () => {});
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeAcquireSpinLock(lock);
      a.KeSetEvent(done);
      a.InterlockedIncrement(count);
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeReleaseSpinLock(lock);
      a.KeWaitForSingleObject(done);
    });
  });
  expect(look(driver).outcomes).toEqual([]);
});

test("SY-18: a look at an event, with a timeout of zero, is legal at DISPATCH_LEVEL", () => {
  const driver = defineDriver("look", (d) => {
    const lock = d.spinLock("Lock");
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeAcquireSpinLock(lock);
      a.KeWaitForSingleObject(done, { Timeout: 0 });
      a.KeReleaseSpinLock(lock);
    });
  });
  expect(look(driver).outcomes).toEqual([]);
});

/** A request of a service that is told to end while it waits for what never comes. */
const killed = (body: (a: Kernel, wait: () => void) => void, mode: "UserMode" | "KernelMode") =>
  defineDriver("killed", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const lock = d.mutex("Lock");
    const exited = d.variable("Exited");
    d.onProcessExit("OnProcessExit", (a) => {
      a.InterlockedIncrement(exited);
      a.KeWaitForMutexObject(lock);
      a.KeReleaseMutex(lock);
    });
    const request = d.request("Request", (r) => {
      body(r, () => r.KeWaitForSingleObject(never, { WaitMode: mode }));
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(request);
      });
    });
  });
const ended = { workload: [], service: { condition: "target" } } as const;

test("SY-20: the end of its process breaks a UserMode wait, and no KernelMode one", () => {
  const plain = (_a: Kernel, wait: () => void): void => wait();
  expect(look(killed(plain, "UserMode"), ended).finals("Exited")).toEqual([[1]]);
  expect(look(killed(plain, "KernelMode"), ended).finals("Exited")).toEqual([[0]]);
});

test.each<[string, (a: Kernel) => void, (a: Kernel) => void]>([
  ["a critical region", (a) => a.KeEnterCriticalRegion(), (a) => a.KeLeaveCriticalRegion()],
  ["a guarded region", (a) => a.KeEnterGuardedRegion(), (a) => a.KeLeaveGuardedRegion()],
])("APC-5, T5, P48: in %s a UserMode wait is not broken either", (_name, enter, leave) => {
  const driver = killed((a, wait) => {
    enter(a);
    wait();
    leave(a);
  }, "UserMode");
  expect(look(driver, ended).finals("Exited")).toEqual([[0]]);
});

test.each(lockNames.filter((name) => !isSpinLock(name)))(
  "APC-3, APC-5: whether the owner of %s can be ended in a UserMode wait depends on its region",
  (name) => {
    const driver = defineDriver("owner", (d) => {
      const lock = declareLock(d, name);
      const never = d.event("Never", "NotificationEvent");
      const broken = d.variable("Broken");
      const request = d.request("Request", (r) => {
        lock.take(r);
        const wait = r.KeWaitForSingleObject(never, { WaitMode: "UserMode" });
        r.when(wait.is("terminated"), () => r.InterlockedIncrement(broken));
        lock.give(r);
      });
      d.service("Agent", (s) => {
        s.thread("Asks", (t) => {
          t.DeviceIoControl(request);
        });
      });
    });
    const holdsOff = name !== "ERESOURCE" && name !== "EX_PUSH_LOCK";
    expect(look(driver, ended).ever("Broken")).toEqual(holdsOff ? [0] : [0, 1]);
  },
);

test("APC-5, T5, P48: no wait in a callback is broken by ending the process that raised it", () => {
  const driver = (inCallback: boolean) =>
    defineDriver("creator", (d) => {
      const never = d.event("Never", "NotificationEvent");
      d.onProcessCreate("OnProcessCreate", (a) => {
        if (inCallback) a.KeWaitForSingleObject(never, { WaitMode: "UserMode" });
      });
      const request = d.request("Request", (r) => {
        if (!inCallback) r.KeWaitForSingleObject(never, { WaitMode: "UserMode" });
      });
      d.service("Agent", (s) => {
        s.thread("Creates", (t) => {
          t.CreateProcess();
          t.DeviceIoControl(request);
        });
      });
    });
  expect(look(driver(true), ended).outcomes).toEqual(["deadlock"]);
  expect(look(driver(false), ended).outcomes).toEqual([]);
});

test("W17, W18: no process's end reaches a thread of the System process", () => {
  const driver = defineDriver("system", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const broken = d.variable("Broken");
    const thread = d.systemThread("Thread", (a) => {
      const wait = a.KeWaitForSingleObject(never, { WaitMode: "UserMode" });
      a.when(wait.is("terminated"), () => a.InterlockedIncrement(broken));
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(thread);
    });
    d.service("Agent", (s) => {
      s.thread("Idle", (t) => {
        t.Sleep("1ms");
      });
    });
  });
  expect(look(driver, { ...ended, workload: users(["exit"]) }).ever("Broken")).toEqual([0]);
});

test("SV-6, SY-20: the end of its process ends a FltSendMessage outside of critical regions", () => {
  const driver = defineDriver("sends", (d) => {
    const port = d.port("Port");
    const exited = d.variable("Exited");
    d.onProcessExit("OnProcessExit", (a) => {
      a.InterlockedIncrement(exited);
    });
    const request = d.request("Request", (r) => {
      r.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(request);
      });
    });
  });
  expect(look(driver, ended).finals("Exited")).toEqual([[1]]);
});

test("SY-14, SY-15: an ERESOURCE or push lock taken with normal kernel APCs on is a breach", () => {
  for (const name of ["ERESOURCE", "EX_PUSH_LOCK"] as const) {
    const driver = defineDriver("outside", (d) => {
      const lock = declareLock(d, name);
      const request = d.request("Request", (r) => {
        lock.take(r);
        lock.give(r);
      });
      d.service("Agent", (s) => {
        s.thread("Asks", (t) => {
          t.DeviceIoControl(request);
        });
      });
    });
    expect(look(driver, { workload: [] }).observations).not.toEqual([]);
  }
});

test("W13: a work item that returns at DISPATCH_LEVEL is a crash", () => {
  const driver = defineDriver("raised", (d) => {
    const lock = d.spinLock("Lock");
    const item = d.workItem("Item", (w) => {
      w.KeAcquireSpinLock(lock);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
    });
  });
  expect(look(driver).outcomes).toEqual(["crash"]);
});

test("SY-8: a callback that returns with a FAST_MUTEX, or in a region that it entered, is told of", () => {
  const leaks = defineDriver("leaks", (d) => {
    const lock = d.fastMutex("Lock");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.ExAcquireFastMutex(lock);
    });
  });
  expect(look(leaks).observations).not.toEqual([]);
});
