/** Events, waits, delays: kernel-mode dispatcher calls. */
import {
  alertable,
  anotherName,
  arg,
  kernelApi,
  kernelWaitables,
  object,
  op,
  param,
  timeout,
  waitMode,
} from "./define.ts";

const event = object("Event", "NotificationEvent", "SynchronizationEvent");
const eventHandle = object("EventHandle", "NotificationEvent", "SynchronizationEvent");
/** Of an event that has a name or a handle, which is declared like any: whether there is one. */
const makesEvent = {
  does: [op("mayFail")],
  irqlMax: "PASSIVE_LEVEL",
  cost: "lock",
  results: ["success", "failure"],
  ...anotherName,
  facts: ["SY-28"],
} as const;
/** By handle, through the system's own service. */
const byHandle = {
  params: [eventHandle],
  irqlMax: "PASSIVE_LEVEL",
  cost: "lock",
  ...anotherName,
} as const;

/** How long, in which mode, whether alertable. */
const how = {
  timeout: arg("Timeout"),
  mode: arg("WaitMode"),
  alertable: arg("Alertable"),
} as const;
/** What an alertable wait can also end with. */
const cut = ["alerted", "userApc"] as const;

export const waitApis = [
  kernelApi({
    name: "KeSetEvent",
    params: [event],
    does: [op("set", { object: arg("Event") })],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    weight: 4,
    facts: ["SY-1", "SY-2", "PR-2"],
    summary: "Signals an event; waiters that it satisfies are released at once.",
  }),
  kernelApi({
    name: "KeResetEvent",
    params: [event],
    does: [op("reset", { object: arg("Event") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-1"],
    summary: "Clears an event; whoever was not waiting yet has missed the signal.",
  }),
  kernelApi({
    name: "KeClearEvent",
    params: [event],
    does: [op("reset", { object: arg("Event") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-1"],
    summary: "Clears an event.",
  }),
  kernelApi({
    name: "KePulseEvent",
    params: [event],
    does: [op("pulse", { object: arg("Event") })],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    facts: ["SY-4", "SY-1", "SY-2"],
    summary:
      "Signals an event and clears it at once; a waiter that takes a kernel APC just then misses it.",
  }),
  kernelApi({
    name: "ZwCreateEvent",
    ...makesEvent,
    summary: "Makes an event that has a handle, or opens the one of that name.",
  }),
  kernelApi({
    name: "ZwOpenEvent",
    ...makesEvent,
    summary: "Opens a named event that somebody has made.",
  }),
  kernelApi({
    name: "IoCreateNotificationEvent",
    ...makesEvent,
    summary: "Makes or opens a named notification event, which user mode can open, too.",
  }),
  kernelApi({
    name: "IoCreateSynchronizationEvent",
    ...makesEvent,
    summary: "The same for a synchronization event.",
  }),
  kernelApi({
    name: "ZwSetEvent",
    ...byHandle,
    does: [op("set", { object: arg("EventHandle") })],
    effects: ["wakes"],
    facts: ["SY-28", "SY-1", "SY-2"],
    summary: "Signals an event by its handle.",
  }),
  kernelApi({
    name: "ZwResetEvent",
    ...byHandle,
    does: [op("reset", { object: arg("EventHandle") })],
    facts: ["SY-28", "SY-1"],
    summary: "Clears an event by its handle.",
  }),
  kernelApi({
    name: "ZwClearEvent",
    ...byHandle,
    does: [op("reset", { object: arg("EventHandle") })],
    facts: ["SY-28", "SY-1"],
    summary: "Clears an event by its handle.",
  }),
  kernelApi({
    name: "KeReadStateEvent",
    params: [event],
    does: [op("readState", { object: arg("Event") })],
    returns: "number",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-1", "SY-2"],
    summary:
      "Tells whether an event is signalled, 1 or 0; it neither waits nor consumes the signal.",
  }),
  kernelApi({
    name: "KeWaitForSingleObject",
    params: [object("Object", ...kernelWaitables), timeout, waitMode, alertable],
    does: [op("wait", { object: arg("Object"), ...how })],
    irqlMaxAtZero: "DISPATCH_LEVEL",
    results: ["success", "timeout", "terminated", "abandoned", ...cut],
    effects: ["waits"],
    weight: 4,
    facts: ["SY-18", "SY-20", "SY-5"],
    summary: "Waits for one dispatcher object.",
  }),
  kernelApi({
    name: "KeWaitForMutexObject",
    params: [object("Mutex", "KMUTEX"), timeout, waitMode, alertable],
    does: [op("wait", { object: arg("Mutex"), ...how })],
    irqlMaxAtZero: "DISPATCH_LEVEL",
    results: ["success", "timeout", "terminated", "abandoned", ...cut],
    effects: ["waits"],
    facts: ["SY-5", "SY-18"],
    summary: "Acquires a KMUTEX; a holder may take it again.",
  }),
  kernelApi({
    name: "KeReleaseMutex",
    params: [object("Mutex", "KMUTEX")],
    does: [op("release", { object: arg("Mutex") })],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    facts: ["SY-5"],
    summary: "Releases a KMUTEX; only its owner may.",
  }),
  kernelApi({
    name: "KeReleaseSemaphore",
    params: [object("Semaphore", "KSEMAPHORE"), param("Adjustment", { type: "number" })],
    does: [op("releaseCount", { object: arg("Semaphore"), count: arg("Adjustment") })],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    facts: ["SY-7", "PR-2"],
    summary:
      "Adds to a semaphore's count and releases as many waiters as it allows; above the limit it raises.",
  }),
  kernelApi({
    name: "KeReadStateSemaphore",
    params: [object("Semaphore", "KSEMAPHORE")],
    does: [op("readState", { object: arg("Semaphore") })],
    returns: "number",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-7"],
    summary: "Tells a semaphore's count.",
  }),
  kernelApi({
    name: "KeWaitForMultipleObjects",
    params: [
      param("Objects", { type: "objects", kinds: kernelWaitables }),
      param("WaitType", { type: "oneOf", values: ["WaitAny", "WaitAll"] }),
      timeout,
      waitMode,
      alertable,
    ],
    does: [
      op("wait", {
        object: arg("Objects"),
        type: arg("WaitType"),
        ...how,
      }),
    ],
    irqlMaxAtZero: "DISPATCH_LEVEL",
    results: [
      "success",
      "object0",
      "object1",
      "object2",
      "object3",
      "timeout",
      "terminated",
      "abandoned",
      ...cut,
    ],
    effects: ["waits"],
    weight: 2,
    facts: ["SY-18", "SY-19", "SY-20"],
    summary: "Waits for any or all of several dispatcher objects.",
  }),
  kernelApi({
    name: "KeDelayExecutionThread",
    params: [param("Interval", { type: "timeout" }), waitMode, alertable],
    does: [
      op("delay", {
        timeout: arg("Interval"),
        mode: arg("WaitMode"),
        alertable: arg("Alertable"),
      }),
    ],
    results: ["success", "terminated", ...cut],
    facts: ["SV-25", "SY-20"],
    summary: "Sleeps for the interval.",
  }),
  kernelApi({
    name: "ZwWaitForSingleObject",
    params: [object("Handle", ...kernelWaitables), timeout],
    does: [op("wait", { object: arg("Handle"), timeout: arg("Timeout") })],
    irqlMax: "PASSIVE_LEVEL",
    results: ["success", "timeout"],
    effects: ["waits"],
    facts: ["SV-24"],
    summary: "Waits for a process, thread or event by handle.",
  }),
] as const;
