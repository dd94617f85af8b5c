/**
 * What each call does, from the WDK's pages and section 7 of the semantics: as steps of the oracle.
 * Nothing is read from the table of the model under test.
 */
import type { Operand } from "../../src/language/model.ts";
import type { Task } from "./state.ts";

export interface Call {
  /** Highest IRQL: 0 PASSIVE_LEVEL, 1 APC_LEVEL, 2 DISPATCH_LEVEL; and with a timeout of zero. */
  readonly irql: 0 | 1 | 2;
  readonly irqlAtZero?: 0 | 1 | 2;
  readonly apcs?: "special" | "normal" | "disabled";
  readonly steps: (args: Readonly<Record<string, Operand>>) => readonly Task[];
}

type Args = Readonly<Record<string, Operand>>;
const step = (k: string, more: Record<string, unknown> = {}): Task => ({ k, ...more });
const call = (irql: 0 | 1 | 2, steps: Call["steps"], more: Partial<Call> = {}): Call => ({
  irql,
  steps,
  ...more,
});
const none: Call["steps"] = () => [];
const no = (arg: Operand | undefined): boolean => arg === "FALSE";

const wait =
  (param: string, more: Record<string, unknown> = {}) =>
  (a: Args): Task[] => [
    step("wait", {
      objects: a[param],
      all: a.WaitType === "WaitAll",
      user: a.WaitMode === "UserMode",
      alertable: a.Alertable === "TRUE",
      timeout: a.Timeout,
      ...more,
    }),
  ];
const delay =
  (param: string, user: boolean) =>
  (a: Args): Task[] => [
    step("delay", { interval: a[param], user, alertable: a.Alertable === "TRUE" }),
  ];
const lock =
  (param: string, form: string, more: Record<string, unknown> = {}) =>
  (a: Args): Task[] => [step("lock", { object: a[param], form, isTry: no(a.Wait), ...more })];
const unlock =
  (param: string) =>
  (a: Args): Task[] => [step("unlock", { object: a[param] })];
const region = (which: string, by: number): Task => step("region", { which, by });
const on =
  (k: string, param: string, more: Record<string, unknown> = {}) =>
  (a: Args): Task[] => [step(k, { object: a[param], ...more })];

const disabled = { apcs: "disabled" } as const;
const special = { apcs: "special" } as const;
const atZero = { irqlAtZero: 2 } as const;
const io = (irql: 0 | 1 = 0): Call => call(irql, () => [step("completion")], special);
const register = (remove: (a: Args) => boolean): Call =>
  call(0, (a) => [step("register", { routine: a.NotifyRoutine, remove: remove(a) })]);
const fetch = (param: string): Call =>
  call(0, (a) => [
    step("dequeue", { object: a[param], into: a.Message, timeout: a.Timeout, user: true }),
  ]);
const send = (param: string, reply: boolean, irql: 0 | 1 = 0): Call =>
  call(irql, (a) => [
    step("send", {
      object: a[param],
      reply: a.Reply === undefined ? reply : a.Reply === "reply",
      timeout: a.Timeout,
    }),
  ]);
const number = (op: string): Call => call(2, (a) => [step("number", { of: op, args: a })]);

/** FltSendMessage waits in KernelMode or not: told to end, its sender goes on (SV-6). */
export const calls: Readonly<Record<string, Call>> = {
  KeSetEvent: call(2, on("set", "Event")),
  KeResetEvent: call(2, on("reset", "Event")),
  KeClearEvent: call(2, on("reset", "Event")),
  KePulseEvent: call(2, on("pulse", "Event")),
  KeReadStateEvent: call(2, on("readState", "Event")),
  KeReadStateSemaphore: call(2, on("readState", "Semaphore")),
  KeWaitForSingleObject: call(1, wait("Object"), atZero),
  KeWaitForMutexObject: call(1, wait("Mutex"), atZero),
  KeWaitForMultipleObjects: call(1, wait("Objects"), atZero),
  ZwWaitForSingleObject: call(0, wait("Handle")),
  KeDelayExecutionThread: call(1, delay("Interval", false)),
  KeReleaseMutex: call(2, on("releaseMutex", "Mutex")),
  KeReleaseSemaphore: call(2, (a) => [
    step("releaseSemaphore", { object: a.Semaphore, by: a.Adjustment ?? 1 }),
  ]),
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
  ExConvertExclusiveToSharedLite: call(2, on("convert", "Resource")),
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
  WdfWaitLockRelease: call(0, unlock("Lock")),
  ExAcquireRundownProtection: call(2, on("protect", "RunRef")),
  ExReleaseRundownProtection: call(2, on("unprotect", "RunRef")),
  ExWaitForRundownProtectionRelease: call(1, on("runDown", "RunRef")),
  KeEnterCriticalRegion: call(1, () => [region("critical", 1)]),
  KeLeaveCriticalRegion: call(1, () => [region("critical", -1)]),
  KeEnterGuardedRegion: call(1, () => [region("guarded", 1)]),
  KeLeaveGuardedRegion: call(1, () => [region("guarded", -1)]),
  IoQueueWorkItem: call(2, (a) => [
    step("queueWork", { item: a.WorkItem, queue: a.QueueType, counted: true }),
  ]),
  ExQueueWorkItem: call(2, (a) => [step("queueWork", { item: a.WorkItem, queue: a.QueueType })]),
  PsCreateSystemThread: call(0, (a) => [step("start", { routine: a.StartRoutine })]),
  PsSetCreateProcessNotifyRoutineEx: register((a) => a.Remove === "TRUE"),
  PsSetCreateThreadNotifyRoutine: register(() => false),
  PsSetCreateThreadNotifyRoutineEx: register(() => false),
  PsSetLoadImageNotifyRoutine: register(() => false),
  PsRemoveCreateThreadNotifyRoutine: register(() => true),
  PsRemoveLoadImageNotifyRoutine: register(() => true),
  InterlockedIncrement: number("increment"),
  InterlockedDecrement: number("decrement"),
  InterlockedExchange: number("exchange"),
  InterlockedCompareExchange: number("compareExchange"),
  WriteNoFence: number("write"),
  KeInsertQueue: call(2, (a) => [step("enqueue", { object: a.Queue, from: a.Entry })]),
  InsertTailList: call(2, (a) => [step("enqueue", { object: a.ListHead, from: a.Entry })]),
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
  RemoveHeadList: call(2, (a) => [step("pop", { object: a.ListHead, into: a.Entry })]),
  ExAllocateFromLookasideListEx: call(2, on("allocate", "Entry")),
  ObReferenceObject: call(2, on("reference", "Entry", { by: 1 })),
  ObDereferenceObject: call(2, on("reference", "Entry", { by: -1 })),
  FltSendMessage: send("Port", true, 1),
  LpcRequestWaitReplyPort: send("Port", true),
  ZwAlpcSendWaitReceivePort: send("Port", true),
  ZwFsControlFile: send("Pipe", true),
  FilterGetMessage: fetch("Port"),
  ReadFile: fetch("Pipe"),
  FilterReplyMessage: call(0, on("reply", "Message")),
  WriteFile: call(0, on("reply", "Message")),
  Compute: call(0, () => [step("compute")]),
  Sleep: call(0, delay("Time", true)),
  SleepEx: call(0, delay("Time", true)),
  CreateProcess: call(0, () => [step("createProcess", { byDriver: true })]),
  ZwCreateUserProcess: call(0, () => [step("createProcess", { byDriver: true })]),
  ExitProcess: call(0, () => [step("exitProcess")]),
  WaitForSingleObject: call(0, wait("Handle", { user: true })),
  WaitForSingleObjectEx: call(0, wait("Handle", { user: true })),
  WaitForMultipleObjects: call(0, wait("Handles", { user: true })),
  SetEvent: call(0, on("set", "Event")),
  ResetEvent: call(0, on("reset", "Event")),
  EnterCriticalSection: call(0, lock("Section", "exclusive")),
  LeaveCriticalSection: call(0, unlock("Section")),
  PostThreadMessage: call(0, on("post", "Inbox")),
  GetMessage: call(0, (a) => [
    step("dequeue", { object: a.Inbox, timeout: a.Timeout, user: true }),
  ]),
  ZwCreateFile: io(),
  ZwOpenFile: io(),
  ZwReadFile: io(),
  ZwWriteFile: io(),
  DbgPrint: call(2, none),
  EtwWrite: call(2, none),
  RtlCopyMemory: call(2, none),
  ZwOpenKey: call(0, none),
  ZwQueryValueKey: call(0, none),
  PsLookupProcessByProcessId: call(1, none),
  PsGetProcessImageFileName: call(2, none),
  ZwDeviceIoControlFile: io(),
  ZwQueryInformationFile: io(),
  ZwQueryVolumeInformationFile: io(),
  FltCreateFile: io(),
  FltCreateFileEx: io(),
  IoVolumeDeviceToDosName: io(),
  IoQueryFileDosDeviceName: io(),
  ZwCreateKey: call(0, none),
  ZwSetValueKey: call(0, none),
  ZwDeleteKey: call(0, none),
  ZwLoadKey: call(0, none),
  ZwOpenProcess: call(0, none),
  ZwOpenThread: call(0, none),
  ZwDuplicateObject: call(0, none),
  ZwQueryInformationProcess: call(0, none),
  ZwQueryInformationThread: call(0, none),
  ZwQueryVirtualMemory: call(0, none),
  ZwAllocateVirtualMemory: call(0, none),
  ZwFreeVirtualMemory: call(0, none),
  ZwProtectVirtualMemory: call(0, none),
  ZwUnmapViewOfSection: call(0, none),
  ZwClose: call(0, none),
  ZwCreateSection: call(0, none),
  MmMapViewInSystemSpaceEx: call(0, none),
  MmUnmapViewInSystemSpace: call(0, none),
  SeLocateProcessImageName: call(0, none),
  ObReferenceObjectByHandle: call(0, none),
  ZwYieldExecution: call(0, none),
  CreateFile: call(0, none),
  RegOpenKey: call(0, none),
  PsLookupThreadByThreadId: call(1, none),
  ObOpenObjectByPointer: call(1, none),
  MmCopyVirtualMemory: call(1, none),
  ObQueryNameString: call(1, none),
  FltParseFileNameInformation: call(1, none),
  FltReleaseFileNameInformation: call(1, none),
  FltClose: call(1, none),
  DbgPrintEx: call(2, none),
  ExFreePool: call(2, none),
  ExFreePoolWithTag: call(2, none),
  KeSetTimer: call(2, (a) => [step("setTimer", { object: a.Timer, dpc: a.Dpc })]),
  KeSetTimerEx: call(2, (a) => [
    step("setTimer", { object: a.Timer, dpc: a.Dpc, period: a.Period }),
  ]),
  KeCancelTimer: call(2, on("cancelTimer", "Timer")),
  KeReadStateTimer: call(2, on("readState", "Timer")),
  KeRaiseIrql: call(2, (a) => [step("irql", { to: a.NewIrql, raise: true })]),
  KeLowerIrql: call(2, (a) => [step("irql", { to: a.NewIrql })]),
  NtAlpcSendWaitReceivePort: fetch("Port"),
  DeviceIoControl: call(0, (a) => [step("request", { routine: a.Request })]),
};
