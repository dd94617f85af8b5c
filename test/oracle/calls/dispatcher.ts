/** Waits, signals, timers, queues, numbers and counted structures. */
import { atZero, type Calls, call, delay, each, lookUp, number, on, step, wait } from "./call.ts";

export const dispatcherCalls: Calls = {
  KeSetEvent: call(2, on("set", "Event")),
  KeResetEvent: call(2, on("reset", "Event")),
  KeClearEvent: call(2, on("reset", "Event")),
  KePulseEvent: call(2, on("pulse", "Event")),
  ZwSetEvent: call(0, on("set", "EventHandle")),
  ...each("ZwResetEvent ZwClearEvent", call(0, on("reset", "EventHandle"))),
  ...each(
    "ZwCreateEvent ZwOpenEvent IoCreateNotificationEvent IoCreateSynchronizationEvent",
    lookUp(0),
  ),
  KeReadStateEvent: call(2, on("readState", "Event")),
  KeReadStateSemaphore: call(2, on("readState", "Semaphore")),
  KeWaitForSingleObject: call(1, wait("Object"), atZero),
  KeWaitForMutexObject: call(1, wait("Mutex"), atZero),
  KeWaitForMultipleObjects: call(1, wait("Objects"), atZero),
  ZwWaitForSingleObject: call(0, wait("Handle")),
  KeDelayExecutionThread: call(1, delay("Interval", false)),
  KeReleaseSemaphore: call(2, (a) => [
    step("releaseSemaphore", { object: a.Semaphore, by: a.Adjustment ?? 1 }),
  ]),
  InterlockedIncrement: number("increment"),
  InterlockedDecrement: number("decrement"),
  InterlockedExchange: number("exchange"),
  InterlockedCompareExchange: number("compareExchange"),
  WriteNoFence: number("write"),
  KeInsertQueue: call(2, (a) => [step("enqueue", { object: a.Queue, from: a.Entry })]),
  ...each(
    "InsertTailList ExInterlockedInsertTailList",
    call(2, (a) => [step("enqueue", { object: a.ListHead, from: a.Entry })]),
  ),
  KeRemoveQueue: call(
    1,
    (a) => [
      step("dequeue", {
        object: a.Queue,
        into: a.Entry,
        timeout: a.Timeout,
        user: a.WaitMode === "UserMode",
      }),
    ],
    atZero,
  ),
  Flink: call(2, (a) => [step("walk", { object: a.ListHead, into: a.Entry, from: a.From })]),
  RemoveEntryList: call(2, (a) => [step("unlink", { object: a.ListHead, from: a.Entry })]),
  InterlockedExchangePointer: call(2, (a) => [step("copy", { into: a.Target, from: a.Value })]),
  ...each(
    "RemoveHeadList ExInterlockedRemoveHeadList",
    call(2, (a) => [step("pop", { object: a.ListHead, into: a.Entry })]),
  ),
  ExAllocateFromLookasideListEx: call(2, on("allocate", "Entry")),
  ObReferenceObject: call(2, on("reference", "Entry", { by: 1 })),
  ObDereferenceObject: call(2, on("reference", "Entry", { by: -1 })),
  KeSetTimer: call(2, (a) => [step("setTimer", { object: a.Timer, due: a.DueTime, dpc: a.Dpc })]),
  KeSetTimerEx: call(2, (a) => [
    step("setTimer", { object: a.Timer, due: a.DueTime, dpc: a.Dpc, period: a.Period }),
  ]),
  KeCancelTimer: call(2, on("cancelTimer", "Timer")),
  KeReadStateTimer: call(2, on("readState", "Timer")),
};
