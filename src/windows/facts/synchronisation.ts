/** Locks, events, waits, and what APCs and priorities have to do with them. */
import type { Fact } from "./fact.ts";

export const synchronisationFacts: readonly Fact[] = [
  {
    id: "SY-1",
    says: "Setting a notification event frees everyone who waits for it, and it stays set until somebody clears it.",
    source: "Microsoft docs, wdm.h, KeSetEvent",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-2",
    says: "Setting a synchronization event frees one waiter and consumes the signal; without a waiter the signal is kept for the first to come.",
    source: "Microsoft docs, wdm.h, KeSetEvent",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-3",
    says: "Nobody owns an event, so a detector that follows owners, Driver Verifier among them, sees no cycle that goes through one.",
    source: "windows-driver-docs: devtest/deadlock-detection",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-4",
    says: "Delivering a kernel APC takes a thread out of its wait for a moment, in which a pulsed event passes it by.",
    source: "windows-driver-docs: kernel/waits-and-apcs",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-5",
    says: "The owner of a KMUTEX may take it again and must release it as often, and nobody else may. Owning one keeps normal kernel APCs out; going back to user mode with one is a crash.",
    source:
      "windows-driver-docs: kernel/introduction-to-mutex-objects; Microsoft docs, wdm.h, KeReleaseMutex and KeWaitForSingleObject",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-6",
    says: "A thread that ends while it owns a KMUTEX abandons it: the next waiter gets the mutex together with a status that tells so.",
    source:
      "ReactOS ntoskrnl/ps/kill.c; the status: Microsoft docs, wdm.h, KeWaitForMultipleObjects",
    confidence: "source-read",
    modelled: "yes",
  },
  {
    id: "SY-7",
    says: "A KSEMAPHORE counts up to its limit and has no owner, so nothing protects a thread from waiting for a count that only it could give back.",
    source: "windows-driver-docs: kernel/semaphore-objects",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-8",
    says: "A FAST_MUTEX cannot be taken twice by one thread, and its owner runs at APC_LEVEL: no APC arrives and calls for PASSIVE_LEVEL are illegal.",
    source: "windows-driver-docs: kernel/fast-mutexes-and-guarded-mutexes",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-9",
    says: "A guarded mutex is not recursive either and keeps all APCs out through a guarded region; since Windows 8 it is a fast mutex underneath, and Verifier counts both as APC_LEVEL.",
    source: "windows-driver-docs: kernel/fast-mutexes-and-guarded-mutexes",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-10",
    says: "Neither fast nor guarded mutexes can be handed to KeWaitFor calls. One can try to take them, but not wait for a limited time.",
    source: "windows-driver-docs: kernel/alternatives-to-mutex-objects",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-11",
    says: "A thread that has an ERESOURCE in either mode may take it shared once more, even past queued writers; a newcomer queues behind a writer that waits.",
    source: "Microsoft docs, wdm.h, ExAcquireResourceSharedLite",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-12",
    says: "Exclusive ownership of an ERESOURCE nests. A reader that asks for it waits for itself, and two such readers for each other.",
    source: "Microsoft docs, wdm.h, ExAcquireResourceExclusiveLite",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-13",
    says: "ExAcquireSharedStarveExclusive passes queued writers, and ExAcquireSharedWaitForExclusive lets them go first even if the caller already reads; such a caller deadlocks unless somebody releases on its behalf.",
    source:
      "Microsoft docs, wdm.h, ExAcquireSharedStarveExclusive and ExAcquireSharedWaitForExclusive",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-14",
    says: "Before taking an ERESOURCE, at APC_LEVEL at most, a thread must have switched off normal kernel APCs.",
    source:
      "Microsoft docs, wdm.h, ExAcquireResourceExclusiveLite; windows-driver-docs: devtest/wdm-withincriticalregion",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-15",
    says: "A push lock is taken in a critical region and is not recursive: with it in hand, exclusive access hangs, and so does shared after exclusive. On shared after shared its page is of two minds; by default the second waits only if a writer queues between.",
    source: "Microsoft docs, wdm.h, ExAcquirePushLockShared and ExAcquirePushLockExclusive",
    confidence: "documented",
    modelled: "option",
  },
  {
    id: "SY-16",
    says: "A spin lock puts its owner at DISPATCH_LEVEL, where paged memory and waits are off limits. Taking it twice spins for ever, several need one global order, and 25 µs is the advised limit.",
    source: "windows-driver-docs: kernel/preventing-errors-and-deadlocks-while-using-spin-locks",
    confidence: "documented",
    modelled: "yes",
    lacks: "paged memory and the advised limit",
  },
  {
    id: "SY-17",
    says: "Once rundown has begun, acquiring an EX_RUNDOWN_REF fails. The owner's wait lasts until the count is zero and takes no timeout, so waiting with a reference of one's own never ends.",
    source:
      "Microsoft docs, wdm.h, ExWaitForRundownProtectionRelease; windows-driver-docs: kernel/run-down-protection",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-18",
    says: "A wait that can last is legal up to APC_LEVEL; DISPATCH_LEVEL allows a look with a timeout of zero. Anything else is a bug check.",
    source:
      "Microsoft docs, wdm.h, KeWaitForSingleObject; windows-driver-docs: kernel/managing-hardware-priorities",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-19",
    says: "KeWaitForMultipleObjects ends with one object or with all of them, in the latter case taking none before it can take every one; too many objects are a bug check.",
    source: "Microsoft docs, wdm.h, KeWaitForMultipleObjects; taking all at once: our inference",
    confidence: "inferred",
    modelled: "yes",
    lacks: "the limits on how many objects",
  },
  {
    id: "SY-20",
    says: "What can cut a wait short follows from its mode: nothing if KernelMode and not alertable, termination if UserMode, and user APCs or alerts besides if alertable.",
    source: "windows-driver-docs: kernel/waits-and-apcs",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-21",
    says: "Setting a KTIMER clears it and puts it into the timer queue; at its due time it leaves the queue, is signalled, and has its DPC queued if it was given one.",
    source: "Microsoft docs, wdm.h, KeSetTimer",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-22",
    says: "A notification timer stays signalled until it is set again, a synchronization timer frees one waiter and is clear again; one with a period goes on until it is cancelled.",
    source: "Microsoft docs, wdm.h, KeInitializeTimerEx and KeSetTimerEx",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-23",
    says: "Setting a timer that is in the queue, or KeCancelTimer, takes the earlier setting back with its DPC. A DPC that is queued by then still runs, so a driver that unloads has to wait for it besides.",
    source: "Microsoft docs, wdm.h, KeSetTimer and KeCancelTimer",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-24",
    says: "A KDPC stands in a queue once at most and runs at DISPATCH_LEVEL in whatever thread is there; queued again while it runs, it can run on another processor at the same time.",
    source:
      "Microsoft docs, wdm.h, KeInsertQueueDpc; windows-driver-docs: kernel/guidelines-for-writing-dpc-routines",
    confidence: "documented",
    modelled: "yes",
    lacks: "the thread that a DPC interrupts, and whose locks it finds taken",
  },
  {
    id: "SY-25",
    says: "KeFlushQueuedDpcs waits at PASSIVE_LEVEL until all DPCs that are queued have run.",
    source: "Microsoft docs, wdm.h, KeFlushQueuedDpcs",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-26",
    says: "On its way back from a system service to user mode a thread above PASSIVE_LEVEL is bug check 0x4A, and one with kernel APCs still disabled bug check 0x1.",
    source:
      "windows-driver-docs: debugger/bug-check-0x4a--irql-gt-zero-at-system-service and bug-check-0x1--apc-index-mismatch",
    confidence: "documented",
    modelled: "yes",
    where: "src/machine/checks.ts",
  },
  {
    id: "SY-27",
    says: "An entry that is taken off a LIST_ENTRY list keeps its own links until it is put into a list again. RemoveEntryList checks that its neighbours lead back to it: an entry that does not stand in a list is bug check 0x139.",
    source:
      "Microsoft docs, wdm.h, RemoveEntryList; Bug Check 0x139, type 3; that the links stay follows from what it does",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-28",
    says: "An event that has a name or a handle is an event object like any. ZwCreateEvent, ZwOpenEvent, IoCreateNotificationEvent and IoCreateSynchronizationEvent may fail; what they lead to is set by ZwSetEvent as by KeSetEvent, and by user mode, where that has a handle to it.",
    source:
      "Microsoft docs, ntifs.h, ZwCreateEvent, ZwOpenEvent and ZwSetEvent; wdm.h, IoCreateNotificationEvent and IoCreateSynchronizationEvent",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-29",
    says: "Cache-aware rundown protection keeps a count for each processor. What its calls do is what those of an EX_RUNDOWN_REF do.",
    source:
      "Microsoft docs, wdm.h, ExAcquireRundownProtectionCacheAware, ExReleaseRundownProtectionCacheAware and ExWaitForRundownProtectionReleaseCacheAware",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-30",
    says: "FsRtlEnterFileSystem and FsRtlExitFileSystem hold off normal kernel APCs and let special ones through: they are macros for a critical region.",
    source: "Microsoft docs, ntifs.h, FsRtlEnterFileSystem and FsRtlExitFileSystem",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-31",
    says: "ExInterlockedInsertTailList and ExInterlockedRemoveHeadList do in one step, at any IRQL, what InsertTailList and RemoveHeadList do. The spin lock that they are given is for calls of this sort alone.",
    source: "Microsoft docs, wdm.h, ExInterlockedInsertTailList and ExInterlockedRemoveHeadList",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "SY-32",
    says: "IoAcquireRemoveLock counts up, and fails once IoReleaseRemoveLockAndWait was called; IoReleaseRemoveLock counts down, in any thread. IoReleaseRemoveLockAndWait gives back an acquisition of its caller's and waits at PASSIVE_LEVEL, without timeout, until all others are.",
    source:
      "Microsoft docs, wdm.h, IoAcquireRemoveLock, IoReleaseRemoveLock and IoReleaseRemoveLockAndWait; windows-driver-docs: kernel/using-remove-locks",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "APC-1",
    says: "APCs are user, normal kernel or special kernel ones, and finished I/O comes back through the special kind.",
    source: "windows-driver-docs: kernel/types-of-apcs",
    confidence: "documented",
    modelled: "yes",
    lacks: "APCs that a driver queues",
  },
  {
    id: "APC-2",
    says: "Critical regions stop user and normal kernel APCs, guarded regions and APC_LEVEL stop every kind. Both regions are counts in the thread, and nest.",
    source:
      "windows-driver-docs: kernel/disabling-apcs and kernel/critical-regions-and-guarded-regions",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "APC-3",
    says: "Locks bring such a state along: a mutex the critical region, a guarded mutex the guarded one, a fast mutex APC_LEVEL.",
    source:
      "windows-driver-docs: kernel/disabling-apcs and kernel/critical-regions-and-guarded-regions",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "APC-4",
    says: "A synchronous call to a file system or volume that is made where special kernel APCs cannot arrive never learns of its completion, and hangs.",
    source:
      "windows-driver-docs: kernel/disabling-apcs; Microsoft docs, wdm.h, ZwCreateFile; OSR Community thread 1250",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "APC-5",
    says: "With kernel APCs off a thread cannot be terminated, whatever its wait mode. A routine stuck in its critical region is beyond killing.",
    source: "windows-driver-docs: kernel/waits-and-apcs",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "APC-6",
    says: "Suspension is held back by a critical region too; Microsoft's scanner sample enters one for that very reason.",
    source: "Windows-driver-samples: filesys/miniFilter/avscan/filter/avscan.c",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "APC-7",
    says: "IoRaiseHardError brings up its dialog through a normal kernel APC. Where those are off, as in process and object routines, and a file system waits for the answer, Microsoft describes the deadlock.",
    source: "Microsoft docs, ntddk.h, IoRaiseHardError",
    confidence: "documented",
    modelled: "yes",
  },
  {
    id: "PR-1",
    says: "AutoBoost lifts the owner of a lock to its waiter's priority. An event has no owner to lift, so it should do nothing for a worker that is being awaited.",
    source:
      "Microsoft docs, Win32, Priority inversion; windows-driver-docs: debugger/bug-check-0x192--kernel-auto-boost-lock-acquisition-with-raised-irql; events: our inference",
    confidence: "inferred",
    modelled: "no",
  },
  {
    id: "PR-2",
    says: "KeSetEvent and KeReleaseSemaphore take a priority boost for the thread that they wake.",
    source: "Microsoft docs, wdm.h, KeSetEvent and KeReleaseSemaphore",
    confidence: "documented",
    modelled: "no",
  },
  {
    id: "PR-3",
    says: "Taking a lock that AutoBoost tracks at DISPATCH_LEVEL is bug check 0x192.",
    source:
      "windows-driver-docs: debugger/bug-check-0x192--kernel-auto-boost-lock-acquisition-with-raised-irql",
    confidence: "documented",
    modelled: "no",
  },
];
