/** System worker threads: queues, growth, relief, and what depends on them. */
import type { Fact } from "./fact.ts";

export const workerPoolFacts: readonly Fact[] = [
  {
    id: "W1",
    says: "System workers are threads of the System process. Each runs a single item through, at PASSIVE_LEVEL and free to wait, before it takes the next, and there are not many of them.",
    source: "windows-driver-docs: kernel/system-worker-threads",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "W2",
    says: "A queue type stands for a thread priority, from Background at 7 to RealTime at 18; since Windows 8.1 CustomPriority is the recommended form. The model has no priorities.",
    source: "Microsoft docs, wdm.h, WORK_QUEUE_TYPE",
    confidence: "documented",
    modelled: "no",
  },
  {
    id: "W3",
    says: "NT 5 had a set of threads for each queue; that the types are now mere priorities suggests one shared pool. The profile decides: separate by default in nt5, shared in modern.",
    source: "Inferred from W2",
    confidence: "inferred",
    modelled: "option",
  },
  {
    id: "W4",
    says: "Both ways to queue return at once and are legal up to DISPATCH_LEVEL. IoQueueWorkItem also keeps the device or driver object referenced until the routine is through; ExQueueWorkItem does not.",
    source: "Microsoft docs, wdm.h, ExQueueWorkItem and IoQueueWorkItem",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "W5",
    says: "ReactOS starts 5 Critical, 3 Delayed and 1 HyperCritical workers, lets the registry add up to 16 to the first two, and grows each queue by at most 16 dynamic threads, which leave after ten idle minutes.",
    source: "ReactOS ntoskrnl/ex/work.c",
    confidence: "source-read",
    modelled: "yes",
    lacks: "the idle exit of dynamic threads",
  },
  {
    id: "W6",
    says: "Microsoft's debugging team gave most queues sixteen threads at least, and Windows Internals lets the number vary with memory and edition. The profile decides: nt5 has 5, 3 and 1 by default, modern 16 or more.",
    source:
      "Microsoft NTDebugging blog, 2011-02-18, How queue deadlocks happen; Windows Internals, 6th edition, part 1, system worker threads",
    confidence: "documented",
    modelled: "option",
  },
  {
    id: "W7",
    says: "Only the Critical queue of ReactOS grows at once: an insertion that leaves items waiting while fewer workers run than there are processors wakes the manager, up to the cap.",
    source: "ReactOS ntoskrnl/ex/work.c",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "W8",
    says: "Once a second ReactOS looks for queues that had items at its previous look and have given none out since, and adds one thread to each, up to the cap.",
    source: "ReactOS ntoskrnl/ex/work.c",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "W9",
    says: "A blocked queue therefore gains a thread every second look at worst, since the new thread's first item counts as progress. Within the cap that is a staircase of seconds; beyond it, a deadlock.",
    source: "Inferred from W5 and W8",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W10",
    says: "The pool's manager creates the relief threads itself, so plain thread routines run on it. One that blocks there takes away the only relief.",
    source: "ReactOS ntoskrnl/ex/work.c and ntoskrnl/ps/thread.c",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W11",
    says: "Growth on insertion counts workers that run: a worker that waits makes room for another, one that spins does not.",
    source: "ReactOS ntoskrnl/ex/work.c and ntoskrnl/ke/queue.c",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W12",
    says: "Today's Windows writes a live dump, 0x1C5, when it believes a kernel pool deadlocked. That is a report, not a remedy.",
    source: "windows-driver-docs: debugger/bug-check-0x1c5--io-threadpool-deadlock-livedump",
    confidence: "documented",
    modelled: "no",
  },
  {
    id: "W13",
    says: "In ReactOS a work routine that comes back above PASSIVE_LEVEL or impersonating, or that ends its thread, is a bug check; APCs left disabled are put right.",
    source: "ReactOS ntoskrnl/ex/work.c and ntoskrnl/ps/kill.c",
    confidence: "source-read",
    modelled: "yes",
    lacks: "impersonation, and ending the thread",
  },
  {
    id: "W14",
    says: "The documented cascade: every worker is in an item that queued another item to its own queue and waits for it, so nobody is left to run any of them.",
    source: "Microsoft NTDebugging blog, 2011-02-18, How queue deadlocks happen",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "W15",
    says: "The system queues and waits as well: ReactOS sends a driver load from another process to a Delayed worker and awaits it, and image routines for it run there.",
    source: "ReactOS ntoskrnl/io/iomgr/driver.c, IopDoLoadUnloadDriver",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W16",
    says: "Deferred deletion of objects lives on the Delayed queue and the reaper of dead threads on HyperCritical; blocking those delays what they free.",
    source:
      "Windows Internals, 6th edition, part 1, system worker threads; ReactOS ntoskrnl/ps/kill.c",
    confidence: "source-read",
    modelled: "no",
  },
  {
    id: "W17",
    says: "PsCreateSystemThread asks for PASSIVE_LEVEL, though callers at APC_LEVEL are seen. There is a thread only where it comes back with success. That begins in a critical region, and nobody else can terminate it.",
    source:
      "Microsoft docs, wdm.h, PsCreateSystemThread; winsiderss/systeminformer KSystemInformer/informer_object.c; ReactOS ntoskrnl/ps/kill.c",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "W18",
    says: "Work items run as System, where neither user APCs nor a kill arrive: no wait of theirs can be broken off.",
    source: "Inferred from W17 and APC-5",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W19",
    says: "A work item may be freed when it is not queued, which includes its own routine. Flushing or awaiting the item that one runs in is waiting for oneself.",
    source: "Microsoft docs, wdm.h, IoFreeWorkItem; vadimgrn/usbip-win2 pull request 188",
    confidence: "source-read",
    modelled: "later",
  },
  {
    id: "W20",
    says: "Whoever queues a work item gives a context, a pointer that its routine is handed and that nobody keeps alive: memory that is freed before the routine uses it is gone.",
    source:
      "Microsoft docs, wdm.h, IoQueueWorkItem and IO_WORKITEM_ROUTINE; that nobody keeps it alive is inferred",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W21",
    says: "FltQueueGenericWorkItem queues an item to the Critical or Delayed queue, and fails while the minifilter is unloaded. The item holds rundown protection of the filter until its routine returns; FltUnregisterFilter waits for that. That it fails from there on, and no earlier, is inferred.",
    source: "Microsoft docs, fltkernel.h, FltQueueGenericWorkItem; Unregistering the Minifilter",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W22",
    says: "FltQueueDeferredIoWorkItem fails once the instance of the request is torn down, as unregistering the minifilter does. That the teardown waits for the item is inferred.",
    source:
      "Microsoft docs, Pending an I/O Operation in a Preoperation Callback Routine; fltkernel.h, FltQueueDeferredIoWorkItem",
    confidence: "inferred",
    modelled: "yes",
    lacks: "other refusals: requests without an IRP, paging, a top-level IRP",
  },
  {
    id: "W23",
    says: "PsCreateSystemThread hands its StartContext to the routine of the new thread, as one argument, and keeps nothing alive by that: memory that is freed before the thread uses it is gone.",
    source: "Microsoft docs, wdm.h, PsCreateSystemThread; that nothing is kept alive is inferred",
    confidence: "inferred",
    modelled: "yes",
  },
  {
    id: "W24",
    says: "IoAllocateWorkItem, FltAllocateGenericWorkItem and FltAllocateDeferredIoWorkItem hand back NULL where memory is short. What is declared as a work item is there all the same: that a driver does not queue what it has not got is its model's to say.",
    source:
      "Microsoft docs, wdm.h, IoAllocateWorkItem; fltkernel.h, FltAllocateGenericWorkItem and FltAllocateDeferredIoWorkItem",
    confidence: "documented",
    modelled: "yes",
    lacks: "a crash where an item is queued that was not allocated",
  },
  {
    id: "W25",
    says: "PsTerminateSystemThread ends the calling system thread and does not come back. PsCreateSystemThread tells a handle, which ObReferenceObjectByHandle makes a pointer of: both can be waited for, and the wait lasts until the thread has ended, so it has left the driver's code.",
    source:
      "Microsoft docs, wdm.h, PsTerminateSystemThread, PsCreateSystemThread, ObReferenceObjectByHandle and KeWaitForSingleObject; that it has left the code follows",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "W26",
    says: "One page lets Unload begin when no references to the driver's device objects are left, another has Unload itself wait for what IoQueueWorkItem queued. By default those items have ended by then; a world can have them run on, while the code stays until they have returned.",
    source:
      "Microsoft docs, Unload Routine Environment, against Releasing Driver-Allocated Resources; that a reference of W4 is such a reference is inferred",
    confidence: "inferred",
    modelled: "option",
  },
];
