/** The recorder of a driver: declarations, routines, callbacks of each family, services. */
import { guarded, kernelRoutine, userRoutine } from "./builder-activation.ts";
import { makeTest } from "./builder-condition.ts";
import { declareOpaque } from "./builder-control.ts";
import { declareMethods, type Holder, holdField, holdObject } from "./builder-declare.ts";
import { makeHandle } from "./builder-handle.ts";
import { kernelObjectMethods, userObjectMethods } from "./builder-kinds.ts";
import { show, toMicroseconds } from "./builder-operand.ts";
import { mustRecord, within } from "./builder-scope.ts";
import { claimName, type Draft, fail, type Scope } from "./builder-session.ts";
import type { ObjectDecl, OpaqueDecl, RecordDecl, RoutineRole, Service } from "./model.ts";
import { origin } from "./place.ts";
import { type FamilyShape, familyForms } from "./shape.ts";
import { didYouMean } from "./validate-nearest.ts";

type Methods = Record<string, unknown>;

export function driverRecorder(scope: Scope): object {
  const { session } = scope;
  const { model } = session;
  const driverWide = { scope, decls: model.objects, owner: undefined, perProcess: false };
  const perProcess = { scope, decls: model.perProcess, owner: undefined, perProcess: true };
  const routine = (role: RoutineRole) => (name: unknown, body: unknown) => {
    mustRecord(scope);
    return kernelRoutine(scope, role, name, body);
  };
  const methods: Methods = {
    ...declareMethods(scope, kernelObjectMethods, holdObject(driverWide)),
    perProcess: declarer(scope, "d.perProcess", kernelObjectMethods, perProcess),
    record: recordMethod(scope),
    workItem: routine("workItem"),
    systemThread: routine("systemThread"),
    apc: routine("apc"),
    dpc: routine("dpc"),
    routine: routine("function"),
    request: routine("request"),
    onCleanup: routine("cleanup"),
    driverEntry: (body: unknown) => routine("entry")("DriverEntry", body),
    driverUnload: (body: unknown) => routine("unload")("DriverUnload", body),
    setting: (name: unknown, value: unknown) => {
      mustRecord(scope);
      const checked = claimName(session, name, "a setting");
      const us = value === "none" ? value : toMicroseconds(session, checked, value);
      model.settings.push({ name: checked, value: us });
      return makeHandle({ type: "setting", session, name: checked }, {});
    },
    opaque: (name: unknown, drawn: OpaqueDecl["scope"]) => {
      mustRecord(scope);
      const checked = declareOpaque(session, name, drawn);
      return makeTest(session, undefined, { kind: "opaque", name: checked });
    },
    origin: (repository: string, commit?: string, note?: string) => {
      mustRecord(scope);
      model.origin = {
        repository,
        ...(commit === undefined ? {} : { commit }),
        ...(note === undefined ? {} : { note }),
      };
      session.origins.set(model.origin, origin());
    },
    service: serviceMethod(scope),
  };
  for (const [name, form] of familyMethods(session.language.families)) {
    methods[name] = (callback: string, body: unknown) => {
      mustRecord(scope);
      const handle = kernelRoutine(scope, "callback", callback, body);
      const registration = { family: form, routine: callback };
      session.origins.set(registration, origin());
      model.registrations.push(registration);
      return handle;
    };
  }
  return guarded(
    scope,
    methods,
    (name) =>
      `d has no ${name}${didYouMean(name, Object.keys(methods)) || "; calls belong into the body of a routine"}`,
  );
}

/** `onProcess`, `onProcessCreate`… and the form that each registers. */
export function familyMethods(families: readonly FamilyShape[]): Map<string, string> {
  const methods = new Map<string, string>();
  for (const form of familyForms(families).keys()) {
    const words = form.split("-").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
    methods.set(`on${words.join("")}`, form);
  }
  return methods;
}

function declarer(
  scope: Scope,
  words: string,
  kinds: typeof kernelObjectMethods,
  holder: Holder,
): object {
  const methods = declareMethods(scope, kinds, holdObject(holder));
  return guarded(scope, methods, (name) => unknownDeclaration(words, name, methods));
}

function unknownDeclaration(words: string, name: string, methods: Methods): string {
  const names = Object.keys(methods);
  return `${words} declares no ${name}${didYouMean(name, names) || `: it has ${names.join(", ")}`}`;
}

function recordMethod(scope: Scope) {
  const { session } = scope;
  return (name: unknown, body: unknown, options: { max?: number } = {}): object => {
    mustRecord(scope);
    const checked = claimName(session, name, "a record");
    const fields: ObjectDecl[] = [];
    const { max } = options;
    const decl: RecordDecl = { name: checked, fields, ...(max === undefined ? {} : { max }) };
    session.model.records.push(decl);
    session.origins.set(decl, origin());
    const inner: Scope = {
      ...scope,
      kind: "record",
      words: `record ${checked}`,
      parent: scope,
      made: [],
    };
    const methods: Methods = declareMethods(
      inner,
      kernelObjectMethods,
      holdField(session, fields, () => recorder),
    );
    const recorder = guarded(inner, methods, (field) =>
      unknownDeclaration(`record ${checked}`, field, methods),
    );
    within(inner, () => (body as (r: object) => unknown)(recorder), body);
    return makeHandle({ type: "record", session, decl }, {});
  };
}

function serviceMethod(scope: Scope) {
  const { session } = scope;
  return (name: unknown, body: unknown): object => {
    mustRecord(scope);
    const checked = claimName(session, name, "a service");
    const objects: ObjectDecl[] = [];
    const threads: Draft<Service["threads"][number]>[] = [];
    const service: Service = { name: checked, objects, threads };
    session.model.services.push(service);
    session.origins.set(service, origin());
    const inner: Scope = {
      kind: "service",
      words: `service ${checked}`,
      session,
      parent: scope,
      service: checked,
      made: [],
    };
    const holder = { scope: inner, decls: objects, owner: inner, perProcess: false };
    const methods: Methods = {
      ...declareMethods(inner, userObjectMethods, holdObject(holder)),
      thread: (routine: string, run: unknown, options: { count?: number } = {}) => {
        mustRecord(inner);
        const { count = 1 } = options;
        if (typeof count !== "number") fail(session, `a count is a number, not ${show(count)}`);
        threads.push({ routine, count });
        return userRoutine(inner, routine, run);
      },
    };
    const recorder = guarded(inner, methods, (method) =>
      unknownDeclaration(`service ${checked}`, method, methods),
    );
    within(inner, () => (body as (s: object) => unknown)(recorder), body);
    return makeHandle({ type: "service", session, name: checked }, {});
  };
}
