/** What of our package a driver file is given, by what it asks for. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import * as little from "../../src/cli/load/face.ts";
import * as whole from "../../src/index.ts";
import { makeFolder } from "./support/command.ts";

interface Hooks {
  readonly large: readonly string[];
  readonly resolve: (
    specifier: string,
    context: { readonly parentURL: string },
    next: () => never,
  ) => Promise<{ readonly url: string }>;
}
// Plain JavaScript, which runs before anything that reads TypeScript.
const { large, resolve } = (await import(
  new URL("../../src/cli/load/own-package.js", import.meta.url).href
)) as Hooks;

const folder = makeFolder({});
afterAll(folder.remove);

test("the little face and what is in the whole one alone are the whole, each thing once and the same", () => {
  expect([...Object.keys(little), ...large].sort()).toEqual(Object.keys(whole).sort());
  expect(whole).toMatchObject(little);
});

test.each([
  ['import { defineDriver } from "loophole-fuzz";', "little"],
  [
    "import type { World } from 'loophole-fuzz';\nimport {defineDriver} from 'loophole-fuzz'",
    "little",
  ],
  [
    'import {\n  and, // both\n  type DriverModel,\n  defineDriver as d,\n} from "loophole-fuzz";',
    "little",
  ],
  ['// replay and check it\nimport { defineDriver } from "loophole-fuzz";', "little"],
  ['import { defineDriver, check } from "loophole-fuzz";', "whole"],
  ['import { drivers as some } from "loophole-fuzz";', "whole"],
  [
    'import { defineDriver } from "loophole-fuzz";\nexport { replay } from "loophole-fuzz";',
    "whole",
  ],
  ['export * from "loophole-fuzz";', "whole"],
  ['import * as loophole from "loophole-fuzz";', "whole"],
  ['const loophole = await import("loophole-fuzz");', "whole"],
  ["const loophole = await import(`loophole-fuzz`);", "whole"],
  [
    'import { not } from "loophole-fuzz";\nconst name = "loophole-fuzz";\nawait import(name);',
    "whole",
  ],
])("of %j it is given the %s face", async (text, face) => {
  const path = join(folder.path, "a.ts");
  writeFileSync(path, text);
  const context = { parentURL: pathToFileURL(path).href };
  const { url } = await resolve("loophole-fuzz", context, () => {
    throw new Error("is not ours to find");
  });
  expect(url).toMatch(face === "little" ? /\/cli\/load\/face\.ts$/ : /\/src\/index\.ts$/);
});
