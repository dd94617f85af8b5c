/**
 * Handles: what recorders give back. What they stand for is kept beside them, so that a handle
 * shows its user nothing but methods, and resists every conversion.
 */
import { fail, type MadeCondition, type Scope, type Session } from "./builder-session.ts";
import type { ObjectKind, Operand, ProcessRole, RecordDecl, RoutineRole } from "./model.ts";
import { didYouMean } from "./validate-nearest.ts";

export type HandleData =
  | {
      readonly type: "object";
      readonly session: Session;
      readonly name: string;
      readonly kind: ObjectKind | "process" | "thread";
      readonly operand: Operand;
      /** The routine or service that has it; undefined: reachable everywhere in the driver. */
      readonly owner: Scope | undefined;
      /** Pointers: the record. */
      readonly record?: RecordDecl | undefined;
      readonly of?: ProcessRole;
    }
  | {
      readonly type: "routine";
      readonly session: Session;
      readonly name: string;
      readonly role: RoutineRole;
      /** The routine in whose frame it was declared. */
      readonly owner: Scope | undefined;
    }
  | { readonly type: "record"; readonly session: Session; readonly decl: RecordDecl }
  | { readonly type: "setting"; readonly session: Session; readonly name: string }
  | { readonly type: "service"; readonly session: Session; readonly name: string }
  | {
      readonly type: "test";
      readonly session: Session;
      readonly made: MadeCondition;
      /** Where it holds: a call's result only in its routine. Undefined: in every routine. */
      readonly owner: Scope | undefined;
    };

const known = new WeakMap<object, HandleData>();

export function dataOf(value: unknown): HandleData | undefined {
  return typeof value === "object" && value !== null ? known.get(value) : undefined;
}

/** A handle with these methods, which stands for `data`. */
export function makeHandle<M extends object>(data: HandleData, methods: M): M {
  const names = Object.keys(methods);
  const handle = withoutValue(data.session, wordsFor(data), methods, (name) =>
    unknownOf(data, name, names),
  );
  known.set(handle, data);
  return handle;
}

/** A property that a handle lacks, and what was probably meant. */
function unknownOf(data: HandleData, name: string, names: readonly string[]): string {
  if (data.type === "object" && data.kind === "pointer") {
    const fields = data.record?.fields.map((field) => field.name) ?? [];
    const isField = fields.includes(name);
    const hint = isField
      ? `: that field is .field("${name}")`
      : didYouMean(name, [...names, ...fields]) ||
        (fields.length === 0
          ? "."
          : `: its fields are ${fields.map((one) => `.field("${one}")`).join(", ")}.`);
    const told =
      " Whether it points to anything is told by the call that fills it: const got = …, got.succeeded()";
    return `${wordsFor(data)} has no ${name}${hint}${isField ? "" : told}`;
  }
  return unknownIn(wordsFor(data), name, names);
}

export function unknownIn(words: string, name: string, names: readonly string[]): string {
  const all = names.length === 0 ? "nothing to ask it" : names.join(", ");
  return `${words} has no ${name}${didYouMean(name, names) || `: it has ${all}`}`;
}

/**
 * Freezes an object whose conversion to a JavaScript value is an error, as is every property that
 * it lacks: undefined would go on as an argument, or fail far from its cause.
 */
export function withoutValue<M extends object>(
  session: Session,
  words: string,
  methods: M,
  unknown: (name: string) => string,
): M {
  const refuse = (): never =>
    fail(
      session,
      `${words} has no value in JavaScript: it stands for something in the driver. Use its ` +
        "methods, or test it with a.when",
    );
  for (const conversion of [Symbol.toPrimitive, "toString", "valueOf", "toJSON"]) {
    Object.defineProperty(methods, conversion, { value: refuse });
  }
  return new Proxy(Object.freeze(methods), {
    get(target, name) {
      // Symbols and `then` are how JavaScript itself looks at any object.
      if (typeof name === "symbol" || name === "then" || name in target) {
        return Reflect.get(target, name);
      }
      return fail(session, unknown(name));
    },
    set(_, name) {
      return fail(
        session,
        `${words} has no ${String(name)} to assign to: what JavaScript assigns is no part of the driver, which changes things by calls`,
      );
    },
  });
}

/** As messages name it. */
export function wordsFor(data: HandleData): string {
  switch (data.type) {
    case "object":
      return `${data.kind} ${data.name}`;
    case "routine":
      return `${roleWords[data.role]} ${data.name}`;
    case "record":
      return `record ${data.decl.name}`;
    case "setting":
    case "service":
      return `${data.type} ${data.name}`;
    case "test":
      return "a condition";
  }
}

export const roleWords: Readonly<Record<RoutineRole, string>> = {
  callback: "callback",
  entry: "DriverEntry",
  unload: "DriverUnload",
  workItem: "work item",
  systemThread: "system thread",
  apc: "kernel APC",
  dpc: "DPC",
  request: "request",
  cleanup: "cleanup",
  function: "function",
  userThread: "user thread",
};
