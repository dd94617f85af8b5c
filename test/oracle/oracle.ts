/**
 * `npm run oracle`: random scenarios, put to Loophole and to the oracle, and where they differ.
 * `--count` scenarios (20 000) from `--from` on, by `--workers` processes; `--states` limits a scenario.
 * Ended before its time, it tells of those that are done.
 *
 * A call, result or path *matters* in a scenario, if the two were compared there and some run of the
 * oracle's executes it: what the model does otherwise there shows in ends, crashes, effects or in which
 * probes are reached.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { scenarios } from "../../src/index.ts";
import { searched } from "./adapter.ts";
import { calls } from "./calls.ts";
import { differences, isWhole } from "./compare.ts";
import { drawn } from "./draw.ts";
import { explored } from "./explore.ts";
import { numbersOf } from "./options.ts";
import { probed } from "./probes.ts";
import type { Scenario } from "./scenario.ts";
import { smallest } from "./smallest.ts";
import { differInTime } from "./timed/differ.ts";

const {
  count,
  from,
  states: statesMax,
  timed,
  workers,
  part,
  skip,
} = numbersOf("Random scenarios, put to Loophole and to the oracle, and where the two differ", {
  count: [20_000, "scenarios"],
  from: [1, "the first seed"],
  states: [300, "states of a scenario at most"],
  timed: [4, "of so many scenarios one is compared in time, too; 0: none"],
  workers: [availableParallelism(), "processes"],
  part: [-1, "for a worker: which one it is"],
  skip: [0, "for a worker: scenarios that are done already"],
});
/** Each of these comes from the public generators. */
const general = 20;
const enough = 100;
/** All that a call can come back with, as the page has them. */
const results = [
  ...["success", "failure", "timeout", "terminated", "disconnected", "empty", "abandoned"],
  ...["alerted", "userApc", "object0", "object1", "object2", "object3"],
].map((name) => `result ${name}`);
const says = process.stdout;

/** What a worker says of one scenario. */
interface Compared {
  /** What mattered; absent where there was no comparison. */
  readonly marks?: readonly string[];
  readonly unanswered?: string;
  readonly differs?: boolean;
}

interface Tally {
  readonly mattered: Record<string, number>;
  readonly unanswered: Record<string, number>;
  done: number;
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
    if (oracle.unanswered !== undefined) return [];
    const loophole = searched(scenario);
    return isWhole(oracle, loophole) ? differences(oracle, loophole) : [];
  } catch {
    return [];
  }
}

function compare(seed: number): Compared {
  const scenario = scenarioOf(seed);
  const oracle = explored(scenario, statesMax);
  const reason = oracle.unanswered;
  const loophole = reason === undefined ? searched(scenario) : undefined;
  if (loophole === undefined || !isWhole(oracle, loophole))
    return { unanswered: reason ?? "not searched to the end by Loophole" };
  const found = differences(oracle, loophole);
  if (found.length > 0) {
    const small = smallest(scenario, (one) => differ(one).length > 0);
    says.write(`\nseed ${seed}: ${found.slice(0, 4).join("; ")}\n`);
    says.write(`  ${differ(small).slice(0, 2).join("; ")}\n${JSON.stringify(small)}\n`);
  }
  return { marks: [...oracle.marks, ...inTime(seed)], differs: found.length > 0 || isOffInTime };
}

/** Whether the latest scenario that was compared in time differs there. */
let isOffInTime = false;

/** Compares a share of the scenarios in time, as they are drawn: probes would only make them longer. */
function inTime(seed: number): string[] {
  isOffInTime = false;
  if (timed === 0 || seed % timed !== 0 || seed % general === 0) return [];
  const found = differInTime(drawn(seed), statesMax);
  if (found === undefined) return [];
  isOffInTime = found.length > 0;
  if (isOffInTime) says.write(`\nseed ${seed}, in time: ${found.slice(0, 4).join("; ")}\n`);
  return ["compared in time"];
}

function work(): void {
  for (let n = part + skip * workers; n < count; n += workers) process.send?.(compare(from + n));
}

function take(all: Tally, { marks, unanswered, differs }: Compared): void {
  if (++all.done % 500 === 0) process.stderr.write(`${all.done} of ${count}\n`);
  if (unanswered !== undefined) add(all.unanswered, unanswered);
  if (marks === undefined) return;
  all.compared++;
  if (differs === true) all.disagreements++;
  for (const mark of marks) add(all.mattered, mark);
}

function table(
  title: string,
  counts: Record<string, number>,
  names: Iterable<string>,
  least = enough,
): void {
  says.write(`\n${title}\n`);
  for (const name of [...names].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0))) {
    const n = counts[name] ?? 0;
    says.write(`${String(n).padStart(7)}  ${name}${n < least ? "  (few)" : ""}\n`);
  }
}

function report(all: Tally): void {
  const isResult = (name: string): boolean => name.startsWith("result ");
  const paths = Object.keys(all.mattered).filter((name) => !(name in calls) && !isResult(name));
  table("Calls: scenarios in which each mattered", all.mattered, Object.keys(calls));
  table("Results", all.mattered, [
    ...new Set([...results, ...Object.keys(all.mattered).filter(isResult)]),
  ]);
  table("Statements, paths and events", all.mattered, paths);
  const reasons = Object.keys(all.unanswered);
  table("Scenarios without a comparison, and why", all.unanswered, reasons, 0);
  says.write(
    `\n${all.done} of ${count} scenarios, ${all.compared} compared, ${all.disagreements} with a disagreement\n`,
  );
  process.exitCode ||= all.disagreements === 0 && all.done === count ? 0 : 1;
}

function lead(): void {
  const all: Tally = { mattered: {}, unanswered: {}, done: 0, compared: 0, disagreements: 0 };
  let left = workers;
  const children = new Map<number, ChildProcess>();
  // Who is ended before his time tells what there is up to there.
  const end = (): void => {
    for (const child of children.values()) child.kill();
    report(all);
    process.exit();
  };
  process.once("SIGTERM", end).once("SIGINT", end);
  const begin = (n: number, skipped: number): void => {
    let done = skipped;
    const args = [`--part`, String(n), "--workers", String(workers), "--skip", String(done)];
    const child = fork(fileURLToPath(import.meta.url), [...args, ...process.argv.slice(2)], {
      execArgv: process.execArgv,
    });
    children.set(n, child);
    child.on("message", (message: Compared) => {
      done++;
      take(all, message);
    });
    child.on("exit", (code, signal) => {
      if (signal !== null && done > skipped) {
        process.stderr.write(`worker ${n} was ended by ${signal}, and goes on where it was\n`);
        return begin(n, done);
      }
      if (signal !== null) process.stderr.write(`worker ${n} was ended again by ${signal}\n`);
      if (code !== 0) process.exitCode = code ?? 1;
      if (--left === 0) report(all);
    });
  };
  for (let n = 0; n < workers; n++) begin(n, 0);
}

if (part < 0) lead();
else work();
