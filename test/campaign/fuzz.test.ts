import { expect, test } from "vitest";
import {
  type FuzzOptions,
  freshState,
  fuzz,
  fuzzPart,
  scenarioOf,
  withRun,
} from "../../src/campaign/fuzz.ts";
import { tellMechanism } from "../../src/campaign/fuzz-shrink.ts";
import { replay } from "../../src/campaign/replay.ts";

const options: FuzzOptions = {
  seed: "a test",
  runs: 24,
  budget: 1_000_000,
  runBudget: 600,
  illegal: 0.3,
  given: [],
  generated: true,
};

test("a campaign is the same, however it is cut into parts", () => {
  const whole = fuzz(options);
  let state = freshState;
  for (const [from, to] of [
    [0, 5],
    [5, 6],
    [6, 24],
  ]) {
    for (const run of fuzzPart(options, from, to)) state = withRun(state, run);
  }
  expect(JSON.stringify(state)).toBe(JSON.stringify(whole));
  expect(whole.done).toBe(24);
  expect(whole.mechanisms.length).toBeGreaterThan(3);
});

test("a smaller budget gives a prefix", () => {
  const whole = fuzz(options);
  const part = fuzz({ ...options, budget: Math.floor(whole.spent / 2) });
  expect(part.done).toBeLessThan(whole.done);
  let state = freshState;
  for (const run of fuzzPart(options, 0, part.done)) state = withRun(state, run);
  expect(state).toEqual(part);
});

test("a state goes through JSON and is gone on with", () => {
  const first = fuzz({ ...options, runs: 10 });
  let state = JSON.parse(JSON.stringify(first)) as typeof first;
  for (const run of fuzzPart(options, 10, 24)) state = withRun(state, run);
  expect(JSON.stringify(state)).toBe(JSON.stringify(fuzz(options)));
});

test("given drivers and generated ones take turns", async () => {
  const { driver } = await import("../../properties/patterns/service-verdict.driver.ts");
  const both = { ...options, given: [[driver]] };
  expect(scenarioOf(0, both).drivers).toEqual([driver]);
  expect(scenarioOf(1, both).drivers[0].name).toBe("generated");
  expect(scenarioOf(2, both).drivers).toEqual([driver]);
  expect(scenarioOf(2, both).world).not.toEqual(scenarioOf(4, both).world);
});

test("what is found is shrunk, told, and replays", () => {
  const { mechanisms } = fuzz({ ...options, runs: 16 });
  for (const one of mechanisms.filter(({ outcome }) => outcome === "deadlock").slice(0, 2)) {
    const { found, statements, mechanism } = tellMechanism(one, options);
    expect(found?.finding.mechanism).toBe(mechanism);
    expect(statements).toBeLessThan(12);
    expect(found && replay(found.counterexample).mismatch).toBeUndefined();
  }
});
