/**
 * OpenEDR's driver, process, thread and image events: contexts of processes are filled under one mutex;
 * events go into a ring, which a thread of the driver sends to a service; the image callback allocates
 * memory of the process for the name of a DLL.
 *
 * Source: ComodoSecurity/openedr, commit 19130792, "available source", not open: read only, no code
 * copied. Read, in edrav2/iprj/edrdrv/src: procmon.cpp:308-350 (contexts), 570-640 and 740 (rules),
 * 754-814 (filling), 1203-1403 (the process callback), 1463-1474 (unload), dllinj.cpp:57-79, 346-419,
 * kernelinjectlib/injectengine/injector.cpp:157-330, apcinjector.cpp:26-149, fltport.cpp:148-182 (the
 * ring), 334-386, 392-460 (sending), workerthread.h:62-92 and 160-190, edrdrv.cpp:80-105. Nothing was
 * run. The build is the default one: no USE_SYNC_SEND, no MadCHook.
 *
 * What the model leaves out: the ring is a flag, contexts are marked filled for each process, the
 * registry, object and file callbacks, the 32-bit list of DLLs, the APC itself.
 */
import { defineDriver, type Expectation, type World } from "loophole-fuzz";

export const driver = defineDriver("openedr", (d) => {
  d.origin(
    "https://github.com/ComodoSecurity/openedr",
    "1913079201f990ac2cd8311a3985648e5ed55e48",
    "Modelled by reading; no code copied.",
  );
  const contextList = d.sharedSpinLock("mtxProcessContextList");
  const fillMutex = d.mutex("mtxFillProcessContext");
  const rules = d.resource("mtxProcessRules");
  const processList = d.resource("m_processListLock");
  const dllList = d.resource("m_dllListLock");
  const memoryList = d.fastMutex("m_memoryListLock");
  const filled = d.perProcess.variable("IsFilled");
  const pending = d.perProcess.variable("PendingFree");
  const ringLock = d.fastMutex("EventQueueMutex");
  const hasEvents = d.variable("HasEvents", 0);
  const wakeUp = d.event("WorkerEvent", "NotificationEvent");
  const terminated = d.variable("m_fTerminated", 0);
  const workerEnded = d.event("WorkerEnded", "NotificationEvent");
  const port = d.port("ClientPort");

  const fillContext = d
    .routine("fillContext", (r) => {
      r.ExAcquireSpinLockShared(contextList).at("procmon.cpp:322");
      r.ExReleaseSpinLockShared(contextList).at("procmon.cpp:327");
      r.when(filled.equals(0), () => {
        r.KeWaitForSingleObject(fillMutex).at("procmon.cpp:778");
        r.when(filled.equals(0), () => {
          r.ZwOpenProcess().at("procmon.cpp:786");
          r.ZwQueryInformationProcess().label("times").at("procmon.cpp:786");
          r.ZwQueryInformationProcess().label("basic").at("procmon.cpp:786");
          r.ZwQueryInformationProcess().label("image-name").at("procmon.cpp:786");
          r.ZwClose().at("procmon.cpp:786");
          r.WriteNoFence(filled, 1).at("procmon.cpp:790");
          r.ExEnterCriticalRegionAndAcquireResourceShared(rules).at("procmon.cpp:740");
          r.ExReleaseResourceAndLeaveCriticalRegion(rules).at("procmon.cpp:740");
        }).at("procmon.cpp:781");
        r.KeReleaseMutex(fillMutex).at("procmon.cpp:802");
      }).at("procmon.cpp:774");
    })
    .at("procmon.cpp:754");

  const sendRawEvent = d
    .routine("sendRawEvent", (r) => {
      r.ExAcquireFastMutex(ringLock).at("fltport.cpp:154");
      const item = r.ExAllocatePool2().at("fltport.cpp:165");
      // Where the ring is full, or there is no memory, the event is dropped.
      r.when(item.failed(), () => {
        r.ExReleaseFastMutex(ringLock).label("drop").at("fltport.cpp:178");
        r.return();
      }).at("fltport.cpp:171");
      r.WriteNoFence(hasEvents, 1).at("fltport.cpp:173");
      r.ExReleaseFastMutex(ringLock).at("fltport.cpp:178");
      r.KeSetEvent(wakeUp).at("workerthread.h:190");
    })
    .at("fltport.cpp:359");

  const freeMemory = d
    .routine("freeMemory", (r) => {
      r.ExAcquireFastMutex(memoryList).at("apcinjector.cpp:36");
      r.when(pending.notEquals(0), () => {
        // Removing the entry runs its destructor, under the fast mutex.
        r.WriteNoFence(pending, 0).at("apcinjector.cpp:45");
        r.ZwFreeVirtualMemory().at("injector.cpp:46");
      }).at("apcinjector.cpp:42");
      r.ExReleaseFastMutex(memoryList).at("apcinjector.cpp:48");
    })
    .at("apcinjector.cpp:34");

  const onProcess = d
    .onProcess("notifyOnCreateProcess", (a) => {
      a.call(fillContext).at("procmon.cpp:1322");
      a.when(a.isExit(), () => {
        a.ExEnterCriticalRegionAndAcquireResourceExclusive(processList).at("injector.cpp:166");
        a.ExReleaseResourceAndLeaveCriticalRegion(processList).at("injector.cpp:175");
        a.call(freeMemory).at("apcinjector.cpp:30");
        a.call(sendRawEvent).at("procmon.cpp:1299");
        a.ExAcquireSpinLockExclusive(contextList).at("procmon.cpp:1393");
        a.ExReleaseSpinLockExclusive(contextList).at("procmon.cpp:1395");
      })
        .otherwise(() => {
          a.other("ZwOpenProcessTokenEx", { cost: "2us" }).at("procmon.cpp:1240");
          a.other("ZwQueryInformationToken", { cost: "2us" }).at("procmon.cpp:1247");
          a.ZwClose().at("procmon.cpp:1269");
          a.call(sendRawEvent).at("procmon.cpp:1273");
        })
        .at("procmon.cpp:1316");
    })
    .at("procmon.cpp:1312");

  const onThread = d
    .onThreadExit("CreateThreadCallback", (a) => {
      a.call(freeMemory).at("apcinjector.cpp:133");
    })
    .at("dllinj.cpp:73");

  const onImage = d
    .onImage("ImageCallback", (a) => {
      a.when(a.isImage("driver"), () => a.return()).at("dllinj.cpp:62");
      const name = a.FltGetFileNameInformationUnsafe().at("injector.cpp:265");
      a.when(name.succeeded().and(a.opaque("IsImportantSystemDll")), () => {
        a.ExEnterCriticalRegionAndAcquireResourceExclusive(processList).at("injector.cpp:287");
        a.ExReleaseResourceAndLeaveCriticalRegion(processList).at("injector.cpp:300");
      }).at("injector.cpp:268");
      a.ExEnterCriticalRegionAndAcquireResourceShared(processList)
        .label("is-mapped")
        .at("injector.cpp:305");
      a.ExReleaseResourceAndLeaveCriticalRegion(processList).label("looked").at("injector.cpp:315");
      a.when(a.isImage("dll").not().or(pending.notEquals(0)), () => a.return()).at(
        "apcinjector.cpp:141",
      );
      a.PsLookupThreadByThreadId().at("injector.cpp:187");
      // The exports of kernel32.dll are read, from pages of the process.
      a.ExEnterCriticalRegionAndAcquireResourceShared(processList)
        .label("exports")
        .at("injector.cpp:320");
      a.ExReleaseResourceAndLeaveCriticalRegion(processList).label("read").at("injector.cpp:330");
      a.ExEnterCriticalRegionAndAcquireResourceShared(dllList).at("apcinjector.cpp:66");
      a.ZwAllocateVirtualMemory().at("injector.cpp:36");
      a.ExAcquireFastMutex(memoryList).at("apcinjector.cpp:81");
      a.WriteNoFence(pending, 1).at("apcinjector.cpp:82");
      a.ExReleaseFastMutex(memoryList).at("apcinjector.cpp:83");
      a.ExReleaseResourceAndLeaveCriticalRegion(dllList).at("apcinjector.cpp:85");
    })
    .at("dllinj.cpp:57");

  const worker = d
    .systemThread("SystemThreadWorker", (t) => {
      t.forever(() => {
        t.KeWaitForSingleObject(wakeUp, { Timeout: "1s" }).at("workerthread.h:81");
        t.KeClearEvent(wakeUp).at("workerthread.h:83");
        t.when(terminated.notEquals(0), () => {
          t.KeSetEvent(workerEnded).at("workerthread.h:56");
          t.return();
        }).at("workerthread.h:86");
        t.when(hasEvents.notEquals(0), () => {
          t.ExAcquireFastMutex(ringLock).at("fltport.cpp:423");
          t.WriteNoFence(hasEvents, 0).at("fltport.cpp:459");
          t.ExReleaseFastMutex(ringLock).at("fltport.cpp:459");
          // One that times out is sent again, until it goes or the service does.
          let sent!: ReturnType<typeof t.FltSendMessage>;
          t.poll(
            { until: () => sent.succeeded().or(sent.is("disconnected")), limit: "forever" },
            () => {
              sent = t.FltSendMessage(port, "no reply", { Timeout: "2s" }).at("fltport.cpp:349");
            },
          ).at("fltport.cpp:437");
        }).at("fltport.cpp:423");
      });
    })
    .at("workerthread.h:62");

  d.driverEntry((a) => {
    const process = a.PsSetCreateProcessNotifyRoutineEx(onProcess, "FALSE").at("procmon.cpp:1421");
    a.when(process.failed(), () => a.return()).at("procmon.cpp:1421");
    a.PsSetLoadImageNotifyRoutine(onImage).at("dllinj.cpp:392");
    a.PsSetCreateThreadNotifyRoutine(onThread).at("dllinj.cpp:393");
    a.PsCreateSystemThread(worker).at("workerthread.h:132");
  });

  d.driverUnload((a) => {
    a.PsRemoveCreateThreadNotifyRoutine(onThread).at("dllinj.cpp:412");
    a.PsRemoveLoadImageNotifyRoutine(onImage).at("dllinj.cpp:413");
    a.WriteNoFence(terminated, 1).at("workerthread.h:169");
    a.KeSetEvent(wakeUp).at("workerthread.h:170");
    a.KeWaitForSingleObject(workerEnded).at("workerthread.h:173");
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").at("procmon.cpp:1468");
    a.KeDelayExecutionThread("1s").at("edrdrv.cpp:100");
  });

  d.service("edrsvc", (s) => {
    s.thread("Receive", (t) => {
      const message = t.pointer("Event");
      t.forever(() => {
        t.FilterGetMessage(port, message);
        t.Compute("1ms");
      });
    });
  });
});

const world = (name: string, is: Partial<World>): World => ({
  name,
  workload: [{ name: "user1", does: ["create and exit"] }],
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
  ...is,
});

/** A process with a DLL, so that its exit has memory to free, alone and with what can go wrong. */
export const worlds: World[] = [
  world("a process with a DLL", { images: 1 }),
  world("its image callbacks with special APCs off", { images: 1, specialApcs: "off" }),
  world("the service hangs", { images: 1, service: { condition: "hung" } }),
  world("the service is ended", { service: { condition: "target" } }),
  world("a step of start-up fails", { startup: "failing" }),
  world("unloading beside", { removal: "racing" }),
  world("two processes", {
    workload: [
      { name: "user1", does: ["create and exit"] },
      { name: "user2", does: ["create and exit"] },
    ],
  }),
  world("a driver is loaded", { workload: [{ name: "user1", does: ["load a driver"] }] }),
];

/**
 * Rules. B3: memory of the process is allocated in the image callback, under the lock of the list of
 * DLLs. B9: at the exit of a thread or process the entry of that memory is removed from its list under
 * a fast mutex, so at APC_LEVEL, and its destructor calls ZwFreeVirtualMemory, which is for
 * PASSIVE_LEVEL.
 *
 * No hang and no latency: the mutex and the resources are held over queries of the kernel's own, which
 * need none of them, and the two seconds of FltSendMessage, however often they are tried again, are
 * the thread's alone. Only an unload waits for it.
 */
export const expected: Expectation = {
  rule: ["B3", "B9"],
};
