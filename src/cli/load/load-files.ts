/** Driver files, of whatever kind, become subjects to judge. */
import { availableParallelism } from "node:os";
import { extname, posix, resolve } from "node:path";
import { InputError } from "../../base/input-error.ts";
import { forwardSlashes, isFolder } from "../../corpus/files.ts";
import { readText } from "../../corpus/text-file.ts";
import type { Extension } from "../../language/shape.ts";
import { InputErrors, RemoteFault } from "../exit.ts";
import { inOrder } from "../judge/pool.ts";
import type { LoadedFile } from "./loaded-file.ts";
import { type Attempt, type LoaderOptions, type Loading, loadModule } from "./loader.ts";
import type { LoadFailure } from "./messages.ts";
import { readExports, readJsonDriver } from "./read-exports.ts";
import { exportsIn } from "./replies.ts";

/**
 * Loads all of the files, in their order; one that is named twice, once.
 *
 * @returns undefined when it was stopped.
 * @throws {InputErrors} with one line for each file that is no driver file.
 */
export async function loadFiles(
  files: readonly string[],
  options: LoaderOptions & { readonly extension?: Extension },
): Promise<LoadedFile[] | undefined> {
  const read = new Map<string, LoadedFile | InputError>();
  const modules: string[] = [];
  for (const file of new Set(files.map(forwardSlashes))) {
    read.set(file, await refused(() => readUnlessModule(file, modules, options.extension)));
  }
  const isDone = await loadModules(modules, options, async (file, attempt) => {
    read.set(file, await refused(() => fromAttempt(file, attempt, options.extension)));
  });
  const loaded: LoadedFile[] = [];
  const errors: InputError[] = [];
  for (const one of read.values()) {
    if (one instanceof InputError) errors.push(one);
    else loaded.push(one);
  }
  if (errors.length > 0) throw new InputErrors(errors);
  return isDone ? loaded : undefined;
}

type Loaded = Exclude<Attempt, { kind: "stopped" } | { kind: "fault" }>;

/** Reads JSON; leaves modules to the loading process, if they are there. */
async function readUnlessModule(
  file: string,
  modules: string[],
  extension: Extension | undefined,
): Promise<LoadedFile> {
  if (isFolder(file)) {
    throw new InputError(file, "is a folder: `loophole suite` judges the driver files in one");
  }
  const text = readText(file, file);
  switch (extname(file)) {
    case ".json":
      return readJsonDriver(file, text, extension);
    case ".ts":
    case ".js":
    case ".mjs":
      modules.push(file);
      return { file, subject: { drivers: [] }, expected: undefined };
    default:
      throw new InputError(file, "is no driver file: those end in .ts, .js, .mjs or .json");
  }
}

async function fromAttempt(
  file: string,
  attempt: Loaded,
  extension: Extension | undefined,
): Promise<LoadedFile> {
  if (attempt.kind !== "loaded") throw placed(file, attempt.failure);
  const exports = exportsIn(attempt.json);
  if (exports === undefined) throw new InputError(file, "exports what is no driver");
  return readExports(file, exports, extension);
}

/** A failure to load, as a mistake with its place. */
export function placed(driverFile: string, { line, file, part, reason }: LoadFailure): InputError {
  const path = file === undefined ? driverFile : fromFolder(posix.dirname(driverFile), file);
  const place = line === undefined ? path : `${path}:${line}`;
  return new InputError(part === undefined ? place : `${place}: ${part}`, reason);
}

/** A file of another drive has no path from here. */
const fromFolder = (folder: string, file: string): string =>
  /^[A-Za-z]:\//.test(file) ? file : posix.join(folder, file);

async function refused<T>(read: () => Promise<T>): Promise<T | InputError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Each in a process of its own, as many at a time as there are processors. */
async function loadModules(
  files: readonly string[],
  options: LoaderOptions,
  take: (file: string, attempt: Loaded) => Promise<void>,
): Promise<boolean> {
  const loaded: Loading[] = [];
  await inOrder(
    files.length,
    Math.min(availableParallelism(), atOnceMax),
    (index) => loadModule(resolve(files[index]), "driver", options),
    (_index, loading) => loaded.push(loading),
    () => loaded.some(({ attempt }) => attempt.kind === "stopped"),
  );
  for (const [i, { attempt, printed }] of loaded.entries()) {
    if (attempt.kind === "stopped") return false;
    if (attempt.kind === "fault") throw new RemoteFault(attempt.message, attempt.stack);
    if (printed !== "") options.onOutput(printed);
    await take(files[i], attempt);
  }
  return loaded.length === files.length;
}

/** Each may take much memory. */
const atOnceMax = 4;
