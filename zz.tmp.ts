import { and, defineDriver, not, or } from "loophole-fuzz";

export const driver = defineDriver("table", (d) => {
  // driver-wide
  const ready = d.event("Ready", "NotificationEvent", { signalled: true });
  const mutex = d.mutex("Mutex");
  const lock = d.fastMutex("Lock");
  const res = d.resource("Res");
  const spin = d.spinLock("Spin");
  const push = d.pushLock("Push");
  const run = d.rundown("Run");
  const wl = d.waitLock("WaitLock");
  const kq = d.queue("Queue");
  const list = d.list("List");
  const csq = d.csq("Csq");
  const port = d.port("Port");
  const count = d.variable("Count", 0);
  const seen = d.perProcess.variable("Seen");
  const procLock = d.perProcess.mutex("ProcLock");
  const timeout = d.setting("ReplyTimeout", "100ms");
  const entry = d.record("ENTRY", (r) => r.event("Done", "NotificationEvent").variable("Pid"), { max: 8 });
  const trusted = d.opaque("IsTrusted", "process");

  const shared = d.workItem("SharedItem", (w) => {
    w.ZwWriteFile();
  });
  const helper = d.routine("Helper", (r) => {
    r.ExAcquireFastMutex(lock);
    r.ExReleaseFastMutex(lock);
  });
  const pump = d.systemThread("Pump", (t) => {
    const e = t.pointer("PumpEntry", entry);
    t.forever(() => {
      const got = t.KeRemoveQueue(kq, e, { Timeout: "1s" });
      t.when(got.succeeded(), () => {
        t.WriteNoFence(e.field("Pid"), 1);
        t.KeSetEvent(e.field("Done"));
        t.ObDereferenceObject(e);
      });
    });
  });
  const ask = d.request("Ask", (r) => {
    r.IoCsqInsertIrp(csq);
  });
  d.onCleanup("Cleanup", (c) => {
    c.InterlockedExchange(count, 0);
  });

  const cb = d.onProcess("OnProcess", (a) => {
    a.when(trusted, () => a.return());
    a.when(or(a.currentIs("service"), a.subjectIs("service"), a.subjectIs("system")), () => a.return());
    a.when(a.isCreate(), () => {
      a.InterlockedIncrement(seen);
      a.InterlockedExchange(seen.of("current"), 0);
    }).otherwise(() => {
      a.InterlockedDecrement(count);
    });
    a.call(helper).at("table.c:12");
    a.KeAcquireSpinLock(spin);
    a.KeReleaseSpinLock(spin);
    a.ExAcquirePushLockShared(push);
    a.ExReleasePushLockShared(push);
    a.ExAcquireResourceSharedLite(res);
    a.ExReleaseResourceLite(res);
    a.WdfWaitLockAcquire(wl);
    a.WdfWaitLockRelease(wl);
    a.KeWaitForSingleObject(mutex);
    a.KeReleaseMutex(mutex);
    a.KeWaitForSingleObject(procLock);
    a.KeReleaseMutex(procLock);
    const p = a.ExAcquireRundownProtection(run);
    a.when(p.succeeded(), () => a.ExReleaseRundownProtection(run));
    const now = a.KeWaitForSingleObject(ready, { Timeout: 0 });
    a.when(now.timedOut(), () => a.DbgPrint());
    const irp = a.pointer("Irp");
    const next = a.IoCsqRemoveNextIrp(csq, irp);
    a.when(next.is("success"), () => a.IoCompleteRequest(irp));
    a.FltSendMessage(port, "no reply", { Timeout: timeout });
    a.poll({ until: count.atLeast(0), limit: 3 }, () => a.KeDelayExecutionThread("10ms"));
    a.repeat(2, () => a.DbgPrint());
    const mine = a.pointer("Mine", entry);
    const made = a.ExAllocateFromLookasideListEx(mine);
    a.when(made.failed(), () => a.return());
    a.KeInsertQueue(kq, mine);
    a.when(and(a.isCreate(), not(a.opaque("Allowed"))), () => a.veto());
    a.other("SeQueryInformationToken", { cost: "20us" }).at("table.c:44");
  });

  d.driverEntry((a) => {
    a.PsCreateSystemThread(pump);
    a.IoQueueWorkItem(shared, "DelayedWorkQueue");
    a.PsSetCreateProcessNotifyRoutineEx(cb, "FALSE");
  });
  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(cb, "TRUE");
    a.ExWaitForRundownProtectionRelease(run);
  });

  d.service("Agent", (s) => {
    const own = s.criticalSection("Own");
    s.thread("Listen", (t) => {
      t.forever(() => {
        t.DeviceIoControl(ask);
        t.EnterCriticalSection(own);
        t.Compute("1ms");
        t.LeaveCriticalSection(own);
      });
    }, { count: 2 });
    s.thread("Fetch", (t) => {
      const m = t.pointer("Message");
      t.forever(() => {
        t.FilterGetMessage(port, m);
      });
    });
  });
});
