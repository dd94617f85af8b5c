/**
 * System Informer as it was when it hung (winsiderss/systeminformer, commit fe3c775a, MIT): it verifies
 * files while its thread and process callbacks wait. What was read, and what is left out, stands in
 * system-informer-populate.ts.
 */
import type { Expectation } from "loophole-fuzz";
import { systemInformer } from "./system-informer-populate.ts";

export const driver = systemInformer({
  name: "system-informer-broken",
  commit: "fe3c775a286c4eba1e73e88da9165ea5b92b9fd4",
  verifiesWhilePopulating: true,
});

/**
 * Deadlock, the one of issue 1761: populating opens a file to verify it; another driver's filter
 * creates a thread behind that opening, in the thread that opens; the thread callback runs there and
 * waits until populating has ended, which is for that very thread to do. It needs the other driver.
 *
 * Rules: R5 and R6b, for callbacks that wait for the thread that starts the driver up.
 */
export const expected: Expectation = {
  deadlock: ["callback waits for an event (circle)"],
  rule: ["R5", "R6b"],
};
