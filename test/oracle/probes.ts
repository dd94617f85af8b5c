/**
 * Probes: calls that do nothing, behind each call that keeps its result, one for each that it may have
 * come back with. Whether a run reaches them says which results, and which pairs of them, can be had.
 */
import type { Body, Condition, ResultName, Routine, Statement } from "../../src/language/model.ts";
import type { Scenario } from "./scenario.ts";

const asked: readonly ResultName[] = ["success", "timeout", "failure", "terminated", "abandoned"];

const probe: Statement = { kind: "call", api: "DbgPrint", args: {} };

const is = (of: string, result: ResultName): Condition => ({ kind: "result", of, is: result });
const when = (test: Condition, then: Body, otherwise?: Body): Statement => ({
  kind: "if",
  test,
  then,
  ...(otherwise === undefined ? {} : { else: otherwise }),
});

/** A chain of tests: one of its probes is reached, the last one for any other result. */
function chainOf(name: string, tests: readonly ResultName[]): Statement {
  const [first, ...others] = tests;
  return when(is(name, first), [probe], [others.length === 0 ? probe : chainOf(name, others)]);
}

/** Behind both of two calls: which of them came out well. */
const pairOf = (one: string, two: string): Statement =>
  when(
    is(one, "success"),
    [when(is(two, "success"), [probe], [probe])],
    [when(is(two, "success"), [probe], [probe])],
  );

function probedBody(body: Body, isUser: boolean): Body {
  const found: Statement[] = [];
  let before: string | undefined;
  for (const one of body) {
    found.push(inside(one, isUser));
    if (one.kind !== "call" || one.result === undefined || isUser) continue;
    found.push(chainOf(one.result, asked));
    if (before !== undefined) found.push(pairOf(before, one.result));
    before = one.result;
  }
  return found;
}

function inside(one: Statement, isUser: boolean): Statement {
  switch (one.kind) {
    case "if":
      return {
        ...one,
        then: probedBody(one.then, isUser),
        ...(one.else === undefined ? {} : { else: probedBody(one.else, isUser) }),
      };
    case "repeat":
    case "forever":
    case "poll":
      return { ...one, body: probedBody(one.body, isUser) };
    default:
      return one;
  }
}

export function probed(scenario: Scenario): Scenario {
  const within = (routine: Routine): Routine => ({
    ...routine,
    body: probedBody(routine.body, routine.role === "userThread"),
  });
  return {
    ...scenario,
    drivers: scenario.drivers.map((driver) => ({
      ...driver,
      routines: driver.routines.map(within),
    })),
  };
}
