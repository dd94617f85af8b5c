/** The arbitraries as others use them: in a property of their own. */
import fc from "fast-check";
import { check, type DriverModel, drivers } from "loophole-fuzz";
import { expect, test } from "vitest";

/** Operations of a check: a glance. */
const budget = 1_500;

const hangs = (driver: DriverModel): boolean =>
  check({ drivers: [driver] }, { scope: "small", budget, seed: "public" }).findings.some(
    ({ finding }) => finding.outcome === "deadlock",
  );

test("a plain fc.assert finds a driver that hangs, and shrinks it to one call or two", () => {
  const property = fc.property(drivers(), (driver) => !hangs(driver));
  const { failed, counterexample } = fc.check(property, { seed: 3, numRuns: 60 });
  expect(failed).toBe(true);
  const [driver] = counterexample as [DriverModel];
  const calls = JSON.stringify(driver).match(/"kind":"call"/g) ?? [];
  expect(calls.length).toBeLessThanOrEqual(2);
});
