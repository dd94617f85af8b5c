/** The campaign of one seed, as a job for a thread. */
import { rediscoveries } from "./rediscoveries.ts";

export interface SeedJob {
  readonly seed: string;
  readonly runs: number;
}

export default function firstRuns({ seed, runs }: SeedJob): ReadonlyMap<string, number> {
  return rediscoveries({
    seed,
    runs,
    budget: Number.MAX_SAFE_INTEGER,
    runBudget: 1_500,
    illegal: 0.3,
    given: [],
    generated: true,
  });
}
