/**
 * The article's driver (see article-idle-pool.driver.ts) while other drivers' work items create
 * processes: each of them holds a worker and raises the callback there, which waits for an item
 * that stands behind it in the queue.
 *
 * Source: Raymond Chen, "The Old New Thing", devblogs.microsoft.com/oldnewthing/20260611-00/?p=112415.
 * Modelled by reading; the article shows no code.
 */
import { defineDriver, type Expectation, type World } from "loophole-fuzz";

export const driver = defineDriver("article-exhausted-pool", (d) => {
  d.onProcessCreate("OnCreateProcess", (a) => {
    const done = a.event("ScanDone", "NotificationEvent");
    const scan = a.workItem("Scan", (w) => {
      w.ZwReadFile();
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
  });
});

/** As many such items as the queue's threads and its relief together: 2 in `tiny`, 19 in `nt5`. */
export const worlds: World[] = (["tiny", "nt5"] as const).map((profile) => ({
  name: `${profile} exhausted`,
  workload: [{ name: "creator 1", does: ["create"] }],
  pool: { profile, load: "exhausted" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
}));

/**
 * Deadlock: the callback waits for ScanDone; its item stands in the queue; every worker, static or
 * added as relief, runs a foreign item that stands in the same callback and waits for an item of its
 * own, which stands in the queue too. The pool's manager has no thread left to add (W8, W9).
 *
 * Latency: before the last thread is gone, each one that the manager adds comes a second or two
 * after the one before it. Rules: R7, R5, R6b, and for the seconds R1 and R6a.
 */
export const expected: Expectation = {
  deadlock: [],
  latency: [],
  rule: [],
};
