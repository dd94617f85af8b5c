/** Writing counterexamples: names and bytes depend on nothing but what is saved. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { stableHash } from "../base/hash.ts";
import { InputError } from "../base/input-error.ts";
import type { Counterexample, FindingSummary } from "./counterexample.ts";
import { byCodePoint } from "./files.ts";
import { printJson } from "./json-text.ts";
import { readCounterexample } from "./read.ts";
import { fileTrouble } from "./text-file.ts";

/** Hexadecimal digits of the identity in a file's name. */
const hashDigits = 8;

/**
 * `acme.deadlock.3f9a01bc.json`: the same for as long as the same operations wait in the same way
 * for each other, whatever else changes.
 */
export function corpusFileName({ driver, outcome, identity, mechanism }: FindingSummary): string {
  const hash = stableHash([identity, mechanism]).slice(0, hashDigits);
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

/**
 * Writes a file. Who looks sees the old one, or all of the new one.
 *
 * @throws {InputError} when it cannot be written.
 */
export function writeWhole(target: string, text: string): void {
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const file = openSync(draft, "w");
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, target);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new InputError(target, `cannot be written: ${fileTrouble(cause)}`, { cause });
  }
}

/** Makes the folder that files will be saved to. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new InputError(folder, `cannot be made a folder: ${fileTrouble(cause)}`, { cause });
  }
}

/**
 * The same ahead of long work, whose result would have nowhere to go: a file is written there, and
 * removed.
 */
export function mustHaveRoom(folder: string): void {
  makeFolder(folder);
  const draft = join(folder, `.room.${process.pid}.tmp`);
  try {
    closeSync(openSync(draft, "w"));
  } catch (cause) {
    throw new InputError(folder, `cannot be written to: ${fileTrouble(cause)}`, { cause });
  }
  rmSync(draft, { force: true });
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
