/** Refuses loops that test what cannot change in them: the result of a call before the loop. */
import { callsIn, questionsOf, resultsAsked, testOf } from "./conditions.ts";
import type { Body, CallStatement, Condition, Statement } from "./model.ts";
import type { Path } from "./validate-names.ts";
import type { RoutineContext } from "./validate-operand.ts";

type Loop = Extract<Statement, { kind: "repeat" | "forever" | "poll" }>;

export function checkLoops(context: RoutineContext, path: Path): void {
  const calls = new Map<string, CallStatement>();
  for (const call of callsIn(context.routine.body)) {
    if (call.result !== undefined) calls.set(call.result, call);
  }
  const visit = (body: Body, at: Path, around: readonly Loop[]): void => {
    body.forEach((statement, i) => {
      const here = [...at, i];
      const isLoop =
        statement.kind === "repeat" || statement.kind === "forever" || statement.kind === "poll";
      const loops = isLoop ? [...around, statement] : around;
      if (statement.kind === "poll") checkUntil(context, statement, [...here, "until"]);
      const test = testOf(statement);
      if (test !== undefined) checkOuterResults(context, calls, test, loops, here);
      if (statement.kind === "if") {
        visit(statement.then, [...here, "then"], loops);
        visit(statement.else ?? [], [...here, "else"], loops);
      } else if (isLoop) visit(statement.body, [...here, "body"], loops);
    });
  };
  visit(context.routine.body, path, []);
}

/** Questions whose answers stay for as long as an activation does. */
const lasting: readonly Condition["kind"][] = [
  "event",
  "role",
  "opaque",
  "kernelHandle",
  "causedByOwnWork",
];

/** A poll for a result has to make the call. */
function checkUntil(
  context: RoutineContext,
  poll: Extract<Statement, { kind: "poll" }>,
  path: Path,
): void {
  const asked = resultsAsked(poll.until);
  const inside = new Set(callsIn(poll.body).map(({ result }) => result));
  if (asked.length === 0 || asked.some((one) => inside.has(one))) return;
  const canChange = questionsOf(poll.until).some(
    ({ kind }) => kind !== "result" && kind !== "returned" && !lasting.includes(kind),
  );
  if (canChange) return;
  context.fail(
    path,
    `this poll asks what ${asked[0]} came back with, a call outside its body, which stays as it is ` +
      "for as long as it polls. Make the call in the body, and test that one: " +
      "until: () => next.is(…)",
  );
}

/** Where a loop makes the same call again and nobody keeps what it came back with, that was meant. */
function checkOuterResults(
  context: RoutineContext,
  calls: ReadonlyMap<string, CallStatement>,
  test: Condition,
  loops: readonly Loop[],
  path: Path,
): void {
  for (const name of resultsAsked(test)) {
    const tested = calls.get(name);
    if (tested === undefined) continue;
    for (const loop of loops) {
      const inside = callsIn(loop.body);
      if (inside.includes(tested)) continue;
      const again = inside.find((call) => call.result === undefined && isSameCall(call, tested));
      if (again === undefined) continue;
      context.fail(
        path,
        `this asks what ${tested.api} came back with before the loop, while the loop calls it again ` +
          "and nobody asks what that came back with. Keep the inner one, and test that",
      );
    }
  }
}

function isSameCall(one: CallStatement, other: CallStatement): boolean {
  return one.api === other.api && JSON.stringify(one.args) === JSON.stringify(other.args);
}
