/** What parts of a driver refer to: names in arguments and conditions, and the service's process. */
import { questionsOf, statementsIn, testOf } from "./conditions.ts";
import type { Args, Body, Condition, Operand } from "./model.ts";

/** Names that bodies refer to; those of services are in a list of their own. */
export interface References {
  /** Objects, fields, records, routines, settings, opaque conditions. */
  readonly names: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  /** A service's process is asked for without saying which: the driver has one. */
  readonly asksOnlyService: boolean;
}

interface Found {
  readonly names: Set<string>;
  readonly services: Set<string>;
  asksOnlyService: boolean;
}

export function referencesIn(bodies: readonly Body[]): References {
  const found: Found = { names: new Set(), services: new Set(), asksOnlyService: false };
  for (const body of bodies) {
    for (const statement of statementsIn(body)) {
      const test = testOf(statement);
      for (const one of test === undefined ? [] : questionsOf(test)) addCondition(found, one);
      if (statement.kind === "call") addArgs(found, statement.args);
      else if (statement.kind === "invoke") found.names.add(statement.routine);
      else if (statement.kind === "other") addOperand(found, statement.waitsFor);
    }
  }
  return found;
}

function addArgs(found: Found, args: Args): void {
  for (const operand of Object.values(args)) addOperand(found, operand);
}

function addOperand(found: Found, operand: Operand | undefined): void {
  if (typeof operand !== "object") return;
  if ("ref" in operand) {
    found.names.add(operand.ref);
    if (operand.field !== undefined) found.names.add(operand.field);
  } else if ("objects" in operand) {
    for (const part of operand.objects) addOperand(found, part);
  } else if ("process" in operand) {
    if (operand.process === "service") addService(found, operand.service);
  } else if ("timeout" in operand) {
    if (typeof operand.timeout === "object") found.names.add(operand.timeout.setting);
  } else if ("routine" in operand) found.names.add(operand.routine);
  else if ("record" in operand) found.names.add(operand.record);
}

function addCondition(found: Found, condition: Condition): void {
  if (condition.kind === "compare") addOperand(found, condition.variable);
  else if (condition.kind === "opaque") found.names.add(condition.name);
  else if (condition.kind === "role" && condition.is === "service") {
    addService(found, condition.service);
  }
}

function addService(found: Found, service: string | undefined): void {
  if (service === undefined) found.asksOnlyService = true;
  else found.services.add(service);
}
