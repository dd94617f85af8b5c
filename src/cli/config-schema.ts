/** The shape of `loophole.config.ts`. */
import * as z from "zod";
import { scopes } from "../campaign/report.ts";
import { timesSchema } from "../corpus/world-schema.ts";
import { extensionSchema } from "../language/validate-extension-schema.ts";

const path = z.string().regex(/\S/, "is empty");

export const configSchema = z
  .strictObject({
    drivers: z.array(path).min(1, "names no folder").optional().meta({
      description: "Folders for suite, where none is named.",
    }),
    scope: z.enum(scopes).optional().meta({ description: "How many worlds are tried." }),
    budget: z
      .int()
      .min(1, "is no whole number of operations, such as 2_000_000")
      .optional()
      .meta({ description: "Operations of the model for one driver file." }),
    baseline: path.optional().meta({ description: "Findings that are accepted." }),
    times: timesSchema.optional(),
    apis: extensionSchema.shape.apis.optional(),
    families: extensionSchema.shape.families.optional(),
    rules: extensionSchema.shape.rules.optional(),
  })
  .meta({ id: "Config", title: "What a folder's loophole.config.ts exports" });

/** What `check`, `suite` and `fuzz` take from their folder, where the command line says nothing. */
export type Config = z.infer<typeof configSchema>;

/** A configuration, as it is: for the types. */
export const defineConfig = (config: Config): Config => config;

/** JSON Schema (draft 2020-12) of a configuration. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}
