/** The language of Windows, and of drivers that bring tables of their own. */
import { InputError } from "../base/input-error.ts";
import { statementsIn } from "../language/conditions.ts";
import { extended, joined, noExtension, type PartialExtension } from "../language/extension.ts";
import type { Body, DriverModel } from "../language/model.ts";
import {
  type ApiShape,
  type Extension,
  type FamilyForm,
  familyForms,
  type Language,
  type PathShape,
  type RuleShape,
} from "../language/shape.ts";
import { checkExtension } from "../language/validate-extension.ts";
import { apiTable } from "./api/table.ts";
import { families } from "./families/table.ts";
import { primitiveRules } from "./primitive-rules.ts";
import { rules } from "./rules.ts";
import { userActions } from "./scenario.ts";

/** A language with its indexes. */
export interface WindowsLanguage extends Language {
  readonly rules: readonly RuleShape[];
  readonly extension: Extension;
  readonly apisByName: ReadonlyMap<string, ApiShape>;
  readonly forms: ReadonlyMap<string, FamilyForm>;
  /** What user threads of a world can do. */
  readonly actions: readonly string[];
  /** Paths by the action that has them run. */
  readonly paths: ReadonlyMap<string, PathShape>;
  /** Number of an event's name, the same in every family; "create" is 0. */
  eventNumber(event: string): number;
}

/** What extensions are checked against. */
export const windowsTables: Language = {
  apis: apiTable,
  families,
  rules,
  primitives: primitiveRules,
  actions: userActions,
};

const languages = new WeakMap<Extension, WindowsLanguage>();

/** Windows with an extension that has been checked. */
export function languageFrom(extension: Extension = noExtension): WindowsLanguage {
  const known = languages.get(extension);
  if (known !== undefined) return known;
  const tables = extended(windowsTables, extension);
  const events = [...new Set(tables.families.flatMap((family) => family.events))];
  const paths = new Map(
    extension.families.flatMap(({ paths: own = [] }) => own.map((path) => [path.action, path])),
  );
  const apis = tables.apis.map((api) => raisingOwn(api, extension));
  const made: WindowsLanguage = {
    ...tables,
    apis,
    rules: tables.rules ?? [],
    extension,
    apisByName: new Map(apis.map((api) => [api.name, api])),
    forms: familyForms(tables.families),
    actions: [...userActions, ...paths.keys()],
    paths,
    eventNumber: (event) => events.indexOf(event),
  };
  languages.set(extension, made);
  return made;
}

/**
 * The call with an operation for each family of an extension that it is said to raise: whoever adds the
 * registry's callbacks finds them called by all that opens a key. Callbacks come ahead of the rest,
 * which they can veto. A call with operations that raise has said itself what.
 */
function raisingOwn(api: ApiShape, { families: own }: Extension): ApiShape {
  if (api.does.some(({ op }) => op === "raise" || op === "act")) return api;
  const forms = familyForms(own);
  const raised = api.raises.filter((form) => forms.has(form));
  if (raised.length === 0) return api;
  const raises = raised.map((family) => ({ kind: "op", op: "raise", family }) as const);
  return { ...api, does: [...raises, ...api.does] };
}

export const windows: WindowsLanguage = languageFrom(noExtension);

/**
 * The language that these drivers are written in together.
 *
 * @throws {InputError} where two of them give one name two meanings.
 */
export function languageOf(drivers: readonly DriverModel[]): WindowsLanguage {
  const extensions = drivers.flatMap(({ extension }) => extension ?? []);
  return extensions.length === 1 ? languageFrom(extensions[0]) : languageWith(extensions);
}

/** Paths of the families that drivers bring and listen to, in the order of the tables. */
export function ownPaths(drivers: readonly DriverModel[]): readonly PathShape[] {
  const { extension, forms } = languageOf(drivers);
  if (extension.families.length === 0) return [];
  const listened = new Set(
    drivers.flatMap(({ registrations }) =>
      registrations.flatMap(({ family }) => {
        const form = forms.get(family);
        return (form?.events ?? []).map((event) => formOf(form?.family.name ?? "", event));
      }),
    ),
  );
  return extension.families.flatMap(({ paths = [] }) =>
    paths.filter(({ body }) => raisedBy(body, forms).some((form) => listened.has(form))),
  );
}

const formOf = (family: string, event: string): string => `${family} ${event}`;

/** The events that a path's statements raise: of a family, its first. */
const raisedBy = (body: Body, forms: WindowsLanguage["forms"]): string[] =>
  [...statementsIn(body)].flatMap((one) => {
    const form = one.kind === "other" ? forms.get(one.raises ?? "") : undefined;
    return form === undefined ? [] : [formOf(form.family.name, form.events[0])];
  });

/** Windows with these tables; of an extension that is used again and again, made once. */
export function languageWith(extensions: readonly PartialExtension[]): WindowsLanguage {
  if (extensions.length === 0) return windows;
  const extension = joined(extensions);
  checkExtension(extension, windowsTables, (_path, reason) => {
    throw new InputError("the tables that drivers bring", reason);
  });
  return languageFrom(extension);
}
