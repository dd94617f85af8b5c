/** The locks that have one owner, so that one test can go over all of them. */
import type { Activation } from "../../../src/language/builder-recorders.ts";
import type { apiTable } from "../../../src/windows/api/table.ts";
import type { defineDriver } from "../../../src/windows/define-driver.ts";

export type Recorder = Parameters<Parameters<typeof defineDriver>[1]>[0];
/** Any kernel routine's body. */
export type Kernel = Activation<(typeof apiTable)[number]>;

export interface Lock {
  readonly take: (a: Kernel) => void;
  readonly give: (a: Kernel) => void;
}

export const lockNames = [
  "KMUTEX",
  "FAST_MUTEX",
  "FAST_MUTEX, unsafe",
  "KGUARDED_MUTEX",
  "KSPIN_LOCK",
  "KSPIN_LOCK, queued",
  "WDFWAITLOCK",
  "ERESOURCE",
  "ERESOURCE, Flt",
  "EX_PUSH_LOCK",
  "EX_PUSH_LOCK, Flt",
  "EX_SPIN_LOCK",
] as const;
export type LockName = (typeof lockNames)[number];
/** What is held at DISPATCH_LEVEL. */
export const isSpinLock = (name: LockName): boolean => name.includes("SPIN_LOCK");

/** Declares a lock of the driver's; those that can be shared are taken exclusively. */
export function declareLock(d: Recorder, kind: LockName, name = "Lock"): Lock {
  switch (kind) {
    case "KMUTEX": {
      const lock = d.mutex(name);
      return { take: (a) => a.KeWaitForMutexObject(lock), give: (a) => a.KeReleaseMutex(lock) };
    }
    case "FAST_MUTEX": {
      const lock = d.fastMutex(name);
      return { take: (a) => a.ExAcquireFastMutex(lock), give: (a) => a.ExReleaseFastMutex(lock) };
    }
    case "FAST_MUTEX, unsafe": {
      const lock = d.fastMutex(name);
      return {
        take: (a) => {
          a.KeEnterCriticalRegion();
          a.ExAcquireFastMutexUnsafe(lock);
        },
        give: (a) => {
          a.ExReleaseFastMutexUnsafe(lock);
          a.KeLeaveCriticalRegion();
        },
      };
    }
    case "KGUARDED_MUTEX": {
      const lock = d.guardedMutex(name);
      return {
        take: (a) => a.KeAcquireGuardedMutex(lock),
        give: (a) => a.KeReleaseGuardedMutex(lock),
      };
    }
    case "KSPIN_LOCK, queued": {
      const lock = d.spinLock(name);
      return {
        take: (a) => a.KeAcquireInStackQueuedSpinLock(lock),
        give: (a) => a.KeReleaseInStackQueuedSpinLock(lock),
      };
    }
    case "EX_SPIN_LOCK": {
      const lock = d.sharedSpinLock(name);
      return {
        take: (a) => a.ExAcquireSpinLockExclusive(lock),
        give: (a) => a.ExReleaseSpinLockExclusive(lock),
      };
    }
    case "ERESOURCE, Flt": {
      const lock = d.resource(name);
      return {
        take: (a) => a.FltAcquireResourceExclusive(lock),
        give: (a) => a.FltReleaseResource(lock),
      };
    }
    case "EX_PUSH_LOCK, Flt": {
      const lock = d.pushLock(name);
      return {
        take: (a) => a.FltAcquirePushLockExclusive(lock),
        give: (a) => a.FltReleasePushLock(lock),
      };
    }
    case "KSPIN_LOCK": {
      const lock = d.spinLock(name);
      return { take: (a) => a.KeAcquireSpinLock(lock), give: (a) => a.KeReleaseSpinLock(lock) };
    }
    case "WDFWAITLOCK": {
      const lock = d.waitLock(name);
      return { take: (a) => a.WdfWaitLockAcquire(lock), give: (a) => a.WdfWaitLockRelease(lock) };
    }
    case "ERESOURCE": {
      const lock = d.resource(name);
      return {
        take: (a) => a.ExAcquireResourceExclusiveLite(lock),
        give: (a) => a.ExReleaseResourceLite(lock),
      };
    }
    case "EX_PUSH_LOCK": {
      const lock = d.pushLock(name);
      return {
        take: (a) => a.ExAcquirePushLockExclusive(lock),
        give: (a) => a.ExReleasePushLockExclusive(lock),
      };
    }
  }
}
