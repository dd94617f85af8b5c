/**
 * The API table read as a grammar: which calls open something that another has to close, and what
 * is theirs to take. All of it follows from what the entries say that they do, so that a new entry
 * is generated without a word here.
 */
import { extended, noExtension } from "../language/extension.ts";
import type { CallStatement, ObjectKind, Operand } from "../language/model.ts";
import {
  type ApiShape,
  type Extension,
  type FamilyForm,
  familyForms,
  type Language,
  type Param,
  type Primitive,
  runsIn,
} from "../language/shape.ts";

/** What a thread can hold between two calls. */
export type HoldKind =
  | "lock"
  /** Taken without a change of region or IRQL. */
  | "plain lock"
  | "critical"
  | "guarded"
  | "attach"
  | "rundown"
  | "irql"
  /** A pointer with a reference to a counted record. */
  | "record"
  /** A pointer to a request that waits for its answer. */
  | "message";

export interface Hold {
  readonly kind: HoldKind;
  /** The parameter that names what is held. */
  readonly param?: string;
  /** A lock that others share. */
  readonly shared?: true;
}

/** An API with what it opens and closes. */
export interface Production {
  readonly api: ApiShape;
  /** The kinds that it takes, for which a feature decides. */
  readonly asks: readonly string[];
  readonly opens: readonly Hold[];
  readonly closes: readonly Hold[];
  /** The parameter of a lock that the caller has to hold, alone. */
  readonly needsLock?: string;
}

export interface Grammar {
  readonly language: Language;
  /** That of which drivers need no entries of their own, and the entries of the others. */
  readonly base: Language;
  readonly extension: Extension;
  readonly forms: ReadonlyMap<string, FamilyForm>;
  readonly productions: readonly Production[];
}

/** @param extension What is added to the language: drivers that use it bring it along. */
export function grammarOf(base: Language, extension: Extension = noExtension): Grammar {
  const language = extension === noExtension ? base : extended(base, extension);
  const drawn = language.apis.filter(({ weight }) => weight > 0);
  const productions = drawn.map((api): Production => {
    const holds = (read: typeof opened): Hold[] => api.does.flatMap((one) => read(api, one) ?? []);
    const converts = api.does.find(({ op }) => op === "convert");
    return {
      api,
      asks: kindsAsked(api),
      opens: holds(opened),
      closes: holds(closed),
      ...(converts === undefined ? {} : { needsLock: paramOf(converts, "object") }),
    };
  });
  return { language, base, extension, forms: familyForms(language.families), productions };
}

/** Never an object of its own: declared with a routine, or for what it points to. */
const declaredOtherwise: readonly string[] = ["WORK_ITEM", "pointer", "PETHREAD"];

/** Whether nothing that a generator declares can stand there. */
export const isNeverDrawn = ({ kind }: Param): boolean =>
  kind.type === "object" &&
  !kind.kinds.includes("pointer") &&
  kind.kinds.every((one) => declaredOtherwise.includes(one));

/** It is drawn as a pointer, whatever else could stand there. */
const takesPointer = ({ kind }: Param): boolean =>
  kind.type === "object" && kind.kinds.includes("pointer");

const kindsAsked = ({ params }: ApiShape): string[] =>
  params
    .filter((param) => param.default === undefined && !takesPointer(param))
    .flatMap(({ kind }): readonly string[] => ("kinds" in kind ? kind.kinds : []))
    .filter((kind) => !declaredOtherwise.includes(kind));

/** The parameter that an operand of a primitive stands for. */
export function paramOf(primitive: Primitive, operand: string): string | undefined {
  const given = primitive[operand];
  return typeof given === "object" ? given.param : undefined;
}

/** The call of the table whose one operation this is, with what its operands stand for, by name. */
export function callOf(
  { language }: Grammar,
  op: string,
  operands: Readonly<Record<string, Operand>>,
  result?: string,
): CallStatement | undefined {
  const api = language.apis.find(({ does }) => does.length === 1 && does[0].op === op);
  if (api === undefined) return undefined;
  const args: Record<string, Operand> = {};
  for (const [name, operand] of Object.entries(operands)) {
    const param = paramOf(api.does[0], name);
    if (param !== undefined) args[param] = operand;
  }
  return { kind: "call", api: api.name, args, ...(result === undefined ? {} : { result }) };
}

/** Kinds of object that a parameter takes. */
function kindsOf(api: ApiShape, param: string | undefined): readonly string[] {
  const found = api.params.find(({ name }) => name === param);
  return found !== undefined && "kinds" in found.kind ? found.kind.kinds : [];
}

function opened(api: ApiShape, primitive: Primitive): Hold | undefined {
  const { op } = primitive;
  switch (op) {
    case "acquire":
      return {
        kind: primitive.mode === "plain" ? "plain lock" : "lock",
        param: paramOf(primitive, "object"),
        ...(String(primitive.mode).startsWith("shared") ? { shared: true } : {}),
      };
    case "protect":
      return { kind: "rundown", param: paramOf(primitive, "object") };
    case "critical":
    case "guarded":
    case "attach":
      return Number(primitive.delta) > 0 ? { kind: op } : undefined;
    case "irql":
      return primitive.raises === true
        ? { kind: "irql", param: paramOf(primitive, "irql") }
        : undefined;
    case "allocate":
    case "reference":
      return { kind: "record", param: paramOf(primitive, "pointer") };
    case "dequeue":
    case "pop": {
      const param = paramOf(primitive, "pointer");
      if (param === undefined) return undefined;
      const from = kindsOf(api, paramOf(primitive, "object"));
      const isMessage = from.some((kind) => messageKinds.includes(kind));
      return { kind: isMessage ? "message" : "record", param };
    }
    default:
      return undefined;
  }
}

function closed(_api: ApiShape, primitive: Primitive): Hold | undefined {
  const { op } = primitive;
  switch (op) {
    case "release":
      return {
        kind: primitive.plain === true ? "plain lock" : "lock",
        param: paramOf(primitive, "object"),
      };
    case "unprotect":
      return { kind: "rundown", param: paramOf(primitive, "object") };
    case "critical":
    case "guarded":
    case "attach":
      return Number(primitive.delta) < 0 ? { kind: op } : undefined;
    case "irql":
      return primitive.raises === true
        ? undefined
        : { kind: "irql", param: paramOf(primitive, "irql") };
    case "dereference":
    case "enqueue": {
      const param = paramOf(primitive, "pointer");
      return param === undefined ? undefined : { kind: "record", param };
    }
    case "reply":
      return { kind: "message", param: paramOf(primitive, "pointer") };
    default:
      return undefined;
  }
}

/** Kinds that requests and messages go through: somebody in user mode is at their other end. */
export const messageKinds: readonly string[] = ["FLT_PORT", "IO_CSQ"] satisfies ObjectKind[];

/** Objects that a wait makes its thread own. */
const ownedByWaiting: readonly string[] = ["KMUTEX"] satisfies ObjectKind[];

export const isOwnedByWaiting = (kind: string): boolean => ownedByWaiting.includes(kind);

/** What a call opens when its object is of this kind. */
export function opensWith(production: Production, kind: string | undefined): readonly Hold[] {
  const wait = production.api.does.find(({ op }) => op === "wait");
  if (wait === undefined || kind === undefined || !isOwnedByWaiting(kind)) return production.opens;
  return [...production.opens, { kind: "lock", param: paramOf(wait, "object") }];
}

const kindsHeld = (holds: readonly Hold[]): string =>
  holds
    .map(({ kind }) => kind)
    .sort()
    .join();

/**
 * The calls that close what was opened, for an object of this kind. Of those for a lock the ones
 * whose name is nearest: FltAcquire… goes with FltRelease….
 */
export function closersOf(
  grammar: Grammar,
  opener: Production,
  opens: readonly Hold[],
  kind: string | undefined,
): readonly Production[] {
  const wanted = kindsHeld(opens);
  const lock = opens.find((hold) => hold.kind === "lock" || hold.kind === "plain lock");
  const mode = opener.api.mode === "user" ? "user" : "kernel";
  const fitting = grammar.productions.filter(({ api, closes, opens: also }) => {
    if (kindsHeld(closes) !== wanted || also.length > 0 || !runsIn(api, mode)) return false;
    const named = closes.find((hold) => hold.kind === lock?.kind || hold.kind === "rundown");
    if (kind === undefined || (lock === undefined && named?.kind !== "rundown")) return true;
    return kindsOf(api, named?.param).includes(kind);
  });
  if (opens.some((hold) => hold.kind === "record")) return fitting;
  const nearest = Math.max(...fitting.map(({ api }) => affinity(api.name, opener.api.name)));
  return fitting.filter(({ api }) => affinity(api.name, opener.api.name) === nearest);
}

const wordsOf = (name: string): ReadonlySet<string> =>
  new Set(name.match(/[A-Z][a-z]*|\d+/g) ?? [name]);

/** Words that two names share. */
function affinity(one: string, other: string): number {
  const words = wordsOf(other);
  return [...wordsOf(one)].filter((word) => words.has(word)).length;
}
