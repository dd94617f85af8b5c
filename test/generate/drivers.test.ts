/** Laws of generated drivers. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { drivers } from "../../src/generate/arbitraries.ts";
import { sizeOf } from "../../src/generate/smaller.ts";
import { tidy } from "../../src/generate/tidy.ts";
import { callsIn } from "../../src/language/conditions.ts";
import type { DriverModel } from "../../src/language/model.ts";
import type { ApiShape } from "../../src/language/shape.ts";
import { validateDriver } from "../../src/language/validate.ts";
import { apiTable } from "../../src/windows/api/table.ts";
import { processFamily } from "../../src/windows/families/process.ts";
import { families } from "../../src/windows/families/table.ts";

const language = { apis: apiTable, families };
const mixed = drivers({ illegal: 0.3 });
const validate = (driver: DriverModel): DriverModel => validateDriver(driver, "a draw", language);
const shrinksOf = (driver: DriverModel): DriverModel[] =>
  [...mixed.shrink(driver, undefined)].map(({ value }) => value);

test("every generated driver is valid, and says nothing that it does not use", () => {
  fc.assert(
    fc.property(mixed, (driver) => {
      expect(validate(driver)).toEqual(driver);
      expect(tidy(driver)).toEqual(driver);
    }),
    { numRuns: 300 },
  );
});

test("the same seed gives the same drivers", () => {
  const sample = (): DriverModel[] => fc.sample(mixed, { seed: 7, numRuns: 20 });
  expect(sample()).toEqual(sample());
});

test("shrinks are smaller drivers, which shrink again without context", () => {
  fc.assert(
    fc.property(mixed, (driver) => {
      expect(mixed.canShrinkWithoutContext(driver)).toBe(true);
      for (const smaller of shrinksOf(driver)) {
        expect(sizeOf(smaller)).toBeLessThan(sizeOf(driver));
        validate(smaller);
      }
    }),
    { numRuns: 25 },
  );
});

test("a driver from elsewhere shrinks, too, and what is none is refused", async () => {
  const { driver } = await import("../../properties/patterns/service-verdict.driver.ts");
  expect(mixed.canShrinkWithoutContext(driver)).toBe(true);
  expect(shrinksOf(driver).length).toBeGreaterThan(3);
  expect(mixed.canShrinkWithoutContext({ loophole: "driver" })).toBe(false);
});

test("greedy shrinking ends in a driver that waits, and has at most what starts who waits", () => {
  const [start] = fc
    .sample(mixed, { seed: 3, numRuns: 50 })
    .filter((driver) => waits(driver) && driver.routines.length > 2);
  let now = start;
  for (let next: DriverModel | undefined = start; next !== undefined; ) {
    now = next;
    next = shrinksOf(now).find(waits);
  }
  expect(now.routines.flatMap(({ body }) => callsIn(body)).length).toBeLessThanOrEqual(2);
});

const waits = (driver: DriverModel): boolean =>
  JSON.stringify(driver).includes('"api":"KeWaitForSingleObject"');

test("a failing property replays by its seed and path", () => {
  const property = fc.property(mixed, (driver) => !waits(driver));
  const failed = fc.check(property, { seed: 11, numRuns: 200 });
  expect(failed.failed).toBe(true);
  const again = fc.check(property, {
    seed: failed.seed,
    path: failed.counterexamplePath ?? "",
    endOnFailure: true,
  });
  expect(again.counterexample).toEqual(failed.counterexample);
});

test("in 1,500 drivers every call and every family of the tables occurs", () => {
  const seen = new Set<string>();
  for (const driver of fc.sample(mixed, { seed: 1, numRuns: 800 })) {
    for (const { family } of driver.registrations) seen.add(family);
    for (const { body } of driver.routines) for (const { api } of callsIn(body)) seen.add(api);
  }
  const drawn = (apiTable as readonly ApiShape[]).filter(({ weight }) => weight > 0);
  const named = [...drawn, ...families].map(({ name }) => name);
  expect(named.filter((name) => !seen.has(name))).toEqual([]);
});

test("swarm: each driver makes some of the calls only", () => {
  const sample = fc.sample(mixed, { seed: 2, numRuns: 200 });
  const counts = sample.map(
    (driver) =>
      new Set(driver.routines.flatMap(({ body }) => callsIn(body)).map((c) => c.api)).size,
  );
  expect(Math.max(...counts)).toBeLessThan(apiTable.length / 4);
  expect(new Set(sample.map((driver) => JSON.stringify(driver))).size).toBe(200);
});

test("drivers for fixed seeds, from a table of their own", () => {
  const names = ["KeSetEvent", "KeWaitForSingleObject", "IoQueueWorkItem", "ZwReadFile"];
  const few = apiTable.filter(({ name }) => /FastMutex|Mutex/.test(name) || names.includes(name));
  const fixed = drivers({ illegal: 0.3, language: { apis: few, families: [processFamily] } });
  const shown = fc.sample(fixed, { seed: 5, numRuns: 2 }).map((d) => JSON.stringify(d));
  expect(shown).toMatchSnapshot();
});
