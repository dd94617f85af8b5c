/** Campaigns that are killed and gone on with, beside one that nobody disturbs. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nextInt } from "../../../src/base/random.ts";
import type { FuzzOptions } from "../../../src/campaign/fuzz.ts";
import { readState } from "../../../src/cli/fuzz/state-file.ts";
import { seedDefault } from "../../../src/cli/options.ts";
import { readDriver } from "../../../src/corpus/read.ts";
import { type Ended, loophole, start } from "../../cli/support/command.ts";
import { drawerFor, oneOf } from "./draw.ts";

export interface Campaign {
  readonly runs: number;
  readonly runBudget: number;
  /** In worlds around this driver; else over generated drivers. */
  readonly driver?: unknown;
}

/** What a campaign comes to: what it prints, and every file of its folder. */
export interface Outcome {
  readonly printed: string;
  readonly files: Readonly<Record<string, string>>;
}

const kept = "kept";

const driverFile = "given.json";

const argsFor = ({ runs, runBudget, driver }: Campaign, workers: number): string[] => [
  ...[
    "fuzz",
    ...(driver === undefined ? [] : [driverFile]),
    "--runs",
    `${runs}`,
    "--run-budget",
    `${runBudget}`,
    "--budget",
    "1000000000",
  ],
  ...["--save", kept, "--json", "--workers", `${workers}`],
];

function filesIn(folder: string): Record<string, string> {
  const place = join(folder, kept);
  return Object.fromEntries(
    readdirSync(place)
      .sort()
      .map((name) => [name, readFileSync(join(place, name), "utf8")]),
  );
}

/** What a folder has before a campaign begins in it. */
function prepare(folder: string, { driver }: Campaign): void {
  mkdirSync(join(folder, kept), { recursive: true });
  if (driver !== undefined) writeFileSync(join(folder, driverFile), JSON.stringify(driver));
}

/** The campaign to its end, in this folder: from the start, or from where it was killed. */
export async function finish(
  folder: string,
  campaign: Campaign,
  workers: number,
): Promise<Outcome & { readonly ms: number }> {
  prepare(folder, campaign);
  const started = performance.now();
  const { code, stdout, stderr }: Ended = await loophole(folder, ...argsFor(campaign, workers));
  const ms = performance.now() - started;
  // 1 says that the given driver hangs.
  const right = campaign.driver === undefined ? 0 : 1;
  if (code !== right) throw new Error(`the campaign ended with ${code}: ${stderr}`);
  return { printed: stdout, files: filesIn(folder), ms };
}

/** What was in the folder after a kill. */
export interface Kill {
  readonly workers: number;
  readonly afterMs: number;
  /** Runs that are kept. */
  readonly done: number;
  /** What was lost, half-written or not as it ends up. */
  readonly faults: readonly string[];
}

interface Killing {
  readonly folder: string;
  readonly campaign: Campaign;
  /** What it comes to undisturbed. */
  readonly whole: Outcome;
  readonly times: number;
  /** Milliseconds from a start within which it is killed. */
  readonly withinMs: number;
  readonly seed: string;
}

/** Kills a campaign, with 1, 2 or 4 workers, and goes on with it, so often. */
export async function killOften(
  { folder, campaign, whole, times, withinMs, seed }: Killing,
  onKill?: (kill: Kill) => void,
): Promise<Kill[]> {
  const random = drawerFor(seed);
  prepare(folder, campaign);
  const kills: Kill[] = [];
  // One that ends by itself is gone on with as well, and not counted.
  for (let i = 0; kills.length < times && i < 3 * times; i++) {
    const workers = oneOf(random, [1, 2, 4]);
    const afterMs = nextInt(random, Math.ceil(withinMs));
    const { child, ended } = start(folder, ...argsFor(campaign, workers));
    const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
    const { code } = await ended;
    clearTimeout(timer);
    if (code !== null) continue;
    const before = kills.at(-1)?.done ?? 0;
    const kill = { workers, afterMs, ...lookAt(folder, campaign, whole, before) };
    kills.push(kill);
    onKill?.(kill);
  }
  return kills;
}

function lookAt(
  folder: string,
  campaign: Campaign,
  whole: Outcome,
  before: number,
): Pick<Kill, "done" | "faults"> {
  const faults: string[] = [];
  for (const [name, text] of Object.entries(filesIn(folder))) {
    // Drafts are what a kill may leave behind: the next call takes them away.
    if (/^\..*\.tmp$/.test(name) || name.startsWith("campaign.")) continue;
    if (whole.files[name] !== text) faults.push(`${name} is not what it ends up as`);
  }
  let done = 0;
  try {
    ({ done } = readState(join(folder, kept), optionsOf(campaign)));
  } catch (error) {
    faults.push(String(error));
  }
  if (done < before) faults.push(`${before - done} runs are lost`);
  return { done, faults };
}

const optionsOf = ({ runs, runBudget, driver }: Campaign): FuzzOptions => ({
  ...{ seed: seedDefault, runs, runBudget, budget: 1_000_000_000, illegal: 0.3 },
  given: driver === undefined ? [] : [[readDriver(driver, driverFile)]],
  generated: driver === undefined,
});
