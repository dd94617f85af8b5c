/** Writing counterexamples: names and bytes depend on nothing but what is saved. */
import { join } from "node:path";
import { stableHash } from "../base/hash.ts";
import type { Counterexample, FindingSummary } from "./counterexample.ts";
import { byCodePoint } from "./files.ts";
import { printJson } from "./json-text.ts";
import { readCounterexample } from "./read.ts";
import { makeFolder, writeWhole } from "./whole-file.ts";

/** Hexadecimal digits of the identity in a file's name. */
const hashDigits = 8;

/**
 * `acme.deadlock.3f9a01bc.json`: the same for as long as the same operations wait in the same way
 * for each other, whatever else changes.
 */
export function corpusFileName({
  driver,
  outcome,
  identity,
  mechanism,
  budget,
}: FindingSummary): string {
  // A callback too slow and, by it, an operation too slow are two findings at one place.
  const of = budget === undefined || budget.of === "callback" ? [] : [budget.of];
  const hash = stableHash([identity, mechanism, ...of]).slice(0, hashDigits);
  return `${driver || "machine"}.${outcome}.${hash}.json`;
}

/** The text of a corpus file, the same for every order of keys. */
export function printCounterexample(counterexample: Counterexample): string {
  // Read as it will be read, so that only what can be loaded is saved; and that puts keys in order.
  return printJson(sortArguments(readCounterexample(counterexample, "a counterexample to save")));
}

/**
 * Saves a counterexample in a folder, which is made if need be.
 *
 * @returns the file's name.
 * @throws {InputError} when it cannot be written.
 */
export function saveCounterexample(folder: string, counterexample: Counterexample): string {
  const name = corpusFileName(counterexample.finding);
  makeFolder(folder);
  writeWhole(join(folder, name), printCounterexample(counterexample));
  return name;
}

/** Arguments are the one part whose keys no schema orders. */
function sortArguments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortArguments);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      sortArguments(key === "args" ? sorted(member) : member),
    ]),
  );
}

function sorted(args: object): object {
  return Object.fromEntries(Object.entries(args).sort(([a], [b]) => byCodePoint(a, b)));
}
