/** Timers and DPCs. */
import { arg, kernelApi, object, op, param } from "./define.ts";

const timer = object("Timer", "NotificationTimer", "SynchronizationTimer");
const dueTime = param("DueTime", { type: "timeout" });
const dpc = param("Dpc", { type: "routine", role: "dpc" });
/** None unless given. */
const timerDpc = {
  name: "Dpc",
  kind: { type: "routine", role: "dpc" },
  default: "NULL",
} as const;
const set = { object: arg("Timer"), due: arg("DueTime"), dpc: arg("Dpc") } as const;

export const timerApis = [
  kernelApi({
    name: "KeSetTimer",
    params: [timer, dueTime, timerDpc],
    does: [op("setTimer", set)],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-21", "SY-23"],
    summary: "Sets a timer, which is signalled once at its due time and may queue a DPC.",
  }),
  kernelApi({
    name: "KeSetTimerEx",
    params: [timer, dueTime, param("Period", { type: "timeout", whole: "ms" }), timerDpc],
    does: [op("setTimer", { ...set, period: arg("Period") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-21", "SY-22", "SY-23"],
    summary: "Sets a timer that is signalled at its due time and, with a period, again and again.",
  }),
  kernelApi({
    name: "KeCancelTimer",
    params: [timer],
    does: [op("cancelTimer", { object: arg("Timer") })],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-23"],
    summary: "Takes back a timer that is still set; fails if it is not.",
  }),
  kernelApi({
    name: "KeReadStateTimer",
    params: [timer],
    does: [op("readState", { object: arg("Timer") })],
    returns: "number",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-21"],
    summary: "Tells whether a timer is signalled, 1 or 0.",
  }),
  kernelApi({
    name: "KeInsertQueueDpc",
    params: [dpc],
    does: [op("insertDpc", { dpc: arg("Dpc") })],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    facts: ["SY-24"],
    summary: "Queues a DPC, to run at DISPATCH_LEVEL; fails if it is queued already.",
  }),
  kernelApi({
    name: "KeRemoveQueueDpc",
    params: [dpc],
    does: [op("removeDpc", { dpc: arg("Dpc") })],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-24"],
    summary: "Takes back a DPC that is still queued; fails if it is not, and may be running.",
  }),
  kernelApi({
    name: "KeFlushQueuedDpcs",
    does: [op("flushDpcs")],
    irqlMax: "PASSIVE_LEVEL",
    effects: ["waits"],
    facts: ["SY-25"],
    summary: "Waits, without timeout, until every DPC that is queued has run.",
  }),
] as const;
