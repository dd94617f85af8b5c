/**
 * The driver of the article that started this: told to leave slow work to a system worker, it
 * queues the work, and then waits for it in the callback. Here the pool is idle.
 *
 * Source: Raymond Chen, "The Old New Thing", devblogs.microsoft.com/oldnewthing/20260611-00/?p=112415.
 * Modelled by reading; the article shows no code.
 */
import { defineDriver, type Expectation, type World } from "loophole-fuzz";

export const driver = defineDriver("article-idle-pool", (d) => {
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

const creators = (number: number): World => ({
  name: `nt5 idle, ${number === 1 ? "one creator" : "two creators"}`,
  workload: Array.from({ length: number }, (_, i) => ({
    name: `creator ${i + 1}`,
    does: ["create"],
  })),
  pool: { profile: "nt5", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
});

/** Nothing else is in the queue; the item's file takes 5 ms. */
export const worlds: World[] = [creators(1), creators(2)];

/**
 * Rules only: R7, and R5 and R6b, which say the same of any thread. With a worker free the wait is
 * 5 ms, and there is nothing to deadlock on: which is how such a driver passes its tests.
 */
export const expected: Expectation = {
  rule: ["R5", "R6b", "R7"],
};
