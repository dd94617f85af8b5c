import { expect, test } from "vitest";
import { defaultPick } from "../../src/explore/choices.ts";
import { Alternative, codeOf } from "../../src/machine/layout.ts";
import type { Machine } from "../../src/machine/machine.ts";

/** As much of a machine as a choice looks at: what could go, and when. */
const offering = (...offers: readonly (readonly [code: number, timeUs: number])[]): Machine =>
  ({
    timed: offers.some(([, timeUs]) => timeUs > 0),
    count: offers.length,
    codes: Int32Array.from(offers, ([code]) => code),
    times: Float64Array.from(offers, ([, timeUs]) => timeUs),
    earliest: Math.min(...offers.map(([, timeUs]) => timeUs)),
  }) as Machine;

test("ordinary progress comes before an end, a timeout and a fault, however many threads there are", () => {
  const later = [Alternative.interrupt, Alternative.timeout, Alternative.fault];
  for (const thread of [5, 126, 127, 128, 2_000]) {
    for (const way of later) {
      const m = offering([codeOf(3, way), 0], [codeOf(thread, 2), 0]);
      expect(defaultPick(m, -1)).toBe(1);
    }
  }
  const ranks = later.map((way) => [codeOf(900, way), 0] as const);
  expect(defaultPick(offering(...ranks.toReversed()), -1)).toBe(2);
});

test("of two at one moment the lower thread goes, also after a week; an earlier one always", () => {
  const week = 7 * 24 * 3_600 * 1_000_000;
  const both = (first: number, second: number): Machine =>
    offering([codeOf(9, 0), first], [codeOf(8, 0), second]);
  expect(defaultPick(both(week, week), -1)).toBe(1);
  expect(defaultPick(both(week, week), 9)).toBe(0);
  expect(defaultPick(both(week, week + 1), -1)).toBe(0);
  const ways = offering([codeOf(9, 3), week], [codeOf(9, 1), week]);
  expect(defaultPick(ways, 9)).toBe(1);
});
