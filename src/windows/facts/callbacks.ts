/** What each family of callback is: who calls it, in which state, and what it can do. */
import type { Fact } from "./fact.ts";

export const callbackFacts: readonly Fact[] = [
  {
    id: "CB-P1",
    says: "A process-create routine is called by the thread that asked for the new process, at PASSIVE_LEVEL in a critical region, just after the first thread of that process has been made. The plain form cannot refuse, and the caller need not belong to the declared parent.",
    source:
      "Microsoft docs, ntddk.h, PCREATE_PROCESS_NOTIFY_ROUTINE, PsSetCreateProcessNotifyRoutine and PS_CREATE_NOTIFY_INFO",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "CB-P2",
    says: "The Ex and Ex2 forms add a veto: an error left in CreationStatus makes the creation fail. The creator pays for the call all the same.",
    source:
      "Microsoft docs, ntddk.h, PsSetCreateProcessNotifyRoutineEx, PsSetCreateProcessNotifyRoutineEx2 and PS_CREATE_NOTIFY_INFO",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "CB-P3",
    says: "The end of a process is announced by its own last thread, again in a critical region at PASSIVE_LEVEL, when the siblings are gone and the address space is about to follow.",
    source:
      "Microsoft docs, ntddk.h, PCREATE_PROCESS_NOTIFY_ROUTINE_EX and PsSetCreateProcessNotifyRoutineEx",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "CB-P4",
    says: "Ex2 with the Subsystems type also reports WSL1 and pico processes. Their names and file object can be missing, and one that never got a thread can be reported at exit alone.",
    source: "Microsoft docs, ntddk.h, PsSetCreateProcessNotifyRoutineEx2",
    confidence: "documented",
    modelled: "no",
  },
  {
    id: "CB-T1",
    says: "The plain thread-create routine runs in the creating thread, at PASSIVE_LEVEL or APC_LEVEL.",
    source: "Microsoft docs, ntddk.h, PCREATE_THREAD_NOTIFY_ROUTINE",
    confidence: "documented",
    modelled: "yes",
    lacks: "APC_LEVEL",
  },
  {
    id: "CB-T2",
    says: "A routine registered through PsSetCreateThreadNotifyRoutineEx for non-system threads runs on the newborn thread itself: that thread starts late, and its creator goes on at once.",
    source:
      "Microsoft docs, ntddk.h, PsSetCreateThreadNotifyRoutineEx; NtDoc, PSCREATETHREADNOTIFYTYPE",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "CB-T3",
    says: "The Subsystems type of the Ex form adds the threads of WSL1. Its page does not say that the call moves to the new thread, so we take the creator's.",
    source: "Microsoft docs, ntddk.h, PsSetCreateThreadNotifyRoutineEx",
    confidence: "inferred",
    modelled: "later",
  },
  {
    id: "CB-T4",
    says: "A thread's exit is reported by the thread itself, at PASSIVE_LEVEL or APC_LEVEL. ReactOS does so with APCs enabled, ahead of the process lock.",
    source: "Microsoft docs, ntddk.h, PCREATE_THREAD_NOTIFY_ROUTINE; ReactOS ntoskrnl/ps/kill.c",
    confidence: "source-read",
    modelled: "yes",
    lacks: "APC_LEVEL",
  },
  {
    id: "CB-T5",
    says: "The plain form hears of system threads too, as in ReactOS; for Windows the name of the Ex type, NonSystem, and the code of System Informer point the same way.",
    source:
      "ReactOS ntoskrnl/ps/thread.c; winsiderss/systeminformer KSystemInformer/informer_object.c; Microsoft docs, ntddk.h, PsSetCreateThreadNotifyRoutineEx",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "CB-I1",
    says: "The image routine for an EXE runs in the new process at PASSIVE_LEVEL, between mapping and entry point, and cannot stop the load. Normal kernel APCs are always off there, special ones in some cases.",
    source: "Microsoft docs, ntddk.h, PLOAD_IMAGE_NOTIFY_ROUTINE",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "CB-I2",
    says: "Each DLL that is mapped as an image is reported before its first instruction, in the mapping thread as far as we can tell. Non-executable image sections are passed over.",
    source: "Microsoft docs, ntddk.h, PLOAD_IMAGE_NOTIFY_ROUTINE; the thread: our inference",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "CB-I3",
    says: "A driver's image comes with process id 0, in the loading thread. In ReactOS a load that user mode asked for is done by a Delayed worker and awaited, which puts the routine on a worker.",
    source:
      "Microsoft docs, ntddk.h, PLOAD_IMAGE_NOTIFY_ROUTINE; ReactOS ntoskrnl/io/iomgr/driver.c, IopDoLoadUnloadDriver",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "CB-R1",
    says: "Registry routines see every operation in the thread that performs it, from user and kernel mode alike, and may fail it or take it over beforehand. PASSIVE_LEVEL by the book, APC_LEVEL in the field.",
    source:
      "Microsoft docs, wdm.h, EX_CALLBACK_FUNCTION; windows-driver-docs: kernel/handling-notifications; systeminformer issue 2498; windows-driver-docs-ddi pull request 1617",
    confidence: "source-read",
    modelled: "later",
  },
  {
    id: "CB-O1",
    says: "Object routines surround the creation and duplication of handles to processes, threads and desktops, with normal kernel APCs off. They can take access rights away but not refuse, and APC_LEVEL occurs despite the documented PASSIVE_LEVEL.",
    source:
      "Microsoft docs, wdm.h, POB_PRE_OPERATION_CALLBACK and OB_OPERATION_REGISTRATION; winsiderss/systeminformer KSystemInformer/informer_object.c",
    confidence: "source-read",
    modelled: "later",
  },
  {
    id: "CB-F1",
    says: "A minifilter's pre-operation routine usually runs in the requester's thread below DISPATCH_LEVEL, or on a worker if a filter above pended the request. It can fail the request or pend it.",
    source:
      "windows-driver-docs: ifs/writing-preoperation-callback-routines; Microsoft docs, fltkernel.h, PFLT_PRE_OPERATION_CALLBACK",
    confidence: "documented",
    modelled: "later",
  },
  {
    id: "CB-F2",
    says: "Post-operation routines run in whichever thread completes the request, up to DISPATCH_LEVEL. After a create, or a synchronised pre-operation, it is the requester's; draining breaks the latter.",
    source:
      "Microsoft docs, fltkernel.h, PFLT_POST_OPERATION_CALLBACK; windows-driver-docs: ifs/returning-flt-preop-synchronize; windows-driver-docs issue 3067",
    confidence: "documented",
    modelled: "later",
  },
  {
    id: "CB-L1",
    says: "Up to Windows 7 the system holds a lock across image routines for user-mode images, so a routine that touches user address space deadlocks. The ban itself is still printed without a version.",
    source: "Microsoft docs, ntddk.h, PLOAD_IMAGE_NOTIFY_ROUTINE",
    confidence: "documented",
    modelled: "later",
  },
  {
    id: "CB-L2",
    says: "No document names a lock that Windows holds around process and thread routines, and ReactOS has dropped its own by then. By default the model holds none.",
    source: "ReactOS ntoskrnl/ps/thread.c and ntoskrnl/ps/kill.c",
    confidence: "inferred",
    modelled: "option",
  },
  {
    id: "CB-L3",
    says: "What the raising thread owns, it owns throughout the routine: a loader lock, another driver's ERESOURCE, whatever it was.",
    source: "Follows from CB-P1 to CB-F1; a stack that shows it: systeminformer issue 1761",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "CB-L4",
    says: "While a registry routine runs, ReactOS keeps a rundown reference on its registration and no list lock. A routine can so re-enter the registry, and with it the whole list.",
    source: "ReactOS ntoskrnl/config/cmhook.c",
    confidence: "source-read",
    modelled: "later",
  },
  {
    id: "CB-L5",
    says: "Registry routines are called from the highest altitude down until one fails. A key call that a routine makes is filtered like anybody's, though the layering page promises no restart for a substituted operation.",
    source:
      "windows-driver-docs: kernel/supporting-layered-registry-filtering-drivers; Microsoft docs, wdm.h, EX_CALLBACK_FUNCTION",
    confidence: "documented",
    modelled: "later",
  },
];
