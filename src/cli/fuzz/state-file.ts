/** What a campaign knows between two calls: one file beside its counterexamples. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stableHash } from "../../base/hash.ts";
import { InputError } from "../../base/input-error.ts";
import { type FuzzOptions, type FuzzState, freshState } from "../../campaign/fuzz.ts";
import { parseJson } from "../../corpus/json-text.ts";
import { readText, recordBytesMax } from "../../corpus/text-file.ts";
import { draftPattern, writeWhole } from "../../corpus/whole-file.ts";
import { noExtension } from "../../language/extension.ts";
import { apiTable } from "../../windows/api/table.ts";
import { families } from "../../windows/families/table.ts";
import { isAnother } from "./processes.ts";

/** No *.json, since those are counterexamples. */
export const stateName = "campaign.state";
const version = 3;

/** Of two Loopholes with other tables the same call means something else. */
export const tablesKey = (): string => stableHash({ apiTable, families });

/** What has to be the same for a campaign to go on: how far it is to go may differ. */
export const campaignKey = ({
  seed,
  runBudget,
  illegal,
  given,
  generated,
  extension = noExtension,
  times,
}: FuzzOptions): string =>
  stableHash({ seed, runBudget, illegal, given, generated, extension, times, apiTable, families });

/**
 * The state of the campaign that a folder keeps; a fresh one if it keeps none.
 *
 * @throws {InputError} when the folder keeps another campaign.
 */
export function readState(folder: string, options: FuzzOptions): FuzzState {
  removeDrafts(folder);
  const file = join(folder, stateName);
  if (!existsSync(file)) return freshState;
  const text = readText(file, file, recordBytesMax);
  const found = parsed(text, file);
  // Only a campaign writes it, and goes on from all that it says.
  if (found.version === version && !isAsWritten(text, found.sum)) {
    throw new InputError(file, "is damaged, or was changed by hand. Name another folder");
  }
  if (found.version !== version || found.campaign !== campaignKey(options)) {
    throw new InputError(
      file,
      "is of another campaign: another seed, other drivers or another Loophole. Name another folder",
    );
  }
  return found.state;
}

export function writeState(folder: string, options: FuzzOptions, state: FuzzState): void {
  const file = { loophole: "campaign", version, campaign: campaignKey(options), sum: "", state };
  const text = `${JSON.stringify(file)}\n`;
  writeWhole(join(folder, stateName), text.replace(sumOf(""), sumOf(stableHash(text))));
}

/** Whether a text is the one whose hash it holds. */
const isAsWritten = (text: string, sum: unknown): boolean =>
  typeof sum === "string" && stableHash(text.replace(sumOf(sum), sumOf(""))) === sum;

/** The sum stands ahead of all that is hashed, as text: what was changed may have any depth. */
const sumOf = (sum: string): string => `"sum":"${sum}"`;

interface StateFile {
  readonly version: number;
  readonly campaign: string;
  /** A hash of the file's text, with nothing here. */
  readonly sum: string;
  readonly state: FuzzState;
}

function parsed(text: string, place: string): StateFile {
  const value = parseJson(text, place) as (Partial<StateFile> & { loophole?: unknown }) | null;
  if (value?.loophole === "campaign" && value.state !== undefined) return value as StateFile;
  throw new InputError(place, "is no state of a campaign");
}

/** Whoever was killed while it wrote has left a draft behind; a process that lives has its own. */
function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const writer = draftPattern.exec(name)?.[1];
    if (writer !== undefined && !isAnother(Number(writer))) rmSync(join(folder, name));
  }
}
