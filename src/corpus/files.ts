/** Finding files below a folder, in an order that is the same on every machine. */
import { type Dirent, readdirSync, statSync } from "node:fs";
import { posix, sep } from "node:path";
import { InputError } from "../base/input-error.ts";
import { fileTrouble } from "./file-trouble.ts";

/** A path as messages and reports show it: with forward slashes. */
export function forwardSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** The `*.json` files below a folder. */
export function findCorpusFiles(folder: string): string[] {
  return findFiles(folder, (name) => name.endsWith(".json"));
}

/**
 * The files below a folder whose name is wanted, sorted by code point, with forward slashes and
 * starting as the folder was given. Hidden folders, `node_modules` and links to folders are not
 * entered. What is named like a file that is wanted is found, whatever it is: whoever reads it says
 * what is wrong with it.
 *
 * @throws {InputError} when the folder, or one below it, cannot be read.
 */
export function findFiles(folder: string, isWanted: (name: string) => boolean): string[] {
  const found: string[] = [];
  const pending = [forwardSlashes(folder)];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const entry of entriesOf(next)) {
      const path = posix.join(next, entry.name);
      if (entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name)) pending.push(path);
      if (!leadsToFolder(entry, path) && isWanted(entry.name)) found.push(path);
    }
  }
  return found.sort(byCodePoint);
}

function leadsToFolder(entry: Dirent, path: string): boolean {
  return entry.isSymbolicLink() ? isFolder(path) : entry.isDirectory();
}

/** Whether a folder is there: what stands in the way of anything else is told by whoever reads it. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    const reason = fileTrouble(cause).replace("no such file", "no such folder");
    throw new InputError(folder, reason, { cause });
  }
}

/** Orders texts by code point (`<` goes by UTF-16 units, which puts U+FF5E behind emoji). */
export function byCodePoint(one: string, other: string): number {
  let at = 0;
  while (at < one.length && at < other.length) {
    const a = one.codePointAt(at) as number;
    const b = other.codePointAt(at) as number;
    if (a !== b) return a - b;
    at += a > 0xffff ? 2 : 1;
  }
  return one.length - other.length;
}
