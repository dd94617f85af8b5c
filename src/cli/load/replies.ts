/** What a loading process says, read as what it is: text that a driver file may have written. */
import * as z from "zod";
import type { Exports, LoadReply } from "./messages.ts";

/** Characters of what is told of a mistake. */
const text = z.string().max(20_000);

const replySchema: z.ZodType<LoadReply> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ready") }),
  z.strictObject({ kind: z.literal("loaded"), json: z.string() }),
  z.strictObject({
    kind: z.literal("failed"),
    failure: z.strictObject({
      line: z.int().min(1).optional(),
      file: text.optional(),
      part: text.optional(),
      reason: text,
    }),
  }),
  z.strictObject({ kind: z.literal("fault"), message: text, stack: z.string().optional() }),
]);

const exportsSchema: z.ZodType<Exports> = z.strictObject({
  driver: z.unknown().optional(),
  drivers: z.unknown().optional(),
  worlds: z.unknown().optional(),
  expected: z.unknown().optional(),
});

/** The reply that a line is; undefined for one that is not the loading process's own. */
export function replyIn(line: string, secret: string): LoadReply | undefined {
  if (!line.startsWith(secret)) return undefined;
  try {
    return replySchema.parse(JSON.parse(line.slice(secret.length)));
  } catch {
    return undefined;
  }
}

/** The exports of a driver file; undefined for what are none. */
export function exportsIn(json: string): Exports | undefined {
  try {
    return exportsSchema.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}
