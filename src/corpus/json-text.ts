/** JSON as people write and read it: faults with their line, and printing that suits diffs. */
import { InputError } from "../base/input-error.ts";
import { jsonFault } from "./json-fault.ts";

/**
 * The value of a JSON text; CRLF and LF are alike.
 *
 * @throws {InputError} at `place:line`.
 */
export function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const fault = jsonFault(text);
    if (fault === undefined) throw new InputError(place, "is not JSON", { cause });
    throw new InputError(`${place}:${lineAt(text, fault.offset)}`, fault.reason, { cause });
  }
}

/** 1 for the first line; CR, LF and CRLF end one. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|[\r\n]/).length;
}

/** Columns of a line of printed JSON, where it can be broken. */
export const jsonWidthMax = 100;

/**
 * JSON with 2 spaces of indentation, keys in the order of the data; what is short stays on one
 * line. Members that are `undefined` are left out. Ends in a newline.
 */
export function printJson(value: unknown): string {
  return `${print(value, 0, 0, true)}\n`;
}

/** @param used Columns that the line has already, the indentation apart. */
function print(value: unknown, indent: number, used: number, isRoot = false): string {
  if (!isContainer(value)) return JSON.stringify(value);
  const room = jsonWidthMax - indent - used - 1;
  const line = isRoot || hasSeveralContainers(value) ? undefined : oneLine(value, room);
  if (line !== undefined) return line;
  const inner = " ".repeat(indent + 2);
  const parts = Array.isArray(value)
    ? value.map((item) => `${inner}${print(item, indent + 2, 0)}`)
    : membersOf(value).map(([key, member]) => {
        const name = `${JSON.stringify(key)}: `;
        return `${inner}${name}${print(member, indent + 2, name.length)}`;
      });
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${parts.join(",\n")}\n${" ".repeat(indent)}${close}`;
}

/** Lists of objects go one a line, so that a diff shows which has changed. */
function hasSeveralContainers(value: object): boolean {
  return Array.isArray(value) && value.filter(isContainer).length > 1;
}

/** All on one line, if that is at most `room` wide. */
function oneLine(value: unknown, room: number): string | undefined {
  if (room < 0) return undefined;
  if (!isContainer(value)) {
    const text = JSON.stringify(value);
    return text.length <= room ? text : undefined;
  }
  if (hasSeveralContainers(value)) return undefined;
  const isList = Array.isArray(value);
  const parts: string[] = [];
  let left = room - (isList ? 2 : 4);
  for (const [key, member] of isList ? value.entries() : membersOf(value)) {
    const name = isList ? "" : `${JSON.stringify(key)}: `;
    const text = oneLine(member, left - name.length);
    if (text === undefined) return undefined;
    parts.push(name + text);
    left -= name.length + text.length + 2;
  }
  if (parts.length === 0) return isList ? "[]" : "{}";
  return isList ? `[${parts.join(", ")}]` : `{ ${parts.join(", ")} }`;
}

function membersOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
