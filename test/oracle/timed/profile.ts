/** What takes how long: the time profile, and the class that each call costs (docs/calls.md). */
import type { Task } from "../state.ts";

/** In microseconds, where a world says nothing else. */
const usual = {
  shortUs: 1,
  lockUs: 2,
  userModeUs: 5,
  ioUs: 5_000,
  createProcessUs: 1_000,
  exitProcessUs: 500,
  createThreadUs: 100,
  mapImageUs: 500,
  busyItemUs: 1_000_000,
  slowServiceUs: 2_000_000,
  personUs: 60_000_000,
  /** The way back of a loop. */
  roundUs: 1,
} as const;

export type Span = keyof typeof usual;
export type TimeProfile = Partial<Record<Span, number>>;

export const spanOf = (times: TimeProfile | undefined, what: Span): number =>
  times?.[what] ?? usual[what];

/** A task that takes time, and does nothing else. */
export const spend = (what: Span): Task => ({ k: "spend", what });

/** Calls that are not short. */
const classes: Readonly<Record<string, string>> = {
  lockUs: `
    ExAcquireFastMutex ExTryToAcquireFastMutex ExAcquireFastMutexUnsafe KeAcquireGuardedMutex
    KeTryToAcquireGuardedMutex KeAcquireSpinLock KeAcquireInStackQueuedSpinLock WdfWaitLockAcquire
    ExAcquireResourceExclusiveLite ExAcquireResourceSharedLite ExAcquireSharedStarveExclusive
    ExAcquireSharedWaitForExclusive ExEnterCriticalRegionAndAcquireResourceExclusive
    ExEnterCriticalRegionAndAcquireResourceShared FltAcquireResourceExclusive
    FltAcquireResourceShared ExAcquirePushLockExclusive ExAcquirePushLockShared
    FltAcquirePushLockExclusive FltAcquirePushLockShared ExAcquireSpinLockExclusive
    ExAcquireSpinLockShared PsSetCreateProcessNotifyRoutineEx PsSetCreateThreadNotifyRoutine
    PsSetCreateThreadNotifyRoutineEx PsRemoveCreateThreadNotifyRoutine PsSetLoadImageNotifyRoutine
    PsRemoveLoadImageNotifyRoutine FltSendMessage ZwAlpcSendWaitReceivePort
    LpcRequestWaitReplyPort LpcRequestPort SecLookupAccountSid FltCloseClientPort
    FltUnregisterFilter ObQueryNameString MmMapViewInSystemSpaceEx MmUnmapViewInSystemSpace
    ZwFsControlFile NtWriteFile NtReadFile PsLookupProcessByProcessId PsLookupThreadByThreadId ObReferenceObjectByHandle
    SeLocateProcessImageName ObOpenObjectByPointer ZwOpenProcess ZwOpenThread ZwDuplicateObject
    ZwQueryInformationProcess ZwQueryInformationThread PsSuspendProcess PsResumeProcess ZwTerminateProcess
    RtlCreateUserThread ZwQueryVirtualMemory ZwAllocateVirtualMemory ZwFreeVirtualMemory
    ZwProtectVirtualMemory ZwMapViewOfSection ZwUnmapViewOfSection ZwCreateEvent ZwOpenEvent
    IoCreateNotificationEvent IoCreateSynchronizationEvent ZwSetEvent ZwResetEvent ZwClearEvent
    PsSetCreateProcessNotifyRoutine PsSetCreateProcessNotifyRoutineEx2 PsSetLoadImageNotifyRoutineEx
    FltRegisterFilter FltStartFiltering FltCreateCommunicationPort FltCloseCommunicationPort
    IoCreateDevice IoCreateSymbolicLink IoRegisterShutdownNotification CreateEvent OpenEvent`,
  ioUs: `
    ZwCreateFile ZwOpenFile ZwReadFile ZwWriteFile ZwDeviceIoControlFile ZwQueryInformationFile
    ZwQueryVolumeInformationFile FltCreateFile FltCreateFileEx FltPerformSynchronousIo
    IoVolumeDeviceToDosName IoQueryFileDosDeviceName ZwCreateSection ZwOpenKey ZwCreateKey ZwQueryValueKey ZwSetValueKey
    ZwDeleteKey ZwLoadKey ZwCreateUserProcess MmCopyVirtualMemory LoadLibrary CreateFile
    RegOpenKey ZwSetInformationFile ZwQueryDirectoryFile ZwDeleteFile FltReadFile FltWriteFile
    FltQueryInformationFile FltSetInformationFile ZwQueryKey ZwEnumerateKey ZwEnumerateValueKey
    ZwDeleteValueKey RtlQueryRegistryValues`,
  userModeUs: `
    WaitForSingleObjectEx QueueUserAPC NtAlertThread WaitForSingleObject WaitForMultipleObjects
    SetEvent ResetEvent FilterGetMessage FilterReplyMessage ReadFile WriteFile
    NtAlpcSendWaitReceivePort NtReplyWaitReceivePort NtRequestWaitReplyPort DeviceIoControl
    FilterSendMessage CreateThread`,
};

const classOf = new Map(
  Object.entries(classes).flatMap(([span, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, span as Span] as const),
  ),
);

export const costOf = (api: string): Span => classOf.get(api) ?? "shortUs";
