/** A small language: tables in the shape of the real ones, for tests of what is generic in them. */
import { type Activation, makeDefineDriver } from "../../../src/language/builder.ts";
import type { ApiShape, FamilyShape } from "../../../src/language/shape.ts";

const common = {
  irqlMax: "APC_LEVEL",
  does: [],
  cost: "short",
  raises: [],
  effects: [],
  weight: 1,
  facts: [],
  summary: "For tests.",
} as const;
const kernel = { ...common, mode: "kernel" } as const;
const user = { ...common, mode: "user" } as const;

const waitable = [
  "NotificationEvent",
  "SynchronizationEvent",
  "KMUTEX",
  "process",
  "thread",
] as const;
const event = {
  name: "Event",
  kind: { type: "object", kinds: ["NotificationEvent", "SynchronizationEvent"] },
} as const;
const timeout = {
  name: "Timeout",
  kind: { type: "timeout" },
  default: { timeout: "none" },
} as const;

export const apis = [
  { ...kernel, name: "ZwReadFile", params: [], results: ["success", "failure"] },
  { ...kernel, name: "KeSetEvent", params: [event], results: [] },
  {
    ...kernel,
    name: "KeWaitForSingleObject",
    params: [
      { name: "Object", kind: { type: "object", kinds: waitable } },
      timeout,
      {
        name: "WaitMode",
        kind: { type: "oneOf", values: ["KernelMode", "UserMode"] },
        default: "KernelMode",
      },
    ],
    results: ["success", "timeout"],
  },
  {
    ...kernel,
    name: "KeWaitForMultipleObjects",
    params: [
      { name: "Objects", kind: { type: "objects", kinds: waitable } },
      { name: "WaitType", kind: { type: "oneOf", values: ["WaitAny", "WaitAll"] } },
      timeout,
    ],
    results: ["object0", "object1", "timeout"],
  },
  {
    ...kernel,
    name: "KeDelayExecutionThread",
    params: [{ name: "Interval", kind: { type: "timeout" } }],
    results: [],
  },
  {
    ...kernel,
    name: "IoQueueWorkItem",
    params: [
      { name: "WorkItem", kind: { type: "routine", role: "workItem" } },
      {
        name: "QueueType",
        kind: { type: "oneOf", values: ["CriticalWorkQueue", "DelayedWorkQueue"] },
      },
    ],
    results: [],
  },
  {
    ...kernel,
    name: "WdfWorkItemFlush",
    params: [{ name: "WorkItem", kind: { type: "object", kinds: ["WORK_ITEM"] } }],
    results: [],
  },
  {
    ...kernel,
    name: "PsCreateSystemThread",
    params: [{ name: "StartRoutine", kind: { type: "routine", role: "systemThread" } }],
    results: ["success", "failure"],
  },
  {
    ...kernel,
    name: "ExAcquireFastMutex",
    params: [{ name: "FastMutex", kind: { type: "object", kinds: ["FAST_MUTEX"] } }],
    results: [],
  },
  {
    ...common,
    mode: "any",
    name: "InterlockedExchange",
    params: [
      { name: "Target", kind: { type: "object", kinds: ["variable"] } },
      { name: "Value", kind: { type: "number" } },
    ],
    results: [],
    returns: "number",
  },
  {
    ...kernel,
    name: "RemoveHeadList",
    params: [
      { name: "ListHead", kind: { type: "object", kinds: ["LIST_ENTRY"] } },
      { name: "Entry", kind: { type: "object", kinds: ["pointer"] } },
    ],
    results: ["success", "empty"],
  },
  {
    ...kernel,
    name: "AllocateRecord",
    params: [
      { name: "Record", kind: { type: "record" } },
      { name: "Entry", kind: { type: "object", kinds: ["pointer"] } },
    ],
    results: ["success", "failure"],
  },
  {
    ...user,
    name: "DeviceIoControl",
    params: [{ name: "Request", kind: { type: "routine", role: "request" } }],
    results: ["success"],
  },
  { ...user, name: "SetEvent", params: [event], results: [] },
  {
    ...user,
    name: "EnterCriticalSection",
    params: [{ name: "Section", kind: { type: "object", kinds: ["CRITICAL_SECTION"] } }],
    results: [],
  },
] as const satisfies readonly ApiShape[];

const family = {
  context: "the creating thread",
  irql: "PASSIVE_LEVEL",
  criticalRegion: true,
  veto: false,
  budgetUs: 500_000,
  registers: "PsSet",
  removes: "PsRemove",
  rules: [],
  facts: [],
} as const;

export const families = [
  { ...family, name: "process", events: ["create", "exit"], veto: true },
  { ...family, name: "thread", events: ["create", "exit"] },
  { ...family, name: "image", events: ["create"] },
  { ...family, name: "object-open", events: [] },
] as const satisfies readonly FamilyShape[];

export const language = { apis, families };
export const defineDriver = makeDefineDriver(apis, families);

/** The recorder of a kernel body, for helpers of tests. */
export type KernelActivation = Activation<(typeof apis)[number]>;
