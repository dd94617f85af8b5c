/** Draws from fast-check's generator, so that its seeds and paths replay what we generate. */
import type { Random } from "fast-check";

export interface Draw {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True so often, of 1. */
  chance(share: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** One of a list, as often as its weight says; undefined where no weight is above 0. */
  weighted<T>(list: readonly T[], weightOf: (one: T) => number): T | undefined;
}

/** Steps of a share: finer ones are lost. */
const shareSteps = 10_000;
/** Steps of a weight. */
const weightSteps = 10;

export function drawFrom(random: Random): Draw {
  const int = (min: number, max: number): number => random.nextInt(min, max);
  return {
    int,
    chance: (share) => int(0, shareSteps - 1) < share * shareSteps,
    pick: (list) => list[int(0, list.length - 1)],
    weighted(list, weightOf) {
      const weights = list.map((one) => Math.max(0, Math.round(weightOf(one) * weightSteps)));
      const total = weights.reduce((a, b) => a + b, 0);
      if (total === 0) return undefined;
      let left = int(0, total - 1);
      for (let i = 0; i < list.length; i++) {
        if (left < weights[i]) return list[i];
        left -= weights[i];
      }
      return undefined;
    },
  };
}
