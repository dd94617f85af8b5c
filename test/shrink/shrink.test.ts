import { expect, test } from "vitest";
import { driver as umkcf } from "../../properties/drivers/umkcf.driver.ts";
import { driver as selfWait } from "../../properties/patterns/self-wait-exit.driver.ts";
import { bounds } from "../../src/base/bounds.ts";
import { check } from "../../src/campaign/check.ts";
import { inThisThread } from "../../src/campaign/pieces.ts";
import { surveying } from "../../src/campaign/survey.ts";
import { smallerScenarios } from "../../src/shrink/reductions.ts";
import { shrink } from "../../src/shrink/shrink.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { rules } from "../../src/windows/rules.ts";
import type { Scenario, World } from "../../src/windows/scenario.ts";

const one = {
  name: "one",
  workload: [{ name: "user1", does: ["create and exit" as const] }],
  pool: { profile: "tiny" as const, load: "idle" as const },
  service: { condition: "well" as const },
  startup: "before" as const,
  removal: "none" as const,
};

test("what is left of a world is what the finding needs", () => {
  const { findings } = check(
    { drivers: [selfWait] },
    { scope: "default", budget: 20_000, seed: "shrink" },
  );
  const { scenario } = findings[0].counterexample;
  expect(scenario.world.workload).toEqual([{ name: expect.any(String), does: ["exit"] }]);
  expect(scenario.world).toMatchObject({ startup: "before", removal: "none" });
  expect(findings[0].finding.needs).toBe("nothing wrong");
});

test("no reduction takes away a wait, a wake-up or a guard of the driver", () => {
  const count = (text: string) => (text.match(/KeWait|KeSet|"return"/g) ?? []).length;
  const scenario = {
    drivers: [selfWait],
    world: one,
  };
  const before = count(JSON.stringify(selfWait));
  for (const smaller of smallerScenarios(scenario)) {
    expect(count(JSON.stringify(smaller.drivers))).toBe(before);
  }
});

/** Threads are counted; the last to leave sets what the exit of the process waits for. */
const drains = defineDriver("drains", (d) => {
  const threads = d.variable("Threads", 0);
  const drained = d.event("Drained", "NotificationEvent");
  d.onThreadCreate("OnThread", (a) => {
    a.InterlockedIncrement(threads);
  });
  d.onThreadExit("OffThread", (a) => {
    const left = a.InterlockedDecrement(threads);
    a.when(left.is(0), () => {
      a.KeSetEvent(drained);
    });
  });
  d.onProcessExit("OnExit", (a) => {
    a.KeWaitForSingleObject(drained);
  });
  d.onImage("OnImage", (a) => {
    a.ZwReadFile();
  });
});

test("no reduction takes away a callback that signals others, or counts for them", () => {
  const left = [...smallerScenarios({ drivers: [drains], world: one })].map(({ drivers }) =>
    drivers[0].registrations.map(({ routine }) => routine),
  );
  expect(left).toContainEqual(["OnThread", "OffThread", "OnExit"]);
  for (const names of left)
    expect(names).toEqual(expect.arrayContaining(["OnThread", "OffThread"]));
});

test("what a finding's world needs is said of the whole driver, not of what is left of it", () => {
  const worlds = [one, { ...one, name: "removed", removal: "racing" as const }];
  const { findings } = check(
    { drivers: [drains], worlds },
    { scope: "small", budget: 60_000, seed: "whole" },
  );
  const hangs = findings.filter(({ finding }) => finding.outcome === "deadlock");
  expect(hangs.map(({ finding }) => finding.needs)).toEqual(["concurrency"]);
});

test("shrinking ends with the attempt that uses up its budget, with what is small by then", () => {
  const survey = surveying(
    { drivers: [umkcf] },
    { scope: "default", budget: 20_000, seed: "many" },
  );
  const { seen } = inThisThread(survey);
  expect(seen.length).toBeGreaterThan(0);
  // An attempt is a search without times, and at most runs or a search with them.
  const attemptBudget = 2_000;
  const attemptMost = 3 * attemptBudget;
  // Behind it newcomers are asked for twice: of the driver as it is, and of what is left.
  const askedMost = 2 * bounds.newcomers.max;
  for (const { scenario, observation } of seen) {
    const sizes = [1, 10_000, 1_000_000].map((budget) => {
      const options = { rules, seed: "many", attemptBudget, attemptsMax: 300, budget };
      const small = shrink(scenario, observation, options);
      expect(small.spent).toBeLessThan(budget + attemptMost + askedMost);
      return JSON.stringify(small.scenario).length;
    });
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  }
});

test("of a hundred DLLs are left as many as the finding needs", () => {
  const countOf = (need: number): number | undefined => {
    let images: number | undefined = 100;
    // What the shrinker does: the first smaller world that still has enough is the next.
    for (;;) {
      const world: World = { ...one, images };
      const next: Scenario | undefined = [...smallerScenarios({ drivers: [selfWait], world })].find(
        (smaller) => smaller.world.images !== images && (smaller.world.images ?? 0) >= need,
      );
      if (next === undefined) return images;
      images = next.world.images;
    }
  };
  expect(countOf(0)).toBeUndefined();
  expect(countOf(1)).toBe(1);
  expect(countOf(20)).toBe(25);
  expect(countOf(100)).toBe(100);
});
