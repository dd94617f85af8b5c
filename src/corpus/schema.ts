/** The shape of a corpus file, and nothing of its meaning. Loaded only when a file is read. */
import * as z from "zod";
import { limited, type Outcome } from "../judge/finding.ts";
import { needsLadder } from "../judge/needs.ts";
import { driverSchema } from "../language/validate-schema.ts";
import type { Counterexample, FindingSummary } from "./counterexample.ts";
import { type Exactly, listMax, name, texts } from "./schema-parts.ts";
import { worldSchema } from "./world-schema.ts";

export const outcomes = [
  "deadlock",
  "livelock",
  "latency",
  "crash",
  "rule",
] as const satisfies readonly Outcome[];

const findingSchema = z.strictObject({
  outcome: z.enum(outcomes),
  possible: z.boolean().meta({ description: "Found in the untimed reading only." }),
  timedSearch: z
    .enum(["complete", "cut"])
    .optional()
    .meta({ description: "What is only possible: whether all runs with times were searched." }),
  property: z.enum(["deadlock-freedom", "bounded-latency", "no-crash", "rules"]),
  // Empty where the harm is in none of the drivers' own operations.
  driver: texts,
  family: texts,
  mechanism: texts.meta({ description: "The wait graph with names and counts erased." }),
  identity: texts.meta({ description: "The driver's operations that wait, by stable id." }),
  needs: z.enum(needsLadder).meta({ description: "What the world needed, on the ladder." }),
  rules: z.array(name).max(listMax).meta({ description: "Rules broken in the run." }),
  latencyUs: z.number().min(0).optional().meta({ description: "Microseconds." }),
  budget: z
    .strictObject({ of: z.enum(limited), us: z.number().min(0) })
    .optional()
    .meta({ description: "Latency: what took too long, and the microseconds that it may take." }),
} satisfies Exactly<FindingSummary>);

const deviationSchema = z.strictObject({ instead: texts, take: texts }).meta({
  description:
    "A decision that departs from the default schedule: the first time `instead` would go, `take` goes.",
});

/** Decisions of a run: the longest that Loophole makes is far below. */
const decisionsMax = 1_000_000;

const envelope = {
  loophole: z.literal("counterexample"),
  version: z.literal(2),
  finding: findingSchema,
  reading: z.enum(["untimed", "timed"]),
  decisions: z
    .int()
    .min(0)
    .max(decisionsMax)
    .meta({ description: "Decisions of the run in all: it ends where the finding is seen." }),
  schedule: z.array(deviationSchema).max(listMax),
};

/** The file with its drivers unread: `checkDriver` reads them, and says better what is wrong. */
export const envelopeSchema = z.strictObject({
  ...envelope,
  scenario: z.strictObject({
    drivers: z.array(z.unknown()).min(1).max(listMax),
    // What can be done in it depends on the drivers.
    world: z.unknown(),
  }),
});

const counterexampleSchema: z.ZodType<Counterexample> = z
  .strictObject({
    ...envelope,
    scenario: z.strictObject({
      drivers: z.array(driverSchema).min(1).max(listMax),
      world: worldSchema,
    }),
  } satisfies Exactly<Counterexample>)
  .meta({ id: "Counterexample", title: "A counterexample that Loophole saved" });

/** JSON Schema (draft 2020-12) of the shape of a corpus file, for editors and other tools. */
export function counterexampleJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(counterexampleSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}
