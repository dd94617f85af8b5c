/** A shard of `check` or `suite`: which files are its, and what it prints of them. */
import { InputError } from "../../base/input-error.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import { jsonReport } from "../../report/json.ts";
import { linesOf } from "../expectation.ts";
import { tablesKey } from "../fuzz/state-file.ts";
import { junitSuites } from "../gate/junit-suites.ts";
import { fails, type Ruling } from "../gate/ruling.ts";
import { reportOf } from "../judged-json.ts";
import type { JudgeOptions } from "../options.ts";
import { type JudgedShard, sealed } from "./record.ts";
import { isOurs, type Shard } from "./shard.ts";

/** All files of a call, each once, as they are named in reports; and those that this shard judges. */
export function shareOf(
  given: readonly string[],
  { shard, writeBaseline, together }: JudgeOptions & { readonly together?: boolean },
): { readonly all: readonly string[]; readonly files: readonly string[] } {
  const all = [...new Set(given.map(forwardSlashes))];
  if (shard === undefined) return { all, files: all };
  if (together) throw new InputError("--shard", "divides files, which --together keeps together");
  if (writeBaseline !== undefined) {
    throw new InputError("--write-baseline", "needs all files at once: leave --shard out");
  }
  return { all, files: all.filter((_, at) => isOurs(shard, at)) };
}

export function judgedShard(
  command: JudgedShard["command"],
  all: readonly string[],
  rulings: readonly Ruling[],
  unfinished: readonly string[],
  options: JudgeOptions & { readonly shard: Shard },
): unknown {
  const { shard, scope, budget, seed, requireComplete, times, extension } = options;
  const heedsExpected = command === "suite";
  return sealed({
    loophole: "shard",
    version: 1,
    shard,
    command,
    call: {
      files: all,
      scope,
      budget,
      seed,
      requireComplete: requireComplete === true,
      ...(times && { times }),
      ...(extension && { extension }),
      tables: tablesKey(),
    },
    parts: rulings.map((ruling) => ({
      at: all.indexOf(ruling.judged.file),
      report: jsonReport([reportOf(ruling)], true),
      junit: plain(junitSuites([ruling], { files: [], fails: heedsExpected })[0]),
      faults: linesOf(ruling.faults),
      fails: fails(ruling),
    })),
    unfinished,
  });
}

/** Without properties that are there and undefined, which JSON has not. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
