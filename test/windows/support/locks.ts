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
  "KSPIN_LOCK",
  "WDFWAITLOCK",
  "ERESOURCE",
  "EX_PUSH_LOCK",
] as const;
export type LockName = (typeof lockNames)[number];

/** Declares a lock of the driver's; ERESOURCE and push lock are taken exclusively. */
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
