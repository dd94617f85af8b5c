/** The exports of a driver module, as JSON text. */
import { InputError } from "../../base/input-error.ts";
import type { Exports } from "./messages.ts";

/** Levels of plain data: a driver has fewer. */
const levelsMax = 300;

const wanted = ["driver", "drivers", "worlds", "expected"] as const;

/** @throws {InputError} whose place is the export's name. */
export function exportsToJson(module: Readonly<Record<string, unknown>>): string {
  const found: { -readonly [K in keyof Exports]: unknown } = {};
  for (const name of wanted) {
    if (module[name] === undefined) continue;
    mustBePlain(module[name], name, levelsMax);
    found[name] = module[name];
  }
  if (found.driver !== undefined && found.drivers !== undefined) {
    throw new InputError("drivers", "the file exports driver too: keep one of the two");
  }
  if (found.driver === undefined && found.drivers === undefined) {
    const others = Object.keys(module);
    const has =
      others.length === 0
        ? "nothing"
        : others
            .slice(0, 5)
            .map((one) => `\`${one}\``)
            .join(", ");
    const example = 'export const driver = defineDriver("name", (d) => { … })';
    throw new InputError("driver", `the file exports ${has}; it has to say: ${example}`);
  }
  return JSON.stringify(found);
}

/** The same for a configuration, which is what the module exports by default. */
export function configToJson(module: Readonly<Record<string, unknown>>): string {
  const config = module.default;
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new InputError("default", 'the file has to say: export default { drivers: ["drivers"] }');
  }
  mustBePlain(config, "default", levelsMax);
  return JSON.stringify(config);
}

/** JSON would drop or change all else without a word. */
function mustBePlain(value: unknown, path: string, levels: number): void {
  if (value === null || ["string", "boolean"].includes(typeof value)) return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (typeof value === "object") {
    if (levels === 0) throw new InputError(path.slice(0, 60), "contains itself, or is too deep");
    if (Array.isArray(value)) {
      // By index, since forEach leaves holes out.
      for (let i = 0; i < value.length; i++) mustBePlain(value[i], `${path}[${i}]`, levels - 1);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      for (const [key, member] of Object.entries(value)) {
        if (member !== undefined) mustBePlain(member, `${path}.${key}`, levels - 1);
      }
      return;
    }
  }
  throw new InputError(path, `${nameOf(value)} is no plain data${hintFor(value)}`);
}

function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
  }
  const name: unknown = value.constructor?.name;
  const isNamed = typeof name === "string" && name !== "" && name !== "Object";
  return isNamed
    ? `an object of class ${name.slice(0, 40)}`
    : "an object that inherits from another";
}

function hintFor(value: unknown): string {
  if (value instanceof Promise) return ": await it before it is exported";
  return typeof value === "function" ? ": export what defineDriver gives back" : "";
}
