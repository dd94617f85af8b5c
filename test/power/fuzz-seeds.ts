/**
 * What campaigns of 20 seeds rediscover: `npx tsx test/power/fuzz-seeds.ts [runs]`. For each known
 * way to hang: how many seeds come upon it, the median of their first runs, and how often in all.
 */
import { known, rediscoveries } from "./rediscoveries.ts";

const runs = Number(process.argv[2] ?? 500);
const seeds = 20;

const all = Array.from({ length: seeds }, (_, i) =>
  rediscoveries({
    seed: `power ${i}`,
    runs,
    budget: Number.MAX_SAFE_INTEGER,
    runBudget: 1_500,
    illegal: 0.3,
    given: [],
    generated: true,
  }),
);
for (const name of Object.keys(known)) {
  const hits = all.map((found) => found.get(name) ?? []).filter((list) => list.length > 0);
  const firsts = hits.map(([first]) => first).sort((a, b) => a - b);
  const count = hits.reduce((sum, list) => sum + list.length, 0);
  const median = firsts[Math.floor(firsts.length / 2)] ?? "never";
  const rate = count === 0 ? "" : `, 1 in ${Math.round((seeds * runs) / count)} runs`;
  process.stdout.write(`${name}: ${hits.length} of ${seeds} seeds, first ${median}${rate}\n`);
}
