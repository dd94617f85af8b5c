/** Statements of driver bodies, short to write and plain to read in a failing test. */
import type {
  Args,
  Body,
  CallStatement,
  Condition,
  DriverModel,
  Operand,
  Statement,
} from "../../../src/language/model.ts";

export const call = (api: string, args: Args = {}, result?: string): CallStatement => ({
  kind: "call",
  api,
  args,
  ...(result === undefined ? {} : { result }),
});

export const ref = (name: string): Operand => ({ ref: name });
export const forever = (...body: Body): Statement => ({ kind: "forever", body });
export const when = (test: Condition, then: Body): Statement => ({ kind: "if", test, then });

/** Microseconds, or none. */
export const timeout = (us: number | "none"): Operand => ({ timeout: us });

/** A driver without anything, to be filled. */
export const emptyDriver = (name: string): DriverModel => ({
  loophole: "driver",
  version: 1,
  name,
  objects: [],
  perProcess: [],
  records: [],
  settings: [],
  conditions: [],
  routines: [],
  registrations: [],
  services: [],
});
