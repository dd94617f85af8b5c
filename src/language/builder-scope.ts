/** The scopes of a recording: whose turn it is to record, and running the user's functions. */
import { claimName, fail, type RoutineScope, type Scope, type Session } from "./builder-session.ts";
import { readBody } from "./builder-source.ts";
import type { RoutineRole, Statement } from "./model.ts";
import { origin } from "./place.ts";

/** Refuses a recorder that is not the innermost one. */
export function mustRecord(scope: Scope): void {
  const { session } = scope;
  if (session.current === scope) return;
  if (isOpen(scope)) {
    const inner = session.current?.words ?? "another function";
    fail(
      session,
      `this records into ${scope.words}, but stands in ${inner}: use the parameter of that function`,
    );
  }
  fail(session, `${scope.words} has been recorded: its parameter means nothing any more`);
}

/** Whether the function of a scope is running, perhaps with others inside it. */
export function isOpen(scope: Scope): boolean {
  for (let open = scope.session.current; open !== undefined; open = open.parent) {
    if (open === scope) return true;
  }
  return false;
}

const plainFunction = "[object Function]";

/**
 * Runs a function of the user's (`source`, wrapped in `body`), once it has been read for tests
 * that would go unnoticed.
 */
export function runBody(session: Session, body: () => unknown, source: unknown): void {
  if (typeof source !== "function") fail(session, "a function is missing here");
  if (Object.prototype.toString.call(source) !== plainFunction) {
    fail(session, "this function is asynchronous or a generator; a body is recorded in one go");
  }
  readSource(session, source as (...args: never[]) => unknown);
  const result = body();
  if (typeof (result as { then?: unknown } | undefined)?.then === "function") {
    fail(session, "this function returns a promise; a body is recorded in one go");
  }
}

function readSource(session: Session, body: (...args: never[]) => unknown): void {
  const text = Function.prototype.toString.call(body);
  if (!session.read.has(text)) {
    const reading = readBody(text);
    if (reading === undefined) {
      fail(session, "the source of this function cannot be read: write the function in place");
    }
    for (const covered of reading.covered) session.read.add(covered);
    for (const suspicion of reading.suspicions) {
      if (!session.suspicions.has(suspicion.within)) {
        session.suspicions.set(suspicion.within, suspicion);
      }
    }
  }
  const suspicion = session.suspicions.get(text);
  if (suspicion !== undefined) fail(session, suspicion.message);
}

/** Records inside a scope, then asks whether all its conditions were put to use. */
export function within(scope: Scope, body: () => unknown, source: unknown): void {
  const { session } = scope;
  session.current = scope;
  try {
    runBody(session, body, source);
  } finally {
    session.current = scope.parent;
  }
  for (const made of scope.made) {
    if (!made.used) fail(session, unusedCondition, made.origin);
  }
}

const unusedCondition =
  "the condition made here is tested nowhere. A JavaScript `if`, `?:`, `&&` or loop runs once, " +
  "while the driver is recorded; in the driver itself write a.when(condition, () => { … })";

/** Adds a routine and records its body. */
export function recordRoutine(
  parent: Scope,
  name: unknown,
  role: RoutineRole,
  body: unknown,
  run: (scope: RoutineScope) => unknown,
): RoutineScope {
  const { session } = parent;
  const checked = claimName(session, name, "a routine");
  const statements: Statement[] = [];
  const frame = parent.kind === "routine" ? (parent as RoutineScope).routine.name : undefined;
  const routine = {
    name: checked,
    role,
    ...(frame === undefined ? {} : { within: frame }),
    locals: [],
    body: statements,
  };
  session.model.routines.push(routine);
  session.origins.set(routine, origin());
  const scope: RoutineScope = {
    kind: "routine",
    words: `the body of ${checked}`,
    session,
    parent,
    made: [],
    routine,
    service: parent.service,
    block: statements,
    calls: new Map(),
    labels: new Set(),
  };
  within(scope, () => run(scope), body);
  return scope;
}
