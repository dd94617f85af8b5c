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

const pool = (name: string, is: World["pool"]): World => ({
  name,
  workload: [{ name: "creator 1", does: ["create"] }],
  pool: is,
  service: { condition: "well" },
  startup: "before",
  removal: "none",
});

/** Exhausted: as many such items as the queue's threads and its relief together, 2 and 19. */
export const worlds: World[] = [
  pool("tiny exhausted", { profile: "tiny", load: "exhausted" }),
  pool("nt5 exhausted", { profile: "nt5", load: "exhausted" }),
  pool("nt5, three such items", { profile: "nt5", load: "exhausted", items: 3 }),
];

/**
 * Deadlock: the callback waits for ScanDone; its item stands in the queue; every worker, static or
 * added as relief, runs a foreign item that stands in the same callback and waits for an item of its
 * own, which stands in the queue too. The pool's manager has no thread left to add (W8, W9).
 *
 * Latency: with three such items on `nt5`, which has three threads to begin with, each wait ends
 * when the manager has added a thread, at its second look or so (W9). Rules: R7, R5, R6b; for the
 * seconds R1.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for an event > queued work item waits for a free worker (circle)"],
  latency: ["pool manager: waits for its next look at the queue"],
  rule: ["R5", "R6b", "R7"],
};
