/**
 * The article's driver, repaired: the work is described by a counted record instead of the
 * callback's stack, and nobody waits for it.
 *
 * Source: Raymond Chen, "The Old New Thing", devblogs.microsoft.com/oldnewthing/20260611-00/?p=112415.
 * Modelled by reading; the article shows no code.
 */
import { defineDriver, type Expectation, type World } from "loophole-fuzz";

export const driver = defineDriver("article-repaired", (d) => {
  const request = d.record("SCAN_REQUEST", (r) => r.event("ScanDone", "NotificationEvent"), {
    max: 24,
  });
  const requests = d.list("Requests");

  d.onProcessCreate("OnCreateProcess", (a) => {
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
    // Without memory the process goes unscanned.
    a.when(made.failed(), () => a.return());
    // The list's reference is the item's.
    a.InsertTailList(requests, mine);
    a.IoQueueWorkItem(scan, "DelayedWorkQueue");
  });
});

const world = (pool: World["pool"], creators: number): World => ({
  name: `${pool.profile} ${pool.load}, ${creators === 1 ? "one creator" : "two creators"}`,
  workload: Array.from({ length: creators }, (_, i) => ({
    name: `creator ${i + 1}`,
    does: ["create"],
  })),
  pool,
  service: { condition: "well" },
  startup: "before",
  removal: "none",
});

/** The worlds of its three forebears. */
export const worlds: World[] = [
  world({ profile: "nt5", load: "idle" }, 1),
  world({ profile: "nt5", load: "idle" }, 2),
  world({ profile: "tiny", load: "idle" }, 1),
  world({ profile: "tiny", load: "idle" }, 2),
  world({ profile: "tiny", load: "exhausted" }, 1),
  world({ profile: "nt5", load: "exhausted" }, 1),
  {
    ...world({ profile: "tiny", load: "idle" }, 1),
    name: "an allocation fails",
    startup: "failing",
  },
];

/** Clean: the callback queues and returns; a busy or exhausted pool delays the scan, nobody else. */
export const expected: Expectation = {};
