/** What a reviewer has seen: a file beside the driver file, which `loophole drift --accept` writes. */
import { existsSync } from "node:fs";
import * as z from "zod";
import { InputError } from "../../base/input-error.ts";
import { printJson } from "../../corpus/json-text.ts";
import { readWith } from "../../corpus/read.ts";
import { readText } from "../../corpus/text-file.ts";
import { writeWhole } from "../../corpus/whole-file.ts";

const text = z.string().min(1);

const reviewedSchema = z.strictObject({
  driver: text,
  routine: text.meta({ description: "Of the model." }),
  function: text.meta({ description: "Of the C source." }),
  file: text.meta({ description: "From the top of the sources, with forward slashes." }),
  line: z.int().min(1).meta({ description: "The function's first line, when it was reviewed." }),
  hash: z
    .string()
    .regex(/^[0-9a-f]{16}$/, "is no hash: 16 hexadecimal digits")
    .meta({
      description: "Of the function's tokens: white space and comments do not count.",
    }),
  anchors: z.array(text).meta({ description: "Places of the model that lie in the function." }),
});

/** A function whose text was reviewed for a routine. */
export type Reviewed = z.infer<typeof reviewedSchema>;

const fileSchema = z
  .strictObject({
    loophole: z.literal("reviewed"),
    version: z.literal(1),
    functions: z.array(reviewedSchema),
  })
  .meta({ id: "Reviewed", title: "The C functions that a driver's model was reviewed against" });

/** `drivers/acme.driver.ts` has `drivers/acme.driver.reviewed.json`. */
export const reviewedName = (file: string): string =>
  `${file.replace(/\.(?:ts|js|mjs|json)$/, "")}.reviewed.json`;

/** @throws {InputError} when there is such a file, and it is none. */
export function readReviewed(file: string): readonly Reviewed[] {
  if (!existsSync(file)) return [];
  let value: unknown;
  try {
    value = JSON.parse(readText(file, file));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(file, "is no JSON", { cause });
  }
  return readWith(fileSchema, value, file).functions;
}

export function writeReviewed(file: string, functions: readonly Reviewed[]): void {
  writeWhole(file, printJson({ loophole: "reviewed", version: 1, functions }));
}
