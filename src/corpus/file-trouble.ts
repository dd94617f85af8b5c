/** What files are, and what went wrong with them, in the user's words. */
import type { Stats } from "node:fs";

/** "a folder", "a FIFO": of what is no regular file. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

const words: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of this path is a file, not a folder",
  EACCES: "access is denied",
  EPERM: "access is denied",
  EISDIR: "is a folder, not a file",
  EEXIST: "is there already, and is no folder",
  ENOSPC: "no space is left",
  EDQUOT: "no space is left of the quota",
  EFBIG: "it would be larger than a file may be",
  EIO: "the disk fails",
  EROFS: "this file system can only be read",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "links lead in a circle",
  EAGAIN: "it has nothing to read now",
  ENXIO: "is a device or a socket, not a file",
};

/** What a failed call to the file system means, in the user's words. */
export function fileTrouble(error: unknown): string {
  if (!(error instanceof Error)) return "cannot be used";
  if (!("code" in error)) return error.message;
  const code = String(error.code);
  return words[code] === undefined ? `cannot be used (${code})` : words[code];
}
