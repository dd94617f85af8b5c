/** Calls that are one step of one thread: at every level and in every region, with and without faults. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { call, drafted, object, of, type Roll, routine, to } from "./draft.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
/** Calls without arguments. */
export const bare = words(`
  ZwCreateFile ZwOpenFile ZwReadFile ZwWriteFile ZwDeviceIoControlFile ZwQueryInformationFile
  ZwQueryVolumeInformationFile FltCreateFile FltCreateFileEx FltPerformSynchronousIo FltClose FltGetFileNameInformation
  FltGetFileNameInformationUnsafe FltParseFileNameInformation FltReleaseFileNameInformation
  IoVolumeDeviceToDosName IoQueryFileDosDeviceName ObQueryNameString ZwCreateSection
  MmMapViewInSystemSpaceEx MmUnmapViewInSystemSpace ZwClose ZwOpenKey ZwCreateKey ZwQueryValueKey
  ZwSetValueKey ZwDeleteKey ZwLoadKey PsLookupProcessByProcessId PsLookupThreadByThreadId
  ObReferenceObjectByHandle PsGetProcessImageFileName SeLocateProcessImageName ObOpenObjectByPointer
  ZwOpenProcess ZwOpenThread ZwDuplicateObject ZwQueryInformationProcess ZwQueryInformationThread
  ZwQueryVirtualMemory ZwAllocateVirtualMemory ZwFreeVirtualMemory ZwProtectVirtualMemory
  ZwMapViewOfSection ZwUnmapViewOfSection MmCopyVirtualMemory ExFreePool ExFreePoolWithTag
  RtlCopyMemory EtwWrite DbgPrint DbgPrintEx ZwYieldExecution KeTestAlertThread IoRaiseHardError
  RtlCreateUserThread
  ZwQueryKey ZwEnumerateKey ZwEnumerateValueKey ZwDeleteValueKey RtlQueryRegistryValues ZwCreateEvent ZwOpenEvent
  IoCreateNotificationEvent IoCreateSynchronizationEvent FltRegisterFilter FltStartFiltering
  FltCreateCommunicationPort FltCloseCommunicationPort IoCreateDevice IoCreateSymbolicLink
  IoRegisterShutdownNotification ZwSetInformationFile ZwQueryDirectoryFile ZwDeleteFile FltReadFile FltWriteFile
  FltQueryInformationFile FltSetInformationFile IoAllocateWorkItem FltAllocateGenericWorkItem
  FltAllocateDeferredIoWorkItem`);

/** Calls that can fail: only what they come back with is asked. */
const fails =
  /^(Zw(Create|Open|Read|Write|Query|Enumerate|Set|Load|Map|Device|Delete)|PsLookup|Flt(Create|Get|Read|Write|Query|Set|Reg|Start|Alloc)|Io(Create|Reg|Alloc)|ObRef|SeLoc|RtlQuery)/;

const arounds: readonly [before: Statement[], after: Statement[]][] = [
  [[], []],
  [[], []],
  [[call("KeEnterCriticalRegion")], [call("KeLeaveCriticalRegion")]],
  [[call("KeEnterGuardedRegion")], [call("KeLeaveGuardedRegion")]],
  [
    [call("ExAcquireFastMutex", { FastMutex: to("Mutex") })],
    [call("ExReleaseFastMutex", { FastMutex: to("Mutex") })],
  ],
  [
    [call("KeAcquireSpinLock", { SpinLock: to("Spin") })],
    [call("KeReleaseSpinLock", { SpinLock: to("Spin") })],
  ],
  [
    [call("KeAcquireInStackQueuedSpinLock", { SpinLock: to("Spin") })],
    [call("KeReleaseInStackQueuedSpinLock", { SpinLock: to("Spin") })],
  ],
  [[call("KeStackAttachProcess")], [call("KeUnstackDetachProcess")]],
  [
    [call("KeRaiseIrql", { NewIrql: "APC_LEVEL" })],
    [call("KeLowerIrql", { NewIrql: "PASSIVE_LEVEL" })],
  ],
  [
    [call("KeAcquireGuardedMutex", { Mutex: to("Guard") })],
    [call("KeReleaseGuardedMutex", { Mutex: to("Guard") })],
  ],
];

export function plain(roll: Roll, seed: number): Scenario {
  let results = 0;
  const one = (): Statement[] => {
    const name = roll(3) === 0 ? `r${++results}` : undefined;
    if (roll(12) === 0)
      return [
        call(
          "ExAllocatePool2",
          { Flags: of(roll, ["POOL_FLAG_PAGED", "POOL_FLAG_NON_PAGED"]) },
          name,
        ),
      ];
    if (roll(12) === 0)
      return [
        call("ExAllocatePoolWithTag", { PoolType: of(roll, ["PagedPool", "NonPagedPool"]) }, name),
      ];
    const api = of(roll, bare);
    const made = call(api, {}, fails.test(api) ? name : undefined);
    if (name === undefined || !fails.test(api) || roll(2) === 0) return [made];
    return [
      made,
      {
        kind: "if",
        test: { kind: "result", of: name, is: "failure" },
        then: [roll(2) === 0 ? { kind: "return" } : call("EtwWrite")],
      },
    ];
  };
  const body = (): Statement[] =>
    Array.from({ length: 1 + roll(3) }, () => {
      const [before, behind] = of(roll, arounds);
      const inner = Array.from({ length: 2 + roll(4) }, one).flat();
      // Now and then something is left behind, or given back twice.
      const kept = roll(12) === 0 ? [] : behind;
      return [...before, ...inner, ...kept, ...(roll(30) === 0 ? behind : [])];
    }).flat();
  const isItem = roll(4) === 0;
  const forms = [
    "process-create",
    "process-exit",
    "thread-create",
    "thread-exit",
    "image",
    "image-exe",
    "image-dll",
    "non-system-thread-create",
    "image-driver",
    "non-system-thread-exit",
    "process",
    "thread",
  ];
  const family = of(roll, forms);
  const queue = call(of(roll, ["IoQueueWorkItem", "ExQueueWorkItem"]), {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  return drafted(
    seed,
    {
      objects: [
        object("Mutex", "FAST_MUTEX"),
        object("Guard", "KGUARDED_MUTEX"),
        object("Spin", "KSPIN_LOCK"),
        object("Done", "NotificationEvent"),
      ],
      routines: [
        routine("callback", "OnEvent", isItem ? [queue] : body()),
        ...(isItem ? [routine("workItem", "Item", body())] : []),
      ],
      registrations: [{ family, routine: "OnEvent" }],
    },
    [
      [
        of(roll, [
          "create",
          "create and exit",
          "create a thread",
          "load a DLL",
          "load a driver",
          "exit",
          "create and wait",
        ]),
      ],
    ],
    {
      startup: of(roll, ["before", "before", "failing"]),
      ...(roll(3) === 0 ? { neighbour: "creates a thread" } : {}),
      ...(roll(3) === 0 ? { specialApcs: "off" } : {}),
      ...(roll(6) === 0 ? { images: 1 } : {}),
      ...(roll(8) === 0 ? { disk: "removed" } : {}),
      removal: roll(6) === 0 ? "racing" : "none",
    },
  );
}
