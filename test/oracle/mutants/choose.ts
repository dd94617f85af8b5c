/** Which cases the oracle is asked of: enough for each mutant, of those that run its text. */
import { dice } from "../draw/draft.ts";
import { type Case, nameOf } from "./cases.ts";
import type { Swept } from "./sweep.ts";

/** How many cases run each mutant. */
export function countsOf(
  cases: readonly { readonly runs: readonly number[] }[],
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { runs } of cases)
    for (const mutant of runs) counts.set(mutant, (counts.get(mutant) ?? 0) + 1);
  return counts;
}

/** Variants of the cases that run what few others run: what is near to them is likely to run it, too. */
export function variantsFor(
  swept: readonly Swept[],
  { wanted, max, wave }: { wanted: number; max: number; wave: number },
): Case[] {
  const counts = countsOf(swept);
  const roll = dice(wave);
  const found = new Map<string, Case>();
  const rare = [...counts].filter(([, count]) => count < wanted).sort(([, a], [, b]) => a - b);
  for (const [mutant, count] of rare) {
    const near = swept.filter(({ runs }) => runs.includes(mutant));
    for (let i = 0; i < (wanted - count) * 2 && found.size < max; i++) {
      const { seed } = near[i % near.length].one;
      const one = { seed, variant: 1 + roll(1_000_000) };
      found.set(nameOf(one), one);
    }
  }
  return [...found.values()];
}

/** Cases, until each mutant is run by as many as are wanted, or by all that there are. */
export function chosenFor(
  swept: readonly Swept[],
  had: ReadonlyMap<number, number>,
  wanted: number,
): Case[] {
  const counts = new Map(had);
  const total = countsOf(swept);
  const rarest = ({ runs }: Swept): number =>
    Math.min(...runs.map((mutant) => total.get(mutant) ?? 0));
  const chosen: Case[] = [];
  for (const { one, runs } of [...swept].sort((a, b) => rarest(a) - rarest(b))) {
    if (!runs.some((mutant) => (counts.get(mutant) ?? 0) < wanted)) continue;
    chosen.push(one);
    for (const mutant of runs) counts.set(mutant, (counts.get(mutant) ?? 0) + 1);
  }
  return chosen;
}
