/** Values that claim to be drivers, worlds and counterexamples become such, or an input error. */
import type { z } from "zod";
import { InputError } from "../base/input-error.ts";
import { joined, withUsed } from "../language/extension.ts";
import type { DriverModel } from "../language/model.ts";
import type { Extension } from "../language/shape.ts";
import { checkDriver, type Path, showPath } from "../language/validate.ts";
import { explainIssues } from "../language/validate-issue.ts";
import { languageOf, windowsTables } from "../windows/language.ts";
import type { World } from "../windows/scenario.ts";
import type { Counterexample } from "./counterexample.ts";
import { envelopeSchema } from "./schema.ts";
import { worldSchemaWith } from "./world-schema.ts";

/**
 * The driver that `value` is.
 *
 * @param path Where in the file it stands, for messages.
 */
export function readDriver(value: unknown, place: string, path: Path = []): DriverModel {
  return checkDriver(value, windowsTables, (inner, reason) =>
    refuse(place, [...path, ...inner], reason),
  );
}

/** The same for one that may use these tables besides those that it brings. */
export function readDriverWith(
  value: unknown,
  extension: Extension,
  place: string,
  path: Path = [],
): DriverModel {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return readDriver(value, place, path);
  }
  const given = (value as Partial<DriverModel>).extension;
  const whole = given === undefined ? extension : joined([given, extension]);
  const driver = readDriver({ ...value, extension: whole }, place, path);
  return readDriver(withUsed(driver, driver.extension), place, path);
}

/** What these drivers' worlds can hold. */
function readWorld(
  value: unknown,
  drivers: readonly DriverModel[],
  place: string,
  path: Path = [],
): World {
  return readWith(worldSchemaWith(languageOf(drivers).actions), value, place, path);
}

/** What a schema makes of `value`, its keys in the schema's order. */
export function readWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  place: string,
  path: Path = [],
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = explainIssues(parsed.error.issues, value);
  return refuse(place, [...path, ...issue.path], issue.reason);
}

/** The counterexample that `value` is, its keys in the order in which it is saved. */
export function readCounterexample(value: unknown, place: string): Counterexample {
  const { scenario, ...rest } = readWith(envelopeSchema, value, place);
  const drivers = scenario.drivers.map((driver, i) =>
    readDriver(driver, place, ["scenario", "drivers", i]),
  );
  mustDiffer(drivers, place, ["scenario", "drivers"]);
  const world = readWorld(scenario.world, drivers, place, ["scenario", "world"]);
  return { ...rest, scenario: { drivers, world } };
}

/** Drivers of one machine have names of their own, and mean the same by the names of the tables. */
export function mustDiffer(drivers: readonly DriverModel[], place: string, path: Path = []): void {
  try {
    languageOf(drivers);
  } catch (error) {
    if (error instanceof InputError) refuse(place, path, error.reason);
    throw error;
  }
  const names = drivers.map((driver) => driver.name);
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice !== -1) {
    refuse(place, [...path, twice, "name"], `a second driver is named ${names[twice]}`);
  }
}

function refuse(place: string, path: Path, reason: string): never {
  throw new InputError(path.length === 0 ? place : `${place}: ${showPath(path)}`, reason);
}
