/** What a driver file exports, or is, read as drivers, worlds and what is known of them. */
import * as z from "zod";
import { InputError } from "../../base/input-error.ts";
import type { Expectation } from "../../campaign/report.ts";
import { parseJson } from "../../corpus/json-text.ts";
import { mustDiffer, readDriver, readDriverWith, readWith } from "../../corpus/read.ts";
import { outcomes } from "../../corpus/schema.ts";
import { worldSchemaWith } from "../../corpus/world-schema.ts";
import type { DriverModel } from "../../language/model.ts";
import type { Extension } from "../../language/shape.ts";
import type { Path } from "../../language/validate.ts";
import { languageOf } from "../../windows/language.ts";
import type { LoadedFile } from "./loaded-file.ts";
import type { Exports } from "./messages.ts";

const driversMax = 16;
const driverList = z.array(z.unknown()).min(1, "no driver is in this list").max(driversMax);
const worldList = (drivers: readonly DriverModel[]) =>
  z
    .array(worldSchemaWith(languageOf(drivers).actions))
    .min(1, "no world is in this list; without it, Loophole supplies worlds")
    .max(1_000);
const expectation: z.ZodType<Expectation> = z.partialRecord(
  z.enum(outcomes),
  z.array(z.string().min(1)),
);

/**
 * @param file As given: the place of messages.
 * @param extension What the configuration adds to the tables.
 */
export function readExports(
  file: string,
  exports: Exports,
  extension: Extension | undefined,
): LoadedFile {
  const drivers =
    exports.drivers === undefined
      ? [read(exports.driver, extension, file, ["driver"])]
      : readWith(driverList, exports.drivers, file, ["drivers"]).map((driver, i) =>
          read(driver, extension, file, ["drivers", i]),
        );
  mustDiffer(drivers, file, ["drivers"]);
  const { worlds, expected } = exports;
  return {
    file,
    subject: {
      drivers,
      ...(worlds === undefined
        ? {}
        : { worlds: readWith(worldList(drivers), worlds, file, ["worlds"]) }),
    },
    expected:
      expected === undefined ? undefined : readWith(expectation, expected, file, ["expected"]),
  };
}

function read(
  value: unknown,
  extension: Extension | undefined,
  file: string,
  path: Path = [],
): DriverModel {
  return extension === undefined
    ? readDriver(value, file, path)
    : readDriverWith(value, extension, file, path);
}

/** A driver as JSON. */
export function readJsonDriver(
  file: string,
  text: string,
  extension: Extension | undefined,
): LoadedFile {
  const value = parseJson(text, file);
  if (typeof value === "object" && value !== null && "loophole" in value) {
    if (value.loophole === "counterexample") {
      throw new InputError(file, "is a counterexample, not a driver: `loophole replay` runs it");
    }
  }
  return { file, subject: { drivers: [read(value, extension, file)] }, expected: undefined };
}
