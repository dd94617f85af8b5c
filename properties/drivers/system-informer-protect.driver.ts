/**
 * System Informer's protection on demand (winsiderss/systeminformer, commit c7e6016c, MIT). What was read,
 * and what is left out, stands in system-informer-on-demand.ts.
 */
import type { Expectation } from "loophole-fuzz";
import { systemInformerOnDemand } from "./system-informer-on-demand.ts";

export const driver = systemInformerOnDemand("system-informer-protect", false);

/**
 * Deadlock: workers of the Critical queue that start processes stand in the process callback, all of
 * them, and the one item that would let them go stands in that queue. For the other plausible
 * one see system-informer-scanned.driver.ts.
 *
 * Latency, with R1: the item behind other drivers' work, and each process behind those that were pushed
 * before it. Rules: R5, R6b and R7 for the wait.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for an event > queued work item waits for a free worker (circle)"],
  latency: ["foreign work item: work"],
  rule: ["R5", "R6b", "R7"],
};
