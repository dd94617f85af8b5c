/** Work, threads, callbacks, messages, files and all that is one step of one thread. */
import {
  allocation,
  type Calls,
  call,
  each,
  io,
  lookUp,
  on,
  plain,
  register,
  send,
  special,
  step,
} from "./call.ts";

export const serviceCalls: Calls = {
  IoQueueWorkItem: call(2, (a) => [
    step("queueWork", { item: a.WorkItem, queue: a.QueueType, counted: true }),
  ]),
  ExQueueWorkItem: call(2, (a) => [step("queueWork", { item: a.WorkItem, queue: a.QueueType })]),
  IoFreeWorkItem: call(2, (a) => [step("freeItem", { item: a.WorkItem })]),
  PsCreateSystemThread: call(0, (a) => [step("start", { routine: a.StartRoutine })]),
  KeInsertQueueApc: call(2, (a) => [
    step("queueApc", {
      routine: a.Apc,
      thread: a.Thread,
      special: /special/i.test(String(a.Kind)),
    }),
  ]),
  KeInsertQueueDpc: call(2, (a) => [step("insertDpc", { dpc: a.Dpc })]),
  KeRemoveQueueDpc: call(2, (a) => [step("removeDpc", { dpc: a.Dpc })]),
  KeFlushQueuedDpcs: call(0, () => [step("flushDpcs")]),
  PsSetCreateProcessNotifyRoutineEx: register((a) => a.Remove === "TRUE"),
  ...each(
    "PsSetCreateThreadNotifyRoutine PsSetCreateThreadNotifyRoutineEx PsSetLoadImageNotifyRoutine",
    register(() => false),
  ),
  ...each(
    "PsRemoveCreateThreadNotifyRoutine PsRemoveLoadImageNotifyRoutine",
    register(() => true),
  ),
  FltSendMessage: call(1, send("Port", { zero: "open" })),
  ...each(
    "LpcRequestWaitReplyPort ZwAlpcSendWaitReceivePort SecLookupAccountSid",
    call(0, send("Port", { kernel: true })),
  ),
  ZwFsControlFile: call(0, send("Pipe"), special),
  LpcRequestPort: call(0, on("post", "Port")),
  FltCloseClientPort: call(0, on("close", "Port")),
  FltUnregisterFilter: call(0, () => [step("closeAll")]),
  IoCsqInsertIrp: call(2, on("pend", "Csq")),
  IoCsqInsertIrpEx: call(2, (a) => [step("pend", { object: a.Csq, refuses: a.Stopped })]),
  IoCsqRemoveNextIrp: call(2, (a) => [step("pop", { object: a.Csq, into: a.Irp })]),
  IoCompleteRequest: call(2, on("reply", "Irp")),
  IoRaiseHardError: call(1, () => [step("completion", { asks: "person" })]),
  ZwCreateUserProcess: call(0, () => [step("createProcess", { byDriver: true })]),
  RtlCreateUserThread: call(0, () => [step("createUserThread")]),
  PsSuspendProcess: call(0, (a) => [step("suspend", { process: a.Process })]),
  ZwTerminateProcess: call(0, (a) => [step("terminate", { process: a.Process })]),
  KeStackAttachProcess: call(1, () => [step("region", { which: "attached", by: 1 })]),
  KeUnstackDetachProcess: call(1, () => [step("region", { which: "attached", by: -1 })]),
  ...each(
    "ZwCreateFile ZwOpenFile ZwReadFile ZwWriteFile ZwDeviceIoControlFile ZwQueryInformationFile ZwQueryVolumeInformationFile ZwCreateSection ZwLoadKey",
    io({ ...special, file: true }),
  ),
  ...each("FltCreateFile FltCreateFileEx", io({ apcs: "normal", file: true })),
  ...each("IoVolumeDeviceToDosName IoQueryFileDosDeviceName", io()),
  ...each(
    "FltGetFileNameInformation FltGetFileNameInformationUnsafe",
    call(1, () => [step("completion", { declines: true })], { file: true }),
  ),
  ...each(
    "ZwOpenKey ZwCreateKey ZwQueryValueKey ZwSetValueKey ZwDeleteKey SeLocateProcessImageName ObReferenceObjectByHandle ZwOpenProcess ZwOpenThread ZwDuplicateObject ZwQueryInformationProcess ZwQueryInformationThread ZwQueryVirtualMemory ZwAllocateVirtualMemory ZwFreeVirtualMemory ZwProtectVirtualMemory ZwMapViewOfSection ZwUnmapViewOfSection",
    lookUp(0),
  ),
  ...each(
    "PsLookupProcessByProcessId PsLookupThreadByThreadId ObOpenObjectByPointer MmCopyVirtualMemory",
    lookUp(1),
  ),
  ExAllocatePool2: allocation("Flags", "POOL_FLAG_PAGED"),
  ExAllocatePoolWithTag: allocation("PoolType", "PagedPool"),
  ...each("FltClose ZwClose ZwYieldExecution", plain(0)),
  ...each(
    "ObQueryNameString FltParseFileNameInformation FltReleaseFileNameInformation MmMapViewInSystemSpaceEx MmUnmapViewInSystemSpace KeTestAlertThread",
    plain(1),
  ),
  ...each(
    "PsGetProcessImageFileName ExFreePool ExFreePoolWithTag RtlCopyMemory EtwWrite DbgPrint DbgPrintEx",
    plain(2),
  ),
  KeRaiseIrql: call(2, (a) => [step("irql", { to: a.NewIrql, raise: true })]),
  KeLowerIrql: call(2, (a) => [step("irql", { to: a.NewIrql })]),
};
