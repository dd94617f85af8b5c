/** What is known of the drivers beside this file, and how a check differs from it. */
import { readdirSync } from "node:fs";
import { check, type DriverModel, type Expectation, type Outcome, type World } from "loophole-fuzz";
import { expect, it } from "vitest";

interface DriverFile {
  readonly driver?: DriverModel;
  readonly drivers?: readonly DriverModel[];
  readonly worlds?: readonly World[];
  readonly expected: Expectation;
}

/**
 * Operations for one driver: half of what `loophole suite` has, which finds no less. So what is known
 * is found with room to spare.
 */
const budget = 150_000;

/** A test for each driver file of a folder here: everything that is known of it holds, and no more. */
export function holdsForAll(folder: string): void {
  for (const file of driverFiles(folder)) {
    it(`what is known of ${file.replace(/^.*\/|\.driver\.ts$/g, "")} holds`, async () => {
      const model = (await import(file)) as DriverFile;
      const { report, marks } = found(model);
      expect([...marks.keys()].sort()).toEqual(Object.keys(model.expected).sort());
      for (const [outcome, known] of Object.entries(model.expected)) {
        const seen = [...(marks.get(outcome as never) ?? [])].sort();
        // New ways to be late may come with a larger budget; new ways to hang are news.
        if (outcome === "latency") expect(seen).toEqual(expect.arrayContaining([...known]));
        else expect(seen).toEqual([...known].sort());
      }
      // A claim of freedom is about operations that ran.
      if (report.verdict === "clean") expect(report.unreached).toEqual([]);
    });
  }
}

/** Driver files of a folder here, in order of name. */
function driverFiles(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, import.meta.url))
    .filter((name) => name.endsWith(".driver.ts"))
    .sort()
    .map((name) => `./${folder}/${name}`);
}

/** By outcome: the mechanisms found; for `rule`, the rule ids. */
function found({ driver, drivers, worlds }: DriverFile) {
  const all = drivers ?? (driver === undefined ? [] : [driver]);
  const report = check({ drivers: all, worlds }, { scope: "default", budget, seed: "loophole" });
  const marks = new Map<Outcome, Set<string>>();
  for (const { finding } of report.findings) {
    const list = marks.get(finding.outcome) ?? new Set();
    // New ways to be late may be faces of another; a way to hang that is only possible is no news.
    const faces = finding.outcome === "latency" ? (finding.faces ?? []) : [];
    const ways = [finding.mechanism, ...faces.map(({ mechanism }) => mechanism)];
    for (const mark of finding.outcome === "rule" ? finding.rules : ways) list.add(mark);
    marks.set(finding.outcome, list);
  }
  return { report, marks };
}
