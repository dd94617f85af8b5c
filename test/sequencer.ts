/**
 * The order of test files. Vitest puts those first that took longest the last time, and on a fresh
 * clone, which knows of no last time, those with the most text: what is short to say and long to do would
 * come last, beside a processor that has nothing left to do.
 */
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));

/** From the longest on: those of more than about ten seconds. */
const longest = [
  "properties/drivers.test.ts",
  "properties/patterns.test.ts",
  "test/faces/package.test.ts",
  "test/cli/command.test.ts",
  "test/cli/shard.test.ts",
  "test/readme/guides.test.ts",
  "test/robustness/mutate.test.ts",
  "test/cli/bad-input.test.ts",
  "test/cli/hostile-driver.test.ts",
  "test/cli/fuzz.test.ts",
  "test/robustness/kills.test.ts",
  "properties/families.test.ts",
  "test/cli/drift.test.ts",
  "test/worlds/worlds.test.ts",
  "test/cli/config.test.ts",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId, project }: TestSpecification): number => {
      // Between two others it would end a worker that they share, and all that this one has loaded.
      if (project.config.isolate) return -1;
      const at = longest.indexOf(relative(root, moduleId).replaceAll(sep, "/"));
      return at === -1 ? longest.length : at;
    };
    return sorted
      .map((file, at) => ({ file, at, place: place(file) }))
      .sort((a, b) => a.place - b.place || a.at - b.at)
      .map(({ file }) => file);
  }
}
