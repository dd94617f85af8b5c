/** A baseline: findings that a team has accepted, each with its reason. Read by people in diffs. */
import * as z from "zod";
import { InputError } from "../base/input-error.ts";
import { type Finding, type Limited, limited, type Outcome } from "../judge/finding.ts";
import { byCodePoint } from "./files.ts";
import { parseJson, printJson } from "./json-text.ts";
import { readWith } from "./read.ts";
import { outcomes } from "./schema.ts";
import { type Exactly, listMax, name, texts } from "./schema-parts.ts";
import { readText } from "./text-file.ts";
import { writeWhole } from "./whole-file.ts";

/** A finding that does not fail, for as long as it is accepted. */
export interface Accepted {
  /** Where the harm is in no driver's own operations: all drivers, joined with " + ". */
  readonly driver: string;
  readonly outcome: Outcome;
  readonly identity: string;
  /** Absent: whatever the mechanism. */
  readonly mechanism?: string;
  /** Latency: what takes too long. Absent: whatever it is. */
  readonly of?: Limited;
  readonly reason: string;
  readonly owner?: string;
  /** YYYY-MM-DD: the last day on which it is accepted. Absent: for good. */
  readonly expires?: string;
}

/** The reason of an entry that nobody has looked at yet. */
export const unreviewed = "to be reviewed";

const saysSomething = (what: string) => name.regex(/\S/, what);

const acceptedSchema = z.strictObject({
  driver: texts.min(1, "names no driver").meta({
    description: "The finding's driver; all drivers, joined with ' + ', where it names none.",
  }),
  outcome: z.enum(outcomes),
  identity: texts.meta({ description: "The driver's operations that wait, as --json prints it." }),
  mechanism: texts
    .optional()
    .meta({ description: "As --json prints it; without it, any mechanism is accepted." }),
  of: z.enum(limited).optional().meta({
    description: "Latency: what takes too long; without it, any of them is accepted.",
  }),
  reason: z
    .string()
    .max(2_000)
    .regex(/\S/, "says nothing: why is this finding accepted?")
    .meta({ description: "Why it is accepted." }),
  owner: saysSomething("names nobody: leave it out, or say who looks after it")
    .optional()
    .meta({ description: "Who looks after it." }),
  expires: z.iso
    .date("is no date of the calendar, written YYYY-MM-DD")
    .optional()
    .meta({ description: "The last day on which it is accepted, by UTC." }),
} satisfies Exactly<Accepted>);

const baselineVersion = 2;

const baselineSchema = z
  .strictObject({
    loophole: z.literal("baseline"),
    version: z.literal(baselineVersion),
    accepted: z.array(acceptedSchema).max(listMax),
  })
  .meta({ id: "Baseline", title: "Findings of Loophole's that are accepted" });

/**
 * The entries of a baseline, in their order.
 *
 * @throws {InputError} when the file is none.
 */
export function loadBaseline(file: string): readonly Accepted[] {
  return parseBaseline(readText(file, file), file);
}

/** The same for a text that is already there. */
export function parseBaseline(text: string, place: string): readonly Accepted[] {
  const value = parseJson(text, place);
  mustBeBaseline(value, place);
  const { accepted } = readWith(baselineSchema, value, place);
  const keys = accepted.map(keyOf);
  const twice = keys.findIndex((key, i) => keys.indexOf(key) !== i);
  if (twice !== -1) {
    const first = keys.indexOf(keys[twice]);
    const reason = `accepts the same finding as accepted[${first}]: keep one of the two`;
    throw new InputError(`${place}: accepted[${twice}]`, reason);
  }
  return accepted;
}

/** Tells other files, and other versions, from broken ones. */
function mustBeBaseline(value: unknown, place: string): void {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const { loophole: kind, version } = (isObject ? value : {}) as Record<string, unknown>;
  if (kind === "counterexample" || kind === "driver") {
    throw new InputError(place, `is a ${kind}, not a baseline: --write-baseline writes one`);
  }
  if (kind !== "baseline") {
    const form = `{ "loophole": "baseline", "version": ${baselineVersion}, "accepted": [] }`;
    throw new InputError(place, `is no baseline: an empty one is ${form}`);
  }
  if (version === 1) {
    const reason = `version 1 numbers the operations, which this Loophole (${baselineVersion}) names by their objects: write it anew with --write-baseline, and take the reasons over`;
    throw new InputError(`${place}: version`, reason);
  }
  if (typeof version === "number" && Number.isInteger(version) && version > baselineVersion) {
    const reason = `version ${version} is newer than this Loophole (${baselineVersion}): update loophole-fuzz to read it`;
    throw new InputError(`${place}: version`, reason);
  }
}

/** The text of a baseline: sorted, the same for every order of entries and keys. */
export function printBaseline(entries: readonly Accepted[]): string {
  const accepted = entries
    .map(
      (entry): Accepted => ({
        driver: entry.driver,
        outcome: entry.outcome,
        identity: entry.identity,
        mechanism: entry.mechanism,
        of: entry.of,
        reason: entry.reason,
        owner: entry.owner,
        expires: entry.expires,
      }),
    )
    .sort((a, b) => byCodePoint(keyOf(a), keyOf(b)));
  return printJson({ loophole: "baseline", version: baselineVersion, accepted });
}

export function saveBaseline(file: string, entries: readonly Accepted[]): void {
  writeWhole(file, printBaseline(entries));
}

/** What an entry accepts, as a text that no two of one baseline share. */
function keyOf({ driver, outcome, identity, mechanism, of }: Accepted): string {
  return JSON.stringify([driver, outcome, identity, mechanism ?? null, of ?? null]);
}

/** Whether an entry is about this finding, whatever the day. @param driver The entry's name for it. */
export function isAbout(
  entry: Accepted,
  finding: Pick<Finding, "outcome" | "identity" | "mechanism" | "budget" | "moments">,
  driver: string,
): boolean {
  return (
    entry.driver === driver &&
    entry.outcome === finding.outcome &&
    identitiesOf(finding).includes(entry.identity) &&
    (entry.mechanism ?? finding.mechanism) === finding.mechanism &&
    (entry.of ?? finding.budget?.of) === finding.budget?.of
  );
}

/** A crash's cause can be met at any of its moments. */
const identitiesOf = ({
  identity,
  moments = [],
}: Pick<Finding, "identity" | "moments">): string[] => [
  identity,
  ...moments.map((one) => one.identity),
];

/** @param today YYYY-MM-DD. */
export function isExpired({ expires }: Accepted, today: string): boolean {
  return expires !== undefined && expires < today;
}

/** The JSON Schema (draft 2020-12) of a baseline, for editors and other tools. */
export function baselineJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(baselineSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}
