/** The shapes of what drivers are made of, as JSON, and nothing of their meaning. */
import * as z from "zod";
import {
  type Body,
  type Condition,
  type Operand,
  objectKinds,
  processRoles,
  resultNames,
  type Statement,
} from "./statement.ts";
import * as limit from "./validate-limits.ts";

export const name = z.string().regex(limit.namePattern, "a name is an identifier of C");
export const text = z.string().max(limit.textLengthMax);
export const at = z
  .string()
  .regex(limit.cPlacePattern, 'a place in the C source is "file.c:123"')
  .meta({ description: "Where this stands in the C source." });
export const durationUs = z
  .int()
  .min(0)
  .lt(limit.durationUsMax)
  .meta({ description: "Microseconds, under a week." });
const kept = z.int().min(-limit.numberMax).max(limit.numberMax);
export const list = <T extends z.ZodType>(item: T) => z.array(item).max(limit.declarationsMax);

export const objectDecl = z.strictObject({
  name,
  kind: z.enum(objectKinds),
  initial: kept
    .optional()
    .meta({ description: "Of a variable, a semaphore; of an event, 1 means signalled. Else 0." }),
  limit: z
    .int()
    .max(limit.semaphoreLimitMax)
    .optional()
    .meta({ description: "KSEMAPHORE: the count that it never exceeds, from 1." }),
  room: z
    .int()
    .optional()
    .meta({ description: "FLT_PORT, as a pipe: how many messages fit, 0 to 4. Else 1." }),
  record: name.optional().meta({ description: "Pointers: the record that they point to." }),
  routine: name.optional().meta({ description: "WORK_ITEM: the routine that it runs." }),
  context: z
    .literal(true)
    .optional()
    .meta({ description: "Locals of a work item or system thread: its context." }),
});

const operandWords =
  "an operand is a number, a text, or one of {ref, field?, of?}, {objects}, {process, service?}, " +
  "{thread}, {timeout}, {routine}, {record}";
const operand: z.ZodType<Operand> = z
  .lazy(() =>
    z.union(
      [
        z.number(),
        z.string().max(limit.textLengthMax),
        z.strictObject({
          ref: name,
          field: name.optional(),
          of: z.enum(processRoles).optional(),
        }),
        z.strictObject({ objects: z.array(operand).min(1).max(limit.waitObjectsMax) }),
        z.strictObject({ process: z.enum(processRoles), service: name.optional() }),
        z.strictObject({ thread: z.enum(["current", "subject"]) }),
        z.strictObject({
          timeout: z.union([z.literal("none"), durationUs, z.strictObject({ setting: name })], {
            error: 'a timeout is "none", whole microseconds under a week, or {setting}',
          }),
        }),
        z.strictObject({ routine: name }),
        z.strictObject({ record: name }),
      ],
      { error: operandWords },
    ),
  )
  .meta({ id: "Operand", description: "What can stand as an argument of a call." });

const tests = (): z.ZodArray<z.ZodType<Condition>> =>
  z.array(condition).min(1).max(limit.declarationsMax);
const condition: z.ZodType<Condition> = z
  .lazy(() =>
    z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("event"), is: name }),
      z.strictObject({
        kind: z.literal("role"),
        who: z.enum(["current", "subject", "parent", "creator"]),
        is: z.enum(["service", "subject", "system"]),
        service: name.optional(),
      }),
      z.strictObject({ kind: z.literal("kernelHandle") }),
      z.strictObject({ kind: z.literal("apcsDisabled") }),
      z.strictObject({ kind: z.literal("causedByOwnWork") }),
      z.strictObject({
        kind: z.literal("compare"),
        variable: operand,
        op: z.enum(["==", "!=", "<", ">="]),
        value: kept,
      }),
      z.strictObject({
        kind: z.literal("result"),
        of: z.string().regex(limit.resultNamePattern, "this is no name of a result"),
        is: z.enum(resultNames),
      }),
      z.strictObject({
        kind: z.literal("returned"),
        of: z.string().regex(limit.resultNamePattern, "this is no name of a result"),
        op: z.enum(["==", "!=", "<", ">="]),
        value: kept,
      }),
      z.strictObject({ kind: z.literal("opaque"), name }),
      z.strictObject({ kind: z.literal("not"), test: condition }),
      z.strictObject({ kind: z.literal("and"), tests: tests() }),
      z.strictObject({ kind: z.literal("or"), tests: tests() }),
    ]),
  )
  .meta({ id: "Condition", description: "What a driver branches on." });

const placed = {
  label: z
    .string()
    .regex(limit.labelPattern, 'a label is a short name such as "ask-service"')
    .optional()
    .meta({ description: "The stable part of this operation's id, unique in its routine." }),
  at: at.optional(),
};

export const body: z.ZodType<Body> = z
  .lazy(() => z.array(statement).max(limit.statementsMax))
  .meta({ id: "Body" });
const statement: z.ZodType<Statement> = z
  .lazy(() =>
    z.discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("call"),
        api: name.meta({ description: "WDK or Win32 name." }),
        args: z.record(name, operand),
        result: z
          .string()
          .regex(limit.resultNamePattern, "this is no name of a result")
          .optional()
          .meta({ description: "Keeps the result under this name, for conditions." }),
        ...placed,
      }),
      z.strictObject({
        kind: z.literal("if"),
        test: condition,
        then: body,
        else: body.optional(),
        ...placed,
      }),
      z.strictObject({
        kind: z.literal("repeat"),
        times: z.int().min(1).max(limit.repeatMax),
        body,
        ...placed,
      }),
      z.strictObject({ kind: z.literal("forever"), body, ...placed }),
      z.strictObject({
        kind: z.literal("poll"),
        until: condition,
        body,
        limit: z
          .int()
          .min(1)
          .max(limit.pollLimitMax)
          .nullable()
          .meta({ description: "Rounds at most; null: never gives up." }),
        ...placed,
      }),
      z.strictObject({ kind: z.literal("return"), ...placed }),
      z.strictObject({ kind: z.literal("veto"), ...placed }),
      z.strictObject({ kind: z.literal("invoke"), routine: name, ...placed }),
      z.strictObject({
        kind: z.literal("other"),
        name,
        costUs: durationUs,
        waitsFor: operand.optional(),
        raises: z.string().max(limit.nameLengthMax).optional(),
        irql: z.enum(["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"]).optional(),
        ...placed,
      }),
    ]),
  )
  .meta({ id: "Statement" });
