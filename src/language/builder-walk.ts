/** `walk`: the loop over a list's entries, written as the statements that C has for it. */
import { callMethod, resultName } from "./builder-call.ts";
import { recordBlock } from "./builder-control.ts";
import { objectOperand } from "./builder-operand.ts";
import { mustRecord } from "./builder-scope.ts";
import { type Draft, fail, type RoutineScope } from "./builder-session.ts";
import { addStatement, placed } from "./builder-statement.ts";
import type { CallStatement, Statement } from "./model.ts";
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
  /** Makes a call in the block that is being recorded, and names its result. */
  const call = (api: ApiShape, ...args: unknown[]): (() => string) => {
    callMethod(scope, api)(...args);
    const statement = scope.block.at(-1) as Draft<CallStatement>;
    const ordinal = scope.calls.get(api.name) ?? 0;
    return () => resultName(statement, ordinal);
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
    const first = call(follow, list, pointer)();
    const inside: Statement[] = [];
    const loop = addStatement<"poll">(scope, {
      kind: "poll",
      until: { kind: "or", tests: [] },
      body: inside,
      limit: null,
    });
    const outer = scope.block;
    scope.block = inside;
    let ends: string;
    try {
      if (next !== undefined) {
        ends = call(follow, list, next, { From: pointer })();
        recordBlock(scope, inside, body);
        const then: Statement[] = [];
        addStatement<"if">(scope, {
          kind: "if",
          test: { kind: "result", of: ends, is: "success" },
          then,
        });
        scope.block = then;
        call(find("copy"), pointer, next);
      } else {
        recordBlock(scope, inside, body);
        ends = call(follow, list, pointer, { From: pointer })();
      }
    } finally {
      scope.block = outer;
    }
    loop.until = {
      kind: "or",
      tests: [
        { kind: "result", of: first, is: "empty" },
        { kind: "result", of: ends, is: "empty" },
      ],
    };
    return placed(scope, loop, {}, inside);
  };
}
