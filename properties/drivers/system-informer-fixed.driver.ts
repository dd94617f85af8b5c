/**
 * System Informer once the hang was cured (winsiderss/systeminformer, commit 0ffa37dc, MIT): it
 * verifies files when its callbacks need not wait any more. What was read, and what is left out,
 * stands in system-informer-populate.ts; this and system-informer-broken are judged in the same worlds.
 */
import type { Expectation } from "loophole-fuzz";
import { systemInformer } from "./system-informer-populate.ts";

export const driver = systemInformer({
  name: "system-informer-fixed",
  commit: "0ffa37dc52a10e1855ab8f81c5b58934c19e4505",
  verifiesWhilePopulating: false,
});

/**
 * No deadlock, beside no neighbour: the thread callbacks that file filters raise find the event set.
 * Rules: R5 and R6b, for callbacks still wait for the thread that starts the driver up, without a
 * timeout; what it does meanwhile waits for nobody.
 */
export const expected: Expectation = {
  rule: ["R5", "R6b"],
};
