/** Pairs that take and give back a lock; with a critical region around, where the page asks for one. */
import type { ObjectDecl, Statement } from "../../../src/language/model.ts";
import { call, type Roll, to } from "./draft.ts";
import { succeeded } from "./sketch.ts";

export interface LockPair {
  readonly kind: ObjectDecl["kind"];
  readonly take: string;
  readonly give: string;
  readonly param: string;
  readonly region?: true;
  /** It can be refused: the call's name says so, or an argument. */
  readonly tries?: "always" | "Wait";
}

const resource = { kind: "ERESOURCE", param: "Resource", give: "ExReleaseResourceLite" } as const;
const push = { kind: "EX_PUSH_LOCK", param: "PushLock" } as const;
const shared = { kind: "EX_SPIN_LOCK", param: "SpinLock" } as const;

export const lockPairs: readonly LockPair[] = [
  { kind: "KMUTEX", take: "KeWaitForSingleObject", give: "KeReleaseMutex", param: "Object" },
  { kind: "KMUTEX", take: "KeWaitForMutexObject", give: "KeReleaseMutex", param: "Mutex" },
  fast("ExAcquireFastMutex", "ExReleaseFastMutex"),
  { ...fast("ExTryToAcquireFastMutex", "ExReleaseFastMutex"), tries: "always" },
  { ...fast("ExAcquireFastMutexUnsafe", "ExReleaseFastMutexUnsafe"), region: true },
  guarded("KeAcquireGuardedMutex"),
  { ...guarded("KeTryToAcquireGuardedMutex"), tries: "always" },
  spin("KeAcquireSpinLock", "KeReleaseSpinLock"),
  spin("KeAcquireInStackQueuedSpinLock", "KeReleaseInStackQueuedSpinLock"),
  { ...shared, take: "ExAcquireSpinLockExclusive", give: "ExReleaseSpinLockExclusive" },
  { ...shared, take: "ExAcquireSpinLockShared", give: "ExReleaseSpinLockShared" },
  { ...resource, take: "ExAcquireResourceExclusiveLite", region: true, tries: "Wait" },
  { ...resource, take: "ExAcquireResourceSharedLite", region: true, tries: "Wait" },
  { ...resource, take: "ExAcquireSharedStarveExclusive", region: true, tries: "Wait" },
  { ...resource, take: "ExAcquireSharedWaitForExclusive", region: true, tries: "Wait" },
  entering("ExEnterCriticalRegionAndAcquireResourceExclusive"),
  entering("ExEnterCriticalRegionAndAcquireResourceShared"),
  { ...resource, take: "FltAcquireResourceExclusive", give: "FltReleaseResource" },
  { ...resource, take: "FltAcquireResourceShared", give: "FltReleaseResource" },
  { ...push, take: "ExAcquirePushLockExclusive", give: "ExReleasePushLockExclusive", region: true },
  { ...push, take: "ExAcquirePushLockShared", give: "ExReleasePushLockShared", region: true },
  { ...push, take: "FltAcquirePushLockExclusive", give: "FltReleasePushLock" },
  { ...push, take: "FltAcquirePushLockShared", give: "FltReleasePushLock" },
  { kind: "WDFWAITLOCK", take: "WdfWaitLockAcquire", give: "WdfWaitLockRelease", param: "Lock" },
];

function fast(take: string, give: string): LockPair {
  return { kind: "FAST_MUTEX", take, give, param: "FastMutex" };
}

function guarded(take: string): LockPair {
  return { kind: "KGUARDED_MUTEX", take, give: "KeReleaseGuardedMutex", param: "Mutex" };
}

function spin(take: string, give: string): LockPair {
  return { kind: "KSPIN_LOCK", take, give, param: "SpinLock" };
}

function entering(take: string): LockPair {
  return { ...resource, take, give: "ExReleaseResourceAndLeaveCriticalRegion" };
}

/** Takes the lock of this number, where it can be refused now and then by a try, and gives it back. */
export function heldOf(roll: Roll, pair: LockPair, n: string): Statement[] {
  const name = `${pair.kind}${n}`;
  const lock = { [pair.param]: to(name) };
  const isTry = pair.tries === "always" || (pair.tries === "Wait" && roll(4) === 0);
  const waits = pair.tries === "Wait" && isTry ? { Wait: "FALSE" } : {};
  const take = call(pair.take, { ...lock, ...waits }, isTry ? `took${n}` : undefined);
  const give = call(pair.give, { [pair.param === "Object" ? "Mutex" : pair.param]: to(name) });
  const held = isTry ? [take, succeeded(`took${n}`, [give])] : [take, give];
  return pair.region === true
    ? [call("KeEnterCriticalRegion"), ...held, call("KeLeaveCriticalRegion")]
    : held;
}
