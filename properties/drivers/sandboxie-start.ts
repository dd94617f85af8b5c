/**
 * How Sandboxie holds up the start of a process until its service has prepared it. Made with or without
 * the condition that lets the service's own processes pass; the source has it.
 *
 * Source: sandboxie-plus/Sandboxie, folder Sandboxie/core, commit 991c700d, GPL-3 with a licence of its
 * own; modelled by reading; no code copied. Read: drv/process.c:840-920 and 1055-1480 (process
 * callback), drv/process_low.c:60-310 (asking the service, and its answer), drv/thread.c:205-272 (thread
 * callback), drv/api.c:880-900 (the datagram), svc/DriverAssist.cpp:330-400 and DriverAssistInject.cpp:
 * 53-215 (the service). Nothing was run. For images see sandboxie-hive.driver.ts.
 *
 * What the model leaves out: which process is boxed is a condition; that the service starts a program
 * of its own, with the lock of its mount manager held, happens once in a run at most, and what it waits
 * for then (up to ten seconds) is left out. The service answers requests in the order in which they
 * came. Reading the memory of the parent takes a millisecond. The configuration, tokens, jobs, exits
 * and the end of the waiting when the driver unloads are left out.
 */
import { type DriverModel, defineDriver } from "loophole-fuzz";

export const sandboxieStart = (name: string, serviceMayPass: boolean): DriverModel =>
  defineDriver(name, (d) => {
    d.origin(
      "https://github.com/sandboxie-plus/Sandboxie",
      "991c700d845158107daedffd493833e99d733894",
      "Modelled by reading; no code copied.",
    );
    const boxed = d.record("PROCESS", (r) => r.variable("sbielow_loaded"), { max: 4 });
    const processMap = d.list("Process_Map");
    const listLock = d.resource("Process_ListLock");
    // One for all who wait.
    const lowEvent = d.event("Process_Low_Event", "SynchronizationEvent");
    const port = d.port("SbieSvcPort");
    const portObject = d.variable("Api_ServicePortObject");

    d.onProcessCreate("Process_NotifyProcessEx", (a) => {
      const proc = a.pointer("NewProcess", boxed);
      a.FltGetFileNameInformationUnsafe().at("process.c:1087");
      if (serviceMayPass) {
        a.when(a.parentIs("service"), () => a.return()).at("process.c:1188");
      }
      a.KeRaiseIrql("APC_LEVEL").label("find").at("process.c:1216");
      a.ExAcquireResourceSharedLite(listLock).label("find-parent").at("process.c:1216");
      a.ExReleaseResourceLite(listLock).label("found-parent").at("process.c:1287");
      a.KeLowerIrql("PASSIVE_LEVEL").label("found").at("process.c:1288");
      a.when(a.opaque("IsBoxed").not(), () => a.return()).at("process.c:1411");
      const made = a.ExAllocateFromLookasideListEx(proc).at("process.c:1413");
      a.when(made.failed(), () => {
        a.veto().at("process.c:1110");
        a.return();
      });
      a.ObReferenceObject(proc);
      // Held exclusively from one function into the next.
      a.KeRaiseIrql("APC_LEVEL").at("process.c:911");
      a.ExAcquireResourceExclusiveLite(listLock).at("process.c:912");
      a.InsertTailList(processMap, proc).at("process.c:914");
      a.KeStackAttachProcess().at("process_force.c:548");
      a.other("ReadParentCommandLine", { cost: "1ms", irql: "APC_LEVEL" }).at("process.c:1453");
      a.KeUnstackDetachProcess().at("process_force.c:603");
      a.ExReleaseResourceLite(listLock).at("process.c:1527");
      a.KeLowerIrql("PASSIVE_LEVEL").at("process.c:1528");
      a.when(portObject.equals(0), () => {
        a.veto().at("process_low.c:222");
        a.ObDereferenceObject(proc).label("drop-unasked");
        a.return();
      }).at("process_low.c:158");
      a.LpcRequestPort(port).at("process_low.c:158");
      a.poll({ until: proc.field("sbielow_loaded").notEquals(0), limit: 120 }, () => {
        a.KeWaitForSingleObject(lowEvent, { Timeout: "250ms" }).at("process_low.c:195");
      }).at("process_low.c:176");
      a.when(proc.field("sbielow_loaded").equals(0), () => a.veto()).at("process_low.c:222");
      a.ObDereferenceObject(proc);
    }).at("process.c:1055");

    d.onThreadCreate("Thread_Notify", (a) => {
      a.KeRaiseIrql("APC_LEVEL").at("thread.c:238");
      a.ExAcquireResourceSharedLite(listLock).at("thread.c:238");
      a.ExReleaseResourceLite(listLock).at("thread.c:267");
      a.KeLowerIrql("PASSIVE_LEVEL").at("thread.c:268");
    }).at("thread.c:211");

    const injectComplete = d
      .request("Process_Low_Api_InjectComplete", (r) => {
        const proc = r.pointer("Injected", boxed);
        r.KeRaiseIrql("APC_LEVEL").at("process_low.c:255");
        r.ExAcquireResourceSharedLite(listLock).at("process_low.c:255");
        const found = r.RemoveHeadList(processMap, proc).at("process_low.c:255");
        r.when(found.succeeded(), () => {
          r.WriteNoFence(proc.field("sbielow_loaded"), 1).at("process_low.c:263");
          r.ObDereferenceObject(proc);
        });
        r.ExReleaseResourceLite(listLock).at("process_low.c:289");
        r.KeLowerIrql("PASSIVE_LEVEL").at("process_low.c:290");
        r.when(found.succeeded(), () => {
          r.KeSetEvent(lowEvent).at("process_low.c:294");
        });
      })
      .at("process_low.c:234");

    const setServicePort = d
      .request("Api_SetServicePort", (r) => {
        r.InterlockedExchange(portObject, 1).at("api.c:1000");
      })
      .at("api.c:951");

    d.onCleanup("Api_ResetServiceProcess", (c) => {
      c.InterlockedExchange(portObject, 0).at("api.c:832");
    });

    d.service("SbieSvc", (s) => {
      const mountManager = s.criticalSection("MountManager");
      const notMounted = s.event("NotMounted", "SynchronizationEvent", { signalled: true });
      const inject = s.thread(
        "MsgWorkerThread",
        (t) => {
          t.Compute("20ms").at("DriverAssistInject.cpp:133");
          t.EnterCriticalSection(mountManager);
          const first = t.WaitForSingleObject(notMounted, { Timeout: 0 });
          t.when(first.succeeded().and(t.opaque("BoxHasAnImage")), () => {
            t.CreateProcess();
          });
          t.LeaveCriticalSection(mountManager);
          t.DeviceIoControl(injectComplete).at("DriverAssistInject.cpp:171");
        },
        { count: 0 },
      );
      s.thread("DriverAssist", (t) => {
        const message = t.pointer("Message");
        t.DeviceIoControl(setServicePort).at("DriverAssist.cpp:150");
        t.forever(() => {
          t.FilterGetMessage(port, message).at("DriverAssist.cpp:362");
          t.CreateThread(inject).at("DriverAssist.cpp:370");
        });
      });
    });
  });
