/** `loophole fuzz [FILE…]`: a campaign over generated drivers, or over given ones. */
import { posix } from "node:path";
import type { FuzzOptions, FuzzState } from "../../campaign/fuzz.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import { makeFolder, saveCounterexample } from "../../corpus/save.ts";
import { tellFinding } from "../../report/story.ts";
import { configuredExtension } from "../config.ts";
import { exitCodes } from "../exit.ts";
import type { FuzzCommandOptions } from "../fuzz/asked.ts";
import { runCampaign, tellCampaign } from "../fuzz/campaign.ts";
import { readState, writeState } from "../fuzz/state-file.ts";
import { jsonCampaign, type Told, tellCampaign as tableOf } from "../fuzz/table.ts";
import { loadFiles } from "../load/load-files.ts";
import { print, printJsonLine, style } from "../output.ts";
import { listenForStop, type Stop } from "../stop.ts";

export async function fuzzCommand(
  files: readonly string[],
  asked: FuzzCommandOptions,
): Promise<number> {
  const extension = await configuredExtension(asked.loadTimeout);
  const stop = listenForStop();
  try {
    const loaded = await loadFiles(files, {
      timeoutMs: asked.loadTimeout * 1_000,
      signal: stop.signal,
      onOutput: (text) => process.stderr.write(text),
      extension,
    });
    const options: FuzzOptions = {
      seed: asked.seed,
      runs: asked.runs,
      budget: asked.budget,
      runBudget: asked.runBudget,
      illegal: asked.illegal,
      given: (loaded ?? []).map(({ subject }) => subject.drivers),
      generated: files.length === 0 || asked.withGenerated === true,
      ...(extension && { extension }),
    };
    return await campaign(options, asked, stop);
  } finally {
    stop.end();
  }
}

async function campaign(
  options: FuzzOptions,
  { save, workers, json, stories }: FuzzCommandOptions,
  stop: Stop,
): Promise<number> {
  if (save !== undefined) makeFolder(save);
  const start = save === undefined ? undefined : readState(save, options);
  const keep = (state: FuzzState): void => {
    if (save !== undefined) writeState(save, options, state);
  };
  const state = await runCampaign(options, { workers, stop, start, onState: keep });
  const told: Told[] = [];
  await tellCampaign(state, options, { workers, stop }, (one) => {
    if (save === undefined || one.found === undefined) {
      told.push(one);
      return;
    }
    const name = saveCounterexample(save, one.found.counterexample);
    told.push({ ...one, file: posix.join(forwardSlashes(save), name) });
  });
  const isWhole = stop.by === undefined;
  if (json) printJsonLine(jsonCampaign(state, told, options, isWhole));
  else {
    if (stories) {
      for (const { found } of told) if (found) print(`${tellFinding(found.finding, style())}\n`);
    }
    print(tableOf(state, told, options, style()));
  }
  if (!isWhole) tellStop(stop, state, told.length, save);
  if (state.faults.length > 0) return exitCodes.fault;
  // That generated drivers hang is what they are for.
  return options.given.length > 0 && told.length > 0 ? exitCodes.findings : exitCodes.clean;
}

function tellStop({ by }: Stop, state: FuzzState, told: number, save: string | undefined): void {
  const left = state.mechanisms.length - told;
  const untold = left === 0 ? "" : `, ${left} of ${state.mechanisms.length} mechanisms not told`;
  const on = save === undefined ? "" : "; the same call goes on from there";
  process.stderr.write(`loophole: stopped by ${by} after ${state.done} runs${untold}${on}\n`);
}
