import { readdirSync, readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { wordsOf } from "./words.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = readdirSync(`${root}src`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => `${entry.parentPath}${sep}${entry.name}`);

test("machine, search and judge make no sentences and know no rule by its id", () => {
  expect(files.length).toBeGreaterThan(0);
  const found = files.flatMap((file) =>
    wordsOf(relative(root, file).replaceAll(sep, "/"), readFileSync(file, "utf8")),
  );
  expect(found.map(({ place, what }) => `${place}: ${what}`)).toEqual([]);
});

test.each([
  ['const why = "nobody is left who would set it";', "the sentence"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a template where it is judged.
  ["const why = `${name} is still creating it`;", "the sentence"],
  ['const rules = ["R5"];', "the rule R5"],
  ['invariant(isOne, isBad ? "B6" : "x y z");\nconst rule = "B6";', "the rule B6"],
])("%s is found", (line, what) => {
  const found = wordsOf("src/judge/a.ts", line).map((one) => one.what);
  expect(found.some((one) => one.startsWith(what))).toBe(true);
});

test.each([
  '// Nobody is left who would set it (R5).\nconst kind = "waits";',
  'import { a } from "../a b c/d.ts";',
  'invariant(found, "a stored path can be walked");',
  'const kind = "wouldFetch";',
])("%s is none", (line) => {
  expect(wordsOf("src/judge/a.ts", line)).toEqual([]);
});

test("words for people are the business of the report", () => {
  expect(wordsOf("src/report/a.ts", 'const why = "nobody is left who would set it";')).toEqual([]);
});
