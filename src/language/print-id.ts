/**
 * Ids of operations. An id stays when other parts of the driver are edited: it is the routine with
 * the author's label, or with the API and its ordinal among its like in that routine.
 */
import { invariant, unreachable } from "../base/invariant.ts";
import type { Body, DriverModel, Routine, Statement } from "./model.ts";

/** `AcmeCreateProcess/KeWaitForSingleObject#1`, or `AcmeCreateProcess/ask-service`. */
export function operationId(routine: Routine, statement: Statement): string {
  const id = routineIds(routine).get(statement);
  invariant(id !== undefined, `the statement stands in ${routine.name}`);
  return id;
}

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
  const ids = new Map<Statement, string>();
  const ordinals = new Map<string, number>();
  const visit = (body: Body): void => {
    for (const statement of body) {
      const stem = stemOf(statement);
      // Labelled ones count too: giving a label renames no other operation.
      const ordinal = (ordinals.get(stem) ?? 0) + 1;
      ordinals.set(stem, ordinal);
      invariant(!ids.has(statement), "each statement of a driver is an object of its own");
      ids.set(statement, `${routine.name}/${statement.label ?? `${stem}#${ordinal}`}`);
      if (statement.kind === "if") {
        visit(statement.then);
        visit(statement.else ?? []);
      } else if ("body" in statement) visit(statement.body);
    }
  };
  visit(routine.body);
  return ids;
}

function stemOf(statement: Statement): string {
  switch (statement.kind) {
    case "call":
      return statement.api;
    case "other":
      return statement.name;
    case "invoke":
      return `call:${statement.routine}`;
    case "if":
    case "repeat":
    case "forever":
    case "poll":
    case "return":
    case "veto":
      return statement.kind;
    default:
      return unreachable(statement, "kind of statement");
  }
}
