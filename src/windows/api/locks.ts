/** Owned locks, regions, rundown: each raises and restores what its holder runs at. */
import { arg, kernelApi, object, op } from "./define.ts";

const acquire = (object: string, mode = "exclusive") =>
  op("acquire", { object: arg(object), mode });
const release = (object: string) => op("release", { object: arg(object) });
const lock = { cost: "lock", weight: 2 } as const;
const fastMutex = object("FastMutex", "FAST_MUTEX");
const resource = object("Resource", "ERESOURCE");
const pushLock = object("PushLock", "EX_PUSH_LOCK");
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
    name: "ExAcquireResourceExclusiveLite",
    params: [resource],
    does: [acquire("Resource")],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-12", "SY-14"],
    summary: "Takes an ERESOURCE exclusively; its sharers cannot upgrade.",
  }),
  kernelApi({
    name: "ExAcquireResourceSharedLite",
    params: [resource],
    does: [acquire("Resource", "shared")],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-11", "SY-14"],
    summary: "Takes an ERESOURCE shared; a new sharer waits behind a queued writer.",
  }),
  kernelApi({
    name: "ExReleaseResourceLite",
    params: [resource],
    does: [release("Resource")],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-11"],
    summary: "Releases an ERESOURCE.",
  }),
  kernelApi({
    name: "ExAcquirePushLockExclusive",
    params: [pushLock],
    does: [acquire("PushLock")],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-15"],
    summary: "Takes a push lock exclusively: not recursive.",
  }),
  kernelApi({
    name: "ExAcquirePushLockShared",
    params: [pushLock],
    does: [acquire("PushLock", "shared")],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-15"],
    summary: "Takes a push lock shared; a second request waits behind a queued writer.",
  }),
  kernelApi({
    name: "ExReleasePushLockExclusive",
    params: [pushLock],
    does: [release("PushLock")],
    facts: ["SY-15"],
    summary: "Releases a push lock.",
  }),
  kernelApi({
    name: "ExReleasePushLockShared",
    params: [pushLock],
    does: [release("PushLock")],
    facts: ["SY-15"],
    summary: "Releases a shared push lock.",
  }),
  kernelApi({
    name: "WdfWaitLockAcquire",
    params: [waitLock],
    does: [acquire("Lock")],
    ...lock,
    facts: ["SY-14"],
    summary: "Takes a framework wait lock; the holder is in a critical region.",
  }),
  kernelApi({
    name: "WdfWaitLockRelease",
    params: [waitLock],
    does: [release("Lock")],
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
