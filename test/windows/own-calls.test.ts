/** A call of a user's own counts as what it does, whatever its name. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { driver as fastMutexOverIo } from "../../properties/patterns/fast-mutex-over-io.driver.ts";
import { driver as removeInside } from "../../properties/patterns/remove-inside.driver.ts";
import { driver as requeues } from "../../properties/patterns/requeues-item.driver.ts";
import { driver as spawns } from "../../properties/patterns/service-spawns.driver.ts";
import { driver as verdict } from "../../properties/patterns/service-verdict.driver.ts";
import { driver as queueAndWait } from "../../properties/patterns/thread-queue-and-wait.driver.ts";
import { driver as stackEvent } from "../../properties/patterns/timeout-on-stack-event.driver.ts";
import { driver as unloadDrains } from "../../properties/patterns/unload-drains.driver.ts";
import { check } from "../../src/campaign/check.ts";
import { drivers as anyDriver } from "../../src/generate/arbitraries.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { withOwnCalls } from "./support/renamed-calls.ts";

/** What a check says, without words and names. */
function said(driver: DriverModel, budget = 10_000) {
  const report = check({ drivers: [driver] }, { scope: "small", budget, seed: "own" });
  return {
    verdict: report.verdict,
    results: report.results,
    findings: report.findings
      .map(({ finding }) => `${finding.outcome}: ${finding.mechanism}`)
      .sort(),
    worlds: report.worlds,
  };
}

test.each([
  fastMutexOverIo,
  queueAndWait,
  removeInside,
  requeues,
  spawns,
  stackEvent,
  unloadDrains,
  verdict,
])("$name is judged alike where each of its calls is an equal one of its own", (driver) => {
  const own = withOwnCalls(driver);
  expect(own.extension?.apis.length).toBeGreaterThan(0);
  expect(said(own)).toEqual(said(driver));
});

test("generated drivers are judged alike, and get the same worlds, where each call is one of their own", () => {
  fc.assert(
    fc.property(anyDriver({ illegal: 0.2 }), (driver) => {
      const own = withOwnCalls(driver);
      expect(worldsFor([own], "default")).toEqual(worldsFor([driver], "default"));
      expect(said(own, 2_000)).toEqual(said(driver, 2_000));
    }),
    { numRuns: 8 },
  );
});
