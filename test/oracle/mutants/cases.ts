/** What a mutant is tried in: a scenario as it is drawn, or a variant of one. */

import { dice } from "../draw/draft.ts";
import { varied } from "../draw/varied.ts";
import { drawn } from "../draw.ts";
import type { Scenario } from "../scenario.ts";

export interface Case {
  readonly seed: number;
  /** Absent: as it is drawn. */
  readonly variant?: number;
}

export const nameOf = ({ seed, variant }: Case): string =>
  variant === undefined ? String(seed) : `${seed}/${variant}`;

export function caseNamed(name: string): Case {
  const [seed, variant] = name.split("/").map(Number);
  return variant === undefined ? { seed } : { seed, variant };
}

export const scenarioOf = ({ seed, variant }: Case): Scenario =>
  variant === undefined ? drawn(seed) : varied(dice(variant), drawn(seed));
