/** Small drivers that hang, each in a way of its own, with what is not plain in their worlds. */
import type { DriverModel } from "../../../src/language/model.ts";
import { defineDriver } from "../../../src/windows/define-driver.ts";
import type { World } from "../../../src/windows/scenario.ts";

const two: World["workload"] = [
  { name: "user1", does: ["create"] },
  { name: "user2", does: ["create"] },
];

export interface HangingDriver {
  readonly driver: DriverModel;
  readonly world?: Partial<World>;
}

/** Who shares a resource and wants it alone waits for himself (SY-12). */
const upgrade = defineDriver("upgrade", (d) => {
  const lock = d.resource("Lock");
  d.onProcessCreate("OnCreate", (a) => {
    a.ExEnterCriticalRegionAndAcquireResourceShared(lock);
    a.ExEnterCriticalRegionAndAcquireResourceExclusive(lock);
    a.ExReleaseResourceAndLeaveCriticalRegion(lock);
    a.ExReleaseResourceAndLeaveCriticalRegion(lock);
  });
});

/** Each looks for what the other would say behind its own look. */
const flags = defineDriver("flags", (d) => {
  const mine = d.variable("Mine", 0);
  const theirs = d.variable("Theirs", 0);
  const other = d.systemThread("Other", (t) => {
    t.poll({ until: mine.equals(1), limit: "forever" }, () => {
      t.KeDelayExecutionThread("10ms");
    });
    t.WriteNoFence(theirs, 1);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(other);
  });
  d.onProcessCreate("OnCreate", (a) => {
    a.poll({ until: theirs.equals(1), limit: "forever" }, () => {
      a.KeDelayExecutionThread("10ms");
    });
    a.WriteNoFence(mine, 1);
  });
});

/** A reader waits for another, who is in line behind a writer. */
const inLine = defineDriver("in-line", (d) => {
  const lock = d.resource("Lock");
  const read = d.event("Read", "NotificationEvent");
  const reader = d.systemThread("Reader", (t) => {
    t.ExEnterCriticalRegionAndAcquireResourceShared(lock);
    t.ExReleaseResourceAndLeaveCriticalRegion(lock);
    t.KeSetEvent(read);
  });
  const writer = d.systemThread("Writer", (t) => {
    t.ExEnterCriticalRegionAndAcquireResourceExclusive(lock);
    t.ExReleaseResourceAndLeaveCriticalRegion(lock);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(writer);
    a.PsCreateSystemThread(reader);
  });
  d.onProcessCreate("OnCreate", (a) => {
    a.ExEnterCriticalRegionAndAcquireResourceShared(lock);
    a.KeWaitForSingleObject(read);
    a.ExReleaseResourceAndLeaveCriticalRegion(lock);
  });
});

/** A timer's DPC would set the event; who would set the timer needs the lock of who waits. */
const timer = defineDriver("timer", (d) => {
  const lock = d.fastMutex("Lock");
  const alarm = d.timer("Alarm", "NotificationTimer");
  const done = d.event("Done", "NotificationEvent");
  const dpc = d.dpc("OnAlarm", (p) => {
    p.KeSetEvent(done);
  });
  const sets = d.systemThread("Sets", (t) => {
    t.ExAcquireFastMutex(lock);
    t.KeSetTimer(alarm, "1ms", { Dpc: dpc });
    t.ExReleaseFastMutex(lock);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(sets);
  });
  d.onProcessCreate("OnCreate", (a) => {
    a.ExAcquireFastMutex(lock);
    a.KeWaitForSingleObject(done);
    a.ExReleaseFastMutex(lock);
  });
});

/** The same with a work item: it is not queued yet. */
const item = defineDriver("item", (d) => {
  const lock = d.fastMutex("Lock");
  const done = d.event("Done", "NotificationEvent");
  const work = d.workItem("Work", (w) => {
    w.KeSetEvent(done);
  });
  const queues = d.systemThread("Queues", (t) => {
    t.ExAcquireFastMutex(lock);
    t.IoQueueWorkItem(work, "DelayedWorkQueue");
    t.ExReleaseFastMutex(lock);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(queues);
  });
  d.onProcessCreate("OnCreate", (a) => {
    a.ExAcquireFastMutex(lock);
    a.KeWaitForSingleObject(done);
    a.ExReleaseFastMutex(lock);
  });
});

/** An answer never comes, and who would close the port needs the lock of who asks. */
const closes = defineDriver("closes", (d) => {
  const lock = d.fastMutex("Lock");
  const port = d.port("Port");
  const never = d.service("Agent", (s) => s.event("Never", "NotificationEvent"));
  const closer = d.systemThread("Closer", (t) => {
    t.ExAcquireFastMutex(lock);
    t.FltCloseClientPort(port);
    t.ExReleaseFastMutex(lock);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(closer);
  });
  d.onProcessCreate("OnCreate", (a) => {
    a.ExAcquireFastMutex(lock);
    a.FltSendMessage(port, "reply");
    a.ExReleaseFastMutex(lock);
  });
  void never;
});

/** A lock that is kept for good by somebody who has returned. */
const leaks = defineDriver("leaks", (d) => {
  const lock = d.resource("Lock");
  d.onProcessCreate("OnCreate", (a) => {
    a.ExEnterCriticalRegionAndAcquireResourceExclusive(lock);
    a.when(a.opaque("Empty"), () => a.return());
    a.ExReleaseResourceAndLeaveCriticalRegion(lock);
  });
});

/** Nobody has started who would set the event. */
const checkIn = defineDriver("check-in", (d) => {
  const done = d.perProcess.event("CheckedIn", "NotificationEvent");
  d.onProcessCreate("OnCreate", (a) => {
    a.KeWaitForSingleObject(done);
  });
  d.onImage("OnImage", (a) => {
    a.when(a.isImage("ntdll"), () => {
      a.KeSetEvent(done);
    });
  });
});

export const hangingDrivers: readonly HangingDriver[] = [
  { driver: upgrade },
  { driver: flags },
  { driver: inLine },
  { driver: timer },
  { driver: item },
  { driver: closes },
  { driver: leaks, world: { workload: two } },
  { driver: checkIn },
];
