/** Control flow, and the conditions and waitables that every body has. */
import { countCall } from "./builder-call.ts";
import { makeTest, mustBeOurs, useTest } from "./builder-condition.ts";
import { dataOf, makeHandle, wordsFor } from "./builder-handle.ts";
import { waitableKinds } from "./builder-kinds.ts";
import { objectOperand, show, toMicroseconds } from "./builder-operand.ts";
import { mustRecord, runBody } from "./builder-scope.ts";
import { checkName, type Draft, fail, type RoutineScope, type Session } from "./builder-session.ts";
import { addStatement, placed } from "./builder-statement.ts";
import type { Test } from "./builder-types.ts";
import type { Condition, Irql, OpaqueDecl, Operand, ProcessRole, Statement } from "./model.ts";
import { type Origin, origin } from "./place.ts";

/** Records `body` into a block of its own. */
export function recordBlock(scope: RoutineScope, block: Draft<Statement>[], body: unknown): void {
  const outer = scope.block;
  scope.block = block;
  try {
    runBody(scope.session, body as () => unknown, body);
  } finally {
    scope.block = outer;
  }
}

/** Records a loop without limit: `fill` records its body, and says what ends it. */
export function recordLoop(
  scope: RoutineScope,
  fill: (inside: Draft<Statement>[]) => Condition,
): object {
  const inside: Draft<Statement>[] = [];
  const loop = addStatement<"poll">(scope, {
    kind: "poll",
    until: { kind: "or", tests: [] },
    body: inside as Statement[],
    limit: null,
  });
  const outer = scope.block;
  scope.block = inside;
  try {
    loop.until = fill(inside);
  } finally {
    scope.block = outer;
  }
  return placed(scope, loop, {}, inside);
}

export function controlMethods(scope: RoutineScope) {
  const { session } = scope;
  return {
    when: (test: unknown, body: unknown) => {
      mustRecord(scope);
      const then: Statement[] = [];
      const statement = addStatement<"if">(scope, {
        kind: "if",
        test: useTest(session, test),
        then,
      });
      recordBlock(scope, then, body);
      return placed(scope, statement, {
        otherwise: (other: unknown) => {
          mustRecord(scope);
          if (statement.else !== undefined || scope.block.at(-1) !== statement) {
            fail(session, "otherwise stands right behind its a.when(…), and once");
          }
          const branch: Statement[] = [];
          statement.else = branch;
          recordBlock(scope, branch, other);
          return placed(scope, statement, {});
        },
      });
    },
    repeat: (times: unknown, body: unknown) => {
      if (typeof times !== "number") fail(session, `repeat takes a number, not ${show(times)}`);
      const inside: Statement[] = [];
      const statement = addStatement<"repeat">(scope, { kind: "repeat", times, body: inside });
      recordBlock(scope, inside, body);
      return placed(scope, statement, {});
    },
    forever: (body: unknown) => {
      const inside: Statement[] = [];
      const statement = addStatement<"forever">(scope, { kind: "forever", body: inside });
      recordBlock(scope, inside, body);
      return placed(scope, statement, {});
    },
    poll: (options: { until: Test | (() => Test); limit: number | "forever" }, body: unknown) => {
      mustRecord(scope);
      const { until, limit } = options;
      if (limit !== "forever" && typeof limit !== "number") {
        fail(session, `the limit of a poll is a number of rounds or "forever", not ${show(limit)}`);
      }
      const isLate = typeof until === "function";
      const inside: Statement[] = [];
      const statement = addStatement<"poll">(scope, {
        kind: "poll",
        // A test of the body's own calls is known only behind it.
        until: isLate ? { kind: "or", tests: [] } : useTest(session, until),
        body: inside,
        limit: limit === "forever" ? null : limit,
      });
      recordBlock(scope, inside, body);
      if (isLate) statement.until = useTest(session, until());
      return placed(scope, statement, {});
    },
    return: () => placed(scope, addStatement<"return">(scope, { kind: "return" }), {}),
    other: (name: unknown, options: OtherOptions) => {
      mustRecord(scope);
      const checked = checkName(session, name, "a call");
      countCall(scope, checked);
      const { cost, waitsFor, raises, irql } = options ?? {};
      const statement = addStatement<"other">(scope, {
        kind: "other",
        name: checked,
        costUs: toMicroseconds(session, `${checked}: cost`, cost),
        ...(waitsFor === undefined
          ? {}
          : {
              waitsFor: objectOperand(session, `${checked}: waitsFor`, waitableKinds, waitsFor),
            }),
        ...(raises === undefined ? {} : { raises }),
        ...(irql === undefined ? {} : { irql }),
      });
      return placed(scope, statement, {});
    },
    opaque: (name: unknown, drawn?: OpaqueDecl["scope"]) => {
      mustRecord(scope);
      const checked = declareOpaque(session, name, drawn);
      return makeTest(session, scope, { kind: "opaque", name: checked });
    },
    process: (role: ProcessRole, service?: unknown) => {
      mustRecord(scope);
      const operand = { process: role, ...serviceOf(session, service) };
      return waitable(scope, "process", operand);
    },
    thread: (which: "current" | "subject") => {
      mustRecord(scope);
      return waitable(scope, "thread", { thread: which });
    },
  };
}

interface OtherOptions {
  readonly cost?: unknown;
  readonly waitsFor?: unknown;
  readonly raises?: string;
  readonly irql?: Irql;
}

function waitable(scope: RoutineScope, kind: "process" | "thread", operand: Operand): object {
  const { session } = scope;
  const name = `of a.${kind}(…)`;
  return makeHandle({ type: "object", session, name, kind, operand, owner: scope }, {});
}

/** `{ service }`, from a service's handle or name; nothing when none is named. */
export function serviceOf(session: Session, service: unknown): { service?: string } {
  if (service === undefined) return {};
  if (typeof service === "string") return { service };
  const data = dataOf(service);
  if (data?.type !== "service") {
    fail(session, `a service is named by its name or handle, not by ${show(service)}`);
  }
  mustBeOurs(session, data.session, wordsFor(data));
  return { service: data.name };
}

/** Declares a condition unless it is known; the scope then must not differ. */
export function declareOpaque(
  session: Session,
  name: unknown,
  scope: OpaqueDecl["scope"] | undefined,
): string {
  const checked = checkName(session, name, "a condition");
  const known = session.model.conditions.find((one) => one.name === checked);
  if (known === undefined) {
    const where: Origin = origin();
    if (session.names.has(checked))
      fail(session, `"${checked}" is declared already, as something else`);
    session.names.set(checked, where);
    const decl: OpaqueDecl = { name: checked, scope: scope ?? "activation" };
    session.model.conditions.push(decl);
    session.origins.set(decl, where);
  } else if (scope !== undefined && scope !== known.scope) {
    fail(session, `condition ${checked} is drawn once for each ${known.scope}, not ${scope}`);
  }
  return checked;
}
