/**
 * `npm run oracle`: random scenarios, put to Loophole and to the oracle, and where they differ.
 * `--count` scenarios (20 000) from `--from` on, by `--workers` processes; `--states` limits a scenario.
 *
 * A call, result or path *matters* in a scenario, if the two were compared there and some run of the
 * oracle's executes it: what the model does otherwise there shows in ends, crashes, effects or in which
 * probes are reached.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { scenarios } from "../../src/index.ts";
import { told } from "./adapter.ts";
import { calls } from "./calls.ts";
import { differences, isWhole } from "./compare.ts";
import { drawn } from "./draw.ts";
import { explored } from "./explore.ts";
import { probed } from "./probes.ts";
import type { Scenario } from "./scenario.ts";
import { smallest } from "./smallest.ts";

const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const count = option("count", 20_000);
const from = option("from", 1);
const statesMax = option("states", 300);
const workers = option("workers", availableParallelism());
/** A worker does every so many-th. */
const part = option("part", -1);
const budget = 20_000;
/** Each of these comes from the public generators. */
const general = 20;
const enough = 100;
const says = process.stdout;

interface Tally {
  readonly mattered: Record<string, number>;
  readonly unanswered: Record<string, number>;
  compared: number;
  disagreements: number;
}

const add = (counts: Record<string, number>, name: string, n = 1): void => {
  counts[name] = (counts[name] ?? 0) + n;
};

const scenarioOf = (seed: number): Scenario =>
  seed % general === 0
    ? (fc.sample(scenarios({ illegal: 0.2 }), { seed, numRuns: 1 })[0] as unknown as Scenario)
    : probed(drawn(seed));

/** Where they differ; nothing where there is no comparison. */
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

function compare(seed: number, tally: Tally): void {
  const scenario = scenarioOf(seed);
  const oracle = explored(scenario, statesMax);
  const reason = oracle.unanswered ?? (oracle.bounded ? "a bound" : undefined);
  const loophole = reason === undefined ? told(scenario, budget) : undefined;
  if (loophole === undefined || !isWhole(oracle, loophole))
    return add(tally.unanswered, reason ?? "not searched to the end by Loophole");
  tally.compared++;
  for (const mark of oracle.marks) add(tally.mattered, mark);
  const found = differences(oracle, loophole);
  if (found.length === 0) return;
  tally.disagreements++;
  const small = smallest(scenario, (one) => differ(one).length > 0);
  says.write(`\nseed ${seed}: ${found.slice(0, 4).join("; ")}\n`);
  says.write(`  ${differ(small).slice(0, 2).join("; ")}\n${JSON.stringify(small)}\n`);
}

function work(): void {
  const tally: Tally = { mattered: {}, unanswered: {}, compared: 0, disagreements: 0 };
  for (let seed = from + part; seed < from + count; seed += workers) {
    compare(seed, tally);
    process.send?.({ done: 1 });
  }
  process.send?.({ tally });
}

function table(title: string, counts: Record<string, number>, names: Iterable<string>): void {
  says.write(`\n${title}\n`);
  for (const name of [...names].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0))) {
    const n = counts[name] ?? 0;
    says.write(`${String(n).padStart(7)}  ${name}${n < enough ? "  (few)" : ""}\n`);
  }
}

function report(all: Tally): void {
  const isResult = (name: string): boolean => name.startsWith("result ");
  const paths = Object.keys(all.mattered).filter((name) => !(name in calls) && !isResult(name));
  table("Calls: scenarios in which each mattered", all.mattered, Object.keys(calls));
  table("Results", all.mattered, Object.keys(all.mattered).filter(isResult));
  table("Statements, paths and events", all.mattered, paths);
  table("Scenarios without a comparison, and why", all.unanswered, Object.keys(all.unanswered));
  says.write(
    `\n${count} scenarios, ${all.compared} compared, ${all.disagreements} with a disagreement\n`,
  );
  process.exitCode = all.disagreements === 0 ? 0 : 1;
}

function lead(): void {
  const all: Tally = { mattered: {}, unanswered: {}, compared: 0, disagreements: 0 };
  let done = 0;
  let left = workers;
  for (let n = 0; n < workers; n++) {
    const args = [...process.argv.slice(2), "--part", String(n), "--workers", String(workers)];
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: process.execArgv });
    child.on("message", (message: { done?: number; tally?: Tally }) => {
      if (message.done !== undefined && ++done % 500 === 0)
        process.stderr.write(`${done} of ${count}\n`);
      const { tally } = message;
      if (tally === undefined) return;
      all.compared += tally.compared;
      all.disagreements += tally.disagreements;
      for (const [name, k] of Object.entries(tally.mattered)) add(all.mattered, name, k);
      for (const [name, k] of Object.entries(tally.unanswered)) add(all.unanswered, name, k);
    });
    child.on("exit", (code) => {
      if (code !== 0 && code !== null) process.exitCode = code;
      if (--left === 0) report(all);
    });
  }
}

if (part < 0) lead();
else work();
