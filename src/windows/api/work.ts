/** Work items, threads, queues, lists, variables, counted memory. */
import { contextKinds } from "../../language/model.ts";
import { workQueues } from "../../language/shape.ts";
import {
  anotherName,
  arg,
  intrinsic,
  kernelApi,
  object,
  op,
  param,
  timeout,
  waitMode,
} from "./define.ts";

const workItem = param("WorkItem", { type: "routine", role: "workItem" });
const queueType = param("QueueType", { type: "oneOf", values: workQueues });
const filterQueueType = param("QueueType", {
  type: "oneOf",
  values: ["CriticalWorkQueue", "DelayedWorkQueue"],
});
/** What an item or a thread is handed: what a pointer holds, or the address of an object. */
const context = { ...object("Context", ...contextKinds), default: "NULL" } as const;
const queue = object("Queue", "KQUEUE");
const list = object("ListHead", "LIST_ENTRY");
const entry = object("Entry", "pointer");
/** Where the new thread is kept, for who waits for its end. Nowhere unless given. */
const threadHandle = { ...object("ThreadHandle", "PETHREAD"), default: "NULL" } as const;
/** Of a process or thread nothing is counted: it is there for the run. */
const counted = object("Entry", "pointer", "PETHREAD", "process", "thread");
const variable = object("Target", "variable");

/** @param counted On the driver object, on the filter, or on nothing. */
const queues = (counted: boolean | "filter") =>
  op("queueWork", {
    item: arg("WorkItem"),
    queue: arg("QueueType"),
    counted,
    context: arg("Context"),
  });

/** Of a buffer for a work item, which the model does not look into: whether there is one. */
const allocates = {
  does: [op("mayFail")],
  results: ["success", "failure"],
  irqlMax: "DISPATCH_LEVEL",
  facts: ["W24"],
} as const;

const frees = {
  params: [workItem],
  does: [op("freeItem", { item: arg("WorkItem") })],
  irqlMax: "DISPATCH_LEVEL",
  ...anotherName,
  facts: ["W19"],
} as const;

export const workApis = [
  kernelApi({
    name: "IoAllocateWorkItem",
    ...allocates,
    summary:
      "Allocates a work item, if there is memory; to queue one that is not there is up to you.",
  }),
  kernelApi({
    name: "FltAllocateGenericWorkItem",
    ...allocates,
    summary: "The same for a work item of a minifilter.",
  }),
  kernelApi({
    name: "FltAllocateDeferredIoWorkItem",
    ...allocates,
    summary: "The same for one with which a minifilter pends a request.",
  }),
  kernelApi({
    name: "IoQueueWorkItem",
    params: [workItem, queueType, context],
    does: [queues(true)],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["queuesWork", "wakes"],
    weight: 4,
    facts: ["W4", "W20", "SV-26"],
    summary: "Queues a work item; the driver stays loaded until its routine has run.",
  }),
  kernelApi({
    name: "IoQueueWorkItemEx",
    params: [workItem, queueType, context],
    does: [queues(true)],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["queuesWork", "wakes"],
    ...anotherName,
    facts: ["W4", "W20", "SV-26"],
    summary: "The same, its routine being told of the item that it runs for.",
  }),
  kernelApi({
    name: "FltQueueGenericWorkItem",
    params: [workItem, filterQueueType, context],
    does: [queues("filter")],
    irqlMax: "DISPATCH_LEVEL",
    results: ["success", "failure"],
    effects: ["queuesWork", "wakes"],
    facts: ["W21", "W20"],
    summary:
      "Queues a work item of a minifilter, whose unregistering waits for its routine, and refuses it once begun.",
  }),
  kernelApi({
    name: "FltQueueDeferredIoWorkItem",
    params: [workItem, filterQueueType, context],
    does: [queues("filter")],
    irqlMax: "DISPATCH_LEVEL",
    results: ["success", "failure"],
    effects: ["queuesWork", "wakes"],
    facts: ["W22", "W20"],
    summary: "The same for a request of the minifilter's that it pends.",
  }),
  kernelApi({
    name: "ExQueueWorkItem",
    params: [workItem, queueType, context],
    does: [queues(false)],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["queuesWork", "wakes"],
    weight: 2,
    facts: ["W4", "W20", "B7"],
    summary: "Queues a work item that nothing keeps the driver loaded for.",
  }),
  kernelApi({
    name: "IoFreeWorkItem",
    params: [workItem],
    does: [op("freeItem", { item: arg("WorkItem") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["W19"],
    summary: "Frees a work item, which must not be queued; its own routine may free it.",
  }),
  kernelApi({
    name: "IoUninitializeWorkItem",
    ...frees,
    summary: "The same for an item in memory of the driver's own.",
  }),
  kernelApi({
    name: "FltFreeGenericWorkItem",
    ...frees,
    summary: "The same for a work item of a minifilter.",
  }),
  kernelApi({
    name: "FltFreeDeferredIoWorkItem",
    ...frees,
    summary: "The same for one with which a minifilter pended a request.",
  }),
  kernelApi({
    name: "PsCreateSystemThread",
    params: [
      param("StartRoutine", { type: "routine", role: "systemThread" }),
      context,
      threadHandle,
    ],
    does: [
      op("start", {
        routine: arg("StartRoutine"),
        context: arg("Context"),
        pointer: arg("ThreadHandle"),
      }),
    ],
    irqlMax: "PASSIVE_LEVEL",
    results: ["success", "failure"],
    effects: ["createsThread"],
    raises: ["thread"],
    facts: ["W17", "W23", "W25", "SV-13"],
    summary: "Starts a thread of the driver's own, hands it a context, and tells which it is.",
  }),
  kernelApi({
    name: "PsTerminateSystemThread",
    does: [op("endThread")],
    irqlMax: "PASSIVE_LEVEL",
    ...anotherName,
    facts: ["W25", "W17"],
    summary: "Ends the system thread whose routine calls it, and does not come back.",
  }),
  kernelApi({
    name: "KeInsertQueueApc",
    params: [
      param("Apc", { type: "routine", role: "apc" }),
      object("Thread", "thread"),
      param("Kind", { type: "oneOf", values: ["Normal", "Special"] }),
    ],
    does: [op("queueApc", { routine: arg("Apc"), object: arg("Thread"), special: arg("Kind") })],
    irqlMax: "DISPATCH_LEVEL",
    results: ["success", "failure"],
    effects: ["crossProcess"],
    facts: ["APC-1", "APC-2", "SY-4"],
    summary: "Has a thread run a routine as soon as kernel APCs of that kind reach it.",
  }),
  kernelApi({
    name: "KeInsertQueue",
    params: [queue, entry],
    does: [op("enqueue", { object: arg("Queue"), pointer: arg("Entry") })],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    facts: ["SY-18"],
    summary: "Puts an entry into a KQUEUE and releases a thread that waits there.",
  }),
  kernelApi({
    name: "KeRemoveQueue",
    params: [queue, entry, timeout, waitMode],
    does: [
      op("dequeue", {
        object: arg("Queue"),
        pointer: arg("Entry"),
        timeout: arg("Timeout"),
        mode: arg("WaitMode"),
      }),
    ],
    results: ["success", "timeout", "terminated"],
    effects: ["waits"],
    facts: ["SY-18", "SY-20"],
    summary: "Takes an entry from a KQUEUE, waiting for one.",
  }),
  kernelApi({
    name: "InsertTailList",
    params: [list, entry],
    does: [op("enqueue", { object: arg("ListHead"), pointer: arg("Entry") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Appends an entry to a list.",
  }),
  kernelApi({
    name: "RemoveHeadList",
    params: [list, entry],
    does: [op("pop", { object: arg("ListHead"), pointer: arg("Entry") })],
    results: ["success", "empty"],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Takes the head of a list, if there is one.",
  }),
  kernelApi({
    name: "ExInterlockedInsertTailList",
    params: [list, entry],
    does: [op("enqueue", { object: arg("ListHead"), pointer: arg("Entry") })],
    irqlMax: "DISPATCH_LEVEL",
    ...anotherName,
    facts: ["SY-31"],
    summary: "Appends an entry to a list in one step; its lock is left out.",
  }),
  kernelApi({
    name: "ExInterlockedRemoveHeadList",
    params: [list, entry],
    does: [op("pop", { object: arg("ListHead"), pointer: arg("Entry") })],
    results: ["success", "empty"],
    irqlMax: "DISPATCH_LEVEL",
    ...anotherName,
    facts: ["SY-31"],
    summary: "Takes the head of a list, if there is one, in one step; its lock is left out.",
  }),
  kernelApi({
    name: "Flink",
    params: [list, entry, { ...object("From", "pointer"), default: "NULL" }],
    does: [op("walk", { object: arg("ListHead"), pointer: arg("Entry"), from: arg("From") })],
    results: ["success", "empty"],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-27"],
    summary: "Follows a link: to a list's first entry, or to the one behind an entry in hand.",
  }),
  kernelApi({
    name: "InterlockedExchangePointer",
    params: [object("Target", "pointer"), object("Value", "pointer")],
    does: [op("copy", { object: arg("Target"), pointer: arg("Value") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Has a pointer hold what another one holds.",
  }),
  kernelApi({
    name: "RemoveEntryList",
    params: [list, entry],
    does: [op("unlink", { object: arg("ListHead"), pointer: arg("Entry") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SY-27"],
    summary: "Takes an entry off the list in which it stands.",
  }),
  intrinsic({
    name: "InterlockedIncrement",
    params: [variable],
    does: [op("add", { object: arg("Target"), value: 1 })],
    returns: "number",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Adds one, atomically, and tells what came of it.",
  }),
  intrinsic({
    name: "InterlockedDecrement",
    params: [variable],
    does: [op("add", { object: arg("Target"), value: -1 })],
    returns: "number",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Takes one off, atomically, and tells what is left.",
  }),
  intrinsic({
    name: "InterlockedExchange",
    params: [variable, param("Value", { type: "number" })],
    does: [op("store", { object: arg("Target"), value: arg("Value") })],
    returns: "number",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Stores a value, atomically, and tells the one before.",
  }),
  intrinsic({
    name: "InterlockedCompareExchange",
    params: [
      variable,
      param("Exchange", { type: "number" }),
      param("Comparand", { type: "number" }),
    ],
    does: [
      op("compareStore", {
        object: arg("Target"),
        value: arg("Exchange"),
        comparand: arg("Comparand"),
      }),
    ],
    returns: "number",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Stores a value if the comparand stands there, atomically, and tells the one before.",
  }),
  intrinsic({
    name: "WriteNoFence",
    params: [variable, param("Value", { type: "number" })],
    does: [op("store", { object: arg("Target"), value: arg("Value") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "A plain store.",
  }),
  kernelApi({
    name: "ExAllocateFromLookasideListEx",
    params: [entry],
    does: [op("allocate", { pointer: arg("Entry") })],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Allocates a counted record with one reference.",
  }),
  kernelApi({
    name: "ObReferenceObject",
    params: [counted],
    does: [op("reference", { pointer: arg("Entry") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-29"],
    summary: "Takes another reference to a counted record.",
  }),
  kernelApi({
    name: "ObDereferenceObject",
    params: [counted],
    does: [op("dereference", { pointer: arg("Entry") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-29"],
    summary: "Drops a reference; the last one frees the record.",
  }),
] as const;
