/** How callbacks are registered, removed, ordered and nested. */
import type { Fact } from "./fact.ts";

export const callbackOrderFacts: readonly Fact[] = [
  {
    id: "CB-M1",
    says: "Registrations are limited: 64 process routines, 8 and later 64 image routines, threads without a current figure, and one registry or object registration for an altitude.",
    source:
      "Microsoft docs, ntddk.h, PsSetCreateProcessNotifyRoutine and PsSetLoadImageNotifyRoutine; Microsoft docs, wdm.h, CmRegisterCallbackEx and ObRegisterCallbacks; OSR Online, DDK, PsSetCreateThreadNotifyRoutine",
    confidence: "documented",
    modelled: "no",
  },
  {
    id: "CB-M2",
    says: "ReactOS keeps the smaller tables of NT 5: eight routines of a kind, and a hundred registry entries.",
    source: "ReactOS ntoskrnl/ps/psnotify.c and ntoskrnl/config/cmhook.c",
    confidence: "source-read",
    modelled: "no",
  },
  {
    id: "CB-U1",
    says: "Removing a process routine returns only when none of its invocations is left; a routine that removes itself waits for itself.",
    source:
      "Microsoft docs, ntddk.h, PsSetCreateProcessNotifyRoutine, PsSetCreateProcessNotifyRoutineEx and PsSetCreateProcessNotifyRoutineEx2",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "CB-U2",
    says: "The removal calls of thread and image routines outwait a call under way in the same manner, and are banned inside it.",
    source:
      "Microsoft docs, ntddk.h, PsRemoveCreateThreadNotifyRoutine and PsRemoveLoadImageNotifyRoutine",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "CB-U3",
    says: "Calling CmUnRegisterCallback from a registry routine is described on its own page as a deadlock.",
    source: "Microsoft docs, wdm.h, CmUnRegisterCallback",
    confidence: "documented",
    modelled: "later",
  },
  {
    id: "CB-U4",
    says: "Someone whose exit routine removed itself found the routine gone from the list and the process still there, beyond killing.",
    source: "windows-driver-docs-ddi issue 1073",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "CB-U5",
    says: "In ReactOS removal first empties the slot, which ends new calls, and then waits without limit for the references on that one block. Other slots stay in service.",
    source: "ReactOS ntoskrnl/ps/psnotify.c and ntoskrnl/ex/callback.c",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "CB-U6",
    says: "FltUnregisterFilter waits for references to drain as well; a published stack shows one that never came back.",
    source: "systeminformer issue 1755",
    confidence: "source-read",
    modelled: "yes",
    lacks: "references of instances, volumes and of its own callbacks",
  },
  {
    id: "CB-U7",
    says: "No source says whether a kernel APC that a callback's critical region held off runs before the reference on the callback's block is released at its return, or after. So either may come first: a removal waits for such an APC, or does not.",
    source: "CB-U5 and the pages of CB-U1 and CB-U2, which speak of calls alone; APC-2",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "CB-Q2",
    says: "ReactOS links the new thread into its process, unlocks, calls the thread routines, opens the handle and readies the thread last. A Windows stack in public has its thread routines at the same place.",
    source: "ReactOS ntoskrnl/ps/thread.c; systeminformer issue 1761",
    confidence: "source-read",
    modelled: "yes",
    lacks: "object routines",
  },
  {
    id: "CB-Q3",
    says: "On its way up a process meets, in turn: object routines for an early handle, process routines as the first thread is inserted, that thread's routines, its release, and image routines for EXE and ntdll on the new thread. Process before thread is our inference.",
    source:
      "winsiderss/systeminformer KSystemInformer/informer_object.c; ReactOS ntoskrnl/dbgk/dbgkutil.c; Microsoft docs, ntddk.h, PCREATE_PROCESS_NOTIFY_ROUTINE_EX",
    confidence: "inferred",
    modelled: "yes",
    lacks: "object routines on the way",
  },
  {
    id: "CB-Q4",
    says: "ReactOS announces a process before it has any thread. Windows does not, and the model goes with Windows.",
    source: "ReactOS ntoskrnl/ps/process.c",
    confidence: "source-read",
    modelled: "no",
  },
  {
    id: "CB-Q5",
    says: "In ReactOS an exiting thread calls the thread routines; the last one then waits for its siblings without limit, calls the process-exit routines and closes the handles. Only after that are the process and the thread object signalled.",
    source: "ReactOS ntoskrnl/ps/kill.c",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "CB-Q6",
    says: "So an exit routine that waits for the process or thread it runs in never returns, and one thread stuck on its way out withholds the exit of the whole process.",
    source: "Follows from CB-Q5",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "CB-Q7",
    says: "ReactOS registers into the first free slot and calls the slots in sequence; Windows documents no order and has no altitudes here. By default the model calls in order of registration.",
    source: "ReactOS ntoskrnl/ps/psnotify.c and ntoskrnl/include/internal/ps_x.h",
    confidence: "inferred",
    modelled: "option",
  },
  {
    id: "CB-Q8",
    says: "The routines for one event follow each other in one thread. Whoever waits for the event waits for all of them together, not for the slowest.",
    source: "Follows from CB-Q7",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "CB-Q9",
    says: "Minifilters are called downwards before an operation and upwards after it, by altitude. One that completes the operation itself hides it from those below.",
    source: "Microsoft docs, fltkernel.h, PFLT_PRE_OPERATION_CALLBACK",
    confidence: "documented",
    modelled: "later",
  },
  {
    id: "CB-E1",
    says: "Routines nest freely: one whose own work creates, opens or maps something is entered again above itself, on the same stack.",
    source:
      "systeminformer issue 1761; winsiderss/systeminformer KSystemInformer/informer_object.c; ReactOS ntoskrnl/config/cmhook.c",
    confidence: "source-read",
    modelled: "yes",
    lacks: "registry, object and file routines",
  },
  {
    id: "CB-E2",
    says: "Handles opened for the kernel pass through object routines like others, marked by the KernelHandle flag.",
    source: "Microsoft docs, wdm.h, OB_PRE_OPERATION_INFORMATION",
    confidence: "documented",
    modelled: "later",
  },
  {
    id: "CB-E3",
    says: "If a driver ahead of yours has its agent look at the newborn process, your object, registry or file routines can meet that process earlier than your process routine does.",
    source: "winsiderss/systeminformer KSystemInformer/informer_object.c",
    confidence: "source-read",
    modelled: "later",
  },
  {
    id: "CB-E4",
    says: "A process that is torn down before it got a thread is never announced as created.",
    source:
      "winsiderss/systeminformer KSystemInformer/informer_object.c; Microsoft docs, ntddk.h, PsSetCreateProcessNotifyRoutineEx2",
    confidence: "source-read",
    modelled: "later",
  },
  {
    id: "CB-E5",
    says: "I/O that a minifilter issues through the filter manager starts below its own instance; through the Zw routines it starts at the top of the stack.",
    source: "windows-driver-docs: ifs/i-o-requests-generated-by-the-minifilter-driver",
    confidence: "documented",
    modelled: "later",
  },
];
