/**
 * Queue and wait, with a timeout of 200 ms, on an event of the callback's stack. Bad: the callback
 * returns, the item does not know.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("timeout-on-stack-event", (d) => {
  d.onProcessCreate("OnProcessCreate", (a) => {
    const done = a.event("ScanDone", "NotificationEvent");
    const scan = a.workItem("Scan", (w) => {
      w.ZwReadFile();
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done, { Timeout: "200ms" });
  });
});

/**
 * Crash, use after return, where the pool is busy for longer than the timeout: the item then sets an
 * event in a stack frame that is gone. Rules: R7, R5, R6b.
 */
export const expected: Expectation = {
  crash: ["use after return: the frame that held the object is gone"],
  rule: ["R5", "R6b", "R7"],
};
