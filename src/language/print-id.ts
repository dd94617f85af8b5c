/**
 * Ids of operations. An id stays when other parts of the driver are edited: it is the routine with
 * the author's label, or with what is done there and to what, and the place among its equals in
 * that routine where it is not the first.
 *
 * - A call is named with the objects, processes, threads and routines that it is given, in the
 *   order of its parameters' names; where it is given none, with the setting that is its timeout.
 *   Constants do not count, so that a timeout can be tuned.
 * - A branch and a poll are named with what they test, whichever way round; a call's result is
 *   named by that call's id. `return` and a veto are named with the test of the branch that they
 *   stand in.
 * - A loop is named with its number of rounds.
 */
import { invariant, unreachable } from "../base/invariant.ts";
import { callsIn, questionsOf } from "./conditions.ts";
import type {
  Body,
  CallStatement,
  Condition,
  DriverModel,
  Operand,
  Routine,
  Statement,
} from "./model.ts";
import { printCondition } from "./print-operand.ts";

/** `AcmeCreateProcess/KeWaitForSingleObject(ScanDone)`, or `AcmeCreateProcess/ask-service`. */
export function operationId(routine: Routine, statement: Statement): string {
  const id = routineIds(routine).get(statement);
  invariant(id !== undefined, `the statement stands in ${routine.name}`);
  return id;
}

/** The place of an operation among its equals in its routine, from 1, as its id has it. */
export const placeInRoutine = (id: string): number => Number(/#(\d+)$/.exec(id)?.[1] ?? 1);

/** The ids of all statements of a driver. */
export function operationIds(model: DriverModel): ReadonlyMap<Statement, string> {
  const ids = new Map<Statement, string>();
  for (const routine of model.routines) {
    for (const [statement, id] of routineIds(routine)) {
      invariant(!ids.has(statement), "each statement of a driver is an object of its own");
      ids.set(statement, id);
    }
  }
  return ids;
}

function routineIds(routine: Routine): ReadonlyMap<Statement, string> {
  const results = idsOfResults(routine.body);
  const ids = new Map<Statement, string>();
  const nameNext = placesAmongEquals();
  const visit = (body: Body, branch: string): void => {
    for (const statement of body) {
      invariant(!ids.has(statement), "each statement of a driver is an object of its own");
      const id = nameNext(statement, stemOf(statement, branch, results));
      ids.set(statement, `${routine.name}/${id}`);
      if (statement.kind === "if") {
        visit(statement.then, conditionWords(statement.test, results));
        const otherwise: Condition = { kind: "not", test: statement.test };
        visit(statement.else ?? [], conditionWords(otherwise, results));
      } else if ("body" in statement) visit(statement.body, branch);
    }
  };
  visit(routine.body, "");
  return ids;
}

/** Within its routine: the label, or the stem and which of its equals it is, from the second on. */
function placesAmongEquals(): (statement: Statement, stem: string) => string {
  const counts = new Map<string, number>();
  return ({ label }, stem) => {
    // Labelled ones count too: giving a label renames no other operation.
    const place = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, place);
    return label ?? (place === 1 ? stem : `${stem}#${place}`);
  };
}

/** Calls whose result is kept, by its name; of several under one name, the first. */
function idsOfResults(body: Body): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const nameNext = placesAmongEquals();
  for (const call of callsIn(body)) {
    const id = nameNext(call, callStem(call));
    if (call.result !== undefined && !ids.has(call.result)) ids.set(call.result, id);
  }
  return ids;
}

function stemOf(
  statement: Statement,
  branch: string,
  results: ReadonlyMap<string, string>,
): string {
  switch (statement.kind) {
    case "call":
      return callStem(statement);
    case "other": {
      const { name, waitsFor } = statement;
      return withNames(name, waitsFor === undefined ? [] : namesIn(waitsFor));
    }
    case "invoke":
      return `${statement.routine}()`;
    case "if":
      return `if(${unsigned(statement.test, results)})`;
    case "poll":
      return `poll(${unsigned(statement.until, results)})`;
    case "repeat":
      return `repeat(${statement.times})`;
    case "forever":
      return statement.kind;
    case "return":
    case "veto":
      return branch === "" ? statement.kind : `${statement.kind}(${branch})`;
    default:
      return unreachable(statement, "kind of statement");
  }
}

const withNames = (what: string, names: readonly string[]): string =>
  names.length === 0 ? what : `${what}(${names.join(", ")})`;

function callStem({ api, args }: CallStatement): string {
  // Files keep arguments in an order of their own.
  const given = Object.keys(args)
    .sort()
    .map((param) => args[param]);
  const names = given.flatMap(namesIn);
  return withNames(api, names.length > 0 ? names : given.flatMap(settingsIn));
}

/** The roles of the objects that an operand names. */
function namesIn(operand: Operand): readonly string[] {
  if (typeof operand !== "object" || "timeout" in operand) return [];
  if ("ref" in operand) {
    const field = operand.field === undefined ? "" : `->${operand.field}`;
    return [`${operand.ref}${field}${operand.of === undefined ? "" : ` of ${operand.of}`}`];
  }
  if ("objects" in operand) return operand.objects.flatMap(namesIn);
  if ("process" in operand) return [`process ${operand.service ?? operand.process}`];
  if ("thread" in operand) return [`thread ${operand.thread}`];
  if ("routine" in operand) return [operand.routine];
  if ("record" in operand) return [operand.record];
  return unreachable(operand, "kind of operand");
}

function settingsIn(operand: Operand): readonly string[] {
  if (typeof operand !== "object" || !("timeout" in operand)) return [];
  return typeof operand.timeout === "object" ? [operand.timeout.setting] : [];
}

/** Questions of a condition that its name shows, where it has more than one beyond them. */
const questionsShown = 2;

function conditionWords(test: Condition, results: ReadonlyMap<string, string>): string {
  const { kind } = test;
  if (kind === "not" && test.test.kind === "not") return conditionWords(test.test.test, results);
  const questions = questionsOf(test);
  if (questions.length <= questionsShown + 1) return printCondition(test, results);
  const shown = questions.slice(0, questionsShown).map((one) => printCondition(one, results));
  return `${kind === "not" ? "not " : ""}${shown.join(", ")}, …`;
}

/** The condition without its sign: turning a branch round renames nothing. */
function unsigned(test: Condition, results: ReadonlyMap<string, string>): string {
  return test.kind === "not" ? unsigned(test.test, results) : conditionWords(test, results);
}
