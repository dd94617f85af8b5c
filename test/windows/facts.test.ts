import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { InvariantError } from "../../src/base/invariant.ts";
import { notModelled } from "../../src/windows/facts/coverage.ts";
import { factAreas, factOf, facts } from "../../src/windows/facts/table.ts";
import { type Citation, citationsIn, idsIn } from "./citations.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const all = factAreas.flatMap((area) => area.facts);

/** What looks like an id in a comment or title and is none. Keep it short. */
const otherMeanings = new Set([
  // The rule of two sentences, each of which is a fact: with an a or b behind it.
  "R6",
]);

const unknown = (citations: readonly Citation[]): string[] =>
  citations
    .filter(({ id }) => !facts.has(id) && !otherMeanings.has(id))
    .map(({ place, id }) => `${place}: no fact ${id}`);

function filesUnder(folder: string): { path: string; text: string }[] {
  if (!existsSync(`${root}${folder}`)) return [];
  return readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => `${entry.parentPath}${sep}${entry.name}`)
    .map((path) => ({
      path: relative(root, path).replaceAll(sep, "/"),
      text: readFileSync(path, "utf8"),
    }));
}

test("no two facts have the same id, and every id looks like one", () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(facts.size).toBe(all.length);
  for (const { id } of all) expect(idsIn(`see ${id}.`)).toEqual([id]);
});

test("no two facts say the same", () => {
  expect(new Set(all.map(({ says }) => says)).size).toBe(all.length);
});

test("each fact is a few sentences with a source that anybody can look up", () => {
  for (const { id, says, source } of all) {
    expect(says, id).toMatch(/^[A-Z0-9].+\.$/);
    expect(says.length, id).toBeLessThanOrEqual(300);
    expect(source.trim(), id).not.toBe("");
    expect(source, id).not.toMatch(/(?:^|[\s(])[/~\\]|\.\.?\/|file:|\b[A-Za-z]:[\\/]/);
  }
});

test("facts lean only on facts that there are", () => {
  for (const { id, says, source } of all) {
    expect(
      idsIn(`${says} ${source}`).filter((cited) => !facts.has(cited)),
      id,
    ).toEqual([]);
  }
});

test("an option names its default, and only what is modelled can lack a part", () => {
  for (const { id, modelled, says, lacks } of all) {
    if (modelled === "option") expect(says, id).toMatch(/by default/i);
    if (lacks !== undefined) expect(["yes", "option"], id).toContain(modelled);
  }
});

test("a fact that says where it is modelled points to something", () => {
  for (const { id, where } of all) {
    if (where !== undefined) expect(existsSync(`${root}${where}`), `${id}: ${where}`).toBe(true);
  }
});

test("a fact is found by its id, and asking for any other is a fault of ours", () => {
  expect(factOf("CB-Q3").id).toBe("CB-Q3");
  expect(() => factOf("CB-Q99")).toThrow(InvariantError);
  expect(() => factOf("toString")).toThrow(InvariantError);
});

test("every fact that a source file cites is in the table", () => {
  const files = ["src", "properties", "test"].flatMap(filesUnder);
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(({ path, text }) => unknown(citationsIn(path, text)))).toEqual([]);
});

test.each([
  ["const api = { facts: ['SY-1', 'SY-99'] };", "SY-99"],
  ["const api = { facts: ['anything'] as const };", "anything"],
  ["const facts = ['CB-Z1'] satisfies readonly string[];", "CB-Z1"],
  ["const rule = { fact: 'R9' };", "R9"],
  ["const one = 1; // The order of CB-Q77.", "CB-Q77"],
  ["/** As W40 has it. */ const one = 1;", "W40"],
  ["const one = /* P03 */ 1;", "P03"],
  ["test('B18: locks are given back', () => {});", "B18"],
  ["describe.skip(`APC-8 holds`, () => {});", "APC-8"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
  ["it.each([1])(`SV-45 with ${one} thread`, () => {});", "SV-45"],
])("%s cites an unknown fact and is caught", (statement, id) => {
  const text = `import "./a.ts";\n\n${statement}\n`;
  expect(unknown(citationsIn("src/a.ts", text))).toEqual([`src/a.ts:3: no fact ${id}`]);
});

test("each line of a long comment is a place of its own", () => {
  const text = "/**\n * First CB-Z1,\n * then PR-9.\n */\nexport {};\n// At the end, SY-0.";
  expect(unknown(citationsIn("src/a.ts", text))).toEqual([
    "src/a.ts:2: no fact CB-Z1",
    "src/a.ts:3: no fact PR-9",
    "src/a.ts:6: no fact SY-0",
  ]);
});

test.each([
  "const api = { facts: ['SY-1', 'CB-P1'], fact: 'R7' }; // W8, P04 and R6a.",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
  "const B99 = 'CB-Z1'; const text = `// SY-99 ${B99} SY-98`;",
  "const pattern = /CB-Z1|['\"`]/; const url = 'https://example.org/W77';",
  "// UTF-8, Win32, x86-64, p99, P1, T0 and 0xB99 are no ids.",
  "run('R99 is an argument, not a title');",
])("%s cites nothing unknown", (statement) => {
  expect(unknown(citationsIn("src/a.ts", statement))).toEqual([]);
});

test("the list of what is not modelled has every option, gap and absence, and nothing else", () => {
  const listed = notModelled()
    .split("\n")
    .flatMap((row) => /^\| ([A-Z]\S*\d[ab]?) \|/.exec(row)?.[1] ?? []);
  const expected = all.filter((fact) => fact.modelled !== "yes" || fact.lacks !== undefined);
  expect([...listed].sort()).toEqual(expected.map(({ id }) => id).sort());
});

const readme = `${root}README.md`;
const opening = "<!-- not-modelled -->";
const closing = "<!-- /not-modelled -->";

/** `UPDATE_README=1 npx vitest run test/windows/facts.test.ts` writes the section anew. */
test.runIf(existsSync(readme))("the README says what is not modelled, as the table has it", () => {
  const text = readFileSync(readme, "utf8");
  const start = text.indexOf(opening) + opening.length;
  const end = text.indexOf(closing);
  expect(text, "the README's section").toContain(opening);
  expect(end, `${closing} behind ${opening}`).toBeGreaterThanOrEqual(start);
  const expected = `\n\n${notModelled()}\n\n`;
  if (process.env.UPDATE_README === "1") {
    writeFileSync(readme, text.slice(0, start) + expected + text.slice(end));
    return;
  }
  expect(text.slice(start, end)).toBe(expected);
});
