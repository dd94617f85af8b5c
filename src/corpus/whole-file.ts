/**
 * The one way in which files are written. Who looks sees the old file or all of the new one, whatever
 * happens in between: a full disk, a kill, a second writer.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../base/input-error.ts";
import { fileTrouble, kindOf } from "./file-trouble.ts";
import { forwardSlashes } from "./files.ts";

/** The calls by which a file is written: tests put a disk that fails in their place. */
export interface Disk {
  readonly open: (path: string, flags: number) => number;
  readonly chmod: (file: number, mode: number) => void;
  /** Returns how many bytes it took, which may be fewer than it was given. */
  readonly write: (file: number, bytes: Uint8Array, offset: number) => number;
  readonly sync: (file: number) => void;
  readonly close: (file: number) => void;
  readonly rename: (from: string, to: string) => void;
}

const nodeDisk: Disk = {
  open: (path, flags) => openSync(path, flags),
  chmod: fchmodSync,
  write: (file, bytes, offset) => writeSync(file, bytes, offset),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
};

/** Drafts of this process so far: each has a name of its own. */
let drafts = 0;

/** A draft that somebody left behind: of which process it was. */
export const draftPattern = /^\.loophole-(\d+)-\d+\.tmp$/;

/**
 * Writes a file. A link is followed, and stays a link.
 *
 * @throws {InputError} when it cannot be written; what was there is there still.
 */
export function writeWhole(target: string, text: string, disk: Disk = nodeDisk): void {
  try {
    const file = regularFileAt(target);
    replace(file.path, Buffer.from(text, "utf8"), file.stats, disk);
  } catch (cause) {
    throw new InputError(target, `cannot be written: ${reasonOf(cause)}`, { cause });
  }
}

/** Writes a file beside the target, and puts it in the target's place once it is whole. */
function replace(target: string, bytes: Buffer, before: Stats | undefined, disk: Disk): void {
  const { path: draft, file } = openDraft(dirname(target), disk);
  try {
    try {
      if (before !== undefined) disk.chmod(file, before.mode & 0o777);
      writeAll(bytes, (offset) => disk.write(file, bytes, offset));
      disk.sync(file);
    } finally {
      disk.close(file);
    }
    disk.rename(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Calls `write` until every byte is taken: a call that takes fewer is no error by itself. */
export function writeAll(bytes: Uint8Array, write: (offset: number) => number): void {
  for (let offset = 0; offset < bytes.length; ) {
    const taken = write(offset);
    if (taken <= 0) throw new Error("the disk takes no more");
    offset += taken;
  }
}

/** Exclusively, so that neither a link nor another thread's draft is written through. */
function openDraft(folder: string, disk: Disk): { readonly path: string; readonly file: number } {
  for (;;) {
    const path = join(folder, `.loophole-${process.pid}-${drafts++}.tmp`);
    try {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
      return { path, file: disk.open(path, flags) };
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

/**
 * Makes sure, ahead of long work, that a file can be written: its folder is made if need be.
 *
 * @param option Where the file was named, for messages.
 */
export function mustBeWritable(option: string, target: string): void {
  mustHaveRoom(dirname(target));
  try {
    const { path } = regularFileAt(target);
    if (dirname(path) !== realpathSync(dirname(target))) mustHaveRoom(dirname(path));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(option, `${forwardSlashes(target)} ${reasonOf(cause)}`, { cause });
  }
}

/** What stands in the way of writing: not the disk, but what is there. */
class NoRegularFile extends Error {}

/** Where a file is, or will be, behind all links. */
function regularFileAt(target: string): { readonly path: string; readonly stats?: Stats } {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats === undefined) return { path: endOfLinks(target) };
  if (!stats.isFile()) throw new NoRegularFile(`is ${kindOf(stats)}: name a file to write`);
  return { path: realpathSync(target), stats };
}

/** Links in a row, at most: what has more leads in a circle. */
const linksMax = 40;

/** Where a link leads to that has no file behind it yet. */
function endOfLinks(target: string): string {
  let path = resolve(target);
  for (let i = 0; i < linksMax; i++) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
    path = resolve(realpathSync(dirname(path)), readlinkSync(path));
  }
  throw Object.assign(new Error("too many links"), { code: "ELOOP" });
}

function reasonOf(error: unknown): string {
  return error instanceof NoRegularFile ? error.message : fileTrouble(error);
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException)?.code;

/**
 * Makes a folder, and those above it. One after the other: Node's own way never ends where a folder
 * takes no more, as in /proc.
 *
 * @throws {InputError} when it cannot be made.
 */
export function makeFolder(folder: string): void {
  try {
    const missing: string[] = [];
    for (let at = resolve(folder); statOf(at) === undefined; at = dirname(at)) missing.push(at);
    for (const at of missing.reverse()) makeOne(at);
    const stats = statSync(folder);
    if (!stats.isDirectory()) throw new NoRegularFile("is there already, and is no folder");
  } catch (cause) {
    throw new InputError(folder, `cannot be made a folder: ${reasonOf(cause)}`, { cause });
  }
}

const statOf = (path: string): Stats | undefined => {
  // The top is there, whatever else is not.
  if (dirname(path) === path) return statSync(path);
  return statSync(path, { throwIfNoEntry: false });
};

/** Somebody else may have made it since. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) !== "EEXIST" || statOf(folder)?.isDirectory() !== true) throw error;
  }
}

/**
 * The same ahead of long work, whose result would have nowhere to go: a draft is made there, and
 * removed.
 */
export function mustHaveRoom(folder: string): void {
  makeFolder(folder);
  try {
    const { path, file } = openDraft(folder, nodeDisk);
    closeSync(file);
    rmSync(path, { force: true });
  } catch (cause) {
    throw new InputError(folder, `cannot be written to: ${fileTrouble(cause)}`, { cause });
  }
}
