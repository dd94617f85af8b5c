/** Calls that have other names, too: a scenario says the same under them, where no IRQL forbids it. */
import type { Args, CallStatement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { of, type Roll } from "./draft.ts";

const others: Readonly<Record<string, readonly string[]>> = {
  KeSetEvent: ["ZwSetEvent"],
  KeResetEvent: ["ZwResetEvent", "ZwClearEvent"],
  ExAcquireRundownProtection: ["ExAcquireRundownProtectionCacheAware"],
  ExReleaseRundownProtection: ["ExReleaseRundownProtectionCacheAware"],
  ExWaitForRundownProtectionRelease: ["ExWaitForRundownProtectionReleaseCacheAware"],
  KeEnterCriticalRegion: ["FsRtlEnterFileSystem"],
  KeLeaveCriticalRegion: ["FsRtlExitFileSystem"],
  IoQueueWorkItem: ["IoQueueWorkItemEx"],
  IoFreeWorkItem: ["IoUninitializeWorkItem", "FltFreeGenericWorkItem", "FltFreeDeferredIoWorkItem"],
  InsertTailList: ["ExInterlockedInsertTailList"],
  RemoveHeadList: ["ExInterlockedRemoveHeadList"],
  PsSetCreateProcessNotifyRoutineEx: [
    "PsSetCreateProcessNotifyRoutine",
    "PsSetCreateProcessNotifyRoutineEx2",
  ],
  PsSetLoadImageNotifyRoutine: ["PsSetLoadImageNotifyRoutineEx"],
  ZwOpenKey: ["ZwQueryKey", "ZwEnumerateKey", "RtlQueryRegistryValues"],
  ZwQueryValueKey: ["ZwEnumerateValueKey", "ZwDeleteValueKey"],
  ZwWriteFile: ["ZwSetInformationFile", "ZwDeleteFile"],
  ZwReadFile: ["ZwQueryDirectoryFile"],
  FltPerformSynchronousIo: [
    "FltReadFile",
    "FltWriteFile",
    "FltQueryInformationFile",
    "FltSetInformationFile",
  ],
  ZwOpenProcess: [
    "ZwCreateEvent",
    "ZwOpenEvent",
    "IoCreateNotificationEvent",
    "IoCreateSynchronizationEvent",
    "FltRegisterFilter",
    "FltStartFiltering",
    "FltCreateCommunicationPort",
    "IoCreateDevice",
    "IoCreateSymbolicLink",
    "IoRegisterShutdownNotification",
  ],
  ZwClose: ["FltCloseCommunicationPort"],
  DeviceIoControl: ["FilterSendMessage"],
  CreateFile: ["CreateEvent", "OpenEvent"],
};

/** By handle, an event is named by another parameter. */
const renamedArgs = (api: string, { Event, ...args }: Args): Args =>
  Event === undefined ? args : { ...args, [api.startsWith("Zw") ? "EventHandle" : "Event"]: Event };

function renamed(roll: Roll, statement: CallStatement): CallStatement {
  const names = others[statement.api];
  if (names === undefined) return statement;
  const api = of(roll, [statement.api, ...names]);
  if (api === statement.api) return statement;
  return { ...statement, api, args: renamedArgs(api, statement.args) };
}

const isCall = (value: unknown): value is CallStatement =>
  typeof value === "object" && value !== null && "api" in value && "args" in value;

/** The same scenario, of whose calls some have another name. */
export function otherNames(roll: Roll, scenario: Scenario): Scenario {
  const text = JSON.stringify(scenario.drivers, (_, value) =>
    isCall(value) ? renamed(roll, value) : value,
  );
  return { ...scenario, drivers: JSON.parse(text) as Scenario["drivers"] };
}
