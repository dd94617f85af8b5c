/**
 * OpenProcmon beside another driver, which maps images on system worker threads.
 *
 * Source: progmboy/openprocmon, commit 23e11f33, MIT, as in openprocmon.driver.ts. The other driver is
 * made up: as drivers do that look for a function of ntdll.dll, it maps the file as an image, in a work
 * item that nobody waits for. By itself it is clean.
 */
import { defineDriver, type Expectation, type World } from "loophole-fuzz";
import { driver as openprocmon } from "./openprocmon.driver.ts";

const mapper = defineDriver("image-mapper", (d) => {
  d.onProcessCreate("MapperProcessNotify", (a) => {
    const map = a.workItem("MapNtdll", (w) => {
      w.other("MapImageSection", { cost: "1ms", raises: "image-dll" });
    });
    a.IoQueueWorkItem(map, "DelayedWorkQueue");
  });
});

export const drivers = [openprocmon, mapper];

export const worlds: World[] = [
  {
    name: "two creates in a row, one worker and one in relief",
    workload: [{ name: "user1", does: ["create", "create"] }],
    pool: { profile: "tiny", load: "idle" },
    service: { condition: "well" },
    startup: "before",
    removal: "none",
  },
];

/**
 * Deadlocks. First, with a program connected: an item of the other driver maps an image, so the image
 * callback runs on a worker, queues to the same queue and waits; when all workers stand there, nobody
 * is left to run what they wait for. Relief helps as long as there is any: this pool has one thread and
 * one in relief, larger ones take more items. In a boot log the driver sees that it is a worker that
 * asks, and does not queue (process.c:2001): there is no such deadlock there. Second, that of
 * openprocmon.driver.ts.
 *
 * Latency, with R1: until the pool's manager adds the thread in relief. Rules: as there. The two
 * returns that are never reached are for images of drivers, of which this world loads none.
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for an event > queued work item waits for a free worker (circle)",
    "callback waits for a FAST_MUTEX > work item waits for a FAST_MUTEX (circle)",
  ],
  latency: ["pool manager: waits for its next look at the queue"],
  rule: ["B9", "R5", "R6b", "R7"],
};
