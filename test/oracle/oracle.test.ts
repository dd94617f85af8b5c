import { describe, expect, it } from "vitest";
import { searched } from "./adapter.ts";
import { differences, isWhole } from "./compare.ts";
import { drawn } from "./draw.ts";
import { explored } from "./explore.ts";
import { probed } from "./probes.ts";
import type { Scenario } from "./scenario.ts";

const statesMax = 50;
const seeds = { first: 5_000_000, count: 80 };
/** So many have to be small enough for both. */
const comparedMin = 32;

describe("a second interpreter, written from the facts alone", () => {
  it("comes to the same states, hangs, crashes, effects, results and reachable calls as the model in random scenarios", () => {
    const found: string[] = [];
    let compared = 0;
    for (let i = 0; i < seeds.count; i++) {
      const scenario = probed(drawn(seeds.first + i));
      const oracle = explored(scenario, statesMax);
      if (oracle.unanswered !== undefined) continue;
      const loophole = searched(scenario);
      if (!isWhole(oracle, loophole)) continue;
      compared++;
      for (const one of differences(oracle, loophole)) found.push(`${scenario.world.name}: ${one}`);
    }
    expect(found).toEqual([]);
    expect(compared).toBeGreaterThan(comparedMin);
  }, 120_000);

  it("sees a difference where one of the two has another lock or event before it", () => {
    let differing = 0;
    for (let i = 0; i < seeds.count && differing === 0; i++) {
      const oracle = explored(probed(drawn(seeds.first + i)), statesMax);
      const other = searched(withoutReleases(probed(drawn(seeds.first + i))));
      if (isWhole(oracle, other) && differences(oracle, other).length > 0) differing++;
    }
    expect(differing).toBeGreaterThan(0);
  }, 60_000);
});

/** The same scenario, in which nobody gives back a lock: a wrong model would do so. */
function withoutReleases(scenario: Scenario): Scenario {
  const text = JSON.stringify(scenario, (_, value) =>
    Array.isArray(value)
      ? value.filter((one) => !/Release|Leave/.test(String((one as { api?: string })?.api)))
      : value,
  );
  return JSON.parse(text) as Scenario;
}
