/** What options mean, and what is wrong with them. */
import { availableParallelism } from "node:os";
import { InputError } from "../base/input-error.ts";
import { type Scope, scopes } from "../campaign/report.ts";
import type { Extension } from "../language/shape.ts";
import type { TimeProfile } from "../windows/scenario.ts";
import type { Shard } from "./shard/shard.ts";

/** Transitions of the machine for one driver file. */
export const budgetDefault = 300_000;
export const seedDefault = "loophole";
/** Seconds for loading one driver file. */
export const loadTimeoutDefault = 20;
/** Threads that judge, unless told: each may need hundreds of megabytes. */
const workersDefaultMax = 8;
const workersMax = 64;
/** Seconds: timers end at 2^31 milliseconds. */
const secondsMax = 1_000_000;

/** Options of `check` and `suite`. */
export interface JudgeOptions extends GateOptions {
  readonly scope: Scope;
  readonly budget: number;
  readonly time?: number;
  readonly seed: string;
  readonly save?: string;
  readonly json?: boolean;
  readonly loadTimeout: number;
  readonly workers: number;
  /** What the configuration adds to the tables. */
  readonly extension?: Extension;
  /** Times that the configuration has for the model's. */
  readonly times?: Partial<TimeProfile>;
  readonly shard?: Shard;
}

/** What fails, and where it is told beside the log. */
interface GateOptions {
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly requireComplete?: boolean;
  readonly junit?: string;
  readonly annotations?: "github";
}

/** Services whose marks beside the code we can write. */
export function parseAnnotations(text: string): "github" {
  if (text !== "github") throw new InputError("--annotations", `${quoted(text)} is not github`);
  return text;
}

export function parseScope(text: string): Scope {
  const scope = scopes.find((one) => one === text);
  if (scope === undefined) {
    throw new InputError("--scope", `${quoted(text)} is none of ${scopes.join(", ")}`);
  }
  return scope;
}

/** `2000000` or `2_000_000`. */
export function parseBudget(text: string): number {
  return wholeNumber("--budget", text, 1, Number.MAX_SAFE_INTEGER, "operations, such as 2000000");
}

export function parseWorkers(text: string): number {
  return wholeNumber("--workers", text, 1, workersMax, "threads");
}

export function workersDefault(): number {
  return Math.min(workersDefaultMax, availableParallelism());
}

function wholeNumber(place: string, text: string, min: number, max: number, of: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!/^\d[\d_]*$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max) {
    const limit = max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
    throw new InputError(
      place,
      `${quoted(text)} is not a whole number from ${min}${limit} of ${of}`,
    );
  }
  return value;
}

/** Seconds, perhaps with a fraction. */
export const parseSeconds =
  (place: string) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^(?:\d+\.?\d*|\.\d+)$/.test(text) || value <= 0 || value > secondsMax) {
      throw new InputError(place, `${quoted(text)} is not a number of seconds, such as 30 or 2.5`);
    }
    return value;
  };

/** An option that must say something. */
export const parseText =
  (place: string) =>
  (text: string): string => {
    if (text === "") throw new InputError(place, "is empty");
    return text;
  };

function quoted(text: string): string {
  return JSON.stringify(text.length <= 40 ? text : `${text.slice(0, 40)}…`);
}

export const schemaNames = [
  "report",
  "campaign",
  "shard",
  "drift",
  "driver",
  "config",
  "corpus",
  "baseline",
] as const;
export type SchemaName = (typeof schemaNames)[number];

export function parseSchemaName(text: string): SchemaName {
  const name = schemaNames.find((one) => one === text);
  if (name === undefined) {
    throw new InputError("schema", `${quoted(text)} is none of ${schemaNames.join(", ")}`);
  }
  return name;
}

/** The same for an argument that can be given several times. */
export const collectText =
  (place: string) =>
  (text: string, before: readonly string[] | undefined): string[] => [
    ...(before ?? []),
    parseText(place)(text),
  ];
