/**
 * What a search says is not gainsaid: not by random walks, by a second search in another order, or by
 * a larger budget. `npm run laws` takes more cases and walks.
 */
import { expect, test } from "vitest";
import { patternDrivers } from "../support/real-drivers.ts";
import { reportsOf, takenBack, takenBackIn } from "./support/budgets.ts";
import { casesWithin } from "./support/cases.ts";
import { gainsaidBySearch, gainsaidByWalks } from "./support/gainsaid.ts";

const cases = [...casesWithin(1_500, 1, 40)];
const withFindings = cases.filter(({ verdict }) => verdict.findings.size > 0);
const nothing = { complete: true, findings: new Map() };

test("random walks show nothing that a search to its end did not", () => {
  const lines = cases.flatMap((one, i) => gainsaidByWalks(one, 30, `walk ${i}`));
  expect(lines).toEqual([]);
});

test("random walks gainsay a search that overlooked something", () => {
  const seen = withFindings.filter(
    (one, i) => gainsaidByWalks({ ...one, verdict: nothing }, 30, `walk ${i}`).length > 0,
  );
  expect(seen.length).toBeGreaterThan(withFindings.length / 2);
});

test("a second search in another order comes to the same crashes and dead ends", () => {
  expect(cases.flatMap((one) => gainsaidBySearch(one, 5_000).lines)).toEqual([]);
});

test("a second search gainsays one that overlooked something", () => {
  const seen = withFindings.filter(
    (one) => gainsaidBySearch({ ...one, verdict: nothing }, 5_000).lines.length > 0,
  );
  expect(seen.length).toBeGreaterThan(withFindings.length / 4);
});

const reports = patternDrivers
  .filter((_, i) => i % 5 === 0)
  .map((driver) => [driver.name, reportsOf(driver, [400, 2_000, 8_000])] as const);

test.each(reports)("of %s a larger budget takes nothing back", (_, byBudget) => {
  expect(takenBackIn(byBudget)).toEqual([]);
});

test("a report that lost a finding, or found one where all was searched, takes something back", () => {
  for (const [, byBudget] of reports) {
    const many = byBudget[byBudget.length - 1];
    const [first, ...others] = many.findings;
    if (first === undefined) continue;
    const without = { ...many, findings: others };
    expect(takenBack(many, without)).not.toEqual([]);
    const isComplete = many.results.some(
      ({ property, claim }) => property === first.finding.property && claim === "complete",
    );
    expect(takenBack(without, many).length > 0).toBe(isComplete);
  }
});
