/** What fails, what is accepted, and how CI is told; without a child process. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { Expectation, PropertyResult } from "../../src/campaign/report.ts";
import { annotationsOf } from "../../src/cli/gate/annotate.ts";
import { junitSuites } from "../../src/cli/gate/junit-suites.ts";
import { lineOf, notesOn } from "../../src/cli/gate/notes.ts";
import {
  acceptedOf,
  baselineAfter,
  fails,
  type Gate,
  ruleOn,
  staleEntries,
} from "../../src/cli/gate/ruling.ts";
import type { Judged } from "../../src/cli/judge/judge-files.ts";
import { parseAnnotations } from "../../src/cli/options.ts";
import {
  type Accepted,
  loadBaseline,
  parseBaseline,
  printBaseline,
  saveBaseline,
} from "../../src/corpus/baseline.ts";
import { outcomes } from "../../src/corpus/schema.ts";
import type { Finding } from "../../src/judge/finding.ts";
import { tellAccepted } from "../../src/report/accepted.ts";
import { printJunit } from "../../src/report/junit.ts";
import { refused } from "../language/support/refused.ts";
import { idlePoolRule, slowScan } from "../report/support/findings.ts";
import { exhaustedPool } from "../report/support/hangs.ts";
import { makeFolder } from "./support/command.ts";

const folder = makeFolder({});
afterAll(folder.remove);

const all = ["deadlock-freedom", "bounded-latency", "no-crash", "rules"] as const;

const judged = (
  findings: readonly Finding[],
  more: { expected?: Expectation; claim?: PropertyResult["claim"]; file?: string } = {},
): Judged =>
  ({
    file: more.file ?? "drivers/acme.driver.ts",
    subject: { drivers: [{ name: "acme" }] },
    expected: more.expected,
    report: {
      verdict: "findings",
      findings: findings.map((finding) => ({ finding })),
      results: all.map((property) => ({
        property,
        claim: property === "bounded-latency" ? (more.claim ?? "complete") : "complete",
        worlds: 6,
        states: 99,
        runs: 0,
      })),
    },
    saved: findings.map(() => undefined),
  }) as unknown as Judged;

const entryOf = (
  { driver, outcome, identity, mechanism }: Finding,
  more: Partial<Accepted> = {},
): Accepted => ({ driver, outcome, identity, mechanism, reason: "the vendor mends it", ...more });

const gateOf = (entries: readonly Accepted[], more: Partial<Gate> = {}): Gate => ({
  baseline: { file: "baseline.json", entries },
  today: "2030-06-15",
  writes: false,
  requireComplete: false,
  heedsExpected: false,
  ...more,
});

const options = { budget: 200_000, scope: "default" } as const;
const notesOf = (gate: Gate, ...files: Judged[]): string[] =>
  notesOn(
    gate,
    files.map((file) => ruleOn(file, gate)),
    options,
  ).map(lineOf);

test("what is accepted does not fail, and all else does", () => {
  const gate = gateOf([entryOf(exhaustedPool), entryOf(slowScan, { mechanism: undefined })]);
  expect(fails(ruleOn(judged([]), gate))).toBe(false);
  expect(fails(ruleOn(judged([exhaustedPool, slowScan]), gate))).toBe(false);
  expect(fails(ruleOn(judged([exhaustedPool, idlePoolRule]), gate))).toBe(true);
  expect(fails(ruleOn(judged([{ ...exhaustedPool, mechanism: "another" }]), gate))).toBe(true);
  expect(fails(ruleOn(judged([{ ...slowScan, mechanism: "another" }]), gate))).toBe(false);
  for (const key of ["driver", "identity", "outcome"] as const) {
    const other = { ...slowScan, [key]: key === "outcome" ? "crash" : "other" } as Finding;
    expect(fails(ruleOn(judged([other]), gate)), key).toBe(true);
  }
});

test("what is accepted is listed with its reason, who looks after it, and until when", () => {
  const entry = entryOf(exhaustedPool, { owner: "kim", expires: "2031-01-01" });
  const accepted = acceptedOf(ruleOn(judged([exhaustedPool, slowScan]), gateOf([entry])));
  const text = tellAccepted(accepted, { colours: false });
  expect(text).toContain("Accepted by the baseline");
  expect(text).toContain("DEADLOCK: process callback");
  expect(text).toContain("Accepted: the vendor mends it (kim, until 2031-01-01)");
  expect(text).not.toContain("LATENCY");
  expect(tellAccepted([], { colours: false })).toBe("");
});

test("an entry holds to the end of its last day, and then fails and is said", () => {
  const until = (expires: string) => gateOf([entryOf(slowScan, { expires, owner: "kim" })]);
  for (const day of ["2030-06-15", "2030-06-16", "2031-01-01"]) {
    expect(fails(ruleOn(judged([slowScan]), until(day)))).toBe(false);
    expect(notesOf(until(day), judged([slowScan]))).toEqual([]);
  }
  for (const day of ["2030-06-14", "2029-12-31"]) {
    expect(fails(ruleOn(judged([slowScan]), until(day)))).toBe(true);
    expect(notesOf(until(day), judged([slowScan]))).toEqual([
      `baseline.json: accepted[0] was accepted until ${day}, and is no longer; ask kim: latency of acme at ${slowScan.identity}`,
    ]);
  }
});

test("an entry for which nothing is found is said, if its driver was judged to the end", () => {
  const gate = gateOf([entryOf(slowScan), entryOf({ ...slowScan, driver: "other" })]);
  const [line, ...others] = notesOf(gate, judged([exhaustedPool]));
  expect(line).toMatch(/^baseline\.json: accepted\[0\] is not found any more: latency of acme at /);
  expect(others).toEqual([]);
  expect(fails(ruleOn(judged([]), gate))).toBe(false);
  expect(staleEntries(gate, [ruleOn(judged([]), gate, true)])).toEqual([]);
  const inAnotherFile = [judged([]), judged([slowScan], { file: "b.driver.ts" })];
  expect(notesOf(gate, ...inAnotherFile)).toEqual([]);
});

test("a finding in none of the drivers' own operations goes by all their names", () => {
  const nobodys = { ...slowScan, driver: "" };
  const gate = gateOf([entryOf({ ...nobodys, driver: "acme" })]);
  expect(fails(ruleOn(judged([nobodys]), gate))).toBe(false);
  const written = baselineAfter(gateOf([], { writes: true }), [
    ruleOn(judged([nobodys]), gateOf([], { writes: true })),
  ]);
  expect(written.map(({ driver }) => driver)).toEqual(["acme"]);
});

test("in a suite, what a file expects needs no entry, and what it lacks no entry mends", () => {
  const suite = (entries: Accepted[]) => gateOf(entries, { heedsExpected: true });
  const expected = { deadlock: [] };
  const texts = (one: Judged, entries: Accepted[] = []) =>
    ruleOn(one, suite(entries)).faults.map(({ text }) => text);
  expect(texts(judged([exhaustedPool], { expected }))).toEqual([]);
  expect(texts(judged([exhaustedPool, slowScan], { expected }), [entryOf(slowScan)])).toEqual([]);
  expect(texts(judged([exhaustedPool, slowScan], { expected }))).toEqual([
    `not expected: latency (${slowScan.mechanism})`,
  ]);
  expect(texts(judged([slowScan], { expected }), [entryOf(slowScan)])).toEqual([
    "expected and not found: deadlock",
  ]);
  expect(fails(ruleOn(judged([], { expected }), suite([])))).toBe(true);
});

test("a baseline that is written accepts what was found, keeps reasons, and drops what is stale", () => {
  const old = entryOf(slowScan, { owner: "kim" });
  const gate = gateOf([old, entryOf(idlePoolRule), entryOf({ ...slowScan, driver: "other" })], {
    writes: true,
  });
  const ruling = ruleOn(judged([slowScan, exhaustedPool]), gate);
  expect(fails(ruling)).toBe(false);
  const written = parseBaseline(printBaseline(baselineAfter(gate, [ruling])), "b.json");
  expect(
    written.map(({ driver, outcome, reason, owner }) => [driver, outcome, reason, owner]),
  ).toEqual([
    ["acme", "deadlock", "to be reviewed", undefined],
    ["acme", "latency", "the vendor mends it", "kim"],
    ["other", "latency", "the vendor mends it", undefined],
  ]);
  const next = gateOf(written);
  expect(fails(ruleOn(judged([slowScan, exhaustedPool]), next))).toBe(false);
});

const anyEntry: fc.Arbitrary<Accepted> = fc.record(
  {
    driver: fc.string({ minLength: 1 }),
    outcome: fc.constantFrom(...outcomes),
    identity: fc.string(),
    mechanism: fc.string(),
    reason: fc.string().map((text) => `because ${text}`),
    owner: fc.constantFrom("kim", "the driver team"),
    expires: fc.constantFrom("2030-02-28", "2032-02-29"),
  },
  { requiredKeys: ["driver", "outcome", "identity", "reason"] },
);

test("a baseline is the same text for every order, and is read as it was written", () => {
  const entries = fc.uniqueArray(anyEntry, {
    selector: ({ driver, outcome, identity, mechanism }) =>
      JSON.stringify([driver, outcome, identity, mechanism]),
    maxLength: 6,
  });
  fc.assert(
    fc.property(entries, (list) => {
      const text = printBaseline(list);
      expect(printBaseline([...list].reverse())).toBe(text);
      const read = parseBaseline(text, "b.json");
      expect(new Set(read.map((one) => JSON.stringify(one)))).toEqual(
        new Set(list.map((one) => JSON.stringify(parseBaseline(printBaseline([one]), "b")[0]))),
      );
    }),
  );
});

test("a baseline is written whole, and nothing else is left in its folder", () => {
  const file = join(folder.path, "baseline.json");
  writeFileSync(file, "what was there before");
  saveBaseline(file, [entryOf(slowScan)]);
  expect(loadBaseline(file)).toEqual([entryOf(slowScan)]);
  expect(readFileSync(file, "utf8")).toMatch(/^\{\n {2}"loophole": "baseline",\n/);
  expect(readdirSync(folder.path)).toEqual(["baseline.json"]);
});

const one = JSON.stringify(entryOf(slowScan)).slice(1, -1);
const holding = (...entries: string[]) =>
  `{ "loophole": "baseline", "version": 2, "accepted": [${entries.map((e) => `{${e}}`).join(",")}] }`;

test.each([
  ['{\n"loophole": oops }', /^b\.json:2: "oops" where a value belongs$/],
  ["[]", /^b\.json: is no baseline: an empty one is \{/],
  ['{ "loophole": "counterexample" }', /^b\.json: is a counterexample, not a baseline/],
  ['{ "loophole": "baseline", "version": 1 }', /^b\.json: version: version 1 numbers .*anew with/],
  ['{ "loophole": "baseline", "version": 3 }', /^b\.json: version: version 3 is newer/],
  ['{ "loophole": "baseline", "version": 2 }', /^b\.json: accepted: nothing where array belongs$/],
  [holding(`${one},"expires":"2030-02-30"`), /^b\.json: accepted\[0\]\.expires: is no date/],
  [holding(`${one},"expires":"soon"`), /^b\.json: accepted\[0\]\.expires: is no date/],
  [holding(`${one},"reason":" "`), /^b\.json: accepted\[0\]\.reason: says nothing: why/],
  [holding(`${one},"owner":""`), /^b\.json: accepted\[0\]\.owner: /],
  [holding(`${one},"because":"x"`), /^b\.json: accepted\[0\]: unknown key "because"$/],
  [holding(one.replace("latency", "latnecy")), /accepted\[0\]\.outcome: "latnecy" where .*latency/],
  [holding(one, `${one},"reason":"x"`), /^b\.json: accepted\[1\]: accepts the same finding as acc/],
])("%s is no baseline, which one line says with its place", (text, message) => {
  const error = refused(() => parseBaseline(text, "b.json"));
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain("\n");
});

test("where every state has to be seen, each property that falls short is named with what to do", () => {
  const gate = gateOf([], { requireComplete: true });
  expect(fails(ruleOn(judged([]), gate))).toBe(false);
  const short = judged([], { claim: "sampled" });
  expect(fails(ruleOn(short, gate))).toBe(true);
  expect(fails(ruleOn(short, gateOf([])))).toBe(false);
  expect(notesOf(gate, short)).toEqual([
    "drivers/acme.driver.ts: only sampled, the budget ended before every state was seen: bounded-latency. --require-complete: give a larger --budget (now 200_000), or a smaller scope: --scope small",
  ]);
});

test("JUnit has a case for each property: new ones fail with their story, accepted ones are skipped", () => {
  const gate = gateOf([entryOf(slowScan)], { heedsExpected: true });
  const file = judged([exhaustedPool, slowScan, idlePoolRule], {
    expected: { rule: [], crash: [] },
  });
  const [suite] = junitSuites([ruleOn(file, gate)], { files: [], fails: true });
  expect(suite.name).toBe("drivers/acme.driver.ts");
  const [hangs, late, crashes, rules] = suite.cases;
  expect(suite.cases.map(({ name }) => name)).toEqual(all);
  expect(hangs.problem).toMatchObject({ kind: "failure", type: "deadlock" });
  expect(hangs.problem?.message).toMatch(/^DEADLOCK: process callback/);
  expect(hangs.problem?.text).toContain("Who does the blocking, in effect");
  expect(late.problem).toMatchObject({ kind: "skipped", message: "Accepted: the vendor mends it" });
  expect(crashes.problem).toMatchObject({
    kind: "failure",
    type: "expectation",
    message: "expected and not found: crash",
  });
  expect(rules.problem).toBeUndefined();
  expect(rules.output).toContain("As expected: RULE: ");
});

test("JUnit says of what a stop left out that it was left out", () => {
  const gate = gateOf([]);
  const partial = ruleOn(judged([exhaustedPool]), gate, true);
  const files = ["drivers/acme.driver.ts", "b.driver.ts"];
  for (const [isSuite, kind] of [
    [true, "error"],
    [false, "skipped"],
  ] as const) {
    const [acme, b] = junitSuites([partial], { files, fails: isSuite });
    expect(acme.cases.map(({ problem }) => problem?.kind)).toEqual(["failure", kind, kind, kind]);
    expect(b.cases.map(({ problem }) => problem?.kind)).toEqual([kind]);
  }
  expect(printJunit(junitSuites([partial], { files, fails: true }))).toContain(
    '<testsuite name="b.driver.ts" tests="1" failures="0" errors="1" skipped="0">',
  );
});

test("marks stand at the line of the C source, or else at the driver file", () => {
  const gate = gateOf([entryOf(slowScan)]);
  const placeless = { ...exhaustedPool, steps: [], chain: [] };
  const ruling = ruleOn(
    judged([slowScan, idlePoolRule, placeless], { file: "/repo/d/a.ts" }),
    gate,
  );
  const exists = (path: string): boolean => path === "/repo/d/acme.c";
  const places = { exists, folder: "/repo", top: "/repo" };
  const marks = (at: typeof places) =>
    annotationsOf([ruling], [], at).map(({ level, file, line }) => [level, file, line]);
  expect(marks(places)).toEqual([
    ["notice", "d/acme.c", 121],
    ["error", "d/acme.c", 121],
    ["error", "d/a.ts", undefined],
  ]);
  expect(marks({ ...places, exists: () => false })[1]).toEqual(["error", "acme.c", 121]);
  // Where the work is done in a folder of the repository.
  const inside = { exists: () => false, folder: "/repo/models", top: "/repo" };
  expect(marks(inside)[1]).toEqual(["error", "models/acme.c", 121]);
});

test("marks are printed for GitHub alone", () => {
  expect(parseAnnotations("github")).toBe("github");
  expect(refused(() => parseAnnotations("gitlab")).message).toBe(
    '--annotations: "gitlab" is not github',
  );
});
