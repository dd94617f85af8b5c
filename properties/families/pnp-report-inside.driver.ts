import type { Expectation } from "loophole-fuzz";
import { defineDriver } from "./plug-and-play.ts";

/** What the guidelines name: the synchronous report from within a callback. */
export const driver = defineDriver("pnp-report-inside", (d) => {
  d.onDeviceInterfaceArrival("OnArrival", (a) => {
    a.IoReportTargetDeviceChange();
  });
});

export const expected: Expectation = { deadlock: [], rule: ["B8-events"] };
