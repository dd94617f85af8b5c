/**
 * The article's driver (see article-idle-pool.driver.ts) with an item that needs a helper process,
 * the first time: creating it raises the callback again, on the worker.
 *
 * Source: Raymond Chen, "The Old New Thing", devblogs.microsoft.com/oldnewthing/20260611-00/?p=112415.
 * Modelled by reading; the article shows no code.
 */
import { defineDriver, type Expectation, type World } from "loophole-fuzz";

export const driver = defineDriver("article-reentrant", (d) => {
  d.onProcessCreate("OnCreateProcess", (a) => {
    const done = a.event("ScanDone", "NotificationEvent");
    const scan = a.workItem("Scan", (w) => {
      // Once in a chain of causes: the helper's own creation needs no helper.
      w.when(w.causedByOwnWork().not(), () => {
        w.ZwCreateUserProcess();
      });
      w.ZwReadFile();
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
  });
});

const world = (profile: "tiny" | "nt5", creators: number): World => ({
  name: `${profile} idle, ${creators === 1 ? "one creator" : "two creators"}`,
  workload: Array.from({ length: creators }, (_, i) => ({
    name: `creator ${i + 1}`,
    does: ["create"],
  })),
  pool: { profile, load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
});

/** Idle pools: whatever happens is the driver's own doing. */
export const worlds: World[] = [
  world("tiny", 1),
  world("tiny", 2),
  world("nt5", 1),
  world("nt5", 2),
];

/**
 * Deadlock, in `tiny` with two creators: both items are on workers, the only two that there can be,
 * each inside the callback of its helper's creation, which waits for an item that stands in the
 * queue. With one creator the first item waits until the manager adds the second worker: latency of
 * a second or two. In `nt5` two creators leave a worker over, and only the rules are broken: there
 * it takes as many creations at once as the queue has threads, relief included.
 *
 * Rules: R7, R5, R6b; for the seconds R1.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for an event > queued work item waits for a free worker (circle)"],
  latency: ["pool manager: waits for its next look at the queue"],
  rule: ["R5", "R6b", "R7"],
};
