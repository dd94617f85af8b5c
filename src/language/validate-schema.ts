/** The shape of a driver's JSON, and nothing of its meaning. */
import * as z from "zod";
import type { DriverModel } from "./model.ts";
import { at, body, durationUs, list, name, objectDecl, text } from "./validate-body-schema.ts";
import { extensionSchema } from "./validate-extension-schema.ts";
import * as limit from "./validate-limits.ts";

const routine = z.strictObject({
  name,
  role: z.enum([
    "callback",
    "entry",
    "unload",
    "workItem",
    "systemThread",
    "apc",
    "dpc",
    "request",
    "cleanup",
    "function",
    "userThread",
  ]),
  within: name
    .optional()
    .meta({ description: "The routine in whose frame this one was declared." }),
  locals: list(objectDecl),
  body,
  at: at.optional(),
});

export const driverSchema: z.ZodType<DriverModel> = z
  .strictObject({
    // Lets an editor find this schema from the file.
    loophole: z.literal("driver"),
    version: z.literal(1),
    name: z.string().regex(limit.driverNamePattern, 'a driver is named like a file: "acme"'),
    origin: z
      .strictObject({ repository: text, commit: text.optional(), note: text.optional() })
      .optional(),
    objects: list(objectDecl),
    perProcess: list(objectDecl),
    records: list(
      z.strictObject({
        name,
        fields: list(objectDecl),
        max: z.int().min(1).max(limit.recordCountMax).optional(),
      }),
    ),
    settings: list(z.strictObject({ name, value: z.union([z.literal("none"), durationUs]) })),
    conditions: list(z.strictObject({ name, scope: z.enum(["activation", "process", "driver"]) })),
    routines: z.array(routine).max(limit.routinesMax),
    registrations: list(
      z.strictObject({ family: z.string().max(limit.nameLengthMax), routine: name }),
    ),
    services: list(
      z.strictObject({
        name,
        objects: list(objectDecl),
        threads: list(
          z.strictObject({ routine: name, count: z.int().min(0).max(limit.threadCountMax) }),
        ),
      }),
    ),
    extension: extensionSchema.optional(),
  })
  .meta({ id: "Driver", title: "A driver, as Loophole models it" });
