/**
 * Queue and wait, with a timeout of 200 ms, on an event of a counted record, of which the item has a
 * reference. No crash any more; still queue-and-wait.
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
    const made = a.ExAllocateFromLookasideListEx(mine);
    a.when(made.failed(), () => a.return());
    a.ObReferenceObject(mine);
    a.InsertTailList(requests, mine);
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    a.KeWaitForSingleObject(mine.field("ScanDone"), { Timeout: "200ms" });
    a.ObDereferenceObject(mine);
  });
});

/**
 * Rules: R7, R5, R6b. One timeout stays within a callback's 500 ms; it is a latency only where
 * timeouts add up, over nested creations or over drivers (P44), which the supplied worlds do not
 * bring about with this driver alone.
 */
export const expected: Expectation = {
  rule: ["R5", "R6b", "R7"],
};
