/** An order in which few scenarios have much between them. */
import type { Kept } from "./kept.ts";

/** What a scenario has: what matters in it, in twos where they are few, and the mutants that it runs. */
function featuresOf({ answer, runs }: Kept): string[] {
  const marks = answer.marks.filter((one) => /^[A-Z]|^result |^a |^wait /.test(one)).sort();
  const pairs = marks.flatMap((one, i) => marks.slice(i + 1).map((two) => `${one}+${two}`));
  return [...marks, ...pairs, ...runs.map(String)];
}

/** Greedily: next is whoever has most of what those before had least. */
export function inGreedyOrder(kept: readonly Kept[]): Kept[] {
  const left = kept.map((one) => ({ one, features: featuresOf(one) }));
  const seen = new Map<string, number>();
  const worth = (features: readonly string[]): number =>
    features.reduce((sum, one) => sum + 1 / (1 + (seen.get(one) ?? 0)) ** 3, 0);
  const order: Kept[] = [];
  while (left.length > 0) {
    let best = 0;
    let bestWorth = -1;
    left.forEach(({ features }, i) => {
      const now = worth(features) / Math.sqrt(1 + features.length);
      if (now <= bestWorth) return;
      best = i;
      bestWorth = now;
    });
    const [{ one, features }] = left.splice(best, 1);
    for (const feature of features) seen.set(feature, (seen.get(feature) ?? 0) + 1);
    order.push(one);
  }
  return order;
}
