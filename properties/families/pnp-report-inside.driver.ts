import type { Expectation } from "loophole-fuzz";
import { defineDriver } from "./plug-and-play.ts";

/** What the guidelines name: the synchronous report from within a callback. */
export const driver = defineDriver("pnp-report-inside", (d) => {
  d.onDeviceInterfaceArrival("OnArrival", (a) => {
    a.IoReportTargetDeviceChange();
  });
});

export const expected: Expectation = {
  deadlock: ["callback waits for an event > queued work item waits for a free worker (circle)"],
  rule: ["B8-events"],
};
