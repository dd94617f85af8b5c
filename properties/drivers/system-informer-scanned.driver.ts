/**
 * System Informer's protection on demand (winsiderss/systeminformer, commit c7e6016c, MIT) beside a made-up
 * scanner. What was read, what is left out, and what the scanner does, stands in
 * system-informer-on-demand.ts.
 */
import type { Expectation, World } from "loophole-fuzz";
import { systemInformerOnDemand } from "./system-informer-on-demand.ts";

export const driver = systemInformerOnDemand("system-informer-scanned", true);

export const worlds: World[] = [
  {
    name: "one create, an idle pool, a scanner that is well",
    workload: [{ name: "user1", does: ["create"] }],
    pool: { profile: "tiny", load: "idle" },
    service: { condition: "well" },
    startup: "before",
    removal: "none",
  },
];

/**
 * Deadlock, and it takes nothing wrong: the callback waits for the work item; the item opens the file of the
 * new process, which the scanner's filter holds up until its service has answered; the service opens the new
 * process; that opening asks whether it is protected, and waits for the same item. Kernel handles pass
 * (protection.c:940), those of a service do not. Reading the source says that this can be; nobody has
 * reported it.
 *
 * Rules as without the scanner. What is never reached: an allocation that fails, images of drivers, and what
 * the service would do once its opening came back.
 */
export const expected: Expectation = {
  deadlock: [
    "callback waits for an event > work item waits for a reply > request waits for an event (circle)",
  ],
  rule: ["R5", "R6b", "R7"],
};
