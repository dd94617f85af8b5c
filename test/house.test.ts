import { readdirSync, readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Breach, breachesOf, linesMax } from "./house/breaches.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const sources: readonly SourceFile[] = readdirSync(`${root}src`, {
  recursive: true,
  withFileTypes: true,
})
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => `${entry.parentPath}${sep}${entry.name}`)
  .map((path) => ({
    path: relative(root, path).replaceAll(sep, "/"),
    text: readFileSync(path, "utf8"),
  }))
  .sort((one, other) => (one.path < other.path ? -1 : 1));

const show = (breach: Breach): string => `${breach.place}: ${breach.what}`;

/** Statements that a file outside `src/cli` must not have, each with the breach that it is. */
const planted: readonly (readonly [statement: string, what: string])[] = [
  ["const at = Date.now();", "Date"],
  ["const at = new Date();", "Date"],
  ["let at: Date;", "Date"],
  ["const shape = { Date };", "Date"],
  ["const at = globalThis.Date.now();", "globalThis.Date"],
  ["const at = performance.now();", "performance"],
  ["const x = Math.random();", "Math.random"],
  ['const x = Math["random"]();', "Math.random"],
  ["const { random } = Math;", "Math.random"],
  ["const { random: draw } = Math;", "Math.random"],
  ["const bound = process.env.BOUND;", "process.env"],
  ["const { env } = process;", "process.env"],
  ["const at = process.hrtime.bigint();", "process.hrtime"],
  ["setTimeout(() => {}, 1);", "setTimeout"],
  ["const later = setInterval;", "setInterval"],
  ["const id = crypto.randomUUID();", "crypto.randomUUID"],
  ["const id = globalThis.crypto.randomUUID();", "crypto.randomUUID"],
  ['import { randomBytes } from "node:crypto";', "randomBytes of node:crypto"],
  ['import { randomInt as draw } from "node:crypto";', "randomInt of node:crypto"],
  ['import * as crypto from "node:crypto";', "* of node:crypto"],
  ['const crypto = await import("node:crypto");', "* of node:crypto"],
  ['import { env } from "node:process";', "node:process"],
  ['import { cpus } from "node:os";', "node:os"],
  ["names.sort((a, b) => a.localeCompare(b));", "localeCompare"],
  ["const shown = count.toLocaleString();", "toLocaleString"],
];

/** Statements that look like the above and break nothing. */
const innocent: readonly string[] = [
  "// Math.random() and new Date() stay out of here.",
  'const text = "Date.now() and process.env";',
  "const record = { Date: 1, setTimeout: 2, performance: 3 };",
  "const x = record.Date + record.performance;",
  "interface Row { readonly Date: number; setTimeout(): void }",
  "const { parent } = process;",
  "const creator = process.creator;",
  "const folder = event.process.env;",
  "const n = Math.floor(1.5);",
  'import { createHash } from "node:crypto";',
  'import type { Irql } from "./model.ts";',
  'import fc from "fast-check";',
];

const innocentLines = fc.array(fc.constantFrom(...innocent), { maxLength: 20 });

test("nothing under src outside the commands depends on clock, chance, environment or locale, and all files keep the house rules", () => {
  expect(sources.length).toBeGreaterThan(0);
  expect(sources.flatMap(({ path, text }) => breachesOf(path, text)).map(show)).toEqual([]);
});

test("a dependence on clock, chance, environment or locale is found at its line, wherever it stands", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...planted),
      innocentLines,
      innocentLines,
      ([bad, what], before, after) => {
        const text = [...before, bad, ...after].join("\n");
        const found = breachesOf("src/explore/walk.ts", text);
        expect(found).toEqual([{ place: `src/explore/walk.ts:${before.length + 1}`, what }]);
      },
    ),
    { numRuns: 300 },
  );
});

test.each(planted)("%s is found", (bad, what) => {
  expect(breachesOf("src/explore/walk.ts", bad)).toEqual([
    { place: "src/explore/walk.ts:1", what },
  ]);
});

test.each(planted)("%s is the commands' business", (bad) => {
  expect(breachesOf("src/cli/main.ts", bad)).toEqual([]);
});

test.each(innocent)("%s breaks nothing", (line) => {
  expect(breachesOf("src/explore/walk.ts", line)).toEqual([]);
});

test("a file may have as many lines as the limit says, and not one more", () => {
  const full = "export {};\n".repeat(linesMax);
  expect(breachesOf("src/judge/a.ts", full)).toEqual([]);
  expect(breachesOf("src/judge/a.ts", `${full}export {};\n`).map(show)).toEqual([
    `src/judge/a.ts: ${linesMax + 1} lines, over ${linesMax}`,
  ]);
});

test("only the public face is an index file", () => {
  expect(breachesOf("src/index.ts", "")).toEqual([]);
  expect(breachesOf("src/judge/index.ts", "")).toHaveLength(1);
});

test.each([
  ['import { a } from "./a";', 'import path "./a" does not end in .ts'],
  ['import type { A } from "../a.js";', 'import path "../a.js" does not end in .ts'],
  ['export * from "./a.d.ts";', 'import path "./a.d.ts" does not end in .ts'],
  ['type A = import("./a").A;', 'import path "./a" does not end in .ts'],
  ['const a = await import("..");', 'import path ".." does not end in .ts'],
  ['import { readFileSync } from "fs";', 'import "node:fs" by its full name'],
  ['import { readFile } from "fs/promises";', 'import "node:fs/promises" by its full name'],
])("%s is an import that the house does not write, in the commands too", (line, what) => {
  const expected = [{ place: "src/cli/main.ts:1", what }];
  expect(breachesOf("src/cli/main.ts", line)).toEqual(expected);
});
