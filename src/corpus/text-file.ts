/** Reading the user's text files: what can go wrong is told as an input error at the file. */
import { readFileSync, statSync } from "node:fs";
import { InputError } from "../base/input-error.ts";

/** Larger files are taken for a slip: the largest counterexample is far below. */
const fileBytesMax = 16 * 1024 * 1024;

/**
 * The text of a UTF-8 file, without a byte order mark.
 *
 * @param place The file as the user gave it, for messages.
 * @throws {InputError} when it is missing, a folder, too large, unreadable or not UTF-8.
 */
export function readText(file: string, place: string, bytesMax = fileBytesMax): string {
  const bytes = readBytes(file, place, bytesMax);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new InputError(place, "is UTF-16 text (PowerShell's > writes it); save it as UTF-8");
  }
  try {
    // Takes a byte order mark away.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(place, "is not UTF-8 text", { cause });
  }
}

function readBytes(file: string, place: string, bytesMax: number): Buffer {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new InputError(place, "is a folder, not a file");
    if (stats.size > bytesMax) {
      throw new InputError(place, `is larger than ${bytesMax / 1024 / 1024} MB`);
    }
    return readFileSync(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(place, fileTrouble(error), { cause: error });
  }
}

/** What a failed call to the file system means, in the user's words. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    ENOTDIR: "a part of this path is a file, not a folder",
    EACCES: "access is denied",
    EPERM: "access is denied",
    EISDIR: "is a folder, not a file",
    EEXIST: "is there already, and is no folder",
    ENOSPC: "no space is left",
    EROFS: "this file system can only be read",
    ENAMETOOLONG: "the name is too long",
    ELOOP: "links lead in a circle",
  };
  return words[code] === undefined ? `cannot be used (${code})` : words[code];
}
