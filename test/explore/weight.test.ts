import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { check } from "../../src/campaign/check.ts";
import { randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { search } from "../../src/explore/search.ts";
import { weightOfCompiling } from "../../src/explore/weight.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";

const world: World = {
  name: "one create",
  workload: [{ name: "user", does: ["create"] }],
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
};

/** Callbacks that each make some calls which nobody else can see. */
const callers = (callbacks: number, calls: number, name: "ZwReadFile" | "DbgPrint") =>
  defineDriver("callers", (d) => {
    for (let i = 0; i < callbacks; i++) {
      d.onProcessCreate(`OnCreate${i}`, (a) => {
        for (let k = 0; k < calls; k++) a[name]();
      });
    }
  });

test("an ordinary program's steps and its compiling count for what they did", () => {
  const program = compileScenario({ drivers: [callers(2, 3, "ZwReadFile")], world });
  const graph = search(createMachine(program, false), { budget: 5_000 });
  expect(graph.complete).toBe(true);
  expect(graph.spent).toBe(graph.transitions);
  expect(weightOfCompiling(program)).toBeLessThan(20);
});

test("steps with much in them that nobody else can see count for more, in searches and in runs", () => {
  const program = compileScenario({ drivers: [callers(20, 40, "ZwReadFile")], world });
  const m = createMachine(program, true);
  const graph = search(m, { budget: 100_000 });
  expect(graph.complete).toBe(true);
  expect(graph.spent).toBeGreaterThan(2 * graph.transitions);
  run(m, randomWalk(randomFrom(1)), { stepMax: 500 });
  expect(m.work).toBeGreaterThan(20);
  expect(weightOfCompiling(program)).toBeGreaterThan(1_000);
});

test("what a large driver costs ends its check near the budget, and the claim says what was not looked at", () => {
  const report = check(
    { drivers: [callers(60, 40, "DbgPrint")] },
    { scope: "default", budget: 8_000, seed: "s" },
  );
  expect(report.spent).toBeLessThan(30_000);
  expect(report.verdict).toBe("bounded");
  const unseen = report.worlds.filter(({ bounds }) => bounds.includes("unlooked"));
  expect(unseen.length).toBeGreaterThan(0);
  expect(report.results.map(({ bounds }) => bounds.includes("unlooked"))).not.toContain(false);
});
