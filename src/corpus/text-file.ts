/** Reading the user's files: what can go wrong is told as an input error at the file. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { InputError } from "../base/input-error.ts";
import { fileTrouble, kindOf } from "./file-trouble.ts";

const megabyte = 1024 * 1024;

/** Larger files are taken for a slip: the largest counterexample is far below. */
const fileBytesMax = 16 * megabyte;
/** Of what only Loophole writes, in long campaigns: as much as a text can hold. */
export const recordBytesMax = 500 * megabyte;

/**
 * The text of a UTF-8 file, without a byte order mark.
 *
 * @param place The file as the user gave it, for messages.
 * @throws {InputError} when it is missing, no regular file, too large, unreadable or not UTF-8.
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

/** The bytes of a regular file of a limited size: nothing else is opened, and no call waits. */
export function readBytes(file: string, place: string, bytesMax = fileBytesMax): Buffer {
  try {
    mustBeReadable(statSync(file), place, bytesMax);
    // Some that look like regular files, of /proc, would wait all the same.
    const opened = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = fstatSync(opened);
      mustBeReadable(stats, place, bytesMax);
      return readUpTo(opened, stats.size, place, bytesMax);
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(place, fileTrouble(error), { cause: error });
  }
}

function mustBeReadable(stats: Stats, place: string, bytesMax: number): void {
  if (!stats.isFile()) throw new InputError(place, `is ${kindOf(stats)}, not a file`);
  if (stats.size > bytesMax) throw tooLarge(place, bytesMax);
}

const tooLarge = (place: string, bytesMax: number): InputError =>
  new InputError(place, `is larger than ${bytesMax / megabyte} MB`);

/** A file can grow while it is read, and some have more than they say. */
function readUpTo(file: number, size: number, place: string, bytesMax: number): Buffer {
  let bytes = Buffer.alloc(size + 1);
  let length = 0;
  for (;;) {
    const count = readSync(file, bytes, length, bytes.length - length, null);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    if (length > bytesMax) throw tooLarge(place, bytesMax);
    if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(length)]);
  }
}
