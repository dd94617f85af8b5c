/**
 * What campaigns of 20 seeds rediscover, on all cores: `npx tsx test/power/fuzz-seeds.ts [runs]`.
 * For each known way to hang, by the runs of the first that comes upon it: how many seeds do, the
 * median and the latest, and how many runs it takes on average. A seed ends once it has found all.
 */
import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { known } from "./rediscoveries.ts";
import type { SeedJob } from "./seed.ts";

const runs = Number(process.argv[2] ?? 100_000);
const seeds = 20;

const pool = new Piscina<SeedJob, ReadonlyMap<string, number>>({
  filename: new URL("./seed.ts", import.meta.url).href,
  maxThreads: availableParallelism(),
});
const firsts = await Promise.all(
  Array.from({ length: seeds }, async (_, i) => {
    const first = await pool.run({ seed: `power ${i}`, runs });
    process.stderr.write(
      `power ${i}: ${first.size} within ${Math.max(...first.values()) + 1} runs\n`,
    );
    return first;
  }),
);
await pool.destroy();

process.stdout.write("| | seeds of 20 | median of the first | latest | one in … runs |\n");
process.stdout.write("|---|---|---|---|---|\n");
for (const name of Object.keys(known)) {
  const counts = firsts
    .flatMap((first) => first.get(name) ?? [])
    .map((run) => run + 1)
    .sort((a, b) => a - b);
  const missed = (seeds - counts.length) * runs;
  const mean = (counts.reduce((sum, count) => sum + count, missed) / counts.length).toFixed(0);
  const median = counts[Math.floor(counts.length / 2)];
  process.stdout.write(`| ${[name, counts.length, median, counts.at(-1), mean].join(" | ")} |\n`);
}
