/** Walks over conditions and the results that they ask for. */
import type { Body, CallStatement, Condition, Statement } from "./model.ts";

/** The questions that a condition is made of, without not, and, or. */
export function questionsOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case "not":
      return questionsOf(condition.test);
    case "and":
    case "or":
      return condition.tests.flatMap(questionsOf);
    default:
      return [condition];
  }
}

/** Of which calls a condition asks the results. */
export function resultsAsked(condition: Condition): readonly string[] {
  return questionsOf(condition).flatMap((one) =>
    one.kind === "result" || one.kind === "returned" ? [one.of] : [],
  );
}

/** All statements of a body, in the order of the text. */
export function* statementsIn(body: Body): Generator<Statement> {
  for (const statement of body) {
    yield statement;
    if (statement.kind === "if") {
      yield* statementsIn(statement.then);
      yield* statementsIn(statement.else ?? []);
    } else if ("body" in statement) yield* statementsIn(statement.body);
  }
}

export function callsIn(body: Body): readonly CallStatement[] {
  return [...statementsIn(body)].filter((statement) => statement.kind === "call");
}

/** The condition that a statement tests. */
export function testOf(statement: Statement): Condition | undefined {
  if (statement.kind === "if") return statement.test;
  return statement.kind === "poll" ? statement.until : undefined;
}

/** Names of results that a body compares as numbers. */
export function valuesAsked(body: Body): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of statementsIn(body)) {
    const test = testOf(statement);
    if (test === undefined) continue;
    for (const one of questionsOf(test)) if (one.kind === "returned") names.add(one.of);
  }
  return names;
}
