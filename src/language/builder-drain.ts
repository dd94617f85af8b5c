/** `drain`: the loop that empties a list, written as the statements that C has for it. */
import { callMethod, resultName } from "./builder-call.ts";
import { recordBlock, recordLoop } from "./builder-control.ts";
import { dataOf } from "./builder-handle.ts";
import { drainableKinds } from "./builder-kinds.ts";
import { objectOperand } from "./builder-operand.ts";
import { mustRecord } from "./builder-scope.ts";
import { type Draft, fail, type RoutineScope } from "./builder-session.ts";
import { addStatement } from "./builder-statement.ts";
import type { CallStatement, ObjectKind, Statement } from "./model.ts";
import type { ApiShape } from "./shape.ts";

/**
 * ```
 * until RemoveHeadList#1 found nothing, without limit
 *   RemoveHeadList(List, Entry)
 *   if RemoveHeadList#1 succeeded
 *     …
 * ```
 * The list ends it: a poll forgets what came back before it began, so each drain takes at least once.
 */
export function drainMethod(scope: RoutineScope) {
  const { session } = scope;
  return (list: unknown, pointer: unknown, body: unknown): object => {
    mustRecord(scope);
    objectOperand(session, "drain", drainableKinds, list);
    const data = dataOf(list);
    const kind = data?.type === "object" ? data.kind : undefined;
    const api = session.language.apis.find((one) => takesFrom(one, kind as ObjectKind));
    if (api === undefined)
      fail(session, `no call of the table takes entries off a ${kind} one by one`);

    return recordLoop(scope, (inside) => {
      callMethod(scope, api)(list, pointer);
      const of = resultName(inside[0] as Draft<CallStatement>, scope.calls.get(api.name) ?? 0);
      const then: Statement[] = [];
      addStatement<"if">(scope, { kind: "if", test: { kind: "result", of, is: "success" }, then });
      recordBlock(scope, then, body);
      return { kind: "result", of, is: "empty" };
    });
  };
}

/** Whether a call hands out entries of such an object, and says so when there is none. */
function takesFrom({ mode, params, results }: ApiShape, kind: ObjectKind): boolean {
  const [from, into] = params.map((param) => param.kind);
  return (
    mode === "kernel" &&
    params.length === 2 &&
    results.includes("success") &&
    results.includes("empty") &&
    from.type === "object" &&
    from.kinds.includes(kind) &&
    into.type === "object" &&
    into.kinds.includes("pointer")
  );
}
