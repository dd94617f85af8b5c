/** Locks of one owner, regions, rundown: each raises and restores what its holder runs at. */
import { arg, kernelApi, object, op } from "./define.ts";

const acquire = (object: string, mode = "exclusive") =>
  op("acquire", { object: arg(object), mode });
const release = (object: string) => op("release", { object: arg(object) });
const lock = { cost: "lock", weight: 2 } as const;
const fastMutex = object("FastMutex", "FAST_MUTEX");
const guardedMutex = object("Mutex", "KGUARDED_MUTEX");
const spinLock = object("SpinLock", "KSPIN_LOCK");
const waitLock = object("Lock", "WDFWAITLOCK");
const rundown = object("RunRef", "EX_RUNDOWN_REF");

export const lockApis = [
  kernelApi({
    name: "ExAcquireFastMutex",
    params: [fastMutex],
    does: [acquire("FastMutex")],
    ...lock,
    facts: ["SY-8", "SY-10"],
    summary: "Takes a FAST_MUTEX: not recursive, the holder runs at APC_LEVEL.",
  }),
  kernelApi({
    name: "ExTryToAcquireFastMutex",
    params: [fastMutex],
    does: [acquire("FastMutex", "try")],
    results: ["success", "failure"],
    ...lock,
    facts: ["SY-10"],
    summary: "Takes a FAST_MUTEX only if it is free.",
  }),
  kernelApi({
    name: "ExReleaseFastMutex",
    params: [fastMutex],
    does: [release("FastMutex")],
    facts: ["SY-8"],
    summary: "Releases a FAST_MUTEX.",
  }),
  kernelApi({
    name: "ExAcquireFastMutexUnsafe",
    params: [fastMutex],
    does: [acquire("FastMutex", "plain")],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-8", "APC-2"],
    summary: "Takes a FAST_MUTEX and leaves the IRQL alone: the caller must have held off APCs.",
  }),
  kernelApi({
    name: "ExReleaseFastMutexUnsafe",
    params: [fastMutex],
    does: [op("release", { object: arg("FastMutex"), plain: true })],
    facts: ["SY-8"],
    summary: "Releases a FAST_MUTEX that was taken without touching the IRQL.",
  }),
  kernelApi({
    name: "KeAcquireGuardedMutex",
    params: [guardedMutex],
    does: [acquire("Mutex")],
    ...lock,
    facts: ["SY-9", "SY-10", "APC-3"],
    summary: "Takes a guarded mutex: not recursive, the holder is in a guarded region.",
  }),
  kernelApi({
    name: "KeTryToAcquireGuardedMutex",
    params: [guardedMutex],
    does: [acquire("Mutex", "try")],
    results: ["success", "failure"],
    ...lock,
    facts: ["SY-9", "SY-10"],
    summary: "Takes a guarded mutex only if it is free.",
  }),
  kernelApi({
    name: "KeReleaseGuardedMutex",
    params: [guardedMutex],
    does: [release("Mutex")],
    facts: ["SY-9"],
    summary: "Releases a guarded mutex, and leaves its guarded region.",
  }),
  kernelApi({
    name: "KeAcquireSpinLock",
    params: [spinLock],
    does: [acquire("SpinLock")],
    irqlMax: "DISPATCH_LEVEL",
    ...lock,
    facts: ["SY-16"],
    summary: "Takes a spin lock and raises to DISPATCH_LEVEL.",
  }),
  kernelApi({
    name: "KeReleaseSpinLock",
    params: [spinLock],
    does: [release("SpinLock")],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-16"],
    summary: "Releases a spin lock.",
  }),
  kernelApi({
    name: "KeAcquireInStackQueuedSpinLock",
    params: [spinLock],
    does: [acquire("SpinLock")],
    irqlMax: "DISPATCH_LEVEL",
    ...lock,
    facts: ["SY-16"],
    summary: "Takes a spin lock in order of arrival; the handle is left out.",
  }),
  kernelApi({
    name: "KeReleaseInStackQueuedSpinLock",
    params: [spinLock],
    does: [release("SpinLock")],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-16"],
    summary: "Releases a spin lock that was taken in order of arrival.",
  }),
  kernelApi({
    name: "WdfWaitLockAcquire",
    params: [waitLock],
    does: [acquire("Lock")],
    ...lock,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SY-14"],
    summary: "Takes a framework wait lock; the holder is in a critical region.",
  }),
  kernelApi({
    name: "WdfWaitLockRelease",
    params: [waitLock],
    does: [release("Lock")],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-14"],
    summary: "Releases a framework wait lock.",
  }),
  kernelApi({
    name: "ExAcquireRundownProtection",
    params: [rundown],
    does: [op("protect", { object: arg("RunRef") })],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-17"],
    summary: "Keeps an object from being run down; fails once that has begun.",
  }),
  kernelApi({
    name: "ExReleaseRundownProtection",
    params: [rundown],
    does: [op("unprotect", { object: arg("RunRef") })],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    facts: ["SY-17"],
    summary: "Gives rundown protection back.",
  }),
  kernelApi({
    name: "ExWaitForRundownProtectionRelease",
    params: [rundown],
    does: [op("runDown", { object: arg("RunRef") })],
    effects: ["waits"],
    facts: ["SY-17"],
    summary: "Refuses new protection and waits, without timeout, until none is held.",
  }),
  kernelApi({
    name: "KeEnterCriticalRegion",
    does: [op("critical", { delta: 1 })],
    facts: ["APC-2"],
    summary: "Holds off normal kernel APCs, termination and suspension.",
  }),
  kernelApi({
    name: "KeLeaveCriticalRegion",
    does: [op("critical", { delta: -1 })],
    facts: ["APC-2"],
    summary: "Ends a critical region.",
  }),
  kernelApi({
    name: "KeEnterGuardedRegion",
    does: [op("guarded", { delta: 1 })],
    facts: ["APC-2"],
    summary: "Holds off all APCs, I/O completion included.",
  }),
  kernelApi({
    name: "KeLeaveGuardedRegion",
    does: [op("guarded", { delta: -1 })],
    facts: ["APC-2"],
    summary: "Ends a guarded region.",
  }),
] as const;
