/** The comparison of times, for mutants: of small scenarios. */
import type { Scenario } from "../scenario.ts";
import { timedTold } from "../timed/adapter.ts";
import { isTimedWhole, timedDifferences } from "../timed/compare.ts";
import { exploredInTime, type TimedAnswer } from "../timed/explore.ts";
import { digestOf } from "./digest.ts";

/** How long the oracle's roots take, by kind, and what its states are. */
export interface Took {
  readonly took: readonly (readonly [kind: string, us: readonly number[]])[];
  /** Of the states that there are in time. */
  readonly states: string;
}

export const timedStatesMax = 60;
const budget = 20_000;

/** What both say; nothing where there is no comparison. */
export function tookIn(scenario: Scenario, statesMax: number): Took | undefined {
  const oracle = exploredInTime(scenario, statesMax);
  if (oracle.unanswered !== undefined || oracle.bounded) return undefined;
  const loophole = timedTold(scenario, budget);
  const agree = isTimedWhole(oracle, loophole) && timedDifferences(oracle, loophole).length === 0;
  if (!agree) return undefined;
  return {
    took: [...oracle.took].map(([kind, us]) => [kind, [...us]] as const),
    states: digestOf(oracle.views),
  };
}

/** In what a changed model differs from it. */
export function differencesInTime(scenario: Scenario, { took, states }: Took): string[] {
  const loophole = timedTold(scenario, budget);
  const oracle = {
    bounded: false,
    took: new Map(took.map(([kind, us]) => [kind, new Set(us)])),
    views: digestOf(loophole.views) === states ? loophole.views : ["others"],
  } as unknown as TimedAnswer;
  return isTimedWhole(oracle, loophole)
    ? timedDifferences(oracle, loophole)
    : ["not searched to the end"];
}
