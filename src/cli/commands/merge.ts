/** `loophole merge REPORT…`: the report of a call, from what its shards printed. */
import { InputError } from "../../base/input-error.ts";
import { mustBeWritable, mustHaveRoom, writeWhole } from "../../corpus/whole-file.ts";
import { mergeReports } from "../../report/json.ts";
import { printJunit } from "../../report/junit.ts";
import { counted, glue } from "../../report/text.ts";
import { exitCodes } from "../exit.ts";
import { endCampaign } from "../fuzz/end.ts";
import { lockFolder } from "../fuzz/folder-lock.ts";
import { writeState } from "../fuzz/state-file.ts";
import { unjudgedSuite } from "../gate/junit-suites.ts";
import { print, printJsonLine, warn } from "../output.ts";
import { joinJudged, joinRuns, readShards } from "../shard/join.ts";
import type { FuzzShard, JudgedShard } from "../shard/record.ts";
import { listenForStop } from "../stop.ts";

interface MergeOptions {
  readonly json?: boolean;
  readonly junit?: string;
  readonly save?: string;
  readonly workers: number;
}

export async function mergeCommand(
  files: readonly string[],
  options: MergeOptions,
): Promise<number> {
  const shards = readShards(files);
  return shards.command === "fuzz"
    ? await mergeCampaign(shards.records, options)
    : mergeJudged(shards.records, options);
}

function mergeJudged(records: readonly JudgedShard[], { json, junit, save }: MergeOptions): number {
  if (save !== undefined) {
    throw new InputError(
      "--save",
      "is for campaigns: shards of check and suite save by themselves",
    );
  }
  if (junit !== undefined) mustBeWritable("--junit", junit);
  const { command, call } = records[0];
  const { parts, unfinished } = joinJudged(records);
  const isSuite = command === "suite";
  const report = mergeReports(
    parts.map((part) => part.report),
    unfinished.length === 0,
  );
  if (junit !== undefined) {
    const judged = new Set(parts.map(({ at }) => call.files[at]));
    const left = unfinished.filter((file) => !judged.has(file));
    const suites = parts.map((part) => part.junit);
    writeWhole(junit, printJunit([...suites, ...left.map((file) => unjudgedSuite(file, isSuite))]));
  }
  if (json) {
    for (const { at, faults } of parts) {
      for (const fault of faults) warn(`${call.files[at]}: ${fault}\n`);
    }
    printJsonLine(report);
  } else {
    const failing = parts.filter(({ fails }) => fails);
    for (const { at, report: one, fails, faults } of parts) {
      const found = one.findings.length === 0 ? "" : `, ${counted(one.findings.length, "finding")}`;
      print(
        `${call.files[at]}: ${one.verdict}${found}${fails ? "; FAILS" : ""}\n`.replaceAll(
          glue,
          " ",
        ),
      );
      for (const fault of faults) print(`  ${fault}\n`);
    }
    for (const file of unfinished) print(`${file}: not judged to its end\n`);
    const end = `${counted(parts.length, "file")} of ${counted(records.length, "shard")}: ${report.verdict}, ${failing.length} failing.\n`;
    print(end.replaceAll(glue, " "));
  }
  const isCut = unfinished.length > 0 && (isSuite || call.requireComplete);
  return isCut || parts.some(({ fails }) => fails) ? exitCodes.findings : exitCodes.clean;
}

async function mergeCampaign(
  records: readonly FuzzShard[],
  options: MergeOptions,
): Promise<number> {
  if (options.junit !== undefined) {
    throw new InputError("--junit", "is for check and suite: a campaign has no cases");
  }
  const { campaign: _, ...call } = records[0].call;
  const state = joinRuns(records);
  const { save } = options;
  if (save !== undefined) mustHaveRoom(save);
  const lock = save === undefined ? undefined : lockFolder(save);
  const stop = listenForStop();
  try {
    if (save !== undefined) writeState(save, call, state);
    return await endCampaign(state, call, options, stop, lock);
  } finally {
    stop.end();
    lock?.release();
  }
}
