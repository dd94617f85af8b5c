/**
 * Where in the user's own source something was written, read from a stack trace.
 *
 * The text of the stack is read, not its call sites: only the text goes through the source maps
 * of whatever loads TypeScript.
 */
import { fileURLToPath } from "node:url";

/** A moment in the user's code. Its place is worked out only when a message needs it. */
export interface Origin {
  readonly trace: { readonly stack?: string | undefined };
}

/** Deep enough for the builder's own frames; the user's first frame is right above them. */
const framesMax = 30;

/** Remembers from where the builder was called. */
export function origin(): Origin {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = framesMax;
  const trace = new Error("origin");
  Error.stackTraceLimit = limit;
  return { trace };
}

/** `drivers/acme.ts:12`: the innermost frame outside the builder; undefined if there is none. */
export function sourcePlace({ trace }: Origin): string | undefined {
  for (const line of (trace.stack ?? "").split("\n")) {
    const frame = parseFrame(line);
    if (frame !== undefined && !isOwn(frame.path))
      return `${lastSegments(frame.path)}:${frame.line}`;
  }
  return undefined;
}

const framePattern = /^\s*at (?:.*\()?((?:file:\/\/)?[^()]+?):(\d+):\d+\)?$/;

function parseFrame(text: string): { path: string; line: string } | undefined {
  const match = framePattern.exec(text);
  if (match === null || match[1].startsWith("node:")) return undefined;
  return { path: plainPath(match[1]), line: match[2] };
}

function plainPath(url: string): string {
  const path = url.startsWith("file://") ? fileURLToPath(url) : url;
  // Module loaders mark versions of a file with a query.
  return path.replaceAll("\\", "/").replace(/\?.*$/, "");
}

const ownFile = plainPath(import.meta.url);

/** In a package our modules are put together in files of one folder, none of which is a user's. */
const isTogether = !/\/place\.ts$/.test(ownFile);

const ownFolder = folderOf(ownFile);

const definersFolder = folderOf(plainPath(new URL("../windows/x", import.meta.url).href));

/** Whether a frame is of the builder and its kin: they stand in this folder, but for the tables'. */
function isOwn(path: string): boolean {
  const folder = folderOf(path);
  if (isTogether) return folder === ownFolder;
  const file = path.slice(folder.length);
  if (folder === definersFolder) return /^define-driver\./.test(file);
  return folder === ownFolder && /^(?:builder|place|validate)/.test(file);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** The file and its folder: enough to find it, and the same on every machine. */
function lastSegments(path: string): string {
  return path.split("/").slice(-2).join("/");
}
