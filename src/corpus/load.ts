/** Reading what is saved: nothing unknown is skipped, and every refusal has a place. */
import { InputError } from "../base/input-error.ts";
import type { Counterexample } from "./counterexample.ts";
import { parseJson } from "./json-text.ts";
import { readText } from "./text-file.ts";

/** The version of corpus files that this Loophole writes and reads. */
const corpusVersion = 2;

/**
 * The counterexample in a file.
 *
 * @param place The file as the user gave it, for messages.
 * @throws {InputError} when it is none, or one that this version cannot read.
 */
export async function loadCounterexample(file: string, place = file): Promise<Counterexample> {
  return parseCounterexample(readText(file, place), place);
}

/** The same for a text that is already there. */
export async function parseCounterexample(text: string, place: string): Promise<Counterexample> {
  const value = parseJson(text, place);
  mustBeCounterexample(value, place);
  // zod is slow to load, and only reading needs it.
  const { readCounterexample } = await import("./read.ts");
  return readCounterexample(value, place);
}

/** Tells other files, and other versions, from broken ones. */
function mustBeCounterexample(value: unknown, place: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(place, "is no counterexample: that is a JSON object");
  }
  const { loophole: kind, version } = value as { loophole?: unknown; version?: unknown };
  if (kind === "driver") {
    throw new InputError(place, "is a driver, not a counterexample: `loophole check` judges it");
  }
  if (kind !== "counterexample") {
    throw new InputError(place, 'is no counterexample: "loophole": "counterexample" is missing');
  }
  if (version === corpusVersion) return;
  throw new InputError(`${place}: version`, whyNot(version));
}

function whyNot(version: unknown): string {
  if (version === 1) {
    // An operation was its call's number in its routine: what it is now cannot be told from that.
    return `version 1 numbers the operations, which this Loophole (${corpusVersion}) names by their objects: check the driver again with --save, and remove this file`;
  }
  return typeof version === "number" && Number.isInteger(version) && version > corpusVersion
    ? `version ${version} is newer than this Loophole (${corpusVersion}): update loophole-fuzz to read it`
    : `no Loophole writes version ${shown(version)}; this one reads ${corpusVersion}`;
}

/** Whatever stands there, in few characters. */
function shown(version: unknown): string {
  if (version === undefined) return "(none)";
  if (typeof version === "object" && version !== null) {
    return Array.isArray(version) ? "(a list)" : "(an object)";
  }
  const text = JSON.stringify(version);
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
