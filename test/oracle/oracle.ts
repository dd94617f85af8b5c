/** `npm run oracle`: random scenarios, put to Loophole and to the oracle, and where they differ. */
import fc from "fast-check";
import { scenarios } from "../../src/index.ts";
import { told } from "./adapter.ts";
import { differences, isWhole } from "./compare.ts";
import { drawn } from "./draw.ts";
import { explored } from "./explore.ts";
import type { Scenario } from "./scenario.ts";
import { smallest } from "./smallest.ts";

const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const count = option("count", 500);
const seed = option("seed", 1);
const statesMax = option("states", 800);
/** Ends at the first disagreement, which is all that a mutant is asked for. */
const isQuick = process.argv.includes("--quick");
const budget = 20_000;
const says = process.stdout;

/** Every third is drawn by the public generators. */
function* cases(): Generator<Scenario> {
  const general = fc.sample(scenarios({ illegal: 0.2 }), { seed, numRuns: Math.ceil(count / 3) });
  for (let i = 0; i < count; i++) {
    yield i % 3 === 0 && !isQuick
      ? (general[i / 3] as unknown as Scenario)
      : drawn(seed * 1_000_003 + i);
  }
}

function differ(scenario: Scenario): string[] {
  try {
    const oracle = explored(scenario, statesMax);
    if (oracle.unanswered !== undefined || oracle.bounded) return [];
    const loophole = told(scenario, budget);
    return isWhole(oracle, loophole) ? differences(oracle, loophole) : [];
  } catch {
    return [];
  }
}

const mattered = new Map<string, number>();
const unanswered = new Map<string, number>();
let compared = 0;
let disagreements = 0;
let done = 0;
for (const scenario of cases()) {
  done++;
  if (done % 100 === 0) process.stderr.write(`${done} of ${count}, ${compared} compared\n`);
  const oracle = explored(scenario, statesMax);
  const reason = oracle.unanswered ?? (oracle.bounded ? "a bound" : undefined);
  const loophole = reason === undefined ? told(scenario, budget) : undefined;
  if (loophole === undefined || !isWhole(oracle, loophole)) {
    const why = reason ?? "not searched to the end by Loophole";
    unanswered.set(why, (unanswered.get(why) ?? 0) + 1);
    continue;
  }
  compared++;
  for (const mark of oracle.marks) mattered.set(mark, (mattered.get(mark) ?? 0) + 1);
  const found = differences(oracle, loophole);
  if (found.length === 0) continue;
  disagreements++;
  says.write(`\n${scenario.world.name}: ${found.join("; ")}\n`);
  if (isQuick) process.exit(1);
  const small = smallest(scenario, (one) => differ(one).length > 0);
  says.write(`  ${differ(small).join("; ")}\n${JSON.stringify(small)}\n`);
}

const table = (title: string, counts: ReadonlyMap<string, number>): void => {
  says.write(`\n${title}\n`);
  for (const [name, n] of [...counts].sort((a, b) => b[1] - a[1]))
    says.write(`${String(n).padStart(7)}  ${name}\n`);
};
table("Scenarios in which each came up, of those compared", mattered);
table("Scenarios without a comparison, and why", unanswered);
says.write(`\n${count} scenarios, ${compared} compared, ${disagreements} with a disagreement\n`);
process.exitCode = disagreements === 0 ? 0 : 1;
