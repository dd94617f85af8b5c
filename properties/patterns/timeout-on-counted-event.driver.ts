/**
 * Queue and wait, three times over, each with a timeout of 200 ms, on an event of a counted record of
 * which the item has a reference. No crash any more; still queue-and-wait, and where the pool is
 * busy the timeouts add up (P44).
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("timeout-on-counted-event", (d) => {
  const request = d.record("SCAN_REQUEST", (r) => r.event("ScanDone", "NotificationEvent"), {
    max: 24,
  });
  const requests = d.list("Requests");

  d.onProcessCreate("OnProcessCreate", (a) => {
    const mine = a.pointer("Mine", request);
    const scan = a.workItem("Scan", (w) => {
      const taken = w.pointer("Taken", request);
      const head = w.RemoveHeadList(requests, taken);
      w.when(head.succeeded(), () => {
        w.ZwReadFile();
        w.KeSetEvent(taken.field("ScanDone"));
        w.ObDereferenceObject(taken);
      });
    });
    a.repeat(3, () => {
      const made = a.ExAllocateFromLookasideListEx(mine);
      a.when(made.failed(), () => a.return());
      a.ObReferenceObject(mine);
      a.InsertTailList(requests, mine);
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
      a.KeWaitForSingleObject(mine.field("ScanDone"), { Timeout: "200ms" });
      a.ObDereferenceObject(mine);
    });
  });
});

/** Rules: R7, R5, R6b. Latency: 3 × 200 ms where 500 ms are allowed, once no worker comes in time. */
export const expected: Expectation = {
  latency: ["callback: timeout"],
  rule: ["R5", "R6b", "R7"],
};
