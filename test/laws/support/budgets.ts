/** What a check says with one budget, against what it says with a larger one. */
import { check } from "../../../src/campaign/check.ts";
import type { CheckReport } from "../../../src/campaign/report.ts";
import type { DriverModel } from "../../../src/language/model.ts";

/** By budget, the smallest first. */
export const reportsOf = (driver: DriverModel, budgets: readonly number[]): CheckReport[] =>
  budgets.map((budget) =>
    check({ drivers: [driver] }, { scope: "small", budget, seed: "larger budgets" }),
  );

/** Outcome, operations and mechanism; a latency may be told by a longer one in its place. */
const keyOf = ({ finding }: CheckReport["findings"][number]): string => {
  const { outcome, identity, mechanism, budget } = finding;
  return `${outcome} ${budget?.of ?? ""} at ${[...identity].sort().join(" + ")}: ${
    outcome === "latency" ? "" : mechanism
  }`;
};

/** What the report with more budget takes back of the other. */
export function takenBack(less: CheckReport, more: CheckReport): string[] {
  const lines: string[] = [];
  const now = new Set(more.findings.map(keyOf));
  for (const found of less.findings) {
    if (!now.has(keyOf(found))) lines.push(`lost: ${keyOf(found)}`);
  }
  for (const { property, claim } of less.results) {
    if (claim !== "complete") continue;
    const later = more.results.find((one) => one.property === property);
    if (later?.claim !== "complete") lines.push(`${property} is ${later?.claim}, was complete`);
    const was = new Set(less.findings.map(keyOf));
    for (const found of more.findings) {
      if (found.finding.property === property && !was.has(keyOf(found)))
        lines.push(`new where all was searched: ${keyOf(found)}`);
    }
  }
  return lines;
}

/** What any of these reports takes back of one with less budget. */
export const takenBackIn = (byBudget: readonly CheckReport[]): string[] =>
  byBudget.flatMap((less, i) => byBudget.slice(i + 1).flatMap((more) => takenBack(less, more)));
