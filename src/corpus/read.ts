/** Values that claim to be drivers, worlds and counterexamples become such, or an input error. */
import type { z } from "zod";
import { InputError } from "../base/input-error.ts";
import type { DriverModel } from "../language/model.ts";
import type { Language } from "../language/shape.ts";
import { checkDriver, type Path, showPath } from "../language/validate.ts";
import { explainIssue } from "../language/validate-issue.ts";
import { apiTable } from "../windows/api/table.ts";
import { families } from "../windows/families/table.ts";
import type { Counterexample } from "./counterexample.ts";
import { envelopeSchema } from "./schema.ts";

const language: Language = { apis: apiTable, families };

/**
 * The driver that `value` is.
 *
 * @param path Where in the file it stands, for messages.
 */
export function readDriver(value: unknown, place: string, path: Path = []): DriverModel {
  return checkDriver(value, language, (inner, reason) =>
    refuse(place, [...path, ...inner], reason),
  );
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
  const issue = explainIssue(parsed.error.issues[0], value);
  return refuse(place, [...path, ...issue.path], issue.reason);
}

/** The counterexample that `value` is, its keys in the order in which it is saved. */
export function readCounterexample(value: unknown, place: string): Counterexample {
  const { scenario, ...rest } = readWith(envelopeSchema, value, place);
  const drivers = scenario.drivers.map((driver, i) =>
    readDriver(driver, place, ["scenario", "drivers", i]),
  );
  mustDiffer(drivers, place, ["scenario", "drivers"]);
  return { ...rest, scenario: { drivers, world: scenario.world } };
}

/** Drivers of one machine have names of their own. */
export function mustDiffer(drivers: readonly DriverModel[], place: string, path: Path = []): void {
  const names = drivers.map((driver) => driver.name);
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice !== -1) {
    refuse(place, [...path, twice, "name"], `a second driver is named ${names[twice]}`);
  }
}

function refuse(place: string, path: Path, reason: string): never {
  throw new InputError(path.length === 0 ? place : `${place}: ${showPath(path)}`, reason);
}
