/** The shape of the tables that a driver's author adds, as JSON, and nothing of its meaning. */
import * as z from "zod";
import { type Extension, type FamilyShape, type PathShape, workQueues } from "./shape.ts";
import { objectKinds, resultNames } from "./statement.ts";
import { body, durationUs, list, name, objectDecl, text } from "./validate-body-schema.ts";
import * as limit from "./validate-limits.ts";

const irql = z.enum(["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"]);
const word = z.string().regex(limit.wordPattern, 'a word such as "arrival" belongs here');
const sentence = text.min(1, "says nothing");
const ids = list(z.string().min(1).max(limit.nameLengthMax));

const kinds = z.array(z.enum([...objectKinds, "process", "thread"])).min(1, "names no kind");
const paramKind = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("object"), kinds }),
  z.strictObject({ type: z.literal("objects"), kinds }),
  z.strictObject({ type: z.literal("timeout") }),
  z.strictObject({ type: z.literal("oneOf"), values: z.array(name).min(1, "names no value") }),
  z.strictObject({ type: z.literal("number") }),
  z.strictObject({
    type: z.literal("routine"),
    role: z.enum([
      "workItem",
      "systemThread",
      "apc",
      "dpc",
      "request",
      "function",
      "callback",
      "userThread",
    ]),
  }),
  z.strictObject({ type: z.literal("record") }),
]);

const api = z.strictObject({
  name,
  mode: z.enum(["kernel", "user"]),
  params: z
    .array(
      z.strictObject({
        name,
        kind: paramKind,
        default: z
          .union([
            z.number(),
            z.string().max(limit.nameLengthMax),
            z.strictObject({ timeout: z.union([z.literal("none"), durationUs]) }),
          ])
          .optional()
          .meta({ description: "Given as an option, last; this where it is left out." }),
      }),
    )
    .max(limit.paramsMax),
  irqlMax: irql.meta({ description: "Highest IRQL of a legal call." }),
  irqlMaxAtZero: irql.optional().meta({ description: "The same with a timeout of zero." }),
  needsApcs: z.enum(["special", "normal", "disabled"]).optional(),
  does: z
    .array(
      z.object({ kind: z.literal("op"), op: name }).catchall(
        z.union([z.strictObject({ param: name }), z.number(), text, z.boolean()], {
          error: "an operand is {param}, a number, a text or a boolean",
        }),
      ),
    )
    .max(limit.paramsMax)
    .meta({ description: "In terms of the machine, as calls of the table are." }),
  results: z.array(z.enum(resultNames)).min(1, "names no result"),
  cost: z.enum(["none", "short", "lock", "io", "userMode"]),
  raises: ids,
  effects: ids,
  weight: z.number().min(0).max(limit.weightMax).meta({ description: "For generators." }),
  facts: ids,
  summary: sentence,
});

const path: z.ZodType<PathShape> = z.strictObject({
  action: sentence
    .regex(limit.actionPattern, 'words such as "a device arrives" belong here')
    .meta({ description: "What users of a world do to have it run." }),
  routine: name,
  thread: z.enum(["caller", ...workQueues]),
  awaited: z.boolean().optional(),
  objects: list(objectDecl).optional(),
  body,
});

const family: z.ZodType<FamilyShape> = z.strictObject({
  name: z
    .string()
    .regex(limit.familyPattern, 'a family is named in small letters: "device-interface"'),
  events: z.array(word).min(1, "names no event").max(limit.eventsMax),
  context: sentence.meta({ description: "In whose thread its callbacks run, in words." }),
  irql,
  criticalRegion: z.boolean(),
  specialApcs: z.enum(["off", "sometimes off"]).optional(),
  veto: z.boolean(),
  forbids: z
    .record(name, name)
    .optional()
    .meta({ description: "Tags of calls, each with the effect that rules speak of." }),
  budgetUs: durationUs.min(1, "is no time"),
  registers: name,
  removes: name,
  rules: ids,
  facts: ids,
  noun: sentence.optional(),
  paths: z.array(path).min(1, "names no path").max(limit.eventsMax),
});

export const extensionSchema = z
  .strictObject({
    apis: list(api),
    families: list(family),
    rules: list(
      z.strictObject({
        id: z.string().regex(limit.labelPattern, "a rule has a short name"),
        effect: name,
        text: sentence,
        why: sentence,
        fact: z.string().min(1).max(limit.nameLengthMax),
      }),
    ),
  } satisfies { readonly [K in keyof Extension]: z.ZodType<Extension[K]> })
  .meta({
    id: "Extension",
    description: "What its author adds to the tables, as far as it uses it.",
  });
