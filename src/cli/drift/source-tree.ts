/** The C sources below a folder, read as far as somebody asks after them. */
import { posix } from "node:path";
import { InputError } from "../../base/input-error.ts";
import { findFiles, forwardSlashes } from "../../corpus/files.ts";
import { readBytes } from "../../corpus/text-file.ts";
import { type CFunction, functionsOf } from "./c-functions.ts";

export interface SourceTree {
  /** Relative to the folder, with forward slashes. */
  readonly files: readonly string[];
  readonly functionsIn: (file: string) => readonly CFunction[];
}

const isSource = (name: string): boolean => /\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|inl)$/i.test(name);

/** @throws {InputError} when there is no such folder, or no C file in it. */
export function openTree(folder: string): SourceTree {
  const top = forwardSlashes(folder);
  const paths = findFiles(top, isSource);
  if (paths.length === 0) throw new InputError(top, "holds no C source");
  const known = new Map<string, readonly CFunction[]>();
  return {
    files: paths.map((path) => posix.relative(top, path)),
    functionsIn(file) {
      const before = known.get(file);
      if (before !== undefined) return before;
      const found = functionsOf(sourceText(posix.join(top, file)));
      known.set(file, found);
      return found;
    },
  };
}

/** Sources are of all ages: UTF-16 and UTF-8 are told by what they are, the rest is bytes. */
function sourceText(path: string): string {
  const bytes = readBytes(path, path);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le").slice(1);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

/**
 * The files of the tree that a path can mean, which may be longer or shorter than theirs: those
 * that agree with it in most folders, from the name on. Letters' case counts only where it decides.
 */
export function filesLike(files: readonly string[], path: string): readonly string[] {
  const wanted = foldersOf(path);
  let most = 1;
  let best: string[] = [];
  for (const file of files) {
    const agrees = agreement(foldersOf(file), wanted);
    if (agrees < most) continue;
    if (agrees > most) best = [];
    most = agrees;
    best.push(file);
  }
  const exact = best.filter((file) => path.endsWith(posix.basename(file)));
  return exact.length > 0 ? exact : best;
}

const foldersOf = (path: string): string[] =>
  path
    .toLowerCase()
    .split("/")
    .filter((part) => part !== "" && part !== ".");

function agreement(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (
    count < Math.min(one.length, other.length) &&
    one[one.length - 1 - count] === other[other.length - 1 - count]
  ) {
    count++;
  }
  return count;
}
