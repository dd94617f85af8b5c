/** Locks, regions and rundown references (SY-5, SY-8 to SY-17). */
import { type Calls, call, disabled, each, lock, on, region, step, unlock } from "./call.ts";

export const lockCalls: Calls = {
  KeReleaseMutex: call(2, on("releaseMutex", "Mutex")),
  ExAcquireFastMutex: call(1, lock("FastMutex", "exclusive")),
  ExTryToAcquireFastMutex: call(1, lock("FastMutex", "exclusive", { isTry: true })),
  ExReleaseFastMutex: call(1, unlock("FastMutex")),
  ExAcquireFastMutexUnsafe: call(1, lock("FastMutex", "exclusive", { isPlain: true }), disabled),
  ExReleaseFastMutexUnsafe: call(1, unlock("FastMutex")),
  KeAcquireGuardedMutex: call(1, lock("Mutex", "exclusive")),
  KeTryToAcquireGuardedMutex: call(1, lock("Mutex", "exclusive", { isTry: true })),
  KeReleaseGuardedMutex: call(1, unlock("Mutex")),
  KeAcquireSpinLock: call(2, lock("SpinLock", "exclusive")),
  KeReleaseSpinLock: call(2, unlock("SpinLock")),
  KeAcquireInStackQueuedSpinLock: call(2, lock("SpinLock", "exclusive")),
  KeReleaseInStackQueuedSpinLock: call(2, unlock("SpinLock")),
  ExAcquireSpinLockExclusive: call(2, lock("SpinLock", "exclusive")),
  ExAcquireSpinLockShared: call(2, lock("SpinLock", "shared")),
  ExReleaseSpinLockExclusive: call(2, unlock("SpinLock")),
  ExReleaseSpinLockShared: call(2, unlock("SpinLock")),
  ExAcquireResourceExclusiveLite: call(1, lock("Resource", "exclusive"), disabled),
  ExAcquireResourceSharedLite: call(1, lock("Resource", "shared"), disabled),
  ExAcquireSharedStarveExclusive: call(1, lock("Resource", "starve"), disabled),
  ExAcquireSharedWaitForExclusive: call(1, lock("Resource", "yields"), disabled),
  ExReleaseResourceLite: call(2, unlock("Resource")),
  ExConvertExclusiveToSharedLite: call(1, on("convert", "Resource")),
  ExEnterCriticalRegionAndAcquireResourceExclusive: call(1, (a) => [
    region("critical", 1),
    ...lock("Resource", "exclusive")(a),
  ]),
  ExEnterCriticalRegionAndAcquireResourceShared: call(1, (a) => [
    region("critical", 1),
    ...lock("Resource", "shared")(a),
  ]),
  ExReleaseResourceAndLeaveCriticalRegion: call(1, (a) => [
    ...unlock("Resource")(a),
    region("critical", -1),
  ]),
  FltAcquireResourceExclusive: call(1, (a) => [
    region("critical", 1),
    ...lock("Resource", "exclusive")(a),
  ]),
  FltAcquireResourceShared: call(1, (a) => [
    region("critical", 1),
    ...lock("Resource", "shared")(a),
  ]),
  FltReleaseResource: call(1, (a) => [...unlock("Resource")(a), region("critical", -1)]),
  ExAcquirePushLockExclusive: call(1, lock("PushLock", "exclusive"), disabled),
  ExAcquirePushLockShared: call(1, lock("PushLock", "shared"), disabled),
  ExReleasePushLockExclusive: call(1, unlock("PushLock")),
  ExReleasePushLockShared: call(1, unlock("PushLock")),
  FltAcquirePushLockExclusive: call(1, (a) => [
    region("critical", 1),
    ...lock("PushLock", "exclusive")(a),
  ]),
  FltAcquirePushLockShared: call(1, (a) => [
    region("critical", 1),
    ...lock("PushLock", "shared")(a),
  ]),
  FltReleasePushLock: call(1, (a) => [...unlock("PushLock")(a), region("critical", -1)]),
  WdfWaitLockAcquire: call(0, lock("Lock", "exclusive")),
  WdfWaitLockRelease: call(2, unlock("Lock")),
  ...each(
    "ExAcquireRundownProtection ExAcquireRundownProtectionCacheAware",
    call(2, on("protect", "RunRef")),
  ),
  ...each(
    "ExReleaseRundownProtection ExReleaseRundownProtectionCacheAware",
    call(2, on("unprotect", "RunRef")),
  ),
  ...each(
    "ExWaitForRundownProtectionRelease ExWaitForRundownProtectionReleaseCacheAware",
    call(1, on("runDown", "RunRef")),
  ),
  IoAcquireRemoveLock: call(2, on("protect", "RemoveLock")),
  IoReleaseRemoveLock: call(2, on("unprotect", "RemoveLock")),
  IoReleaseRemoveLockAndWait: call(0, (a) => [
    step("unprotect", { object: a.RemoveLock }),
    step("runDown", { object: a.RemoveLock }),
  ]),
  ...each(
    "KeEnterCriticalRegion FsRtlEnterFileSystem",
    call(1, () => [region("critical", 1)]),
  ),
  ...each(
    "KeLeaveCriticalRegion FsRtlExitFileSystem",
    call(1, () => [region("critical", -1)]),
  ),
  KeEnterGuardedRegion: call(1, () => [region("guarded", 1)]),
  KeLeaveGuardedRegion: call(1, () => [region("guarded", -1)]),
};
