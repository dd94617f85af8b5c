/** The shape of what `loophole fuzz --json` prints. */
import * as z from "zod";
import { outcomes } from "../../corpus/schema.ts";
import { needsLadder } from "../../judge/needs.ts";

const whole = z.int().min(0);

const statisticsSchema = z.strictObject({
  statements: whole,
  routines: whole,
  threads: whole,
  states: whole,
  operations: whole.meta({ description: "Operations of the drivers." }),
  reached: whole.meta({ description: "Those that some run came to." }),
  exhausted: whole.meta({ description: "Runs whose every state, without times, was compared." }),
  largest: whole.meta({ description: "The largest driver, in statements." }),
  calls: z.record(z.string(), whole).meta({ description: "Runs in which a call occurs." }),
  families: z.record(z.string(), whole).meta({ description: "The same for forms of callbacks." }),
});

const mechanismSchema = z.strictObject({
  outcome: z.enum(outcomes),
  mechanism: z
    .string()
    .meta({ description: "The wait graph with names and counts erased; equal for equal causes." }),
  count: whole.meta({ description: "Runs that showed it." }),
  oneIn: whole.meta({ description: "It came up once in so many runs." }),
  first: whole.meta({ description: "The first of these runs, from 0." }),
  statements: whole.meta({ description: "Statements of the shrunk drivers." }),
  needs: z.enum(needsLadder).optional().meta({ description: "What its world needed." }),
  identity: z.string().optional(),
  possible: z
    .boolean()
    .optional()
    .meta({ description: "Found in the untimed reading only: no timing of ours shows it." }),
  steps: whole.optional().meta({ description: "Steps of the counterexample." }),
  rules: z.array(z.string()).optional(),
  file: z.string().optional().meta({ description: "The counterexample, with forward slashes." }),
});

export const campaignSchema = z
  .strictObject({
    loophole: z.literal("campaign"),
    version: z.literal(1),
    seed: z.string(),
    runs: whole,
    spent: whole.meta({ description: "Operations of the model, over all runs." }),
    complete: z.boolean().meta({ description: "Nothing stopped it before its end." }),
    mechanisms: z.array(mechanismSchema),
    statistics: statisticsSchema.meta({ description: "What was tried: sums over all runs." }),
    faults: z
      .array(z.strictObject({ run: whole, message: z.string() }))
      .meta({ description: "Runs that a fault of Loophole itself ended." }),
  })
  .meta({ id: "Campaign", title: "What loophole fuzz found" });

/** JSON Schema (draft 2020-12) of the report of a campaign. */
export function campaignJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(campaignSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}
