/** Campaigns that are ended and gone on with, beside one that nobody disturbs. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
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

export const argsFor = ({ runs, runBudget, driver }: Campaign, workers: number): string[] => [
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
export function prepare(folder: string, { driver }: Campaign): void {
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
  readonly signal: Signal;
  readonly workers: number;
  readonly afterMs: number;
  /** Runs that are kept. */
  readonly done: number;
  /** What was lost, half-written or not as it ends up. */
  readonly faults: readonly string[];
}

/** SIGKILL asks nobody; the others are asked for, and end with what is found. */
type Signal = "SIGKILL" | "SIGINT" | "SIGTERM" | "SIGHUP";
const signals: readonly Signal[] = ["SIGKILL", "SIGKILL", "SIGINT", "SIGTERM", "SIGHUP"];

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
  let within = withinMs;
  let before = 0;
  for (let i = 0; kills.length < times && i < 20 * times; i++) {
    const workers = oneOf(random, [1, 2, 4]);
    const afterMs = nextInt(random, Math.ceil(within));
    const signal = oneOf(random, signals);
    const { child, ended } = start(folder, ...argsFor(campaign, workers));
    let isSent = false;
    const timer = setTimeout(() => {
      isSent = child.kill(signal);
    }, afterMs);
    const { code, stderr } = await ended;
    clearTimeout(timer);
    if (!isSent) {
      // It was quicker than the signal, as on a machine that others leave alone again.
      rmSync(join(folder, kept), { recursive: true });
      prepare(folder, campaign);
      within /= 2;
      before = 0;
      continue;
    }
    const { done, faults } = lookAt(folder, campaign, whole, before);
    // Before it listens, a signal ends it as it ends everybody.
    if (code !== null && code !== 0 && code !== 1) faults.push(`exit code ${code}: ${stderr}`);
    faults.push(...processesIn(folder).map((id) => `process ${id} goes on`));
    const kill = { signal, workers, afterMs, done, faults };
    kills.push(kill);
    before = done;
    onKill?.(kill);
  }
  return kills;
}

/** Processes that work in a folder, where the system tells. */
function processesIn(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(`/proc/${id}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}

/** What a folder has that nobody may find there, while its campaign is not at its end. */
export function lookAt(
  folder: string,
  campaign: Campaign,
  whole: Outcome,
  before: number,
): { readonly done: number; readonly faults: string[] } {
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
