/** The shape of what `loophole drift --json` prints. */
import * as z from "zod";

export const driftSchema = z
  .strictObject({
    loophole: z.literal("drift"),
    version: z.literal(1),
    drifted: z.boolean().meta({ description: "Something is changed, missing or new." }),
    files: z.array(
      z.strictObject({
        file: z.string(),
        functions: z.array(
          z.strictObject({
            driver: z.string(),
            routine: z.string().meta({ description: "Of the model." }),
            standing: z.enum(["same", "moved", "changed", "missing", "new"]),
            function: z.string().optional().meta({ description: "Of the C source." }),
            at: z.string().meta({ description: "Where it is, or where it should be." }),
            was: z.string().optional().meta({ description: "Where it was, if elsewhere." }),
          }),
        ),
      }),
    ),
  })
  .meta({ id: "Drift", title: "Which C functions changed since a model was reviewed" });

/** JSON Schema (draft 2020-12) of what `--json` prints. */
export function driftJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(driftSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}
