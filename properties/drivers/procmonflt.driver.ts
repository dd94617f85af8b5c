/**
 * ProcmonFlt: each callback puts a message into the queue of the driver's own pool of threads; those
 * send it to a service and wait up to a minute for its reply, which nobody in a callback waits for.
 *
 * Source: AndreiMuntea/ProcmonProject, commit 973b17b6, no licence stated; modelled by reading; no code
 * copied. Read, in ProcmonFlt: ProcessFilter.cpp:34-296, ThreadFilter.cpp:33-72, ModuleFilter.cpp:
 * 33-70, ProcessCollector.cpp:55-113, FltPort.hpp:134-181, FltPort.cpp:63-118, 142-188, ThreadPool.cpp:
 * 70-182, Minifilter.cpp:170-208 (unload). Nothing was run. The registry, file and network filters
 * are not modelled.
 *
 * What the model leaves out: two threads stand for ten; the queue is whether something stands in it;
 * how the threads end is an event for each, since a driver's thread has no handle in the model.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("procmonflt", (d) => {
  d.origin(
    "https://github.com/AndreiMuntea/ProcmonProject",
    "973b17b6b78f16cbde790404ca9e4cf82ef4ce43",
    "Modelled by reading; no code copied.",
  );
  const rundown = d.rundown("RundownProtection");
  const collectorLock = d.pushLock("ProcessCollectorLock");
  const queueLock = d.pushLock("ThreadPoolLock");
  const portLock = d.pushLock("FltPortLock");
  const hasItems = d.variable("HasItems", 0);
  const shutdown = d.variable("pendingShutdown", 0);
  const terminated = d.event("TerminationSignaled", "NotificationEvent");
  const enqueued = d.event("ItemEnqueued", "NotificationEvent");
  const port = d.port("ClientPort");
  const isMonitored = d.opaque("MonitorStarted", "driver");

  const send = d
    .routine("Send", (r) => {
      const element = r.ExAllocatePool2().at("FltPort.hpp:136");
      r.when(element.failed(), () => r.return()).at("FltPort.hpp:137");
      r.FltAcquirePushLockExclusive(queueLock).at("ThreadPool.cpp:89");
      r.when(shutdown.equals(0), () => {
        const was = r.InterlockedExchange(hasItems, 1).at("ThreadPool.cpp:96");
        r.when(was.is(0), () => {
          r.KeSetEvent(enqueued).at("ThreadPool.cpp:99");
        }).at("ThreadPool.cpp:97");
      }).at("ThreadPool.cpp:90");
      r.FltReleasePushLock(queueLock).at("ThreadPool.cpp:103");
    })
    .at("FltPort.hpp:134");

  const onProcess = d
    .onProcess("ProcessCreateNotifyRoutine", (a) => {
      const held = a.ExAcquireRundownProtection(rundown).at("ProcessFilter.cpp:41");
      a.when(held.failed(), () => a.return()).at("ProcessFilter.cpp:42");
      a.when(a.isCreate(), () => {
        a.FltAcquirePushLockExclusive(collectorLock).at("ProcessCollector.cpp:88");
        a.FltReleasePushLock(collectorLock).at("ProcessCollector.cpp:95");
        a.ZwOpenProcess().at("ProcessFilter.cpp:172");
        a.ZwQueryInformationProcess().at("ProcessFilter.cpp:179");
        a.KeStackAttachProcess().at("ProcessFilter.cpp:208");
        const copied = a.ZwDuplicateObject().at("ProcessFilter.cpp:260");
        a.when(copied.succeeded(), () => {
          a.ZwQueryVolumeInformationFile().at("ProcessFilter.cpp:267");
          a.ZwClose().label("copy").at("ProcessFilter.cpp:293");
        }).at("ProcessFilter.cpp:261");
        a.KeUnstackDetachProcess().at("ProcessFilter.cpp:243");
        a.ZwClose().at("ProcessFilter.cpp:194");
      }).at("ProcessFilter.cpp:48");
      a.when(isMonitored, () => {
        a.call(send).at("ProcessFilter.cpp:121");
      }).at("ProcessFilter.cpp:116");
      a.ExReleaseRundownProtection(rundown).at("ProcessFilter.cpp:51");
    })
    .at("ProcessFilter.cpp:35");

  const onThread = d
    .onThread("CreateThreadNotifyRoutine", (a) => {
      const held = a.ExAcquireRundownProtection(rundown).at("ThreadFilter.cpp:40");
      a.when(held.failed(), () => a.return()).at("ThreadFilter.cpp:41");
      a.when(isMonitored.and(a.subjectIs("system").not()), () => {
        a.call(send).at("ThreadFilter.cpp:59");
      }).at("ThreadFilter.cpp:47");
      a.ExReleaseRundownProtection(rundown).at("ThreadFilter.cpp:71");
    })
    .at("ThreadFilter.cpp:34");

  const onImage = d
    .onImage("LoadImageNotifyRoutine", (a) => {
      const held = a.ExAcquireRundownProtection(rundown).at("ModuleFilter.cpp:39");
      a.when(held.failed(), () => a.return()).at("ModuleFilter.cpp:40");
      a.when(isMonitored.and(a.isImage("driver").not()), () => {
        a.call(send).at("ModuleFilter.cpp:63");
      }).at("ModuleFilter.cpp:46");
      a.ExReleaseRundownProtection(rundown).at("ModuleFilter.cpp:69");
    })
    .at("ModuleFilter.cpp:33");

  const ends = ["Ended1", "Ended2"].map((name) => d.event(name, "NotificationEvent"));
  const threads = ends.map((ended, i) =>
    d
      .systemThread(`StartRoutine${i + 1}`, (t) => {
        t.poll({ until: shutdown.notEquals(0), limit: "forever" }, () => {
          t.KeWaitForMultipleObjects([terminated, enqueued], "WaitAny").at("ThreadPool.cpp:170");
          t.FltAcquirePushLockExclusive(queueLock).at("ThreadPool.cpp:133");
          const had = t.InterlockedExchange(hasItems, 0).at("ThreadPool.cpp:141");
          t.KeClearEvent(enqueued).at("ThreadPool.cpp:144");
          t.FltReleasePushLock(queueLock).at("ThreadPool.cpp:148");
          t.when(had.is(1), () => {
            t.FltAcquirePushLockShared(portLock).at("FltPort.hpp:168");
            t.FltSendMessage(port, "reply", { Timeout: "60s" }).at("FltPort.cpp:97");
            t.FltReleasePushLock(portLock).at("FltPort.hpp:181");
          }).at("ThreadPool.cpp:163");
        }).at("ThreadPool.cpp:160");
        t.KeSetEvent(ended).at("ThreadPool.cpp:182");
      })
      .at("ThreadPool.cpp:151"),
  );

  d.driverEntry((a) => {
    for (const thread of threads) a.PsCreateSystemThread(thread).at("ThreadPool.cpp:51");
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "FALSE").at("ProcessFilter.cpp:15");
    a.PsSetCreateThreadNotifyRoutine(onThread).at("ThreadFilter.cpp:13");
    a.PsSetLoadImageNotifyRoutine(onImage).at("ModuleFilter.cpp:13");
  });

  d.driverUnload((a) => {
    a.ExWaitForRundownProtectionRelease(rundown).at("Minifilter.cpp:185");
    a.PsRemoveCreateThreadNotifyRoutine(onThread).at("ThreadFilter.cpp:28");
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").at("ProcessFilter.cpp:29");
    a.PsRemoveLoadImageNotifyRoutine(onImage).at("ModuleFilter.cpp:28");
    a.WriteNoFence(shutdown, 1).at("ThreadPool.cpp:72");
    a.KeSetEvent(terminated).at("ThreadPool.cpp:73");
    a.FltAcquirePushLockExclusive(portLock).at("FltPort.cpp:75");
    a.FltReleasePushLock(portLock).at("FltPort.cpp:79");
    for (const ended of ends) a.KeWaitForSingleObject(ended).at("ThreadPool.cpp:116");
  });

  d.service("ProcmonClient", (s) => {
    s.thread("Receive", (t) => {
      const message = t.pointer("Message");
      t.forever(() => {
        t.FilterGetMessage(port, message);
        t.Compute("20ms");
        t.FilterReplyMessage(message);
      });
    });
  });
});

/**
 * Rule: B14, a volume is asked about while the thread is attached to the new process; asynchronous I/O
 * that is begun so may not finish.
 *
 * Otherwise clean. The push lock of the port is held over the minute, by the driver's threads alone;
 * callbacks take only that of the queue. An unload, which wants the port's lock, may wait that minute.
 */
export const expected: Expectation = {
  rule: ["B14"],
};
