/** The oracle's answers, kept; and a run of the model against them, up to the first disagreement. */
import { readFileSync, writeFileSync } from "node:fs";
import { told } from "./adapter.ts";
import { differences, isWhole } from "./compare.ts";
import { drawn } from "./draw.ts";
import { type Answer, explored } from "./explore.ts";
import { probed } from "./probes.ts";

const statesMax = 150;
const budget = 20_000;
const first = 9_000_001;

interface Kept {
  readonly seed: number;
  readonly answer: Omit<Answer, "reached"> & { readonly reached: readonly [string, boolean][] };
}

/** Scenarios in which both agree: a disagreement is then the mutant's. */
export function answerAll(path: string, count: number): void {
  const kept: Kept[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const scenario = probed(drawn(seed));
    const answer = explored(scenario, statesMax);
    if (answer.unanswered !== undefined || answer.bounded) continue;
    const loophole = told(scenario, budget);
    if (!isWhole(answer, loophole) || differences(answer, loophole).length > 0) continue;
    kept.push({ seed, answer: { ...answer, reached: [...answer.reached] } });
  }
  writeFileSync(path, JSON.stringify(kept));
}

function firstDifference(path: string): string | undefined {
  for (const { seed, answer } of JSON.parse(readFileSync(path, "utf8")) as Kept[]) {
    const oracle: Answer = { ...answer, reached: new Map(answer.reached) };
    const loophole = told(probed(drawn(seed)), budget);
    if (!isWhole(oracle, loophole)) continue;
    const [found] = differences(oracle, loophole);
    if (found !== undefined) return `${seed}: ${found}`;
  }
  return undefined;
}

const [, script, path] = process.argv;
if (script?.endsWith("against.ts") && path !== undefined) {
  const found = firstDifference(path);
  if (found !== undefined) process.stdout.write(`${found}\n`);
  process.exitCode = found === undefined ? 0 : 1;
}
