import { expect, test } from "vitest";
import { sampleRuns } from "../../src/explore/readings.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { rules } from "../../src/windows/rules.ts";
import { bareLoop } from "./bare.ts";
import { bareRuns, campaignRuns, fastCheckRuns, machineRuns } from "./contenders.ts";
import { measure } from "./measure.ts";
import { lockOperations, plansFor, s4Program, s4Scenario } from "./s4.ts";
import { schedulerRuns } from "./scheduler.ts";

const plans = plansFor(6);

test("every run of S4 is the same 120 lock operations, whoever makes it", async () => {
  expect(lockOperations(plans)).toBe(120);
  const run = bareLoop(plans, 1);
  expect(Array.from({ length: 50 }, run)).toEqual(Array.from({ length: 50 }, () => 120));
  expect(await schedulerRuns(plans, 3, 1)).toBe(3 * 120);
  // Ours ends each thread with an operation of its own.
  const { work } = campaignRuns("", s4Program(plans), ["timed", "untimed"], 10);
  expect(await work()).toBe(10 * (120 + 6));
});

test.each([
  ["alone", s4Program(plans)],
  ["as a driver", compileScenario(s4Scenario(plans))],
])("S4 %s has neither a hang nor a crash", (_, program) => {
  const found: string[] = [];
  const look = {
    program,
    reached: new Set<string>(),
    add: ({ target }: { target: { outcome: string } }) => found.push(target.outcome),
  };
  const options = { seed: "S4", budget: 1e6, runSteps: 4_000, runsMax: 200, rules };
  sampleRuns(look, { ...options, readings: ["timed", "untimed"] });
  expect(found.filter((outcome) => outcome !== "rule")).toEqual([]);
});

test("what is measured together is told as ratios to the first", async () => {
  const program = s4Program(plans);
  const measured = await measure(
    [bareRuns(plans, 50), machineRuns("machine", program, 5), fastCheckRuns(plans, 1)],
    1,
  );
  expect(measured.map(({ name }) => name)).toEqual([
    "bare loop",
    "machine",
    "fast-check's scheduler",
  ]);
  expect(measured[0].ratio).toBe(1);
  for (const { rate, ratio } of measured) expect(rate * ratio).toBeGreaterThan(0);
});
