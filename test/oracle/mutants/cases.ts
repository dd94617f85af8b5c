/** What a mutant is tried in: a scenario as it is drawn, a variant of one, or one that a test says by hand. */

import { dice } from "../draw/draft.ts";
import { varied } from "../draw/varied.ts";
import { drawn } from "../draw.ts";
import type { Scenario } from "../scenario.ts";

export interface Case {
  readonly seed: number;
  /** Absent: as it is drawn. */
  readonly variant?: number;
  /** Said by hand: nothing is drawn. */
  readonly given?: Scenario;
}

export const nameOf = ({ seed, variant, given }: Case): string =>
  given !== undefined
    ? `given ${seed}`
    : variant === undefined
      ? String(seed)
      : `${seed}/${variant}`;

/** What stands in a scenario's place, where that is known by its name and what was kept with it. */
export interface Named {
  readonly name: string;
  readonly given?: Scenario;
}

export function scenarioNamed({ name, given }: Named): Scenario {
  const [seed, variant] = name.split("/").map(Number);
  return scenarioOf({ seed, variant, given });
}

export const scenarioOf = ({ seed, variant, given }: Case): Scenario =>
  given ?? (variant === undefined ? drawn(seed) : varied(dice(variant), drawn(seed)));
