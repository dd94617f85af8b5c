/** Declaring objects: of the driver, of each process, of frames, services and records. */
import { comparisons, mustBeOurs } from "./builder-condition.ts";
import { dataOf, type HandleData, makeHandle, withoutValue, wordsFor } from "./builder-handle.ts";
import { show } from "./builder-operand.ts";
import { mustRecord } from "./builder-scope.ts";
import { checkName, claimName, fail, type Scope, type Session } from "./builder-session.ts";
import {
  contextKinds,
  type ObjectDecl,
  type ObjectKind,
  type Operand,
  type ProcessRole,
  processRoles,
  type RecordDecl,
} from "./model.ts";
import { origin } from "./place.ts";
import { didYouMean } from "./validate-nearest.ts";

/** Where declared objects go. */
export interface Holder {
  /** Whose recorder declares them. */
  readonly scope: Scope;
  readonly decls: ObjectDecl[];
  /** The only scope that reaches them, or undefined for the whole driver. */
  readonly owner: Scope | undefined;
  readonly perProcess: boolean;
}

type ObjectData = Extract<HandleData, { type: "object" }>;
type PlainKinds = Readonly<Record<string, ObjectKind>>;
/** Declares in its own way: as an object with a handle, or as a field. */
type Declared = (decl: ObjectDecl, record?: RecordDecl) => unknown;

/** The declaring methods; `plain` are those that take only a name. */
export function declareMethods(scope: Scope, plain: PlainKinds, declared: Declared) {
  const { session } = scope;
  const methods: Record<string, (...args: never[]) => unknown> = {
    event: (name: string, kind: ObjectKind, options: { signalled?: boolean } = {}) => {
      mustRecord(scope);
      if (kind !== "NotificationEvent" && kind !== "SynchronizationEvent") {
        fail(
          session,
          `an event is a NotificationEvent or a SynchronizationEvent, not ${show(kind)}`,
        );
      }
      return declared({ name, kind, ...(options.signalled === true ? { initial: 1 } : {}) });
    },
    timer: (name: string, kind: ObjectKind) => {
      mustRecord(scope);
      if (kind !== "NotificationTimer" && kind !== "SynchronizationTimer") {
        fail(
          session,
          `a timer is a NotificationTimer or a SynchronizationTimer, not ${show(kind)}`,
        );
      }
      return declared({ name, kind });
    },
    semaphore: (name: string, initial: number, limit: number) => {
      mustRecord(scope);
      for (const count of [initial, limit]) {
        if (!Number.isInteger(count))
          fail(session, `semaphore(name, count, limit) takes whole numbers, not ${show(count)}`);
      }
      return declared({ name, kind: "KSEMAPHORE", initial, limit });
    },
    port: (name: string, options: { room?: number } = {}) => {
      mustRecord(scope);
      const { room } = options;
      if (room === undefined) return declared({ name, kind: "FLT_PORT" });
      if (!Number.isInteger(room))
        fail(session, `a pipe has room for a whole number of messages, not for ${show(room)}`);
      return declared({ name, kind: "FLT_PORT", room });
    },
    variable: (name: string, initial = 0) => {
      mustRecord(scope);
      if (!Number.isInteger(initial))
        fail(session, `a variable holds whole numbers, not ${show(initial)}`);
      return declared({ name, kind: "variable", initial });
    },
    pointer: (name: string, of?: unknown) => {
      mustRecord(scope);
      const data = dataOf(of);
      if (of !== undefined && data?.type !== "record") {
        fail(session, `a pointer points to a record of d.record, not to ${show(of)}`);
      }
      if (data?.type !== "record") return declared({ name, kind: "pointer" });
      mustBeOurs(session, data.session, wordsFor(data));
      return declared({ name, kind: "pointer", record: data.decl.name }, data.decl);
    },
  };
  for (const [method, kind] of Object.entries(plain)) {
    if (kind === "FLT_PORT") continue;
    methods[method] = (name: string) => {
      mustRecord(scope);
      return declared({ name, kind });
    };
  }
  return methods;
}

/** What a routine is handed as its context: a pointer, or an object that lives elsewhere. */
export function contextMethod(scope: Scope, declared: Declared) {
  const { session } = scope;
  return (name: string, of?: unknown): unknown => {
    mustRecord(scope);
    const context = true;
    if (of === undefined) return declared({ name, kind: "pointer", context });
    const kind = contextKinds.find((one) => one === of);
    if (kind !== undefined) return declared({ name, kind, context });
    const data = dataOf(of);
    if (data?.type !== "record") {
      fail(
        session,
        `a context is a record of d.record, or a ${contextKinds.join(" or ")}; not ${show(of)}`,
      );
    }
    mustBeOurs(session, data.session, wordsFor(data));
    return declared({ name, kind: "pointer", record: data.decl.name, context }, data.decl);
  };
}

/** Declares an object under a name of the driver, and makes its handle. */
export function holdObject(holder: Holder): Declared {
  const { session } = holder.scope;
  return (decl, record) => {
    claimName(session, decl.name, `a ${decl.kind}`);
    session.origins.set(decl, origin());
    holder.decls.push(decl);
    const { name, kind } = decl;
    return objectHandle(
      { type: "object", session, name, kind, operand: { ref: name }, owner: holder.owner, record },
      holder.perProcess,
    );
  };
}

/** Declares a field of a record; the chain goes on with `chain`. */
export function holdField(session: Session, fields: ObjectDecl[], chain: () => unknown): Declared {
  return (decl) => {
    checkName(session, decl.name, "a field");
    if (fields.some(({ name }) => name === decl.name)) {
      fail(session, `this record has a field "${decl.name}" already`);
    }
    fields.push(decl);
    return chain();
  };
}

function objectHandle(data: ObjectData, perProcess = false): object {
  const { session, owner, operand } = data;
  const methods: Record<string, unknown> = {};
  if (data.kind === "variable") Object.assign(methods, comparisons(session, owner, operand));
  if (data.kind === "pointer") {
    // As p.field.Name, it would be undefined.
    methods.field = withoutValue(
      session,
      `field of ${wordsFor(data)}`,
      (name: string) => fieldHandle(data, name),
      (name) => `a field is a call here: .field("${name}")`,
    );
  }
  if (perProcess) methods.of = (role: ProcessRole) => handleOf(data, role);
  return makeHandle(data, methods);
}

function handleOf(data: ObjectData, role: ProcessRole): object {
  if (!processRoles.includes(role)) {
    fail(data.session, `a process is ${processRoles.join(", ")}; not ${show(role)}`);
  }
  const operand: Operand = { ref: data.name, of: role };
  return objectHandle({ ...data, operand, of: role });
}

function fieldHandle(data: ObjectData, name: string): object {
  const { session, record } = data;
  if (record === undefined)
    fail(session, `${wordsFor(data)} points to no record: it has no fields`);
  const field = record.fields.find((one) => one.name === name);
  if (field === undefined) {
    const hint = didYouMean(
      name,
      record.fields.map((one) => one.name),
    );
    fail(session, `record ${record.name} has no field ${show(name)}${hint}`);
  }
  const of = data.of === undefined ? {} : { of: data.of };
  const operand: Operand = { ref: data.name, field: name, ...of };
  return objectHandle({
    type: "object",
    session,
    name: `${data.name}->${name}`,
    kind: field.kind,
    operand,
    owner: data.owner,
  });
}
