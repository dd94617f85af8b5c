import { readdirSync, readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { capsOf, listed } from "./caps.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Loops over the bits of a byte or a word. */
const overBits = ["src/machine/hop.ts"];

const files = listed.flatMap((folder) =>
  readdirSync(`${root}src/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => `${entry.parentPath}${sep}${entry.name}`),
);

test("whatever cuts a run, a search or a story is in the list of bounds", () => {
  expect(files.length).toBeGreaterThan(100);
  const found = files
    .map((path) => [relative(root, path).replaceAll(sep, "/"), path] as const)
    .filter(([name]) => !overBits.includes(name))
    .flatMap(([name, path]) => capsOf(name, readFileSync(path, "utf8")));
  expect(found).toEqual([]);
});

test.each([
  "const chainMax = 64;",
  "const depthLimit = 1_000;",
  "for (let i = 0; next !== undefined && i < 64; i++) go();",
  "while (seen.size <= 400) go();",
  "if (codes.length >= 4_000) stop();",
])("%s is a cap of its own", (line) => {
  expect(capsOf("src/judge/a.ts", line)).toEqual(["src/judge/a.ts:1"]);
});

test.each([
  "const chainMax = bounds.chain.max;",
  "const growth = 5;",
  "for (let i = 0; i < list.length; i++) go();",
  "if (parts.length > 1) go();",
])("%s is none", (line) => {
  expect(capsOf("src/judge/a.ts", line)).toEqual([]);
});
