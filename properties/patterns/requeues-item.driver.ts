/** One work item of the whole driver, queued by every callback. Bad: it may stand in the queue. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("requeues-item", (d) => {
  const scan = d.workItem("Scan", (w) => {
    w.ZwReadFile();
  });

  d.onProcessCreate("OnProcessCreate", (a) => {
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
  });
});

/** Rule B7, with two creates, or one while the pool is busy: the queue's links are overwritten. */
export const expected: Expectation = {
  rule: ["B7"],
};
