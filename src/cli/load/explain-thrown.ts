/** What a driver file threw while it was loaded, as a place and a reason. */
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { InputError } from "../../base/input-error.ts";
import type { LoadFailure } from "./messages.ts";

/** @param file Absolute path of the driver file. */
export function explainThrown(thrown: unknown, file: string): LoadFailure {
  const own = plainPath(file);
  if (thrown instanceof InputError) return fromInputError(thrown, own);
  if (!(thrown instanceof Error)) return { reason: `throws ${short(describe(thrown))}` };
  const { name, message, stack } = readable(thrown);
  const transform = transformFault.exec(message);
  if (transform !== null) {
    const [, path, line, reason] = transform;
    return { ...placeOf(plainPath(path), line, own), reason: withAdvice(short(reason)) };
  }
  const said = short(withoutFolder(message, own));
  const missing = importFault.exec(message);
  if (missing !== null) return { ...lineOfImport(file, missing[1]), reason: said };
  const place = name === "SyntaxError" ? lineOfSyntaxFault(file) : placeInStack(stack, own);
  // Of the stack nothing is left to tell a place by.
  const isTooDeep = name === "RangeError" && said.startsWith("Maximum call stack");
  const why = isTooDeep ? "something in it is nested, or calls itself, too deeply" : said;
  return { ...place, reason: `${short(name)}: ${why || "(no message)"}` };
}

/** Characters of somebody else's words that are repeated. */
const saidMax = 400;
const short = (text: string): string =>
  text.length <= saidMax ? text : `${text.slice(0, saidMax)}…`;

type Place = Pick<LoadFailure, "line" | "file">;

/** esbuild, which takes the types away: "/x/acme.ts:2:10: ERROR: Unexpected "="". */
const transformFault = /^(.+?):(\d+):\d+: ERROR: (.+)$/m;
/** The functions of a driver are no loops of JavaScript's, though they look like them. */
const withAdvice = (reason: string): string =>
  /^Cannot use "(?:break|continue)" here/.test(reason)
    ? `${reason.replace(/:$/, "")}: a loop of the driver that ends when something holds is a.poll({ until: () => condition, limit: … }, () => { … }), and a.return() leaves the routine`
    : reason;

const importFault = /^(?:Cannot find (?:module|package)|The requested module) '([^']+)'/;

/** The builder names a file by its last two segments, so as to be the same everywhere. */
function fromInputError({ place, reason }: InputError, own: string): LoadFailure {
  const match = /^(.*):(\d+)$/.exec(place);
  if (match === null) return { part: place, reason };
  const folder = posix.dirname(own);
  const path = posix.join(posix.dirname(folder), match[1]);
  // A file of a third folder keeps the name that the builder gave it.
  const near = path === own || path.startsWith(`${folder}/`);
  return { ...(near ? placeOf(path, match[2], own) : { part: place }), reason };
}

/** The innermost frame in the driver file, else in a file of its folder. */
function placeInStack(stack: string, own: string): Place {
  const frames = stack.split("\n").flatMap((line) => {
    const match = /^\s*at (?:.*\()?((?:file:\/\/)?[^()]+?):(\d+):\d+\)?$/.exec(line);
    return match === null ? [] : [{ path: plainPath(match[1]), line: match[2] }];
  });
  const folder = `${posix.dirname(own)}/`;
  const frame =
    frames.find(({ path }) => path === own) ?? frames.find(({ path }) => path.startsWith(folder));
  return frame === undefined ? {} : placeOf(frame.path, frame.line, own);
}

function placeOf(path: string, line: string, own: string): Place {
  if (path === own) return { line: Number(line) };
  const isNear = driveOf(path) === driveOf(own);
  return { file: isNear ? posix.relative(posix.dirname(own), path) : path, line: Number(line) };
}

/** `c:` of Windows; nothing elsewhere. */
const driveOf = (path: string): string => (/^[A-Za-z]:/.exec(path)?.[0] ?? "").toLowerCase();

/** The line that imports what is missing. */
function lineOfImport(file: string, missing: string): Place {
  const name = posix.basename(plainPath(missing));
  const lines = readFileSync(file, "utf8").split(/\r\n|[\r\n]/);
  const at = lines.findIndex((line) => /\b(?:import|from)\b/.test(line) && line.includes(name));
  return at === -1 ? {} : { line: at + 1 };
}

/** Node gives no line for what it cannot parse; for plain JavaScript acorn does. */
function lineOfSyntaxFault(file: string): Place {
  try {
    parse(readFileSync(file, "utf8"), { ecmaVersion: "latest", sourceType: "module" });
  } catch (error) {
    const { loc } = error as { loc?: { line?: unknown } };
    if (typeof loc?.line === "number") return { line: loc.line };
  }
  return {};
}

/** An error whose own members throw, or are no texts, is still an error. */
function readable(error: Error): { name: string; message: string; stack: string } {
  const text = (read: () => unknown): string => {
    try {
      return String(read() ?? "");
    } catch {
      return "";
    }
  };
  return {
    name: text(() => error.name) || "Error",
    message: text(() => error.message),
    stack: text(() => error.stack),
  };
}

function describe(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return "something that cannot be shown";
  }
}

function plainPath(path: string): string {
  const plain = path.startsWith("file://") ? fileURLToPath(path.replace(/\?.*$/, "")) : path;
  return plain.replaceAll("\\", "/");
}

/** Messages name files by their full path; from the driver's folder they are short. */
function withoutFolder(message: string, own: string): string {
  return message.replaceAll("\\", "/").replaceAll(`${posix.dirname(own)}/`, "");
}
