/**
 * A campaign's folder has one owner at a time: a file in it says who. Whoever finds an owner that is
 * gone takes its place. The file of the successor is made under a name that holds the gone owner's
 * token, which only one process can make, so that of several successors one remains.
 */
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { InputError } from "../../base/input-error.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import { writeWhole } from "../../corpus/whole-file.ts";
import { isAnother } from "./processes.ts";

export const lockName = "campaign.lock";

interface Owner {
  readonly process: number;
  readonly host: string;
  /** Of this one lock, and of no other. */
  readonly token: string;
}

export interface FolderLock {
  /** @throws {InputError} when somebody else owns the folder by now. */
  check(): void;
  release(): void;
}

/** Milliseconds between two signs of life, and without one before an owner counts as gone. */
const signMs = 5_000;
const silenceMs = 60_000;

/** Locks of this process: of its own number only these live. */
const held = new Set<string>();

/** @throws {InputError} when another campaign works in the folder. */
export function lockFolder(folder: string): FolderLock {
  const file = join(folder, lockName);
  const token = randomUUID().slice(0, 8);
  const draft = join(folder, `.${lockName}-${token}.tmp`);
  const owner: Owner = { process: process.pid, host: hostname(), token };
  writeWhole(draft, `${JSON.stringify(owner)}\n`);
  try {
    take(file, draft, folder);
  } finally {
    rmSync(draft, { force: true });
  }
  held.add(token);
  const isOurs = (): boolean => ownerOf(file)?.token === token;
  const timer = setInterval(() => {
    if (isOurs()) giveSign(file);
  }, signMs);
  timer.unref();
  const release = (): void => {
    clearInterval(timer);
    process.off("exit", release);
    if (held.delete(token) && isOurs()) rmSync(file, { force: true });
  };
  process.once("exit", release);
  return {
    check() {
      if (!isOurs())
        throw new InputError(forwardSlashes(file), "was taken over by another campaign");
    },
    release,
  };
}

/** Generations of owners that are all gone: more than one is a kill at a rare moment. */
const generationsMax = 4;

/** Makes `file` from `draft`, if nobody has it who lives. */
function take(file: string, draft: string, folder: string, generation = 0): void {
  for (;;) {
    if (linked(draft, file)) return;
    const owner = ownerOf(file);
    // Given back since.
    if (owner === undefined && ageMs(file) === undefined) continue;
    if (owner === undefined ? !isSilent(file) : lives(owner, file))
      throw inUse(folder, file, owner);
    if (generation === generationsMax) throw inUse(folder, file, owner);
    const successor = `${file}.${owner?.token ?? "nobody"}`;
    take(successor, draft, folder, generation + 1);
    // Nobody but the successor replaces this owner, so what is read now holds.
    if (ownerOf(file)?.token === owner?.token) {
      renameSync(successor, file);
      return;
    }
    rmSync(successor, { force: true });
  }
}

/** All of it at once, or not at all: whoever finds it can read who made it. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new InputError(forwardSlashes(file), "cannot be made: the disk knows no links", {
      cause: error,
    });
  }
}

function ownerOf(file: string): Owner | undefined {
  try {
    const { process: id, host, token } = JSON.parse(readFileSync(file, "utf8")) as Partial<Owner>;
    const isOne = typeof id === "number" && typeof host === "string" && /^\w{8}$/.test(`${token}`);
    return isOne ? { process: id, host, token: `${token}` } : undefined;
  } catch {
    return undefined;
  }
}

/** Beside us a process tells by itself; of another machine's, and of a number used anew, its signs. */
function lives(owner: Owner, file: string): boolean {
  if (held.has(owner.token)) return true;
  if (owner.host === hostname() && !isAnother(owner.process)) return false;
  return !isSilent(file);
}

const isSilent = (file: string): boolean => (ageMs(file) ?? 0) > silenceMs;

function ageMs(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : Date.now() - stats.mtimeMs;
}

function giveSign(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Ahead of the next write it is looked whose the folder is.
  }
}

function inUse(folder: string, file: string, owner: Owner | undefined): InputError {
  const who = owner === undefined ? "" : ` (process ${owner.process} on ${owner.host})`;
  return new InputError(
    forwardSlashes(folder),
    `another campaign works in this folder${who}: wait for its end, or name another folder; if there is none, remove ${forwardSlashes(file)}`,
  );
}
