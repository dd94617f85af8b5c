/** One scenario in time: where the two differ, or nothing where there is no comparison. */
import type { Scenario } from "../scenario.ts";
import { timedTold } from "./adapter.ts";
import { isTimedWhole, timedDifferences } from "./compare.ts";
import { exploredInTime } from "./explore.ts";

const budget = 20_000;

export function differInTime(scenario: Scenario, statesMax: number): string[] | undefined {
  const oracle = exploredInTime(scenario, statesMax);
  if (oracle.unanswered !== undefined || oracle.bounded) return undefined;
  const loophole = timedTold(scenario, budget);
  return isTimedWhole(oracle, loophole) ? timedDifferences(oracle, loophole) : undefined;
}
