/**
 * Plain data as JSON text, read once and by functions that were taken before any driver file ran:
 * what such a file changes of JavaScript's own objects changes nothing here.
 */
import { types } from "node:util";
import { InputError } from "../../base/input-error.ts";

const { getPrototypeOf, ownKeys } = Reflect;
const descriptorOf = Reflect.getOwnPropertyDescriptor;
const { hasOwn, prototype: objectPrototype } = Object;
const { isArray } = Array;
const { isFinite: isFiniteNumber } = Number;
const { stringify } = JSON;
const { isProxy, isPromise } = types;

/** Levels of plain data: a driver has fewer. */
const levelsMax = 300;

/** @throws {InputError} where JSON would drop or change something without a word. */
export function plainJson(value: unknown, path: string, levels = levelsMax): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "string") return stringify(value);
  if (typeof value === "number" && isFiniteNumber(value)) return stringify(value);
  if (typeof value !== "object") throw noPlainData(value, path);
  if (isProxy(value)) throw new InputError(path, "a proxy is no plain data");
  if (levels === 0) throw new InputError(path.slice(0, 60), "contains itself, or is too deep");
  if (isArray(value)) return list(value, path, levels - 1);
  const prototype: unknown = getPrototypeOf(value);
  if (prototype === objectPrototype || prototype === null) return members(value, path, levels - 1);
  throw noPlainData(value, path);
}

function list(value: readonly unknown[], path: string, levels: number): string {
  let text = "[";
  for (let i = 0; i < value.length; i++) {
    const at = `${path}[${i}]`;
    text += `${i === 0 ? "" : ","}${plainJson(dataIn(value, `${i}`, at), at, levels)}`;
  }
  return `${text}]`;
}

function members(value: object, path: string, levels: number): string {
  let text = "";
  const keys = ownKeys(value);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key !== "string" || descriptorOf(value, key)?.enumerable !== true) continue;
    const at = `${path}.${key}`;
    const member = dataIn(value, key, at);
    if (member === undefined) continue;
    text += `${text === "" ? "" : ","}${stringify(key)}:${plainJson(member, at, levels)}`;
  }
  return `{${text}}`;
}

/** What is there, without running anything for it; undefined for a hole. */
function dataIn(holder: object, key: string, path: string): unknown {
  const found = descriptorOf(holder, key);
  if (found === undefined) return undefined;
  if (hasOwn(found, "value")) return found.value;
  throw new InputError(path, "a getter is no plain data: export what it gives");
}

function noPlainData(value: unknown, path: string): InputError {
  return new InputError(path, `${nameOf(value)} is no plain data${hintFor(value)}`);
}

function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return typeof value === "number"
      ? stringify(`${value}`).slice(1, -1)
      : `a value of type ${typeof value}`;
  }
  const name: unknown = value.constructor?.name;
  const isNamed = typeof name === "string" && name !== "" && name !== "Object";
  return isNamed
    ? `an object of class ${name.slice(0, 40)}`
    : "an object that inherits from another";
}

function hintFor(value: unknown): string {
  if (isPromise(value)) return ": await it before it is exported";
  return typeof value === "function" ? ": export what defineDriver gives back" : "";
}
