/**
 * Sandboxie's process callback without its condition for processes of its own service: what that line is
 * good for. The source (sandboxie-plus/Sandboxie, commit 991c700d), what was read of it, and what is
 * left out, stand in sandboxie-start.ts.
 */
import type { Expectation } from "loophole-fuzz";
import { sandboxieStart } from "./sandboxie-start.ts";

export const driver = sandboxieStart("sandboxie-unguarded", false);

/**
 * Latency, with R1, and it takes nothing wrong: a thread of the service starts a program with the lock of
 * its mount manager held, and waits in the callback; the thread that is to prepare that program needs the
 * lock. The circle ends after half a minute, by its timeout. The rest is as in sandboxie.driver.ts.
 */
export const expected: Expectation = {
  latency: ["callback: timeout"],
  rule: ["R2", "R4", "R5", "R6b"],
};
