/**
 * What means nothing changes no verdict. Over real, pattern and generated drivers, in small worlds
 * that are searched to their end: `npm run laws` takes more of them, and more changes of each.
 */
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { realDrivers } from "../support/real-drivers.ts";
import { type Case, casesWithin } from "./support/cases.ts";
import { broken, type Law, laws } from "./support/laws.ts";
import { withNamesReplaced } from "./support/names.ts";

const budget = 1_500;
const cases: readonly Case[] = [...casesWithin(budget, 1, 40)];

/** What a law, or its fault, changes: by case, as far as it has a place there. A fault has few. */
function* seen(law: Law, isFault: boolean): Generator<readonly [string, readonly string[]]> {
  for (let round = 0; round < (isFault ? 5 : 1); round++) {
    for (const [i, { name, scenario, verdict }] of cases.entries()) {
      const random = randomFrom(1_000 * round + i + 1);
      const lines = broken(law, scenario, budget, random, isFault, verdict);
      if (lines !== undefined) yield [name, lines];
    }
  }
}

test("the laws are about drivers with findings, and about clean ones", () => {
  const found = cases.filter(({ verdict }) => verdict.findings.size > 0).length;
  expect(found).toBeGreaterThan(15);
  expect(cases.length - found).toBeGreaterThan(15);
});

test.each(laws)("$name", (law) => {
  const all = [...seen(law, false)];
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter(([, lines]) => lines.length > 0)).toEqual([]);
});

test.each(laws)("of “$name” a breach is seen", (law) => {
  const breaches = seen(law, true);
  for (let next = breaches.next(); next.done !== true; next = breaches.next()) {
    if (next.value[1].length > 0) return;
  }
  expect.fail("no case showed it");
});

test("the worlds that a driver is looked at in do not depend on its names", () => {
  for (const [i, driver] of realDrivers.entries()) {
    // Actions of a family of the driver's own are names, too; those drivers stand elsewhere.
    const renamed = withNamesReplaced(driver, randomFrom(i + 1));
    expect(worldsFor([renamed], "default")).toEqual(worldsFor([driver], "default"));
  }
});
