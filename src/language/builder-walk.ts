/** `walk`: the loop over a list's entries, written as the statements that C has for it. */
import { callMethod, resultName } from "./builder-call.ts";
import { recordBlock, recordLoop } from "./builder-control.ts";
import { objectOperand } from "./builder-operand.ts";
import { mustRecord } from "./builder-scope.ts";
import { type Draft, fail, type RoutineScope } from "./builder-session.ts";
import { addStatement } from "./builder-statement.ts";
import type { CallStatement, Condition, Statement } from "./model.ts";
import type { ApiShape } from "./shape.ts";

/**
 * ```
 * Flink(List, Entry)
 * until Flink#1 found nothing or Flink#2 found nothing, without limit
 *   …
 *   Flink(List, Entry, Entry)
 * ```
 * With a pointer for the next entry that is looked up ahead of the body, which may then take its own
 * entry off the list and free it.
 */
export function walkMethod(scope: RoutineScope) {
  const { session } = scope;
  const find = (op: string): ApiShape => {
    const api = session.language.apis.find(({ does }) => does.length === 1 && does[0].op === op);
    return api ?? fail(session, "no call of the table follows the links of a list");
  };
  /** Makes a call in the block that is being recorded. */
  const call = (api: ApiShape, ...args: unknown[]): void => {
    callMethod(scope, api)(...args);
  };
  /** The same, and names what it comes back with. */
  const named = (api: ApiShape, ...args: unknown[]): string => {
    call(api, ...args);
    return resultName(scope.block.at(-1) as Draft<CallStatement>, scope.calls.get(api.name) ?? 0);
  };
  return (
    list: unknown,
    pointer: unknown,
    body: unknown,
    { next }: { readonly next?: unknown } = {},
  ): object => {
    mustRecord(scope);
    objectOperand(session, "walk", ["LIST_ENTRY"], list);
    objectOperand(session, "walk", ["pointer"], pointer);
    const follow = find("walk");
    const first = named(follow, list, pointer);
    const test = (of: string, is: "empty" | "success"): Condition => ({ kind: "result", of, is });
    const until = (ends: string): Condition => ({
      kind: "or",
      tests: [test(first, "empty"), test(ends, "empty")],
    });
    return recordLoop(scope, (inside) => {
      if (next === undefined) {
        recordBlock(scope, inside, body);
        return until(named(follow, list, pointer, { From: pointer }));
      }
      const ends = named(follow, list, next, { From: pointer });
      recordBlock(scope, inside, body);
      const then: Statement[] = [];
      addStatement<"if">(scope, { kind: "if", test: test(ends, "success"), then });
      scope.block = then;
      call(find("copy"), pointer, next);
      return until(ends);
    });
  };
}
