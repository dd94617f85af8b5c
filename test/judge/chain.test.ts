import { expect, test } from "vitest";
import { driver as lockOrder } from "../../properties/patterns/lock-order.driver.ts";
import { driver as fastMutex } from "../../properties/patterns/recursive-fast-mutex.driver.ts";
import { driver as spawns } from "../../properties/patterns/service-spawns.driver.ts";
import { driver as verdict } from "../../properties/patterns/service-verdict.driver.ts";
import { check } from "../../src/campaign/check.ts";
import type { DriverModel } from "../../src/language/model.ts";

const findings = (driver: DriverModel) =>
  check({ drivers: [driver] }, { scope: "small", budget: 20_000, seed: "chains" }).findings.map(
    ({ finding }) => finding,
  );
const deadlocks = (driver: DriverModel) => findings(driver).filter((f) => f.outcome === "deadlock");

test("SY-8: a thread that wants the FAST_MUTEX it holds is a circle of one", () => {
  const [found] = deadlocks(fastMutex);
  expect(found.chain).toHaveLength(1);
  expect(found.closesAt).toBe(0);
});

test("a service that needs the operation it is asked about stands in its own way", () => {
  const [found] = deadlocks(spawns);
  expect(found.mechanism).toBe("callback waits for a reply (circle)");
  expect(found.rules).toEqual(expect.arrayContaining(["R2", "R5"]));
});

test("two callbacks that lock in opposite orders are one finding, not one for each victim", () => {
  const report = check(
    { drivers: [lockOrder] },
    { scope: "default", budget: 60_000, seed: "chains" },
  );
  const found = report.findings.filter(({ finding }) => finding.outcome === "deadlock");
  expect(found).toHaveLength(1);
  expect(found[0].finding.possible).toBe(false);
});

test("SV-6: the end of a process closes its own ports, so that none but its threads is named for that", () => {
  const found = check(
    { drivers: [verdict] },
    { scope: "default", budget: 60_000, seed: "chains" },
  ).findings.map(({ finding }) => finding.mechanism);
  expect(found).toContain("callback waits for a reply > service waits for nothing: it is hung");
  expect(found).not.toContain("callback waits for a reply");
});
