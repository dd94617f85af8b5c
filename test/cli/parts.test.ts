import { CommanderError } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { InvariantError } from "../../src/base/invariant.ts";
import type { CheckReport } from "../../src/campaign/report.ts";
import { explainFailure, InputErrors, RemoteFault } from "../../src/cli/exit.ts";
import { faultsOf, linesOf } from "../../src/cli/expectation.ts";
import { exportsToJson } from "../../src/cli/load/exports.ts";
import { parseBudget, parseSeconds, parseWorkers } from "../../src/cli/options.ts";
import { outcomes } from "../../src/corpus/schema.ts";
import type { Finding } from "../../src/judge/finding.ts";
import { refused } from "../language/support/refused.ts";

type Found = Pick<CheckReport, "findings">;

/** Findings as far as an expectation looks at them. */
const found = (...findings: Pick<Finding, "outcome" | "mechanism" | "rules">[]): Found => ({
  findings: findings.map((finding) => ({ finding })) as unknown as CheckReport["findings"],
});
const differences = (...args: Parameters<typeof faultsOf>): string[] => linesOf(faultsOf(...args));
const stuck = { outcome: "deadlock", mechanism: "a waits for b", rules: ["R5"] } as const;
const broken = { outcome: "rule", mechanism: "m", rules: ["R1", "R7"] } as const;

test("a known verdict holds when each outcome and mechanism that it names was found", () => {
  expect(differences(found(), {})).toEqual([]);
  expect(differences(found(), undefined)).toEqual([]);
  expect(differences(found(stuck), { deadlock: [] })).toEqual([]);
  expect(differences(found(stuck, broken), { deadlock: ["a waits for b"], rule: ["R7"] })).toEqual(
    [],
  );
});

test("what is missing and what is new are told apart", () => {
  expect(differences(found(stuck), undefined)).toEqual(["not expected: deadlock (a waits for b)"]);
  expect(differences(found(), { deadlock: [] })).toEqual(["expected and not found: deadlock"]);
  expect(differences(found(broken), { rule: ["R2"] })).toEqual([
    "expected and not found: rule (R2)",
  ]);
});

test("what is found is always as known, once it is written down", () => {
  const finding = fc.record({
    outcome: fc.constantFrom(...outcomes),
    mechanism: fc.constantFrom("m", "n"),
    rules: fc.subarray(["R1", "R2"], { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(finding), (findings) => {
      const expected: Record<string, string[]> = {};
      for (const { outcome, mechanism, rules } of findings) {
        expected[outcome] ??= [];
        expected[outcome].push(...(outcome === "rule" ? rules : [mechanism]));
      }
      expect(differences(found(...findings), expected)).toEqual([]);
      const [one] = findings;
      if (one === undefined) return;
      const { [one.outcome]: _, ...others } = expected;
      expect(differences(found(...findings), others)).not.toEqual([]);
    }),
  );
});

test("input, calls and our own faults have exit codes and words of their own", () => {
  const input = new InputError("a.ts:3", "no such call\u001b[2J");
  expect(explainFailure(input, false)).toEqual({ code: 2, text: "a.ts:3: no such call [2J\n" });
  expect(explainFailure(new InputErrors([input, input]), false).text.split("\n")).toHaveLength(3);
  const call = new CommanderError(1, "c", "error: option '--seed <text>' argument missing");
  expect(explainFailure(call, false)).toEqual({
    code: 2,
    text: "--seed: option '--seed <text>' argument missing See loophole --help.\n",
  });
  for (const fault of [
    new InvariantError("x"),
    new TypeError("x"),
    new RemoteFault("x", "at y"),
    "x",
  ]) {
    const { code, text } = explainFailure(fault, false);
    expect(code).toBe(3);
    expect(text).toMatch(/^fault in Loophole: x\n.*itself[\s\S]*report it/);
    expect(text).not.toContain("at y");
  }
  expect(explainFailure(new RemoteFault("x", "at y"), true).text).toContain("at y");
});

test("numbers are taken as they are written, or refused", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (n) => {
      expect(parseBudget(String(n))).toBe(n);
    }),
  );
  expect(parseBudget("2_000_000")).toBe(2_000_000);
  expect(parseSeconds("--time")("2.5")).toBe(2.5);
  for (const text of ["", "0", "-1", "1e6", "0x10", "1.5", "9007199254740993", " 1", "NaN"]) {
    expect(refused(() => parseBudget(text)).place).toBe("--budget");
  }
  for (const text of ["", "0", "-1", "1e9", "Infinity", "abc", "1s", "2000000"]) {
    expect(refused(() => parseSeconds("--time")(text)).place).toBe("--time");
  }
  expect(refused(() => parseWorkers("65")).message).toMatch(/^--workers: "65" is not .* 1 to 64/);
});

test("plain exports pass as they are, whatever the driver", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (driver, worlds) => {
      const json = JSON.stringify({ driver, worlds });
      expect(JSON.parse(exportsToJson({ driver, worlds, other: () => 1 }))).toEqual(
        JSON.parse(json),
      );
    }),
  );
});

test.each([
  ["a function", { routines: [() => 1] }, "driver.routines[0]"],
  ["a date", { at: new Date(0) }, "driver.at"],
  ["a number that JSON lacks", [Number.NaN], "driver[0]"],
  ["a big integer", [1n], "driver[0]"],
  // biome-ignore lint/suspicious/noSparseArray: that is the point
  ["a hole", [1, , 2], "driver[1]"],
])("%s is refused at its place", (_what, driver, place) => {
  expect(refused(() => exportsToJson({ driver })).place).toBe(place);
});
