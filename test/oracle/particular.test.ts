import { expect, it } from "vitest";
import { searched } from "./adapter.ts";
import { differences, isWhole } from "./compare.ts";
import { dice } from "./draw/draft.ts";
import { particular } from "./draw/particular.ts";
import { explored } from "./explore.ts";
import { probed } from "./probes.ts";
import type { Scenario } from "./scenario.ts";
import { differInTime } from "./timed/differ.ts";

const statesMax = 100;

/** Where the two differ; nothing where there is no comparison. */
function differ(scenario: Scenario): string[] | undefined {
  const oracle = explored(scenario, statesMax);
  if (oracle.unanswered !== undefined) return undefined;
  const loophole = searched(scenario);
  return isWhole(oracle, loophole) ? differences(oracle, loophole) : undefined;
}

it("comes to the same as the model, with and without times, where something happens in one place only", () => {
  const found: string[] = [];
  let compared = 0;
  for (const seed of [3, 4, 7, 11]) {
    const scenario = particular(dice(seed), seed);
    for (const one of [differ(probed(scenario)), differInTime(scenario, 60)]) {
      if (one === undefined) continue;
      compared++;
      found.push(...one.map((what) => `${seed}: ${what}`));
    }
  }
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(3);
});
