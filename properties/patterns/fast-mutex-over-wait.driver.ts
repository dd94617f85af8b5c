/** Waits for a work item while it holds a FAST_MUTEX that the item takes first. Bad. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("fast-mutex-over-wait", (d) => {
  const lock = d.fastMutex("Lock");

  d.onProcessCreate("OnProcessCreate", (a) => {
    const done = a.event("ScanDone", "NotificationEvent");
    const scan = a.workItem("Scan", (w) => {
      w.ExAcquireFastMutex(lock);
      w.ExReleaseFastMutex(lock);
      w.KeSetEvent(done);
    });
    a.ExAcquireFastMutex(lock);
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
    a.ExReleaseFastMutex(lock);
  });
});

/**
 * Deadlock with one create and a pool that is well. Chain: the callback waits for the event; the
 * item that would set it waits for the mutex, which the callback's thread holds. Driver Verifier
 * sees no such cycle: the event has no owner (SY-3). With an exhausted pool also that of queue and
 * wait. No rule by itself, since rules are read off waits that end, and none does.
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for a FAST_MUTEX > callback waits for an event > queued work item waits for a free worker (circle)",
    "callback waits for an event > work item waits for a FAST_MUTEX (circle)",
  ],
};
