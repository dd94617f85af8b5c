/**
 * OpenProcmon: logs events under FAST_MUTEXes that one function takes and another releases; its image
 * callback has a system worker thread find the file's name, and waits.
 *
 * Source: progmboy/openprocmon, folder kernel, commit 23e11f33, MIT; modelled by reading; no code
 * copied. Read: process.c:289-692 (facts about a process), 725-884 (its list), 1282-1551 (thread and
 * process callbacks), 1936-2012 (names in a boot log), 2206-2320 (image callback), 2408-2498
 * (registering), 2501-2593 (collecting), log.c:180-243 and 384-458 (the log), utils.c:272-293 (the
 * work item), procmon.c:620-706 (connecting), 1144-1215 and 1599-1633 (a boot log). Nothing was run.
 *
 * The model has both modes: a program is connected, or there is a boot log, which ends after a time
 * that is set (procmon.c:1150). Left out: the registry and thread callbacks and the exits of
 * processes, which take the same mutexes in the same order; file operations; the sending of the log;
 * the APC that a callback queues to its own thread in the first mode, in which that thread waits for
 * the program up to a second (process.c:2089), but after the callback; that images of the program
 * itself are passed over; and that the end of a boot log also waits until the log is written and
 * removes the callbacks. The log always has room. A process is described already or not by a
 * condition, not by its id. There is no unload routine (procmon.c:398).
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("openprocmon", (d) => {
  d.origin(
    "https://github.com/progmboy/openprocmon",
    "23e11f33fbfe256ecff397011df19958e143b44d",
    "Modelled by reading; no code copied.",
  );
  const processList = d.fastMutex("gProcessListMutex");
  const logList = d.fastMutex("gMutexLogList");
  const connected = d.opaque("ProgramIsConnected", "driver");

  /** Returns with the mutex held, at APC_LEVEL. */
  const lockLog = d
    .routine("ProcmonGetLogBufferAndLock", (r) => {
      r.ExAcquireFastMutex(logList).at("log.c:207");
    })
    .at("log.c:180");

  /** Releases what ProcmonGetLogBufferAndLock took. */
  const notifyLog = d
    .routine("ProcmonNotifyProcessLog", (r) => {
      r.ExReleaseFastMutex(logList).at("log.c:416");
    })
    .at("log.c:384");

  const refProcessInfo = d
    .routine("RefProcessInfo", (r) => {
      r.ExAcquireFastMutex(processList).at("process.c:755");
      r.ExReleaseFastMutex(processList).at("process.c:762");
      r.when(r.opaque("NotYetDescribed"), () => {
        r.ZwOpenProcess().at("process.c:347");
        r.ZwQueryInformationProcess().at("process.c:382");
        r.ZwClose().at("process.c:524");
        r.call(lockLog).at("process.c:551");
        // The parent's record, while the log is held.
        r.ExAcquireFastMutex(processList).label("parent").at("process.c:569");
        r.ExReleaseFastMutex(processList).label("parent-done").at("process.c:569");
        r.call(notifyLog).at("process.c:602");
      }).at("process.c:836");
    })
    .at("process.c:726");

  d.onProcessCreate("CreateProcessNotifyRoutineEx2", (a) => {
    a.call(refProcessInfo).at("process.c:1463");
  }).at("process.c:1524");

  d.onImage("LoadImageNotifyRoutine", (a) => {
    const named = a.event("NotifyEvent", "NotificationEvent");
    a.when(connected, () => {
      a.when(a.isImage("driver"), () => {
        a.call(refProcessInfo).at("process.c:2297");
        a.call(lockLog).at("process.c:2301");
        a.call(notifyLog).at("process.c:2313");
        a.return();
      }).at("process.c:2245");
      const name = a
        .workItem("ProcmonGetFileNameInfoWorkRoutine", (w) => {
          w.FltGetFileNameInformationUnsafe().at("utils.c:289");
          w.KeSetEvent(named).at("utils.c:292");
        })
        .at("utils.c:273");
      a.ExQueueWorkItem(name, "DelayedWorkQueue").at("process.c:2270");
      a.KeWaitForSingleObject(named).at("process.c:2271");
      a.return();
    }).at("process.c:2254");
    a.when(a.isImage("driver"), () => a.return()).at("process.c:2245");
    const realName = a
      .workItem("ProcmonGetImageRealNameRoutine", (w) => {
        w.ZwOpenFile().at("process.c:1951");
        w.ZwClose().at("process.c:1951");
        w.KeSetEvent(named).at("process.c:1961");
      })
      .at("process.c:1929");
    // A worker that maps an image itself does not queue, in this mode alone.
    a.when(a.currentIs("system"), () => {
      a.ZwOpenFile().at("process.c:1951");
      a.ZwClose().at("process.c:1951");
      a.KeSetEvent(named).at("process.c:1961");
    })
      .otherwise(() => {
        a.ExQueueWorkItem(realName, "DelayedWorkQueue").at("process.c:2004");
      })
      .at("process.c:2001");
    a.KeWaitForSingleObject(named).label("real-name").at("process.c:2005");
    a.call(refProcessInfo).at("process.c:2297");
    a.call(lockLog).at("process.c:2301");
    a.call(notifyLog).at("process.c:2313");
  }).at("process.c:2207");

  const endOfBootLog = d
    .workItem("ProcmonRuntimeDpcWorkRoutine", (w) => {
      w.ExAcquireFastMutex(processList).at("process.c:2527");
      w.ZwOpenProcess().at("process.c:2545");
      w.ZwQueryInformationProcess().at("process.c:2547");
      w.ZwClose().at("process.c:2552");
      w.call(lockLog).at("process.c:2557");
      w.call(notifyLog).at("process.c:2567");
      w.ExReleaseFastMutex(processList).at("process.c:2572");
    })
    .at("procmon.c:1145");

  /** Stands for the timer and its DPC: they wait for nobody. */
  const runtimes = d
    .systemThread("gTimerRuntimes", (t) => {
      t.KeDelayExecutionThread("1ms").at("procmon.c:1624");
      t.ExQueueWorkItem(endOfBootLog, "DelayedWorkQueue").at("procmon.c:1212");
    })
    .at("procmon.c:1621");

  d.driverEntry((a) => {
    a.when(connected.not(), () => {
      a.PsCreateSystemThread(runtimes).at("procmon.c:1624");
    }).at("procmon.c:1603");
  });
});

/**
 * Deadlock: two FAST_MUTEXes in two orders. A callback describes a process that it has not met: it
 * takes gMutexLogList in one function, looks for the parent under gProcessListMutex, and releases the
 * former in another function (process.c:551-602). The end of a boot log, in a worker, goes through the
 * list under gProcessListMutex and logs each entry under gMutexLogList (process.c:2527-2572). The same
 * list is gone through when a program connects (procmon.c:666). From then on no process starts.
 *
 * The other deadlock that the source allows needs images that are mapped on system worker threads: see
 * openprocmon-starved.driver.ts. For want of these, the way of the system's own process through a boot
 * log is never reached here.
 *
 * Latency, and with it R1: the name is found by a worker, behind whatever other drivers queued; the
 * callback waits for it without timeout. Rules: R5, R6b, R7 for that wait; B9, because the list is
 * gone through at APC_LEVEL with calls that are for PASSIVE_LEVEL.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a FAST_MUTEX > work item waits for a FAST_MUTEX (circle)"],
  latency: ["foreign work item: work"],
  rule: ["B9", "R5", "R6b", "R7"],
};
