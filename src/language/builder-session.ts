/**
 * The state of one recording. A driver's functions run once; each call on a recorder adds to the
 * drafts here, which become the model.
 */
import { InputError } from "../base/input-error.ts";
import type { Suspicion } from "./builder-source.ts";
import type {
  Condition,
  DriverModel,
  ObjectDecl,
  OpaqueDecl,
  RecordDecl,
  Registration,
  Routine,
  Service,
  SettingDecl,
  Statement,
} from "./model.ts";
import { type Origin, origin, sourcePlace } from "./place.ts";
import type { Language } from "./shape.ts";
import { namePattern } from "./validate-limits.ts";

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A part of the driver with a recorder of its own. Only the innermost one records. */
export interface Scope {
  readonly kind: "driver" | "service" | "routine" | "record";
  /** As messages name it. */
  readonly words: string;
  readonly session: Session;
  readonly parent: Scope | undefined;
  /** The service whose process or thread this is. */
  readonly service: string | undefined;
  /** Conditions made here, each of which must be tested somewhere. */
  readonly made: MadeCondition[];
}

export interface RoutineScope extends Scope {
  readonly kind: "routine";
  readonly routine: Draft<Routine> & { readonly locals: ObjectDecl[] };
  /** Where statements go: the body, or the branch or loop being recorded. */
  block: Draft<Statement>[];
  /** Calls so far by name, for the names of their results. */
  readonly calls: Map<string, number>;
  readonly labels: Set<string>;
}

export interface MadeCondition {
  readonly condition: Condition;
  readonly origin: Origin;
  used: boolean;
}

export interface Session {
  readonly language: Language;
  readonly driver: string;
  current: Scope | undefined;
  /** The first error: a body that catches it does not get away with it. */
  failure: InputError | undefined;
  /** All declared names, and where. */
  readonly names: Map<string, Origin>;
  /** Where each draft was made, for errors that only the whole driver shows. */
  readonly origins: WeakMap<object, Origin>;
  /** Functions whose text tests what must not be tested, until they are about to run. */
  readonly suspicions: Map<string, Suspicion>;
  /** Texts of functions that have been read for such tests. */
  readonly read: Set<string>;
  readonly model: {
    origin: DriverModel["origin"];
    readonly objects: ObjectDecl[];
    readonly perProcess: ObjectDecl[];
    readonly records: RecordDecl[];
    readonly settings: SettingDecl[];
    readonly conditions: OpaqueDecl[];
    readonly routines: Routine[];
    readonly registrations: Registration[];
    readonly services: Service[];
  };
}

export function startSession(language: Language, driver: string): Session {
  return {
    language,
    driver,
    current: undefined,
    failure: undefined,
    names: new Map(),
    origins: new WeakMap(),
    suspicions: new Map(),
    read: new Set(),
    model: {
      origin: undefined,
      objects: [],
      perProcess: [],
      records: [],
      settings: [],
      conditions: [],
      routines: [],
      registrations: [],
      services: [],
    },
  };
}

function placeIn(session: Session, where: Origin): string {
  return sourcePlace(where) ?? `driver ${session.driver}`;
}

/** @throws {InputError} always, at `where` or else at the user's current line. */
export function fail(session: Session, message: string, where: Origin = origin()): never {
  const error = new InputError(placeIn(session, where), message);
  session.failure ??= error;
  throw error;
}

/** Declares a name of the driver. */
export function claimName(session: Session, name: unknown, what: string): string {
  const checked = checkName(session, name, what);
  const first = session.names.get(checked);
  if (first !== undefined) {
    const where = placeIn(session, first);
    fail(
      session,
      `"${checked}" is declared twice in this driver, whose names all differ, those in its routines included; the first is at ${where}`,
    );
  }
  session.names.set(checked, origin());
  return checked;
}

export function checkName(session: Session, name: unknown, what: string): string {
  if (typeof name === "string" && namePattern.test(name)) return name;
  const shown = typeof name === "string" ? `, not ${JSON.stringify(name.slice(0, 40))}` : "";
  fail(session, `a name of ${what} is an identifier of C${shown}`);
}
