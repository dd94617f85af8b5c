/** `defineDriver` for Windows, and what an author adds to its tables: calls, families, rules. */
import { InputError } from "../base/input-error.ts";
import { makeDefineDriver } from "../language/builder.ts";
import type { DefineDriver } from "../language/builder-recorders.ts";
import { joined } from "../language/extension.ts";
import type { Body, ResultName } from "../language/model.ts";
import { type Origin, origin, sourcePlace } from "../language/place.ts";
import type {
  ApiShape,
  Extension,
  FamilyShape,
  Param,
  PathShape,
  PrimitiveOperand,
  RuleShape,
} from "../language/shape.ts";
import { showPath } from "../language/validate.ts";
import { checkExtension } from "../language/validate-extension.ts";
import { extensionSchema } from "../language/validate-extension-schema.ts";
import { explainIssues } from "../language/validate-issue.ts";
import type { Path } from "../language/validate-names.ts";
import { sayOtherwise } from "./api/elsewhere.ts";
import { apiTable } from "./api/table.ts";
import { families } from "./families/table.ts";
import { windowsTables } from "./language.ts";
import { usualTimes } from "./profiles.ts";

type WindowsApi = (typeof apiTable)[number];
type WindowsFamily = (typeof families)[number];

export const defineDriver: DefineDriver<WindowsApi, WindowsFamily> = makeDefineDriver(
  apiTable,
  families,
  { sayOtherwise },
);

/** Where each entry was defined, for what only all of them together show to be wrong. */
const origins = new WeakMap<object, Origin>();

function placed<T extends object>(entry: T): T {
  origins.set(entry, origin());
  return entry;
}

interface ApiEntry<N extends string, M extends "kernel" | "user", P extends readonly Param[]>
  extends Partial<Omit<ApiShape, "name" | "mode" | "params" | "does" | "returns">> {
  readonly name: N;
  /** "kernel" unless told. */
  readonly mode?: M;
  readonly params?: P;
  /** What it does, in operations that calls of the table are made of: `{ op: "set", object: { param: "Event" } }`. */
  readonly does?: readonly {
    readonly op: string;
    readonly [operand: string]: PrimitiveOperand | boolean;
  }[];
  readonly summary: string;
}

type Api<N extends string, M extends "kernel" | "user", P extends readonly Param[]> = ApiShape & {
  readonly name: N;
  readonly mode: M;
  readonly params: P;
  readonly returns?: undefined;
};

const usualResults: readonly ResultName[] = ["success"];

/** A call that the table lacks. What is left out is what most calls have; costs are cost classes. */
export function defineApi<
  const N extends string,
  const P extends readonly Param[] = readonly [],
  const M extends "kernel" | "user" = "kernel",
>(entry: ApiEntry<N, M, P>): Api<N, M, P> {
  const { does = [], ...rest } = entry;
  const api: ApiShape = {
    irqlMax: "PASSIVE_LEVEL",
    results: usualResults,
    cost: "short",
    raises: [],
    effects: [],
    weight: 1,
    facts: [],
    ...rest,
    mode: entry.mode ?? "kernel",
    params: entry.params ?? [],
    does: does.map((one) => ({ kind: "op", ...one })),
  };
  return placed(api as Api<N, M, P>);
}

interface PathEntry<E extends string> extends Pick<PathShape, "action" | "routine"> {
  /** "caller" unless told. */
  readonly thread?: PathShape["thread"];
  readonly awaited?: boolean;
  readonly objects?: PathShape["objects"];
  /** The event that it raises, where it does nothing else. */
  readonly raises?: E;
  /** Statements; those of kind "other" raise what they name. */
  readonly body?: Body;
}

interface FamilyEntry<N extends string, E extends readonly string[]>
  extends Partial<Omit<FamilyShape, "name" | "events" | "paths">> {
  readonly name: N;
  readonly events: E;
  readonly context: string;
  readonly registers: string;
  readonly removes: string;
  readonly paths: readonly PathEntry<E[number]>[];
}

type Family<N extends string, E extends readonly string[]> = FamilyShape & {
  readonly name: N;
  readonly events: E;
};

/**
 * A family of callbacks: when they are called, in whose thread, in which state, and what has it
 * happen. Without more said they are called at PASSIVE_LEVEL, in no region, may take 500 ms, cannot
 * veto, and are bound by no rule that names its families.
 */
export function defineFamily<const N extends string, const E extends readonly string[]>(
  entry: FamilyEntry<N, E>,
): Family<N, E> {
  const { name, events, paths, ...rest } = entry;
  const family: FamilyShape = {
    name,
    events,
    irql: "PASSIVE_LEVEL",
    criticalRegion: false,
    veto: false,
    budgetUs: usualTimes.callbackUs,
    rules: [],
    facts: [],
    ...rest,
    paths: paths.map(({ raises, body, thread = "caller", ...path }) => ({
      ...path,
      thread,
      body: body ?? raising(events.length > 1 ? `${name}-${raises}` : name),
    })),
  };
  return placed(family as Family<N, E>);
}

const raising = (raises: string): Body => [{ kind: "other", name: "Notify", costUs: 1, raises }];

/** A rule over an effect that runs are watched for, or that a family's `forbids` names. */
export function defineRule<const R extends RuleShape>(rule: R): R {
  return placed(rule);
}

type Entries<L, K extends keyof Extension> = L extends { readonly [key in K]: readonly (infer T)[] }
  ? T
  : never;

/**
 * `defineDriver` with more in its tables. A driver brings along what it uses of them, so that all
 * that is made of it (a scenario, a counterexample) stands alone.
 *
 * @throws {InputError} at the entry that means nothing, or that there is already.
 */
export function defineDriverWith<const X extends readonly Partial<Extension>[]>(
  ...extensions: X
): DefineDriver<
  WindowsApi | Extract<Entries<X[number], "apis">, ApiShape>,
  WindowsFamily | Extract<Entries<X[number], "families">, FamilyShape>
> {
  const extension = joined(extensions);
  const where = origin();
  const fail = (path: Path, reason: string): never => {
    const [list, i] = path;
    const given: unknown = extension[list as keyof Extension]?.[Number(i)];
    const entry = typeof given === "object" && given !== null ? given : {};
    const at = origins.get(entry) ?? where;
    const rest = showPath(path.slice(2));
    const name = "id" in entry ? entry.id : "name" in entry ? entry.name : "";
    const words = [String(name), rest].filter((one) => one !== "").join(", ");
    const place = sourcePlace(at) ?? "an extension";
    throw new InputError(place, words === "" ? reason : `${reason} (${words})`);
  };
  const parsed = extensionSchema.safeParse(extension);
  if (!parsed.success) {
    const { path, reason } = explainIssues(parsed.error.issues, extension);
    return fail(path, reason);
  }
  checkExtension(extension, windowsTables, fail);
  const apis = [...windowsTables.apis, ...extension.apis];
  return makeDefineDriver(apis, [...windowsTables.families, ...extension.families], {
    base: windowsTables,
    extension,
    sayOtherwise,
  }) as never;
}
