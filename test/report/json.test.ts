import fc from "fast-check";
import { expect, test } from "vitest";
import { boundNames } from "../../src/base/bounds.ts";
import type { Finding } from "../../src/judge/finding.ts";
import {
  jsonReport,
  type Reported,
  reportJsonSchema,
  reportSchema,
} from "../../src/report/json.ts";

const finding: Finding = {
  outcome: "latency",
  possible: false,
  property: "bounded-latency",
  driver: "acme",
  family: "process",
  mechanism: "callback waits for an event",
  identity: "Callback/KeWaitForSingleObject#1",
  needs: "busy pool",
  rules: ["R1"],
  latencyUs: 999_001,
  world: "one create",
  steps: [],
  chain: [],
  assumptions: [],
};

const verdicts = ["clean", "bounded", "findings"] as const;
const claims = ["complete", "bounded", "sampled"] as const;

const reported: fc.Arbitrary<Reported> = fc.record({
  verdict: fc.constantFrom(...verdicts),
  findings: fc.array(
    fc.record({ finding: fc.constant(finding), file: fc.constantFrom(undefined, "corpus/a.json") }),
    { maxLength: 2 },
  ),
  results: fc.array(
    fc.record({
      property: fc.constantFrom("deadlock-freedom", "bounded-latency", "no-crash", "rules"),
      claim: fc.constantFrom(...claims),
      bounds: fc.subarray([...boundNames]),
      worlds: fc.nat({ max: 100 }),
      states: fc.nat(),
      runs: fc.nat(),
    }),
    { maxLength: 5 },
  ),
  complete: fc.boolean(),
  unreached: fc.array(fc.constantFrom("acme: a", "acme: b")),
});

test("every report fits its schema, and survives being printed", () => {
  fc.assert(
    fc.property(fc.array(reported, { maxLength: 4 }), fc.boolean(), (reports, isWhole) => {
      const report = jsonReport(reports, isWhole);
      expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    }),
  );
});

test("a report of several is no better than the worst of them", () => {
  fc.assert(
    fc.property(fc.array(reported, { maxLength: 4 }), fc.boolean(), (reports, isWhole) => {
      const report = jsonReport(reports, isWhole);
      const worst = Math.max(
        isWhole ? 0 : 1,
        ...reports.map(({ verdict }) => verdicts.indexOf(verdict)),
      );
      expect(verdicts.indexOf(report.verdict)).toBe(worst);
      expect(report.complete).toBe(isWhole && reports.every(({ complete }) => complete));
      for (const { property, claim, states } of report.results) {
        const parts = reports.flatMap(({ results }) =>
          results.filter((r) => r.property === property),
        );
        expect(claims.indexOf(claim)).toBe(Math.max(...parts.map((r) => claims.indexOf(r.claim))));
        expect(states).toBe(parts.reduce((sum, r) => sum + r.states, 0));
      }
    }),
  );
});

test("a finding tells what scripts need, and no more", () => {
  const one: Reported = {
    verdict: "findings",
    findings: [{ finding, file: "corpus/a.json" }],
    results: [],
    complete: true,
    unreached: [],
  };
  expect(jsonReport([one], true).findings).toEqual([
    {
      outcome: "latency",
      possible: false,
      property: "bounded-latency",
      driver: "acme",
      family: "process",
      mechanism: "callback waits for an event",
      identity: "Callback/KeWaitForSingleObject#1",
      needs: "busy pool",
      rules: ["R1"],
      steps: 0,
      latencyUs: 999_001,
      file: "corpus/a.json",
    },
  ]);
});

test("the JSON Schema names every key and allows no other", () => {
  const text = JSON.stringify(reportJsonSchema());
  for (const key of ["verdict", "identity", "latencyUs", "unreached", "waits", "runs"]) {
    expect(text).toContain(`"${key}"`);
  }
  expect(text.match(/"additionalProperties":false/g)).toHaveLength(8);
});
