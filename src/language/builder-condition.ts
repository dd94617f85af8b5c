/** Conditions: how they are made, combined and put to use. */
import { InputError } from "../base/input-error.ts";
import { dataOf, makeHandle } from "./builder-handle.ts";
import { isOpen } from "./builder-scope.ts";
import { fail, type MadeCondition, type Scope, type Session } from "./builder-session.ts";
import type { Test } from "./builder-types.ts";
import type { Comparison, Condition, Operand } from "./model.ts";
import { origin, sourcePlace } from "./place.ts";

/** Makes a condition that must be tested before the present scope ends. */
export function makeTest(session: Session, owner: Scope | undefined, condition: Condition): Test {
  const made: MadeCondition = { condition, origin: origin(), used: false };
  session.current?.made.push(made);
  const both = (kind: "and" | "or", others: readonly Test[]): Test => {
    const tests = [test, ...others].map((one) => useTest(session, one));
    return makeTest(session, innermostOwner(session, [test, ...others]), { kind, tests });
  };
  const test: Test = makeHandle({ type: "test", session, made, owner }, {
    not: () => makeTest(session, owner, { kind: "not", test: useTest(session, test) }),
    and: (...others: readonly Test[]) => both("and", others),
    or: (...others: readonly Test[]) => both("or", others),
  } as Test);
  return test;
}

/** Puts a condition to use in the present scope. */
export function useTest(session: Session, value: unknown): Condition {
  const data = dataOf(value);
  if (data?.type !== "test") {
    fail(
      session,
      typeof value === "boolean"
        ? `a condition of the driver belongs here, not ${value}; decide host values with a plain if around the statement`
        : "a condition belongs here: one of the recorder's questions, a variable's comparison, or a call's result",
    );
  }
  mustBeOurs(session, data.session, "this condition");
  if (data.owner !== undefined && data.owner !== session.current) {
    fail(
      session,
      `this condition was made in ${data.owner.words} and says nothing here: make it with the parameter of this function`,
    );
  }
  data.made.used = true;
  return data.made.condition;
}

function innermostOwner(session: Session, tests: readonly Test[]): Scope | undefined {
  const owned = tests.some((test) => {
    const data = dataOf(test);
    return data?.type === "test" && data.owner !== undefined;
  });
  return owned ? session.current : undefined;
}

export function mustBeOurs(session: Session, other: Session, words: string): void {
  if (other === session) return;
  fail(session, `${words} belongs to another driver, ${other.driver}`);
}

/** The comparisons of a variable. */
export function comparisons(session: Session, owner: Scope | undefined, variable: Operand) {
  return comparedWith(session, (op, value) => {
    if (owner !== undefined && !isOpen(owner)) {
      fail(session, `this variable belongs to ${owner.words} and is out of reach here`);
    }
    return makeTest(session, undefined, { kind: "compare", variable, op, value });
  });
}

/** The comparisons of what holds a number. */
export function comparedWith(session: Session, make: (op: Comparison, value: number) => Test) {
  const compare = (op: Comparison) => (value: number) => {
    if (!Number.isInteger(value)) fail(session, "a number is compared with a whole number");
    return make(op, value);
  };
  return {
    equals: compare("=="),
    notEquals: compare("!="),
    below: compare("<"),
    atLeast: compare(">="),
  };
}

/** The opposite. */
export function not(test: Test): Test {
  return given(test).not();
}

/** Holds when all do. */
export function and(first: Test, ...others: readonly Test[]): Test {
  return given(first).and(...others);
}

/** Holds when at least one does. */
export function or(first: Test, ...others: readonly Test[]): Test {
  return given(first).or(...others);
}

function given(test: Test): Test {
  if (dataOf(test)?.type === "test") return test;
  throw new InputError(
    sourcePlace(origin()) ?? "driver",
    "not, and, or take conditions of the driver; combine host values with !, &&, ||",
  );
}
