/** Times in a story, where one that is a little later has gone first. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import { tellFinding } from "../../src/report/story.ts";
import { exhaustedPool } from "./support/hangs.ts";

const running = (finding: Finding): string =>
  tellFinding(finding, { colours: false, width: 100 }).replace(/[\s│]+/g, " ");

const withTimes = (...times: readonly number[]): Finding => ({
  ...exhaustedPool,
  steps: exhaustedPool.steps.map((step, i) => ({
    ...step,
    timeUs: times[Math.min(i, times.length - 1)],
  })),
});

test("a story whose times go back says so, by how much, and what counts", () => {
  expect(running(withTimes(1_018, 1_016, 1_020))).toContain(
    "Times are the model's own, in milliseconds. They go back by up to 2 µs: the order of the steps is that in which they happen",
  );
});

test("a story whose times do not go back says nothing of it", () => {
  expect(running(withTimes(1_016, 1_016, 1_020))).not.toContain("go back");
});
