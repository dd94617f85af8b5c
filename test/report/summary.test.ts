import fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import { boundNames, bounds } from "../../src/base/bounds.ts";
import type { CheckReport } from "../../src/campaign/report.ts";
import { adviceOn } from "../../src/report/bound-advice.ts";
import { type Checked, tellSummary } from "../../src/report/summary.ts";
import { anyFinding } from "./support/arbitrary.ts";
import { idlePoolRule, slowScan } from "./support/findings.ts";
import { exhaustedPool } from "./support/hangs.ts";

const all = ["deadlock-freedom", "bounded-latency", "no-crash", "rules"] as const;
const claims = ["complete", "bounded", "sampled"] as const;

const clean: Checked = {
  verdict: "clean",
  findings: [],
  results: all.map((property) => ({
    property,
    claim: "complete",
    bounds: [],
    worlds: 14,
    states: 120_345,
    runs: 0,
  })),
  worlds: [
    { name: "one create, tiny pool idle", claim: "complete", bounds: [], states: 1_204 },
    { name: "one create, tiny pool exhausted", claim: "complete", bounds: [], states: 119_141 },
  ],
  unreached: [],
  spent: 1_234_567,
  repeats: 1_234_567,
  stopped: false,
};

const plain = (report: Checked, width = 100): string =>
  tellSummary(report, { colours: false, width, subject: "acme" });
const running = (report: Checked): string => plain(report).replace(/\s+/g, " ");

test("a report of a check is what a summary tells", () => {
  expectTypeOf<CheckReport>().toExtend<Checked>();
});

test("hangs that are not told are counted, and what to do about them is said", () => {
  const found: Checked = { ...clean, verdict: "findings", findings: [{ finding: exhaustedPool }] };
  expect(running(found)).not.toContain("not told");
  expect(running({ ...found, contained: 2 })).toContain(
    "2 more hangs at the operations of one of these, and at others, are not told: mend what is told, and check again. Nothing else was found",
  );
});

test("a clean verdict names its scope in its first line", () => {
  expect(plain(clean).split("\n")[0]).toBe("CLEAN: acme; complete in 14 worlds, 120 345 states");
});

test("what was only sampled is not called complete", () => {
  const results = clean.results.map((result) =>
    result.property === "bounded-latency"
      ? { ...result, claim: "sampled" as const, runs: 2_000 }
      : result,
  );
  expect(running({ ...clean, results })).toContain(
    "CLEAN: acme; complete in 14 worlds, 120 345 states (deadlocks and livelocks, crashes and broken rules); sampled in 14 worlds, 2 000 runs (latency over budget)",
  );
});

test("a bounded verdict says that it is less than clean", () => {
  const text = running({ ...clean, verdict: "bounded" });
  expect(text).toContain("BOUNDED: acme");
  expect(text).toContain("less than “clean”: a bound was reached");
});

test("findings are listed with what they take, and those of one shape are put together", () => {
  const found = [exhaustedPool, slowScan, { ...slowScan, callback: "AcmeExit" }, idlePoolRule];
  const text = running({
    ...clean,
    verdict: "findings",
    findings: found.map((finding) => ({ finding })),
  });
  expect(text).toContain("FINDINGS: 4 in acme");
  expect(text).toContain("1 DEADLOCK: process callback AcmeCreateProcess of acme can hang");
  expect(text).toContain("busy with other drivers' work. Same shape as 2.");
  expect(text).toMatch(/latency over budget 2 complete/);
});

test("operations that no run reached are put before the author, by routine", () => {
  const text = plain({ ...clean, unreached: ["OnCreate/if#2", "OnExit", "OnCreate/KeSetEvent#1"] });
  expect(text).toContain("Look at: 3 operations never reached");
  expect(text).toContain("·  OnCreate: if#2, KeSetEvent#1");
  expect(text).toContain("·  OnExit");
  expect(plain(clean)).not.toContain("never reached");
});

test("the budget that repeats the check stands as one types it", () => {
  expect(plain(clean)).toContain("1 234 567 operations");
  expect(plain(clean)).toContain("--budget 1234567 repeats this one");
});

test("a check that was ended early says so", () => {
  expect(running({ ...clean, stopped: true })).toContain("The check was ended early");
  expect(running({ ...clean, results: [], worlds: [], stopped: true })).toContain(
    "nothing was searched",
  );
});

const anyReport: fc.Arbitrary<Checked> = fc.record({
  verdict: fc.constantFrom("clean", "findings", "bounded"),
  findings: fc.array(fc.record({ finding: anyFinding }), { maxLength: 3 }),
  results: fc.subarray([...all]).chain((properties) =>
    fc.tuple(
      ...properties.map((property) =>
        fc.record({
          property: fc.constant(property),
          claim: fc.constantFrom(...claims),
          bounds: fc.subarray([...boundNames]),
          worlds: fc.nat(99),
          states: fc.nat(10_000_000),
          runs: fc.nat(100_000),
        }),
      ),
    ),
  ),
  worlds: fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,8} [a-z]{1,8}$/),
      claim: fc.constantFrom(...claims),
      bounds: fc.subarray([...boundNames]),
      states: fc.nat(10_000_000),
    }),
    { maxLength: 20 },
  ),
  contained: fc.nat(99),
  unreached: fc.array(fc.stringMatching(/^[A-Z][a-z]{1,9}\/[a-z]{1,9}#[1-9]$/), { maxLength: 9 }),
  spent: fc.nat(1_000_000_000),
  repeats: fc.nat(1_000_000_000),
  stopped: fc.boolean(),
});

test("no summary is wider than its page or promises that there are no bugs", () => {
  fc.assert(
    fc.property(anyReport, fc.integer({ min: 60, max: 160 }), (report, width) => {
      const text = plain(report, width);
      for (const line of text.split("\n")) expect([...line].length).toBeLessThanOrEqual(width);
      expect(text).not.toMatch(/no bugs/i);
      expect(plain(structuredClone(report), width)).toBe(text);
    }),
  );
});

test("every world is named with its states, in a line of its claim", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const text = running(report);
      for (const { name } of report.worlds) expect(text).toContain(`${name} (`);
    }),
  );
});

test("each bound that makes a claim bounded comes with what can be done about it", () => {
  for (const name of boundNames)
    if (bounds[name].claim === "bounded") expect(adviceOn[name], name).toMatch(/^[A-Z].*\.$/);
  const results = clean.results.map((result) => ({ ...result, bounds: ["sharers"] as const }));
  expect(running({ ...clean, verdict: "bounded", results })).toContain(
    "sharers threads that share or await one lock, at most 6 Model fewer who take the lock at once",
  );
});

test("of findings with the same words the list says where each is", () => {
  const second = {
    ...idlePoolRule,
    identity: `${idlePoolRule.identity}#2`,
    steps: idlePoolRule.steps.map((step) => ({ ...step, opId: `${step.opId}#2` })),
  };
  const both = { ...clean, verdict: "findings" as const };
  const listOf = (...found: readonly (typeof idlePoolRule)[]): string =>
    running({ ...both, findings: found.map((finding) => ({ finding })) });
  expect(listOf(idlePoolRule, second)).toMatch(/At KeWait.* At the 2nd KeWait/);
  expect(listOf(idlePoolRule)).not.toContain("At KeWait");
});
