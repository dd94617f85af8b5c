/** The recorders of bodies: kernel activations, and threads of services. */
import { callMethod } from "./builder-call.ts";
import { makeTest } from "./builder-condition.ts";
import { controlMethods, serviceOf } from "./builder-control.ts";
import { contextMethod, declareMethods, holdObject } from "./builder-declare.ts";
import { drainMethod } from "./builder-drain.ts";
import { makeHandle, withoutValue } from "./builder-handle.ts";
import { kernelObjectMethods } from "./builder-kinds.ts";
import { routineName } from "./builder-operand.ts";
import { mustRecord, recordRoutine } from "./builder-scope.ts";
import { fail, type RoutineScope, type Scope } from "./builder-session.ts";
import { addStatement, cPlace, placed } from "./builder-statement.ts";
import { walkMethod } from "./builder-walk.ts";
import type { Condition, RoutineRole } from "./model.ts";
import { runsIn } from "./shape.ts";
import { didYouMean } from "./validate-nearest.ts";

type Methods = Record<string, unknown>;

/** Records a routine of the kernel and makes its handle. */
export function kernelRoutine(parent: Scope, role: RoutineRole, name: unknown, body: unknown) {
  let self: object | undefined;
  recordRoutine(parent, name, role, body, (scope) => {
    self = routineHandle(scope, role);
    return (body as (a: object) => unknown)(activation(scope, self));
  });
  return self as object;
}

/** Records a thread of a service. */
export function userRoutine(parent: Scope, name: unknown, body: unknown): object {
  let self: object | undefined;
  recordRoutine(parent, name, "userThread", body, (scope) => {
    self = routineHandle(scope, "userThread");
    return (body as (t: object) => unknown)(userThread(scope));
  });
  return self as object;
}

function routineHandle(scope: RoutineScope, role: RoutineRole): object {
  const { session, routine } = scope;
  const { name } = routine;
  const owner = scope.parent?.kind === "routine" ? scope.parent : undefined;
  const methods = {
    at: (place: unknown): object => {
      routine.at = cPlace(session, place);
      return handle;
    },
  };
  const isDriverWideItem = role === "workItem" && owner === undefined;
  const handle: object = makeHandle(
    isDriverWideItem
      ? { type: "object", session, name, kind: "WORK_ITEM", operand: { ref: name }, owner }
      : { type: "routine", session, name, role, owner },
    methods,
  );
  if (isDriverWideItem) session.model.objects.push({ name, kind: "WORK_ITEM", routine: name });
  return handle;
}

function activation(scope: RoutineScope, self: object): object {
  const { session, routine } = scope;
  const holder = { scope, decls: routine.locals, owner: scope, perProcess: false };
  const methods: Methods = {
    ...controlMethods(scope),
    ...declareMethods(scope, kernelObjectMethods, holdObject(holder)),
    context: contextMethod(scope, holdObject(holder)),
    ...kernelTests(scope),
    self,
    workItem: (name: unknown, body: unknown) => inner("workItem", name, body),
    systemThread: (name: unknown, body: unknown) => inner("systemThread", name, body),
    apc: (name: unknown, body: unknown) => inner("apc", name, body),
    call: (callee: unknown) => {
      mustRecord(scope);
      const called = routineName(session, "call", "function", callee);
      return placed(scope, addStatement<"invoke">(scope, { kind: "invoke", routine: called }), {});
    },
    drain: drainMethod(scope),
    walk: walkMethod(scope),
    veto: () => placed(scope, addStatement<"veto">(scope, { kind: "veto" }), {}),
  };
  const inner = (role: RoutineRole, name: unknown, body: unknown): object => {
    mustRecord(scope);
    return kernelRoutine(scope, role, name, body);
  };
  return recorder(scope, "kernel", methods);
}

function userThread(scope: RoutineScope): object {
  const holder = { scope, decls: scope.routine.locals, owner: scope, perProcess: false };
  const { variable, pointer } = declareMethods(scope, {}, holdObject(holder));
  return recorder(scope, "user", { ...controlMethods(scope), variable, pointer });
}

function kernelTests(scope: RoutineScope): Methods {
  const { session } = scope;
  const test = (condition: Condition): object => {
    mustRecord(scope);
    return makeTest(session, scope, condition);
  };
  const role =
    (who: "current" | "subject" | "parent" | "creator") =>
    (is: "service" | "subject" | "system", service?: unknown) =>
      test({ kind: "role", who, is, ...serviceOf(session, service) });
  return {
    isCreate: () => test({ kind: "event", is: "create" }),
    isExit: () => test({ kind: "event", is: "exit" }),
    isImage: (is: string) => test({ kind: "event", is }),
    isEvent: (is: string) => test({ kind: "event", is }),
    currentIs: role("current"),
    subjectIs: role("subject"),
    parentIs: role("parent"),
    creatorIs: role("creator"),
    kernelHandle: () => test({ kind: "kernelHandle" }),
    apcsDisabled: () => test({ kind: "apcsDisabled" }),
    causedByOwnWork: () => test({ kind: "causedByOwnWork" }),
  };
}

/** Words of C's and JavaScript's control flow, and what the language has in their place. */
const branchWords = ["if", "else", "elseIf", "unless", "switch", "case"];
const loopWords = ["break", "continue", "while", "until", "for", "do", "loop", "goto", "exit"];

function adviceFor(word: string, methods: readonly string[]): string | undefined {
  if (branchWords.includes(word)) {
    return `the language has no ${word}: a branch is a.when(condition, () => { … }).otherwise(() => { … })`;
  }
  if (!loopWords.includes(word)) return undefined;
  const drain = methods.includes("drain")
    ? "one that empties a list is a.drain(list, pointer, () => { … }), "
    : "";
  return (
    `the language has no ${word}: a loop that ends when something holds is ` +
    "a.poll({ until: () => condition, limit: … }, () => { … }), " +
    `${drain}and a.return() leaves the routine`
  );
}

/** Adds the calls of one mode; a name that is none of these is an error that suggests one. */
function recorder(scope: RoutineScope, mode: "kernel" | "user", methods: Methods): object {
  const { session } = scope;
  const { apis } = session.language;
  for (const api of apis) {
    if (!runsIn(api, mode)) continue;
    if (Object.hasOwn(methods, api.name)) {
      fail(session, `the API table has a call ${api.name}, a word of the language itself`);
    }
    methods[api.name] = callMethod(scope, api);
  }
  return guarded(scope, methods, (name) => {
    if (apis.some((api) => api.name === name)) {
      const here = mode === "kernel" ? "kernel code" : "a thread of a service";
      return `${name} is a ${mode === "kernel" ? "user" : "kernel"}-mode call, and this is ${here}`;
    }
    const advice = adviceFor(name, Object.keys(methods));
    if (advice !== undefined) return advice;
    const written = session.language.sayOtherwise?.(name);
    if (written !== undefined) return `unknown call ${name}; ${written}`;
    return (
      `unknown call ${name}${didYouMean(name, Object.keys(methods)) || "."} ` +
      `If the table lacks it, write other("${name}", { cost: … })`
    );
  });
}

/** A recorder whose missing methods are errors of the user's. */
export function guarded(scope: Scope, methods: Methods, unknown: (name: string) => string): object {
  return withoutValue(scope.session, `the parameter of ${scope.words}`, methods, unknown);
}
