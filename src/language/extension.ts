/** Tables and what somebody adds to them: joined into a language, and cut down to what is used. */
import { callsIn, statementsIn } from "./conditions.ts";
import type { DriverModel } from "./model.ts";
import { type Extension, type FamilyShape, familyForms, type Language } from "./shape.ts";

export const noExtension: Extension = { apis: [], families: [], rules: [] };

/** What an author gives: lists that are missing are empty. */
export type PartialExtension = Partial<Extension>;

/**
 * Several extensions as one. An entry that stands in two of them in the same words is one entry;
 * what else has a name twice stays so, for `checkExtension` to refuse.
 */
export function joined(extensions: readonly PartialExtension[]): Extension {
  const all = <K extends keyof Extension>(list: K): Extension[K] => {
    const seen = new Set<string>();
    const entries = extensions.flatMap((one): readonly object[] => one[list] ?? []);
    return entries.filter((entry) => {
      const text = JSON.stringify(entry);
      return !seen.has(text) && seen.add(text) !== undefined;
    }) as unknown as Extension[K];
  };
  return { apis: all("apis"), families: all("families"), rules: all("rules") };
}

/** A language with the entries of an extension behind its own. */
export function extended(language: Language, extension: Extension): Language {
  const own = rulesOf(language.families);
  const others = rulesOf(extension.families);
  return {
    ...language,
    apis: [...language.apis, ...extension.apis],
    families: [...language.families, ...extension.families],
    rules: [...(language.rules ?? []), ...extension.rules].map((rule) => {
      if (own.has(rule.id)) return { ...rule, named: "by Windows' families" };
      return others.has(rule.id) ? { ...rule, named: "by others" } : rule;
    }),
  };
}

const rulesOf = (families: Extension["families"]): ReadonlySet<string> =>
  new Set(families.flatMap(({ rules }) => rules));

const forbids = (family: FamilyShape, tag: string): boolean =>
  Object.hasOwn(family.forbids ?? {}, tag);

const isEmpty = ({ apis, families, rules }: Extension): boolean =>
  apis.length + families.length + rules.length === 0;

/**
 * The part of an extension that a driver has to do with: the families that it listens to or raises,
 * the calls that it makes, and what either speaks of. Rules stay, but for those of other families.
 * Undefined if that is nothing.
 */
function usedBy(driver: DriverModel, extension: Extension): Extension | undefined {
  const forms = familyForms(extension.families);
  const families = new Set<string>();
  const apis = new Set<string>();
  const take = (family: string): void => {
    const found = forms.get(family)?.family;
    if (found === undefined || families.has(found.name)) return;
    families.add(found.name);
    takeApi(found.registers);
    takeApi(found.removes);
    for (const { body } of found.paths ?? []) takeBody(body);
    for (const { name, effects } of extension.apis) {
      if (effects.some((tag) => forbids(found, tag))) takeApi(name);
    }
  };
  const takeApi = (name: string): void => {
    const api = extension.apis.find((one) => one.name === name);
    if (api === undefined || apis.has(name)) return;
    apis.add(name);
    for (const family of api.raises) take(family);
    for (const one of extension.families) {
      if (api.effects.some((tag) => forbids(one, tag))) take(one.name);
    }
    for (const { op, family, action } of api.does) {
      if (op === "raise") take(String(family));
      for (const { name: other, paths = [] } of op === "act" ? extension.families : []) {
        if (paths.some((path) => path.action === action)) take(other);
      }
    }
  };
  const takeBody = (body: DriverModel["routines"][number]["body"]): void => {
    for (const { api } of callsIn(body)) takeApi(api);
    for (const one of statementsIn(body)) {
      if (one.kind === "other" && one.raises !== undefined) take(one.raises);
    }
  };
  for (const { family } of driver.registrations) take(family);
  for (const { body } of driver.routines) takeBody(body);
  const kept = extension.families.filter(({ name }) => families.has(name));
  const bound = rulesOf(kept);
  const ofSome = rulesOf(extension.families);
  const effects = (list: Extension["families"]) =>
    new Set(list.flatMap((one) => Object.values(one.forbids ?? {})));
  const gone = effects(extension.families.filter((one) => !kept.includes(one)));
  const used = {
    apis: extension.apis.filter(({ name }) => apis.has(name)),
    families: kept,
    rules: extension.rules.filter(
      ({ id, effect }) => bound.has(id) || (!ofSome.has(id) && !gone.has(effect)),
    ),
  };
  return isEmpty(used) ? undefined : used;
}

/** A driver whose extension is no more than it uses; the same driver where that is so already. */
export function withUsed(driver: DriverModel, extension: Extension | undefined): DriverModel {
  const used = extension === undefined ? undefined : usedBy(driver, extension);
  if (JSON.stringify(used) === JSON.stringify(driver.extension)) return driver;
  const { extension: _, ...rest } = driver;
  return used === undefined ? rest : { ...rest, extension: used };
}
