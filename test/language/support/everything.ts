import { and, not, or } from "../../../src/language/builder.ts";
import { defineDriver } from "./tables.ts";

/** A driver that uses every word of the language. */
export const everything = defineDriver("acme-all", (d) => {
  d.origin("example/acme", "0123abc", "Written for this test.");
  const replyTimeout = d.setting("ReplyTimeout", "3s");
  d.setting("Patience", "none");
  const lock = d.fastMutex("Lock");
  d.mutex("Mutex");
  d.resource("Resource");
  d.spinLock("Spin");
  d.pushLock("Push");
  d.rundown("Rundown");
  d.waitLock("WaitLock");
  d.queue("Pending");
  const clients = d.list("Clients");
  d.csq("Irps");
  d.port("Port");
  const reply = d.event("Reply", "SynchronizationEvent", { signalled: true });
  const count = d.variable("Count", -3);
  const perProcess = d.perProcess.variable("Creates");
  const busy = d.perProcess.event("Busy", "NotificationEvent");
  const entry = d.record(
    "Entry",
    (r) => r.event("Done", "NotificationEvent").variable("Refs", 1).fastMutex("EntryLock"),
    { max: 2 },
  );
  const first = d.pointer("First", entry);
  const mine = d.perProcess.pointer("Mine", entry);
  const message = d.pointer("Message");
  const isProtected = d.opaque("IsProtected", "process");

  const scan = d.workItem("Scan", (w) => {
    w.KeSetEvent(first.field("Done"));
    w.IoQueueWorkItem(w.self, "CriticalWorkQueue");
  });
  const pump = d.systemThread("Pump", (t) => {
    t.forever(() => {
      t.KeWaitForSingleObject(reply, { WaitMode: "UserMode" });
    });
  });
  const helper = d.routine("Helper", (a) => {
    a.ExAcquireFastMutex(lock);
  });
  const ask = d.request("Ask", (a) => {
    a.KeSetEvent(busy.of("current"));
  });
  d.onCleanup("Cleanup", (a) => {
    a.KeSetEvent(reply);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(pump);
  });
  d.driverUnload((a) => {
    a.WdfWorkItemFlush(scan);
  });
  const agent = d.service("Agent", (s) => {
    const section = s.criticalSection("Section");
    s.queue("Inbox");
    const ready = s.event("Ready", "NotificationEvent");
    const seen = s.variable("Seen");
    s.thread(
      "Worker",
      (t) => {
        const current = t.pointer("Current", entry);
        t.EnterCriticalSection(section);
        t.InterlockedExchange(seen, 1);
        t.SetEvent(ready);
        t.SetEvent(reply);
        t.SetEvent(current.field("Done"));
        const asked = t.DeviceIoControl(ask);
        t.when(and(asked.succeeded(), seen.atLeast(1)), () => {
          t.return();
        });
      },
      { count: 2 },
    );
  });
  d.onProcess("OnProcess", (a) => {
    a.when(isProtected, () => a.call(helper).label("lock-it"))
      .otherwise(() => a.veto())
      .label("guard")
      .at("acme.c:7");
    a.AllocateRecord(entry, mine.of("creator"));
    a.AllocateRecord(entry, message);
    const wait = a.KeWaitForSingleObject(first.field("Done"), { Timeout: replyTimeout });
    a.when(wait.timedOut(), () => a.return());
    a.when(wait.is("success"), () => a.InterlockedExchange(first.field("Refs"), 2));
    a.KeWaitForMultipleObjects([reply, a.process("subject"), a.thread("current")], "WaitAny", {
      Timeout: "1.5ms",
    });
    a.KeWaitForSingleObject(a.process("service", agent));
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    a.poll({ until: count.equals(0), limit: 10 }, () => a.KeDelayExecutionThread("250ms"));
    a.repeat(3, () => a.InterlockedExchange(count, 1));
    const was = a.InterlockedExchange(count, 2);
    a.when(was.below(2).or(was.is(7)), () => a.return());
    a.drain(clients, first, () => a.KeSetEvent(first.field("Done"))).at("acme.c:9");
    a.other("FltFoo", {
      cost: "2ms",
      waitsFor: reply,
      raises: "thread-create",
      irql: "DISPATCH_LEVEL",
    });
  }).at("acme.c:3");
  d.onThreadExit("OnThreadExit", (a) => {
    const local = a.variable("Local");
    const helperThread = a.systemThread("Inner", (t) => {
      t.InterlockedExchange(local, 1);
    });
    a.PsCreateSystemThread(helperThread);
    a.when(
      or(
        a.isCreate().not(),
        a.isExit(),
        a.currentIs("service", agent),
        a.subjectIs("service", "Agent"),
        a.parentIs("system"),
        a.creatorIs("subject"),
        not(a.kernelHandle()),
        a.apcsDisabled().and(a.causedByOwnWork(), perProcess.of("subject").below(4)),
        local.notEquals(1),
        a.opaque("Sampled"),
      ),
      () => {
        a.KeSetEvent(busy);
      },
    );
  });
  d.onImage("OnImage", () => {});
  d.onObjectOpen("OnObjectOpen", () => {});
});
