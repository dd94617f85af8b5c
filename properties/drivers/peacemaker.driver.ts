/**
 * PeaceMaker: a history of processes under a push lock, and in each entry a list of its images under
 * another. The image callback walks the stack and asks the address space what each address lies in,
 * with the history's lock held.
 *
 * Source: D4stiny/PeaceMaker, commit c96669d2, MIT; modelled by reading; no code copied. Read, in
 * "PeaceMaker Kernel": ImageHistoryFilter.cpp:21-63 and 75-99 (registering), 190-427 (processes),
 * 434-509 (names), 517-671 (images), 703 and on (requests), ThreadFilter.cpp:50-203, StackWalker.cpp
 * :15-198, AlertQueue.cpp:55-84. Nothing was run. The registry and object callbacks are not
 * modelled.
 *
 * What the model leaves out: a stack has one address; the history has each process that was created
 * since the driver was loaded, which a condition stands for. Both routines are registered before the
 * lock and the list that they use are initialised (line 29 against 46), and a model has no object
 * that is not initialised yet.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("peacemaker", (d) => {
  d.origin(
    "https://github.com/D4stiny/PeaceMaker",
    "c96669d226d751793909455d27bca54acd56d7b9",
    "Modelled by reading; no code copied.",
  );
  const historyLock = d.pushLock("ProcessHistoryLock");
  const imagesLock = d.perProcess.pushLock("ImageLoadHistoryLock");
  const alertsLock = d.spinLock("alertsLock");
  const isInHistory = d.opaque("IsInHistory", "process");

  const pushAlert = d
    .routine("PushAlert", (r) => {
      const alert = r.ExAllocatePool2().at("AlertQueue.cpp:70");
      r.when(alert.failed(), () => r.return()).at("AlertQueue.cpp:71");
      r.KeAcquireSpinLock(alertsLock).at("AlertQueue.cpp:83");
      r.KeReleaseSpinLock(alertsLock).label("pushed").at("AlertQueue.cpp:83");
    })
    .at("AlertQueue.cpp:55");

  const walkStack = d
    .routine("WalkAndResolveStack", (r) => {
      const addresses = r.ExAllocatePool2().at("StackWalker.cpp:142");
      r.when(addresses.failed(), () => r.return()).at("StackWalker.cpp:143");
      r.other("RtlWalkFrameChain", { cost: "10us" }).at("StackWalker.cpp:154");
      r.ZwQueryVirtualMemory().label("is-executable").at("StackWalker.cpp:101");
      r.ZwQueryVirtualMemory().label("is-image").at("StackWalker.cpp:31");
      r.ZwQueryVirtualMemory().label("file-name").at("StackWalker.cpp:50");
      r.ExFreePool().at("StackWalker.cpp:196");
    })
    .at("StackWalker.cpp:126");

  const nameOfProcess = d
    .routine("GetProcessImageFileName", (r) => {
      r.PsLookupProcessByProcessId().at("ImageHistoryFilter.cpp:452");
      r.ObOpenObjectByPointer().at("ImageHistoryFilter.cpp:462");
      r.ZwQueryInformationProcess().label("size").at("ImageHistoryFilter.cpp:472");
      r.ZwQueryInformationProcess().label("name").at("ImageHistoryFilter.cpp:492");
      r.ZwClose().at("ImageHistoryFilter.cpp:501");
    })
    .at("ImageHistoryFilter.cpp:435");

  const onProcess = d
    .onProcess("CreateProcessNotifyRoutine", (a) => {
      a.when(a.isExit(), () => {
        a.FltAcquirePushLockShared(historyLock).at("ImageHistoryFilter.cpp:369");
        a.FltReleasePushLock(historyLock).label("left").at("ImageHistoryFilter.cpp:394");
        a.return();
      }).at("ImageHistoryFilter.cpp:414");
      const entry = a.ExAllocatePool2().at("ImageHistoryFilter.cpp:209");
      a.when(entry.failed(), () => a.return()).at("ImageHistoryFilter.cpp:210");
      a.call(nameOfProcess).at("ImageHistoryFilter.cpp:278");
      a.call(walkStack).at("ImageHistoryFilter.cpp:289");
      a.FltAcquirePushLockExclusive(historyLock).at("ImageHistoryFilter.cpp:316");
      a.FltReleasePushLock(historyLock).at("ImageHistoryFilter.cpp:321");
      a.when(a.opaque("StackIsForeign"), () => {
        a.call(pushAlert).at("ImageHistoryFilter.cpp:326");
      });
    })
    .at("ImageHistoryFilter.cpp:404");

  const onImage = d
    .onImage("LoadImageNotifyRoutine", (a) => {
      a.FltAcquirePushLockShared(historyLock).at("ImageHistoryFilter.cpp:542");
      a.when(a.isImage("driver").not().and(isInHistory), () => {
        const entry = a.ExAllocatePool2().at("ImageHistoryFilter.cpp:573");
        a.when(entry.succeeded(), () => {
          a.call(walkStack).at("ImageHistoryFilter.cpp:623");
          a.FltAcquirePushLockExclusive(imagesLock).at("ImageHistoryFilter.cpp:631");
          a.FltReleasePushLock(imagesLock).label("linked").at("ImageHistoryFilter.cpp:636");
          a.when(a.opaque("StackIsForeign"), () => {
            a.call(pushAlert).at("ImageHistoryFilter.cpp:641");
          });
        }).at("ImageHistoryFilter.cpp:574");
      }).at("ImageHistoryFilter.cpp:563");
      a.FltReleasePushLock(historyLock).at("ImageHistoryFilter.cpp:651");
    })
    .at("ImageHistoryFilter.cpp:518");

  const onThread = d
    .onThreadCreate("ThreadNotifyRoutine", (a) => {
      a.FltAcquirePushLockShared(historyLock).at("ThreadFilter.cpp:136");
      a.FltReleasePushLock(historyLock).at("ThreadFilter.cpp:136");
      // The first thread of a process is passed over.
      a.when(a.currentIs("subject").not(), () => a.return()).at("ThreadFilter.cpp:137");
      a.call(walkStack).at("ThreadFilter.cpp:145");
      a.call(nameOfProcess).at("ThreadFilter.cpp:150");
      a.PsLookupThreadByThreadId().at("ThreadFilter.cpp:66");
      a.ObOpenObjectByPointer().at("ThreadFilter.cpp:76");
      a.ZwQueryInformationThread().at("ThreadFilter.cpp:86");
      a.ZwClose().at("ThreadFilter.cpp:95");
      a.when(a.opaque("StackIsForeign"), () => {
        a.call(pushAlert).at("ThreadFilter.cpp:184");
      });
    })
    .at("ThreadFilter.cpp:107");

  d.driverUnload((a) => {
    a.PsRemoveCreateThreadNotifyRoutine(onThread).at("ThreadFilter.cpp:41");
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").at("ImageHistoryFilter.cpp:83");
    a.PsRemoveLoadImageNotifyRoutine(onImage).at("ImageHistoryFilter.cpp:84");
    a.FltAcquirePushLockExclusive(historyLock).at("ImageHistoryFilter.cpp:89");
    a.FltReleasePushLock(historyLock).at("ImageHistoryFilter.cpp:94");
  });
});

/**
 * Rule: B3 word for word, a query of user memory in the image callback. On Windows 7 and earlier,
 * where the system holds a lock around image callbacks, that is a deadlock by the documentation; the
 * model's Windows is a later one and holds none (CB-L1).
 *
 * No hang beside it: the history's lock is held over the walk, so that creations queue behind it, but
 * nothing in the walk needs one of them. A thread that took it shared twice, with a creation waiting
 * in between, would hang; it would have to map an image inside the image callback.
 */
export const expected: Expectation = {
  rule: ["B3"],
};
