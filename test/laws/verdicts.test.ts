/**
 * What means nothing changes no verdict. Over real, pattern and generated drivers, in small worlds
 * that are searched to their end: `npm run laws` takes more of them, and more changes of each.
 */
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { type Case, casesWithin } from "./support/cases.ts";
import { broken, type Law, laws } from "./support/laws.ts";

const budget = 1_500;
const cases: readonly Case[] = [...casesWithin(budget, 1, 40)];

/** What a law, or its fault, changes: by case, as far as it has a place there. */
const seen = (law: Law, isFault: boolean): readonly (readonly [string, readonly string[]])[] =>
  cases.flatMap(({ name, scenario, verdict }, i) => {
    const random = randomFrom(i + 1);
    const lines = broken(law, scenario, budget, random, isFault, verdict);
    return lines === undefined ? [] : [[name, lines] as const];
  });

test("the laws are about drivers with findings, and about clean ones", () => {
  const found = cases.filter(({ verdict }) => verdict.findings.size > 0).length;
  expect(found).toBeGreaterThan(15);
  expect(cases.length - found).toBeGreaterThan(15);
});

test.each(laws)("$name", (law) => {
  const all = seen(law, false);
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter(([, lines]) => lines.length > 0)).toEqual([]);
});

test.each(laws)("of “$name” a breach is seen", (law) => {
  expect(seen(law, true).some(([, lines]) => lines.length > 0)).toBe(true);
});
