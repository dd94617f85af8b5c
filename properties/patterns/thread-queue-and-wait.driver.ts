/**
 * Queue and wait in a thread callback. The pool's relief is a new thread, whose creation raises that
 * very callback on the manager's thread: it never comes (W10). Bad.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("thread-queue-and-wait", (d) => {
  d.onThreadCreate("OnThreadCreate", (a) => {
    const done = a.event("ScanDone", "NotificationEvent");
    const scan = a.workItem("Scan", (w) => {
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
  });
});

export const expected: Expectation = {
  deadlock: ["callback waits for an event > queued work item waits for a free worker (circle)"],
  latency: ["foreign work item: work"],
  rule: ["R5", "R6b", "R7"],
};
