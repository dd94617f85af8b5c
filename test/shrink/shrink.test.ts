import { expect, test } from "vitest";
import { driver as selfWait } from "../../properties/patterns/self-wait-exit.driver.ts";
import { check } from "../../src/campaign/check.ts";
import { smallerScenarios } from "../../src/shrink/reductions.ts";

test("what is left of a world is what the finding needs", () => {
  const { findings } = check(
    { drivers: [selfWait] },
    { scope: "default", budget: 20_000, seed: "shrink" },
  );
  const { scenario } = findings[0].counterexample;
  expect(scenario.world.workload).toEqual([
    { name: expect.any(String), does: ["create and exit"] },
  ]);
  expect(scenario.world).toMatchObject({ startup: "before", removal: "none" });
  expect(findings[0].finding.needs).toBe("nothing wrong");
});

test("no reduction takes away a wait, a wake-up or a guard of the driver", () => {
  const count = (text: string) => (text.match(/KeWait|KeSet|"return"/g) ?? []).length;
  const scenario = {
    drivers: [selfWait],
    world: {
      name: "one",
      workload: [{ name: "user1", does: ["create and exit" as const] }],
      pool: { profile: "tiny" as const, load: "idle" as const },
      service: { condition: "well" as const },
      startup: "before" as const,
      removal: "none" as const,
    },
  };
  const before = count(JSON.stringify(selfWait));
  for (const smaller of smallerScenarios(scenario)) {
    expect(count(JSON.stringify(smaller.drivers))).toBe(before);
  }
});
