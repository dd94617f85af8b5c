/** What bodies do, call by call: the primitives of each call, with what their operands stand for. */
import { statementsIn } from "./conditions.ts";
import type { Body, CallStatement, DriverModel, Operand, Routine } from "./model.ts";
import type { ApiShape, Primitive } from "./shape.ts";

/** One primitive of one call. */
export interface Operation {
  readonly statement: CallStatement;
  readonly api: ApiShape;
  readonly primitive: Primitive;
}

type Apis = ReadonlyMap<string, ApiShape>;

/** The primitives of all calls of a body, in the order of the text. */
export function* operationsIn(body: Body, apis: Apis): Generator<Operation> {
  for (const statement of statementsIn(body)) {
    const api = statement.kind === "call" ? apis.get(statement.api) : undefined;
    if (statement.kind !== "call" || api === undefined) continue;
    for (const primitive of api.does) yield { statement, api, primitive };
  }
}

/** What an operand of a primitive stands for in its call; undefined where it is left out. */
export function operandOf(
  { statement, api, primitive }: Operation,
  name: string,
): Operand | boolean | undefined {
  const given = primitive[name];
  if (typeof given !== "object") return given;
  const named = api.params.find((one) => one.name === given.param);
  return statement.args[given.param] ?? named?.default;
}

/** The name of the object, or of the routine, that an operand stands for. */
export function nameOf(operand: Operand | boolean | undefined): string | undefined {
  if (typeof operand !== "object") return undefined;
  if ("ref" in operand) return operand.ref;
  return "routine" in operand ? operand.routine : undefined;
}

/** The names of the objects that an operand stands for. */
export function namesOf(operand: Operand | boolean | undefined): string[] {
  const parts = typeof operand === "object" && "objects" in operand ? operand.objects : [operand];
  return parts.flatMap((part) => nameOf(part) ?? []);
}

/**
 * The routine, and those that run in the same thread before it returns: functions that it calls, and
 * requests that it enters.
 *
 * @param mode Of a service's thread, "user" leaves out the requests: what goes on in the kernel.
 */
export function withCallees(
  driver: DriverModel,
  routine: string,
  apis: Apis,
  mode: "any" | "user" = "any",
): readonly Routine[] {
  const found = new Map<string, Routine>();
  const pending = [routine];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const one = driver.routines.find((other) => other.name === name);
    if (one === undefined || found.has(one.name)) continue;
    found.set(one.name, one);
    for (const statement of statementsIn(one.body)) {
      if (statement.kind === "invoke") pending.push(statement.routine);
    }
    for (const operation of operationsIn(one.body, apis)) {
      if (mode === "user" || operation.primitive.op !== "request") continue;
      const entered = nameOf(operandOf(operation, "routine"));
      if (entered !== undefined) pending.push(entered);
    }
  }
  return [...found.values()];
}
