/** Shards become a whole again: all of one call, each there once. */
import { canonicalJson } from "../../base/hash.ts";
import { InputError } from "../../base/input-error.ts";
import { type FuzzRun, type FuzzState, freshState, isOver, withRun } from "../../campaign/fuzz.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import {
  type FuzzShard,
  fuzzCall,
  type JudgedShard,
  type Part,
  readRecord,
  type ShardRecord,
} from "./record.ts";
import { nameOf } from "./shard.ts";

export type Shards =
  | { readonly command: "judge"; readonly records: readonly JudgedShard[] }
  | { readonly command: "fuzz"; readonly records: readonly FuzzShard[] };

/** @throws {InputError} when they are not the shards of one call. */
export function readShards(given: readonly string[]): Shards {
  const files = given.map(forwardSlashes);
  const records = files.map(readRecord);
  const first = records[0];
  const seen = new Map<number, string>();
  records.forEach((record, i) => {
    const difference = differenceOf(first, record);
    if (difference !== undefined) {
      throw new InputError(files[i], `is of another call than ${files[0]}: ${difference}`);
    }
    const before = seen.get(record.shard.index);
    if (before !== undefined) {
      throw new InputError(files[i], `is ${nameOf(record.shard)}, and so is ${before}`);
    }
    seen.set(record.shard.index, files[i]);
  });
  const { of } = first.shard;
  for (let index = 1; index <= of; index++) {
    if (!seen.has(index)) throw new InputError("merge", `${nameOf({ index, of })} is missing`);
  }
  const inOrder = [...records].sort((a, b) => a.shard.index - b.shard.index);
  if (first.command !== "fuzz") {
    return { command: "judge", records: inOrder as JudgedShard[] };
  }
  mustBeOurs(first, files[0]);
  return { command: "fuzz", records: inOrder as FuzzShard[] };
}

function differenceOf(a: ShardRecord, b: ShardRecord): string | undefined {
  if (a.command !== b.command) return `${b.command}, not ${a.command}`;
  if (a.shard.of !== b.shard.of) return `${b.shard.of} shards, not ${a.shard.of}`;
  const keys = [...new Set([...Object.keys(a.call), ...Object.keys(b.call)])];
  const other = keys.find((key) => textOf(a.call, key) !== textOf(b.call, key));
  return other === undefined ? undefined : `${other} differs`;
}

const textOf = (call: object, key: string): string =>
  canonicalJson({ [key]: (call as Readonly<Record<string, unknown>>)[key] });

/** What follows is shrunk and told by this version, so it has to be the one that ran. */
function mustBeOurs({ call: { campaign, ...options } }: FuzzShard, file: string): void {
  if (campaign === fuzzCall(options).campaign) return;
  throw new InputError(file, "is of another version of Loophole");
}

export function joinJudged(records: readonly JudgedShard[]): {
  readonly parts: readonly Part[];
  readonly unfinished: readonly string[];
} {
  const parts = records.flatMap((record) => record.parts).sort((a, b) => a.at - b.at);
  const left = new Set(records.flatMap(({ unfinished }) => unfinished));
  return { parts, unfinished: records[0].call.files.filter((file) => left.has(file)) };
}

/** The campaign that the shards' runs make, up to where it would have ended. */
export function joinRuns(records: readonly FuzzShard[]): FuzzState {
  const { campaign: _, ...options } = records[0].call;
  const runs = new Map<number, FuzzRun>();
  for (const record of records) for (const run of record.runs) runs.set(run.index, run);
  let state = freshState;
  while (!isOver(state, options)) {
    const next = runs.get(state.done);
    if (next === undefined) {
      throw new InputError("merge", `run ${state.done} is missing: a shard was stopped before it`);
    }
    state = withRun(state, next);
  }
  return state;
}
