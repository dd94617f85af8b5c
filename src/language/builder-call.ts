/** One method for each entry of the API table. */
import { comparedWith, makeTest } from "./builder-condition.ts";
import { isDefault, show, toOperand } from "./builder-operand.ts";
import { mustRecord } from "./builder-scope.ts";
import { fail, type RoutineScope } from "./builder-session.ts";
import { addStatement, placed } from "./builder-statement.ts";
import type { CallStatement, Comparison, Operand, ResultName } from "./model.ts";
import type { ApiShape } from "./shape.ts";
import { didYouMean } from "./validate-nearest.ts";

export function callMethod(scope: RoutineScope, api: ApiShape) {
  return (...given: unknown[]): object => {
    mustRecord(scope);
    const args = bindArguments(scope, api, given);
    const ordinal = countCall(scope, api.name);
    const statement = addStatement<"call">(scope, { kind: "call", api: api.name, args });
    const { session } = scope;
    const compare = (op: Comparison, value: number) => {
      mustRecord(scope);
      const of = resultName(statement, ordinal);
      return makeTest(session, scope, { kind: "returned", of, op, value });
    };
    const numbers = api.returns === undefined ? undefined : comparedWith(session, compare);
    const is = (result: ResultName) => {
      mustRecord(scope);
      if (numbers !== undefined && typeof result === "number") return numbers.equals(result);
      if (!api.results.includes(result)) {
        const results = api.results.length === 0 ? "nothing" : api.results.join(", ");
        fail(session, `${api.name} comes back with ${results}; not with ${show(result)}`);
      }
      const of = resultName(statement, ordinal);
      return makeTest(session, scope, { kind: "result", of, is: result });
    };
    return placed(scope, statement, {
      ...numbers,
      is,
      timedOut: () => is("timeout"),
      succeeded: () => is("success"),
      failed: () => is("failure"),
    });
  };
}

/** Counts calls by name, as operation ids do. */
export function countCall(scope: RoutineScope, name: string): number {
  const ordinal = (scope.calls.get(name) ?? 0) + 1;
  scope.calls.set(name, ordinal);
  return ordinal;
}

/** Keeps a call's result, under a name that says which call it was. */
export function resultName(
  statement: { api: string; result?: CallStatement["result"] },
  ordinal: number,
): string {
  statement.result ??= `${statement.api}#${ordinal}`;
  return statement.result;
}

function bindArguments(scope: RoutineScope, api: ApiShape, given: readonly unknown[]) {
  const { session } = scope;
  const required = api.params.filter((param) => param.default === undefined);
  const optional = api.params.filter((param) => param.default !== undefined);
  const options = given[required.length] ?? {};
  const most = required.length + (optional.length === 0 ? 0 : 1);
  if (given.length < required.length || given.length > most) {
    fail(session, `${usage(api)} is how it is called; here are ${given.length} arguments`);
  }
  if (typeof options !== "object" || options === null) {
    fail(session, `the options of ${usage(api)} are an object, not ${show(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (optional.some((param) => param.name === name)) continue;
    const names = optional.map((param) => param.name);
    fail(session, `${api.name} has no option "${name}"${didYouMean(name, names)}`);
  }
  const args: Record<string, Operand> = {};
  for (const param of api.params) {
    const position = required.indexOf(param);
    const value =
      position >= 0 ? given[position] : (options as Record<string, unknown>)[param.name];
    if (position < 0 && value === undefined) continue;
    const operand = toOperand(session, `${api.name}: ${param.name}`, param.kind, value);
    // Left out or said outright, it is the same driver, and the same text.
    if (!isDefault(param, operand)) args[param.name] = operand;
  }
  return args;
}

/** `KeWaitForSingleObject(Object, { Timeout })`. */
function usage(api: ApiShape): string {
  const required = api.params.filter((param) => param.default === undefined);
  const optional = api.params.filter((param) => param.default !== undefined);
  const parts = required.map((param) => param.name);
  if (optional.length > 0) parts.push(`{ ${optional.map((param) => param.name).join(", ")} }`);
  return `${api.name}(${parts.join(", ")})`;
}
