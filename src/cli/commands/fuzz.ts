/** `loophole fuzz [FILE…]`: a campaign over generated drivers, or over given ones. */
import { InputError } from "../../base/input-error.ts";
import type { FuzzOptions, FuzzState } from "../../campaign/fuzz.ts";
import { mustHaveRoom } from "../../corpus/whole-file.ts";
import { configuredModel } from "../config.ts";
import { exitCodes } from "../exit.ts";
import type { FuzzCommandOptions } from "../fuzz/asked.ts";
import { runCampaign, runShare } from "../fuzz/campaign.ts";
import { endCampaign } from "../fuzz/end.ts";
import { type FolderLock, lockFolder } from "../fuzz/folder-lock.ts";
import { readState, writeState } from "../fuzz/state-file.ts";
import { loadFiles } from "../load/load-files.ts";
import { printJsonLine, warn } from "../output.ts";
import { fuzzCall, sealed } from "../shard/record.ts";
import type { Shard } from "../shard/shard.ts";
import { listenForStop, type Stop } from "../stop.ts";

export async function fuzzCommand(
  files: readonly string[],
  asked: FuzzCommandOptions,
): Promise<number> {
  const model = await configuredModel(asked.loadTimeout);
  const shard = shardOf(asked);
  const stop = listenForStop();
  try {
    const loaded = await loadFiles(files, {
      timeoutMs: asked.loadTimeout * 1_000,
      signal: stop.signal,
      onOutput: warn,
      extension: model.extension,
    });
    const options: FuzzOptions = {
      seed: asked.seed,
      runs: asked.runs,
      budget: asked.budget,
      runBudget: asked.runBudget,
      illegal: asked.illegal,
      given: (loaded ?? []).map(({ subject }) => subject.drivers),
      generated: files.length === 0 || asked.withGenerated === true,
      ...model,
    };
    return shard === undefined
      ? await campaign(options, asked, stop)
      : await share(options, asked, shard, stop);
  } finally {
    stop.end();
  }
}

async function campaign(
  options: FuzzOptions,
  asked: FuzzCommandOptions,
  stop: Stop,
): Promise<number> {
  const { save } = asked;
  if (save === undefined) return await run(options, asked, stop);
  mustHaveRoom(save);
  const lock = lockFolder(save);
  try {
    return await run(options, asked, stop, lock);
  } finally {
    lock.release();
  }
}

/** @param lock On the folder that keeps it. */
async function run(
  options: FuzzOptions,
  asked: FuzzCommandOptions,
  stop: Stop,
  lock?: FolderLock,
): Promise<number> {
  const { save, workers } = asked;
  const start = save === undefined ? undefined : readState(save, options);
  const keep = (state: FuzzState): void => {
    lock?.check();
    if (save !== undefined) writeState(save, options, state);
  };
  const state = await runCampaign(options, { workers, stop, start, onState: keep });
  if (asked.endsByRuns && stop.by === undefined && state.done < options.runs) {
    const far = `${state.done} of ${options.runs} runs`;
    warn(`loophole: --budget ${options.budget} ended it after ${far}\n`);
  }
  return await endCampaign(state, options, asked, stop, lock);
}

/** A share of the runs: what each showed, for `loophole merge`. */
async function share(
  options: FuzzOptions,
  { workers }: FuzzCommandOptions,
  shard: Shard,
  stop: Stop,
): Promise<number> {
  const runs = await runShare(options, shard, { workers, stop });
  const call = fuzzCall(options);
  printJsonLine(sealed({ loophole: "shard", version: 1, shard, command: "fuzz", call, runs }));
  if (stop.by !== undefined) {
    warn(`loophole: stopped by ${stop.by} after ${runs.length} runs of its share\n`);
  }
  return runs.some(({ fault }) => fault !== undefined) ? exitCodes.fault : exitCodes.clean;
}

/** Mistakes in the call, ahead of the work. */
function shardOf({ shard, json, save, endsByRuns }: FuzzCommandOptions): Shard | undefined {
  if (shard === undefined) return undefined;
  const reason =
    endsByRuns !== true
      ? "needs --runs, so that it is known which runs there are"
      : json !== true
        ? "needs --json: what a share of the runs showed is for loophole merge"
        : save !== undefined
          ? "has no --save: loophole merge has one"
          : undefined;
  if (reason !== undefined) throw new InputError("--shard", reason);
  return shard;
}
