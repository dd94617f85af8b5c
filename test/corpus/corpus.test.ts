import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import type { Counterexample } from "../../src/corpus/counterexample.ts";
import { loadCounterexample, parseCounterexample } from "../../src/corpus/load.ts";
import { corpusFileName, printCounterexample, saveCounterexample } from "../../src/corpus/save.ts";
import { counterexampleJsonSchema } from "../../src/corpus/schema.ts";
import { refused } from "../language/support/refused.ts";
import { counterexamples } from "./support/counterexamples.ts";

const folder = mkdtempSync(join(tmpdir(), "loophole corpus "));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same data with its keys the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, turned(member)]),
  );
}

const [sample] = fc.sample(counterexamples, { numRuns: 1, seed: 1 });

async function refusal(text: string): Promise<string> {
  const error = await parseCounterexample(text, "a.json").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

test("what is saved reads back as it was, with either kind of line end", async () => {
  await fc.assert(
    fc.asyncProperty(counterexamples, async (counterexample) => {
      const text = printCounterexample(counterexample);
      expect(await parseCounterexample(text, "a.json")).toEqual(counterexample);
      const crlf = text.replaceAll("\n", "\r\n");
      expect(await parseCounterexample(crlf, "a.json")).toEqual(counterexample);
    }),
  );
});

test("the bytes do not depend on the order of keys, and keys come in the order of the types", () => {
  fc.assert(
    fc.property(counterexamples, (counterexample) => {
      const text = printCounterexample(counterexample);
      expect(printCounterexample(turned(counterexample) as Counterexample)).toBe(text);
    }),
  );
  expect(Object.keys(JSON.parse(printCounterexample(sample)))).toEqual([
    "loophole",
    "version",
    "finding",
    "reading",
    "decisions",
    "schedule",
    "scenario",
  ]);
});

test("a saved file is named for what it shows, and leaves no draft behind", async () => {
  const finding = { ...sample.finding, driver: "acme", outcome: "deadlock" as const };
  const name = saveCounterexample(join(folder, "new"), { ...sample, finding });
  expect(name).toMatch(/^acme\.deadlock\.[0-9a-f]{8}\.json$/);
  expect(saveCounterexample(join(folder, "new"), { ...sample, finding })).toBe(name);
  expect(readdirSync(join(folder, "new"))).toEqual([name]);
  expect(await loadCounterexample(join(folder, "new", name))).toEqual({ ...sample, finding });
});

test("the name changes with the operations that wait and how they do, and with nothing else", () => {
  const { finding } = sample;
  const name = corpusFileName(finding);
  expect(corpusFileName({ ...finding, needs: "fault", rules: [], latencyUs: 7 })).toBe(name);
  expect(corpusFileName({ ...finding, identity: `${finding.identity}!` })).not.toBe(name);
  expect(corpusFileName({ ...finding, mechanism: `${finding.mechanism}!` })).not.toBe(name);
});

test("a folder that cannot be made is an input error, and the old file stays", () => {
  writeFileSync(join(folder, "taken"), "mine");
  expect(refused(() => saveCounterexample(join(folder, "taken"), sample)).reason).toMatch(
    /cannot be made a folder/,
  );
  expect(readFileSync(join(folder, "taken"), "utf8")).toBe("mine");
});

test("another version is refused with what to do about it", async () => {
  const text = JSON.stringify({ ...sample, version: 7, anything: "else" });
  expect(await refusal(text)).toBe(
    "a.json: version: version 7 is newer than this Loophole (2): update loophole-fuzz to read it",
  );
  expect(await refusal(JSON.stringify({ ...sample, version: 1 }))).toBe(
    "a.json: version: version 1 numbers the operations, which this Loophole (2) names by their objects: check the driver again with --save, and remove this file",
  );
  expect(await refusal(JSON.stringify({ ...sample, version: "1" }))).toMatch(
    /no Loophole writes version "1"/,
  );
  expect(await refusal(JSON.stringify({ ...sample, version: undefined }))).toMatch(/\(none\)/);
});

test("files of other kinds are told apart", async () => {
  expect(await refusal("[]")).toMatch(/is no counterexample: that is a JSON object/);
  expect(await refusal('{"name": "x"}')).toMatch(/"loophole": "counterexample" is missing/);
  expect(await refusal(JSON.stringify(sample.scenario.drivers[0]))).toMatch(/loophole check/);
});

type Edit = (text: Record<string, never>) => unknown;
const edits: readonly (readonly [string, Edit, string])[] = [
  ["an unknown key", (c) => ({ ...c, extra: 1 }), 'a.json: unknown key "extra"'],
  [
    "a word that is none of the list's",
    (c) => ({ ...c, reading: "timd" }),
    'a.json: reading: "timd" where one of untimed, timed belongs; did you mean "timed"?',
  ],
  ["decisions without end", (c) => ({ ...c, decisions: 1e300 }), "a.json: decisions: "],
  [
    "a part of the world that is missing",
    (c) => ({ ...c, scenario: { ...(c.scenario as object), world: { name: "x" } } }),
    "a.json: scenario.world: workload, pool, service, startup and removal are missing",
  ],
  [
    "no driver at all",
    (c) => ({ ...c, scenario: { ...(c.scenario as object), drivers: [] } }),
    "a.json: scenario.drivers: ",
  ],
];

test.each(edits)("%s is refused at its place", async (_what, edit, message) => {
  expect(await refusal(JSON.stringify(edit(sample as never)))).toContain(message);
});

test("a call that the table lacks is refused where it stands", async () => {
  const text = printCounterexample(sample).replaceAll("KeSetEvent", "KeSetEvant");
  expect(await refusal(text)).toMatch(
    /^a\.json: scenario\.drivers\[0\]\.routines\[\d\]\.body.*KeSetEvant/,
  );
});

test("two drivers of one name are refused", async () => {
  const [driver] = sample.scenario.drivers;
  const twins = { ...sample, scenario: { ...sample.scenario, drivers: [driver, driver] } };
  expect(await refusal(JSON.stringify(twins))).toContain(
    "a.json: scenario.drivers[1].name: a second",
  );
});

test("the JSON Schema describes the whole file", () => {
  const schema = JSON.stringify(counterexampleJsonSchema());
  expect(schema).toContain("https://json-schema.org/draft/2020-12/schema");
  for (const word of ["decisions", "workload", "registrations", "identity"]) {
    expect(schema).toContain(`"${word}"`);
  }
});
