/** The JSON Schema of driver files, for editors that complete and check them. */
import * as z from "zod";
import { driverSchema } from "./validate-schema.ts";

/**
 * JSON Schema (draft 2020-12) of the shape of a driver file. What it accepts still has to make
 * sense: names are resolved, and calls checked against the table, only by `validateDriver`.
 */
export function driverJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(driverSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}
