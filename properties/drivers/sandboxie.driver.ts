/**
 * Sandboxie's process callback: a boxed process starts when the service has prepared it, or after half a
 * minute. The source (sandboxie-plus/Sandboxie, commit 991c700d), what was read of it, and what is left
 * out, stand in sandboxie-start.ts.
 */
import type { Expectation } from "loophole-fuzz";
import { sandboxieStart } from "./sandboxie-start.ts";

export const driver = sandboxieStart("sandboxie", true);

/**
 * No deadlock: each wait has a timeout, the list's lock is given back before the service is asked, and
 * what the service starts itself passes (process.c:1188).
 *
 * Latency, with R1: up to 120 rounds of 250 ms until the service answers; 30 s if it hangs, though a
 * comment in the source says 10 s. One event wakes one of all who wait, so others pay up to 250 ms more.
 * Rules: R2, R4, R5, R6b for that wait.
 */
export const expected: Expectation = {
  latency: ["callback: timeout"],
  rule: ["R2", "R4", "R5", "R6b"],
};
