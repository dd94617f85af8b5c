/**
 * Mullvad's split tunnel driver: the callback copies what it needs into a record, queues it for a
 * thread of the driver's own, and returns. The model answer.
 *
 * Source: mullvad/win-split-tunnel, commit 0a0eb97f, GPL-3 or MPL-2; modelled by reading; no code
 * copied. Read: src/procmon/procmon.cpp:27-134 (callback), 136-185 (thread), 189-330 (start),
 * 332-382 (stop), 384-400 (dispatching on), src/util.cpp:53-160 (the image name). Nothing was run.
 *
 * What the model leaves out: starting and stopping are requests of the service and part of the
 * unload there (driverentry.cpp:721-754); here DriverEntry and DriverUnload do them, and dispatching
 * is on from the start. The thread's end is an event, since a driver's thread has no handle in the
 * model; the exit event's state is read by a wait with timeout 0.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("win-split-tunnel", (d) => {
  d.origin(
    "https://github.com/mullvad/win-split-tunnel",
    "0a0eb97f67d1dbcb3d08bda66d3b24f465d95475",
    "Modelled by reading; no code copied.",
  );
  const processEvent = d.record("PROCESS_EVENT", (r) => r.variable("ProcessId"), { max: 6 });
  const queueLock = d.waitLock("QueueLock");
  const eventQueue = d.list("EventQueue");
  const wakeUpWorker = d.event("WakeUpWorker", "NotificationEvent");
  const exitWorker = d.event("ExitWorker", "NotificationEvent");
  const workerEnded = d.event("DispatchWorkerEnded", "NotificationEvent");

  const callback = d
    .onProcess("SystemProcessEvent", (a) => {
      const record = a.pointer("Record", processEvent);
      a.when(a.isCreate(), () => {
        a.ObOpenObjectByPointer().at("util.cpp:64");
        a.ZwQueryInformationProcess().label("size-of-name").at("util.cpp:104");
        const name = a.ExAllocatePool2().at("util.cpp:122");
        a.when(name.failed(), () => {
          a.ZwClose().label("close-after-failure");
          a.return().at("procmon.cpp:61");
        });
        a.ZwQueryInformationProcess().label("name").at("util.cpp:134");
        a.ZwClose();
      });
      const made = a.ExAllocateFromLookasideListEx(record).at("procmon.cpp:69");
      // Without memory the event is dropped.
      a.when(made.failed(), () => {
        a.return().at("procmon.cpp:80");
      });
      a.WdfWaitLockAcquire(queueLock).at("procmon.cpp:124");
      a.InsertTailList(eventQueue, record).at("procmon.cpp:126");
      a.KeSetEvent(wakeUpWorker).at("procmon.cpp:130");
      a.WdfWaitLockRelease(queueLock).at("procmon.cpp:133");
    })
    .at("procmon.cpp:27");

  const worker = d
    .systemThread("DispatchWorker", (t) => {
      const queue = t.list("ReparentedQueue");
      const record = t.pointer("WorkerRecord", processEvent);
      t.forever(() => {
        t.KeWaitForSingleObject(wakeUpWorker).at("procmon.cpp:146");
        t.WdfWaitLockAcquire(queueLock).at("procmon.cpp:148");
        const exit = t.KeWaitForSingleObject(exitWorker, { Timeout: 0 }).at("procmon.cpp:150");
        t.when(exit.succeeded(), () => {
          t.WdfWaitLockRelease(queueLock).label("release-and-exit").at("procmon.cpp:152");
          t.KeSetEvent(workerEnded).at("procmon.cpp:154");
          t.return();
        });
        let head!: ReturnType<typeof t.RemoveHeadList>;
        t.poll({ until: () => head.is("empty"), limit: "forever" }, () => {
          head = t.RemoveHeadList(eventQueue, record).at("procmon.cpp:165");
          t.when(head.succeeded(), () => {
            t.InsertTailList(queue, record).at("procmon.cpp:165");
          });
        });
        t.KeClearEvent(wakeUpWorker).at("procmon.cpp:167");
        t.WdfWaitLockRelease(queueLock).at("procmon.cpp:169");
        let next!: ReturnType<typeof t.RemoveHeadList>;
        t.poll({ until: () => next.is("empty"), limit: "forever" }, () => {
          next = t.RemoveHeadList(queue, record).at("procmon.cpp:178");
          t.when(next.succeeded(), () => {
            t.other("ProcessEventSink", { cost: "100us" }).at("procmon.cpp:180");
            t.ObDereferenceObject(record).at("procmon.cpp:182");
          });
        });
      });
    })
    .at("procmon.cpp:136");

  d.driverEntry((a) => {
    const registered = a.PsSetCreateProcessNotifyRoutineEx(callback, "FALSE").at("procmon.cpp:243");
    a.when(registered.failed(), () => {
      a.return();
    });
    const started = a.PsCreateSystemThread(worker).at("procmon.cpp:264");
    // Without its thread the driver is not there: its callback goes, and what that has queued.
    a.when(started.failed(), () => {
      const left = a.pointer("LeftAtStart", processEvent);
      a.PsSetCreateProcessNotifyRoutineEx(callback, "TRUE");
      a.drain(eventQueue, left, () => {
        a.ObDereferenceObject(left);
      });
      a.return();
    });
  });

  d.driverUnload((a) => {
    const left = a.pointer("LeftRecord", processEvent);
    a.PsSetCreateProcessNotifyRoutineEx(callback, "TRUE").at("procmon.cpp:345");
    a.WdfWaitLockAcquire(queueLock).at("procmon.cpp:351");
    a.KeSetEvent(exitWorker).at("procmon.cpp:353");
    a.KeSetEvent(wakeUpWorker).at("procmon.cpp:354");
    a.WdfWaitLockRelease(queueLock).at("procmon.cpp:356");
    a.KeWaitForSingleObject(workerEnded).at("procmon.cpp:358");
    let head!: ReturnType<typeof a.RemoveHeadList>;
    a.poll({ until: () => head.is("empty"), limit: "forever" }, () => {
      head = a.RemoveHeadList(eventQueue, left).at("procmon.cpp:368");
      a.when(head.succeeded(), () => {
        a.ObDereferenceObject(left).at("procmon.cpp:370");
      });
    });
  });
});

/**
 * Clean. The callback takes one lock, which is held only to link or unlink entries; the thread that
 * it wakes is never awaited. That the unload waits for the thread, without timeout, harms nobody:
 * the callback is gone by then and the thread needs nothing of the unloading one.
 */
export const expected: Expectation = {};
