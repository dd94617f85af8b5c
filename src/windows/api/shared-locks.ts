/** Locks that can be shared: ERESOURCE, push lock, EX_SPIN_LOCK. */
import { arg, kernelApi, object, op } from "./define.ts";

const lock = { cost: "lock", weight: 2 } as const;
const resource = object("Resource", "ERESOURCE");
const pushLock = object("PushLock", "EX_PUSH_LOCK");
const spinLock = object("SpinLock", "EX_SPIN_LOCK");

/** TRUE unless given; FALSE comes back at once, empty-handed where it would have had to wait. */
const wait = {
  name: "Wait",
  kind: { type: "oneOf", values: ["TRUE", "FALSE"] },
  default: "TRUE",
} as const;

const takeResource = (mode = "exclusive") =>
  op("acquire", { object: arg("Resource"), mode, wait: arg("Wait") });
const take = (object: string, mode = "exclusive") => op("acquire", { object: arg(object), mode });
const release = (object: string) => op("release", { object: arg(object) });
const enter = op("critical", { delta: 1 });
const leave = op("critical", { delta: -1 });

export const sharedLockApis = [
  kernelApi({
    name: "ExAcquireResourceExclusiveLite",
    params: [resource, wait],
    does: [takeResource()],
    results: ["success", "failure"],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-12", "SY-14"],
    summary: "Takes an ERESOURCE exclusively; its sharers cannot upgrade.",
  }),
  kernelApi({
    name: "ExAcquireResourceSharedLite",
    params: [resource, wait],
    does: [takeResource("shared")],
    results: ["success", "failure"],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-11", "SY-14"],
    summary: "Takes an ERESOURCE shared; a new sharer waits behind a queued writer.",
  }),
  kernelApi({
    name: "ExAcquireSharedStarveExclusive",
    params: [resource, wait],
    does: [takeResource("shared, past writers")],
    results: ["success", "failure"],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-13", "SY-14"],
    summary: "Takes an ERESOURCE shared, past queued writers.",
  }),
  kernelApi({
    name: "ExAcquireSharedWaitForExclusive",
    params: [resource, wait],
    does: [takeResource("shared, behind writers")],
    results: ["success", "failure"],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-13", "SY-14"],
    summary:
      "Takes an ERESOURCE shared, behind queued writers even if the caller shares it already.",
  }),
  kernelApi({
    name: "ExConvertExclusiveToSharedLite",
    params: [resource],
    does: [op("convert", { object: arg("Resource") })],
    effects: ["wakes"],
    facts: ["SY-12"],
    summary: "Goes on sharing what it owned, together with all who wait to share.",
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
    name: "ExEnterCriticalRegionAndAcquireResourceExclusive",
    params: [resource],
    does: [enter, take("Resource")],
    ...lock,
    facts: ["SY-12", "SY-14"],
    summary: "Enters a critical region and takes an ERESOURCE exclusively.",
  }),
  kernelApi({
    name: "ExEnterCriticalRegionAndAcquireResourceShared",
    params: [resource],
    does: [enter, take("Resource", "shared")],
    ...lock,
    facts: ["SY-11", "SY-14"],
    summary: "Enters a critical region and takes an ERESOURCE shared.",
  }),
  kernelApi({
    name: "ExReleaseResourceAndLeaveCriticalRegion",
    params: [resource],
    does: [release("Resource"), leave],
    facts: ["SY-11", "APC-2"],
    summary: "Releases an ERESOURCE and leaves the critical region.",
  }),
  kernelApi({
    name: "FltAcquireResourceExclusive",
    params: [resource],
    does: [enter, take("Resource")],
    ...lock,
    facts: ["SY-12", "SY-14"],
    summary: "Takes an ERESOURCE exclusively; it enters a critical region itself.",
  }),
  kernelApi({
    name: "FltAcquireResourceShared",
    params: [resource],
    does: [enter, take("Resource", "shared")],
    ...lock,
    facts: ["SY-11", "SY-14"],
    summary: "Takes an ERESOURCE shared; it enters a critical region itself.",
  }),
  kernelApi({
    name: "FltReleaseResource",
    params: [resource],
    does: [release("Resource"), leave],
    facts: ["SY-11", "APC-2"],
    summary: "Releases an ERESOURCE and leaves the critical region.",
  }),
  kernelApi({
    name: "ExAcquirePushLockExclusive",
    params: [pushLock],
    does: [take("PushLock")],
    ...lock,
    needsApcs: "disabled",
    facts: ["SY-15"],
    summary: "Takes a push lock exclusively: not recursive.",
  }),
  kernelApi({
    name: "ExAcquirePushLockShared",
    params: [pushLock],
    does: [take("PushLock", "shared")],
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
    name: "FltAcquirePushLockExclusive",
    params: [pushLock],
    does: [enter, take("PushLock")],
    ...lock,
    facts: ["SY-15", "APC-2"],
    summary: "Takes a push lock exclusively; it enters a critical region itself.",
  }),
  kernelApi({
    name: "FltAcquirePushLockShared",
    params: [pushLock],
    does: [enter, take("PushLock", "shared")],
    ...lock,
    facts: ["SY-15", "APC-2"],
    summary: "Takes a push lock shared; it enters a critical region itself.",
  }),
  kernelApi({
    name: "FltReleasePushLock",
    params: [pushLock],
    does: [release("PushLock"), leave],
    facts: ["SY-15", "APC-2"],
    summary: "Releases a push lock and leaves the critical region.",
  }),
  kernelApi({
    name: "ExAcquireSpinLockExclusive",
    params: [spinLock],
    does: [take("SpinLock")],
    irqlMax: "DISPATCH_LEVEL",
    ...lock,
    facts: ["SY-16"],
    summary: "Takes an EX_SPIN_LOCK exclusively and raises to DISPATCH_LEVEL.",
  }),
  kernelApi({
    name: "ExAcquireSpinLockShared",
    params: [spinLock],
    does: [take("SpinLock", "shared")],
    irqlMax: "DISPATCH_LEVEL",
    ...lock,
    facts: ["SY-16"],
    summary: "Takes an EX_SPIN_LOCK shared and raises to DISPATCH_LEVEL: not recursive either.",
  }),
  kernelApi({
    name: "ExReleaseSpinLockExclusive",
    params: [spinLock],
    does: [release("SpinLock")],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-16"],
    summary: "Releases an EX_SPIN_LOCK.",
  }),
  kernelApi({
    name: "ExReleaseSpinLockShared",
    params: [spinLock],
    does: [release("SpinLock")],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-16"],
    summary: "Releases a shared EX_SPIN_LOCK.",
  }),
] as const;
