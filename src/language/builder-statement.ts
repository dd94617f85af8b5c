/** Adding statements to the body, branch or loop being recorded. */
import { unknownIn, withoutValue } from "./builder-handle.ts";
import { show } from "./builder-operand.ts";
import { mustRecord } from "./builder-scope.ts";
import { type Draft, fail, type RoutineScope, type Session } from "./builder-session.ts";
import type { Statement } from "./model.ts";
import { origin } from "./place.ts";
import { cPlacePattern, labelPattern } from "./validate-limits.ts";

type DraftOf<K extends Statement["kind"]> = Draft<Extract<Statement, { readonly kind: K }>>;

/** Adds a statement; what it returns is the draft, which may still be completed. */
export function addStatement<K extends Statement["kind"]>(
  scope: RoutineScope,
  statement: DraftOf<K>,
): DraftOf<K> {
  mustRecord(scope);
  scope.block.push(statement);
  scope.session.origins.set(statement, origin());
  return statement;
}

/** What an author can still say about a statement; `inner` ones have no place of their own. */
export function placed<M extends object>(
  scope: RoutineScope,
  statement: Draft<Statement>,
  more: M,
  inner: readonly Draft<Statement>[] = [],
): M {
  const { session, labels, routine } = scope;
  const methods = {
    ...more,
    at: (place: unknown) => {
      statement.at = cPlace(session, place);
      for (const one of inner) one.at = statement.at;
      return handle;
    },
    label: (name: unknown) => {
      mustBeUnfinished(session);
      if (typeof name !== "string" || !labelPattern.test(name)) {
        fail(session, `a label is a short name such as "ask-service", not ${show(name)}`);
      }
      if (labels.has(name)) fail(session, `${routine.name} has a label "${name}" already`);
      if (statement.label !== undefined) labels.delete(statement.label);
      labels.add(name);
      statement.label = name;
      return handle;
    },
  };
  const names = Object.keys(methods);
  const words = statement.kind === "call" ? `the call of ${statement.api}` : "a statement";
  const handle: M = withoutValue(session, words, methods, (name) => unknownIn(words, name, names));
  return handle;
}

export function cPlace(session: Session, place: unknown): string {
  mustBeUnfinished(session);
  if (typeof place === "string" && cPlacePattern.test(place)) return place;
  fail(session, `a place in the C source is "file.c:123", not ${show(place)}`);
}

function mustBeUnfinished(session: Session): void {
  if (session.current === undefined) fail(session, `driver ${session.driver} is finished`);
}
