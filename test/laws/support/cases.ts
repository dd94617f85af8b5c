/** Scenarios whose small worlds are searched to their end, for laws that compare verdicts. */
import fc from "fast-check";
import { scenarios } from "../../../src/generate/arbitraries.ts";
import type { Scenario } from "../../../src/windows/scenario.ts";
import { worldsFor } from "../../../src/worlds/worlds.ts";
import { modelledDrivers, patternDrivers } from "../../support/real-drivers.ts";
import { isSmall, type Verdict, verdictOf } from "./verdict.ts";

export interface Case {
  readonly name: string;
  readonly scenario: Scenario;
  readonly verdict: Verdict;
}

/** @param worldsMax Of the small worlds of each driver, the first. */
export function* casesWithin(
  budget: number,
  worldsMax: number,
  generated: number,
): Generator<Case> {
  for (const driver of [...patternDrivers, ...modelledDrivers]) {
    for (const world of worldsFor([driver], "small").slice(0, worldsMax)) {
      const scenario = { drivers: [driver], world };
      const verdict = isSmall(scenario, budget) ? verdictOf(scenario, budget) : undefined;
      if (verdict?.complete === true)
        yield { name: `${driver.name}, ${world.name}`, scenario, verdict };
    }
  }
  const drawn = fc.sample(scenarios({ illegal: 0.2 }), { seed: 11, numRuns: generated });
  for (const [i, scenario] of drawn.entries()) {
    const verdict = isSmall(scenario, budget) ? verdictOf(scenario, budget) : undefined;
    if (verdict?.complete === true) yield { name: `generated ${i}`, scenario, verdict };
  }
}
