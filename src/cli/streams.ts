/** Standard output and error as they are set up for a process of our own. */
import { fstatSync, writeSync } from "node:fs";
import { InputError } from "../base/input-error.ts";
import { fileTrouble } from "../corpus/file-trouble.ts";
import { writeAll } from "../corpus/whole-file.ts";

/** Nobody is left to read: `| head` has seen enough, or the terminal is gone. */
const closed = ["EPIPE", "EIO", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"];

/** A stream that fails is a mistake of the call; one that nobody reads any more is none. */
export function listenForStreamTrouble(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!closed.includes(String(error.code))) throw streamError(error);
  });
  // There is no other place to tell it.
  process.stderr.on("error", () => {});
}

const streamError = (cause: unknown): InputError =>
  new InputError("stdout", `cannot be written: ${fileTrouble(cause)}`, { cause });

/**
 * Where standard output is a file, Node writes it once and takes what fits for all: a disk that is
 * nearly full would keep half of a report, and nobody would be told.
 */
export function writeOutputWhole(): void {
  const stats = fstatSync(1);
  if (process.stdout.isTTY || !(stats.isFile() || stats.isCharacterDevice())) return;
  process.stdout.write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
    const text = typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8";
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, text) : chunk;
    try {
      writeAll(bytes, (offset) => writeSync(1, bytes, offset));
    } catch (error) {
      throw streamError(error);
    }
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") process.nextTick(callback);
    return true;
  };
}
