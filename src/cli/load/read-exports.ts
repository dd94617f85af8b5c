/** What a driver file exports, or is, read as drivers, worlds and what is known of them. */
import { z } from "zod";
import { InputError } from "../../base/input-error.ts";
import type { Expectation } from "../../campaign/report.ts";
import { parseJson } from "../../corpus/json-text.ts";
import { mustDiffer, readDriver, readWith } from "../../corpus/read.ts";
import { outcomes } from "../../corpus/schema.ts";
import { worldSchema } from "../../corpus/world-schema.ts";
import type { LoadedFile } from "./loaded-file.ts";
import type { Exports } from "./messages.ts";

const driversMax = 16;
const driverList = z.array(z.unknown()).min(1, "no driver is in this list").max(driversMax);
const worldList = z
  .array(worldSchema)
  .min(1, "no world is in this list; without it, Loophole supplies worlds")
  .max(1_000);
const expectation: z.ZodType<Expectation> = z.partialRecord(
  z.enum(outcomes),
  z.array(z.string().min(1)),
);

/** @param file As given: the place of messages. */
export function readExports(file: string, exports: Exports): LoadedFile {
  const drivers =
    exports.drivers === undefined
      ? [readDriver(exports.driver, file, ["driver"])]
      : readWith(driverList, exports.drivers, file, ["drivers"]).map((driver, i) =>
          readDriver(driver, file, ["drivers", i]),
        );
  mustDiffer(drivers, file, ["drivers"]);
  const { worlds, expected } = exports;
  return {
    file,
    subject: {
      drivers,
      ...(worlds === undefined ? {} : { worlds: readWith(worldList, worlds, file, ["worlds"]) }),
    },
    expected:
      expected === undefined ? undefined : readWith(expectation, expected, file, ["expected"]),
  };
}

/** A driver as JSON. */
export function readJsonDriver(file: string, text: string): LoadedFile {
  const value = parseJson(text, file);
  if (typeof value === "object" && value !== null && "loophole" in value) {
    if (value.loophole === "counterexample") {
      throw new InputError(file, "is a counterexample, not a driver: `loophole replay` runs it");
    }
  }
  return { file, subject: { drivers: [readDriver(value, file)] }, expected: undefined };
}
