/**
 * What a shard prints in place of a report: enough to make the whole call's report of all of them.
 * A sum over everything tells a file that was cut or changed from one that was written.
 */
import * as z from "zod";
import { stableHash } from "../../base/hash.ts";
import { InputError } from "../../base/input-error.ts";
import type { FuzzOptions, FuzzRun } from "../../campaign/fuzz.ts";
import { readText, recordBytesMax } from "../../corpus/text-file.ts";
import { timesSchema } from "../../corpus/world-schema.ts";
import type { Extension } from "../../language/shape.ts";
import { extensionSchema } from "../../language/validate-extension-schema.ts";
import { type JsonReport, reportSchema } from "../../report/json.ts";
import type { JunitSuite } from "../../report/junit.ts";
import type { TimeProfile } from "../../windows/scenario.ts";
import { campaignKey } from "../fuzz/state-file.ts";
import type { Shard } from "./shard.ts";

/** A judged file. */
export interface Part {
  /** Its number among all files of the call, from 0. */
  readonly at: number;
  readonly report: JsonReport;
  readonly junit: JunitSuite;
  /** How it differs from what is known, one line each. */
  readonly faults: readonly string[];
  readonly fails: boolean;
}

export interface JudgedShard {
  readonly loophole: "shard";
  readonly version: 1;
  readonly shard: Shard;
  readonly command: "check" | "suite";
  /** What has to be the same in all shards. */
  readonly call: {
    readonly files: readonly string[];
    readonly scope: string;
    readonly budget: number;
    readonly seed: string;
    readonly requireComplete: boolean;
    /** Of the configuration. */
    readonly times?: Partial<TimeProfile>;
    readonly extension?: Extension;
    /** A hash of the tables of this Loophole. */
    readonly tables: string;
  };
  readonly parts: readonly Part[];
  /** Files that a stop left unjudged, or judged in part. */
  readonly unfinished: readonly string[];
}

export interface FuzzShard {
  readonly loophole: "shard";
  readonly version: 1;
  readonly shard: Shard;
  readonly command: "fuzz";
  readonly call: FuzzOptions & { readonly campaign: string };
  readonly runs: readonly FuzzRun[];
}

export type ShardRecord = JudgedShard | FuzzShard;

/** With what tells that it is whole. */
export const sealed = (record: ShardRecord): unknown => ({ ...record, sum: stableHash(record) });

export const fuzzCall = (options: FuzzOptions): FuzzShard["call"] => ({
  ...options,
  campaign: campaignKey(options),
});

const whole = z.int().min(0);
const texts = z.array(z.string());
const of = z.strictObject({ index: z.int().min(1), of: z.int().min(1) });
const head = { loophole: z.literal("shard"), version: z.literal(1), shard: of };
const sum = z.string().meta({ description: "A hash of all the rest." });

const junitSchema = z.strictObject({
  name: z.string(),
  cases: z.array(
    z.strictObject({
      name: z.string(),
      classname: z.string(),
      problem: z
        .strictObject({
          kind: z.enum(["failure", "error", "skipped"]),
          type: z.string(),
          message: z.string(),
          text: z.string(),
        })
        .optional(),
      output: z.string(),
    }),
  ),
});

const judgedSchema = z.strictObject({
  ...head,
  command: z.enum(["check", "suite"]),
  call: z.strictObject({
    files: texts,
    scope: z.string(),
    budget: whole,
    seed: z.string(),
    requireComplete: z.boolean(),
    times: timesSchema.optional(),
    extension: extensionSchema.optional(),
    tables: z.string(),
  }),
  parts: z.array(
    z.strictObject({
      at: whole.meta({ description: "Number of the file in the whole call, from 0." }),
      report: reportSchema,
      junit: junitSchema,
      faults: texts.meta({ description: "How the file differs from what it says is known." }),
      fails: z.boolean(),
    }),
  ),
  unfinished: texts.meta({ description: "Files that a stop left unjudged, or judged in part." }),
  sum,
});

const fuzzSchema = z.strictObject({
  ...head,
  command: z.literal("fuzz"),
  call: z.looseObject({ seed: z.string(), runs: whole, budget: whole, campaign: z.string() }),
  runs: z.array(z.looseObject({ index: whole, spent: whole })).meta({
    description: "What each run showed, for loophole merge alone.",
  }),
  sum,
});

const recordSchema = z
  .discriminatedUnion("command", [judgedSchema, fuzzSchema])
  .meta({ id: "Shard", title: "What a shard prints with --json, for loophole merge" });

/** JSON Schema (draft 2020-12) of what a shard prints. */
export function shardJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(recordSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}

/** @throws {InputError} when the file is not as a shard wrote it. */
export function readRecord(file: string): ShardRecord {
  let value: unknown;
  try {
    value = JSON.parse(readText(file, file, recordBytesMax));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(file, "is no JSON", { cause });
  }
  if (!recordSchema.safeParse(value).success) {
    throw new InputError(file, "is not what --shard with --json prints");
  }
  const { sum: told, ...record } = value as ShardRecord & { readonly sum: string };
  if (told !== stableHash(record)) throw new InputError(file, "was changed since it was written");
  return record as ShardRecord;
}
