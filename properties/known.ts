/** What is known of the drivers beside this file, and how a check differs from it. */
import { readdirSync } from "node:fs";
import { check, type DriverModel, type Expectation, type Outcome, type World } from "loophole-fuzz";

export interface DriverFile {
  readonly driver: DriverModel;
  readonly worlds?: readonly World[];
  readonly expected: Expectation;
}

/** Driver files of a folder here, in order of name. */
export function driverFiles(folder: "drivers" | "patterns"): string[] {
  return readdirSync(new URL(`${folder}/`, import.meta.url))
    .filter((name) => name.endsWith(".driver.ts"))
    .sort()
    .map((name) => `./${folder}/${name}`);
}

/** By outcome: the mechanisms found; for `rule`, the rule ids. */
export function found({ driver, worlds }: DriverFile, budget: number) {
  const report = check(
    { drivers: [driver], worlds },
    { scope: "default", budget, seed: "properties" },
  );
  const marks = new Map<Outcome, Set<string>>();
  for (const { finding } of report.findings) {
    const list = marks.get(finding.outcome) ?? new Set();
    for (const mark of finding.outcome === "rule" ? finding.rules : [finding.mechanism])
      list.add(mark);
    marks.set(finding.outcome, list);
  }
  return { report, marks };
}
