import { describe, expect, it } from "vitest";
import { type DriverFile, driverFiles, found } from "./known.ts";

/** Operations for one driver: enough for what is known, short enough for every push. */
const budget = 100_000;

for (const folder of ["drivers", "patterns"] as const) {
  describe(`what is known of the models in ${folder}`, () => {
    for (const file of driverFiles(folder)) {
      it(`holds for ${file.replace(/^.*\/|\.driver\.ts$/g, "")}`, async () => {
        const model = (await import(file)) as DriverFile;
        const { marks } = found(model, budget);
        expect([...marks.keys()].sort()).toEqual(Object.keys(model.expected).sort());
        for (const [outcome, known] of Object.entries(model.expected)) {
          const seen = [...(marks.get(outcome as never) ?? [])].sort();
          // New ways to be late may come with a larger budget; new ways to hang are news.
          if (outcome === "latency") expect(seen).toEqual(expect.arrayContaining([...known]));
          else expect(seen).toEqual([...known].sort());
        }
      });
    }
  });
}

describe("the models of clean drivers", () => {
  for (const name of ["win-split-tunnel", "jonmon", "article-repaired"]) {
    it(`leave nothing unreached in ${name}`, async () => {
      const model = (await import(`./drivers/${name}.driver.ts`)) as DriverFile;
      const { report } = found(model, budget);
      expect(report.verdict).toBe("clean");
      expect(report.unreached).toEqual([]);
    });
  }
});
