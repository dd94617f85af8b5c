import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel } from "../windows/support/locks.ts";
import { look, users } from "../windows/support/look.ts";

const both = { workload: users(["create"], ["exit"]) };

/** How often each reads, one inside the other, and whether a third writes. */
const readers = (times: number, writes: boolean) =>
  defineDriver("readers", (d) => {
    const lock = d.sharedSpinLock("Lock");
    const inside = d.variable("Inside");
    if (writes) {
      const writer = d.systemThread("Writer", (a) => {
        a.ExAcquireSpinLockExclusive(lock);
        a.ExReleaseSpinLockExclusive(lock);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(writer);
      });
    }
    d.onProcess("Reads", (a) => {
      for (let i = 0; i < times; i++) a.ExAcquireSpinLockShared(lock);
      a.InterlockedIncrement(inside);
      a.InterlockedDecrement(inside);
      for (let i = 0; i < times; i++) a.ExReleaseSpinLockShared(lock);
    });
  });

test("SY-16: an EX_SPIN_LOCK lets several read at once, and never one of them twice", () => {
  const once = look(readers(1, true), both);
  expect(once.outcomes).toEqual([]);
  expect(once.ever("Inside")).toEqual([0, 1, 2]);
  expect(look(readers(2, false)).outcomes).toEqual(["deadlock"]);
});

test("SY-16: reader or writer, its owner is at DISPATCH_LEVEL until it gives it back", () => {
  const waits = (shared: boolean, inside: boolean) =>
    defineDriver("waits", (d) => {
      const lock = d.sharedSpinLock("Lock");
      const ready = d.event("Ready", "NotificationEvent", { signalled: true });
      d.onProcessCreate("OnProcessCreate", (a) => {
        if (shared) a.ExAcquireSpinLockShared(lock);
        else a.ExAcquireSpinLockExclusive(lock);
        if (inside) a.KeWaitForSingleObject(ready);
        if (shared) a.ExReleaseSpinLockShared(lock);
        else a.ExReleaseSpinLockExclusive(lock);
        a.KeWaitForSingleObject(ready);
        a.ZwReadFile();
      });
    });
  for (const shared of [true, false]) {
    expect(look(waits(shared, true)).outcomes).toEqual(["crash"]);
    expect(look(waits(shared, false)).outcomes).toEqual([]);
  }
});

test("SY-16, SY-8: given back in turn, each lock restores the IRQL that it found", () => {
  const driver = (crossed: boolean) =>
    defineDriver("levels", (d) => {
      const mutex = d.fastMutex("Mutex");
      const lock = d.sharedSpinLock("Lock");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.ExAcquireFastMutex(mutex);
        a.ExAcquireSpinLockExclusive(lock);
        if (crossed) a.ExReleaseFastMutex(mutex);
        a.ExReleaseSpinLockExclusive(lock);
        if (!crossed) a.ExReleaseFastMutex(mutex);
        a.ZwReadFile();
      });
    });
  expect(look(driver(false)).outcomes).toEqual([]);
  // ExReleaseFastMutex at DISPATCH_LEVEL.
  expect(look(driver(true)).outcomes).toEqual(["crash"]);
});

test("SY-16: who spins for a lock that is never given back hangs, the queued form like the plain one", () => {
  const driver = (queued: boolean, gives: boolean) =>
    defineDriver("kept", (d) => {
      const lock = d.spinLock("Lock");
      const stop = d.variable("Stop", 0);
      const take = (a: Kernel): void =>
        void (queued ? a.KeAcquireInStackQueuedSpinLock(lock) : a.KeAcquireSpinLock(lock));
      const give = (a: Kernel): void =>
        void (queued ? a.KeReleaseInStackQueuedSpinLock(lock) : a.KeReleaseSpinLock(lock));
      const keeper = d.systemThread("Keeper", (a) => {
        take(a);
        if (!gives)
          a.poll({ until: stop.equals(1), limit: "forever" }, () => a.WriteNoFence(stop, 0));
        give(a);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(keeper);
      });
      d.onProcessCreate("OnProcessCreate", (a) => {
        take(a);
        give(a);
      });
    });
  for (const queued of [false, true]) {
    expect(look(driver(queued, true)).outcomes).toEqual([]);
    expect(look(driver(queued, false)).outcomes).toEqual(["deadlock"]);
  }
});
