/** Checks what an author adds to the tables: names, effects, operations, and the paths' bodies. */
import { statementsIn } from "./conditions.ts";
import { extended } from "./extension.ts";
import {
  type ApiShape,
  ambiguous,
  type Extension,
  effectTags,
  type FamilyShape,
  familyForms,
  type Language,
  observedEffects,
  type Param,
  type Primitive,
} from "./shape.ts";
import { systemDriver } from "./system-driver.ts";
import { type Fail, indexNames, type Path } from "./validate-names.ts";
import { didYouMean } from "./validate-nearest.ts";
import { checkPrimitive } from "./validate-primitive.ts";
import { checkBody, walk } from "./validate-statement.ts";

/** Refuses an extension of a language that means nothing, or two things. */
export function checkExtension(extension: Extension, base: Language, fail: Fail): void {
  const { apis, families, rules } = extension;
  const language = extended(base, extension);
  mustBeNew("apis", apis, base.apis, ({ name }) => name, "call", fail);
  mustBeNew("families", families, base.families, ({ name }) => name, "family", fail);
  mustBeNew("rules", rules, base.rules ?? [], ({ id }) => id, "rule", fail);
  mustHaveForms(extension, base, fail);
  mustHaveActions(extension, base, fail);
  const tags = new Set([
    ...effectTags,
    ...language.families.flatMap(({ forbids = {} }) => Object.keys(forbids)),
  ]);
  apis.forEach((api, i) => {
    checkApi(api, language, tags, (path, reason) => fail(["apis", i, ...path], reason));
  });
  families.forEach((family, i) => {
    checkFamily(family, language, extension, (path, reason) =>
      fail(["families", i, ...path], reason),
    );
  });
  const effects = [
    ...observedEffects,
    ...language.families.flatMap(({ forbids = {} }) => Object.values(forbids)),
  ];
  rules.forEach(({ effect }, i) => {
    if (effects.includes(effect)) return;
    const hint = didYouMean(effect, effects) || `: those are ${effects.join(", ")}`;
    fail(["rules", i, "effect"], `no effect "${effect}"${hint}`);
  });
}

function mustBeNew<T>(
  list: string,
  own: readonly T[],
  known: readonly T[],
  nameOf: (entry: T) => string,
  what: string,
  fail: Fail,
): void {
  const taken = new Set(known.map(nameOf));
  own.forEach((entry, i) => {
    const name = nameOf(entry);
    const at = [list, i, what === "rule" ? "id" : "name"];
    if (taken.has(name)) {
      const where = known.some((one) => nameOf(one) === name) ? "Windows" : "this extension";
      fail(at, `${where} has a ${what} ${name} already`);
    }
    taken.add(name);
  });
}

/** "device-interface-arrival" must not be the name of another family, or of its event. */
function mustHaveForms({ families }: Extension, base: Language, fail: Fail): void {
  const taken = new Set(familyForms(base.families).keys());
  families.forEach((family, i) => {
    const { events } = family;
    const twice = events.findIndex((event, k) => events.indexOf(event) !== k);
    if (twice !== -1) fail(["families", i, "events", twice], `"${events[twice]}" is there twice`);
    for (const form of familyForms([family]).keys()) {
      if (taken.has(form)) fail(["families", i, "name"], `another family gives the name ${form}`);
      taken.add(form);
    }
  });
}

function mustHaveActions({ families }: Extension, base: Language, fail: Fail): void {
  const taken = new Set(base.actions ?? []);
  families.forEach(({ paths = [] }, i) => {
    paths.forEach(({ action }, k) => {
      const at = ["families", i, "paths", k, "action"];
      if (taken.has(action)) fail(at, `users of a world do “${action}” already`);
      taken.add(action);
    });
  });
}

function checkApi(
  api: ApiShape,
  { families, apis, primitives }: Language,
  tags: ReadonlySet<string>,
  fail: Fail,
): void {
  const { name, params, effects, raises, does, mode } = api;
  const names = params.map((param) => param.name);
  params.forEach((param, i) => {
    const at = ["params", i];
    if (names.indexOf(param.name) !== i) {
      fail([...at, "name"], `${name} has two parameters ${param.name}`);
    }
    checkDefault(param, [...at, "default"], fail);
  });
  effects.forEach((tag, i) => {
    if (tags.has(tag)) return;
    const hint = didYouMean(tag, tags) || `: those are ${[...tags].join(", ")}`;
    fail(["effects", i], `no effect of a call "${tag}", and no family forbids it${hint}`);
  });
  const forms = familyForms(families);
  const known = new Set([
    ...forms.keys(),
    ...apis.flatMap((one) => (one === api ? [] : one.raises)),
  ]);
  raises.forEach((form, i) => {
    if (!known.has(form)) fail(["raises", i], `no family "${form}"${didYouMean(form, known)}`);
  });
  const rules = mode === "any" ? undefined : primitives?.[mode];
  does.forEach((primitive, i) => {
    const at = ["does", i];
    if (isNamed(primitive, families, (path, reason) => fail([...at, ...path], reason))) return;
    checkPrimitive(api, primitive, rules ?? new Map(), (path, reason) =>
      fail([...at, ...path], reason),
    );
  });
}

/** What is left out has to be something that the parameter takes. */
function checkDefault({ kind, default: given }: Param, path: Path, fail: Fail): void {
  if (given === undefined) return;
  const fits =
    kind.type === "timeout"
      ? typeof given === "object"
      : kind.type === "oneOf"
        ? typeof given === "string" && kind.values.includes(given)
        : kind.type === "number" && typeof given === "number";
  if (!fits) fail(path, `${JSON.stringify(given)} is nothing that this parameter takes`);
}

/** The two operations that name something of the tables: what is raised, what is done. */
function isNamed(
  { kind: _, op, ...operands }: Primitive,
  families: readonly FamilyShape[],
  fail: Fail,
): boolean {
  if (op !== "raise" && op !== "act") return false;
  const operand = op === "raise" ? "family" : "action";
  const known =
    op === "raise"
      ? [...familyForms(families).keys()]
      : families.flatMap(({ paths = [] }) => paths.map(({ action }) => action));
  const other = Object.keys(operands).find((key) => key !== operand);
  if (other !== undefined) fail([other], `${op} has no operand "${other}", but ${operand}`);
  const given = operands[operand];
  if (typeof given !== "string" || !known.includes(given)) {
    const hint = didYouMean(given, known);
    fail([operand], `no ${operand} ${JSON.stringify(given) ?? "(none)"}${hint}`);
  }
  const several = op === "raise" ? ambiguous(familyForms(families).get(String(given))) : undefined;
  if (several !== undefined) fail([operand], several);
  return true;
}

function checkFamily(
  family: FamilyShape,
  language: Language,
  { apis }: Extension,
  fail: Fail,
): void {
  const { forbids = {}, paths = [], rules } = family;
  for (const key of ["registers", "removes"] as const) {
    const api = language.apis.find(({ name }) => name === family[key]);
    if (api === undefined) {
      const names = language.apis.map(({ name }) => name);
      fail([key], `no call ${family[key]}${didYouMean(family[key], names)}`);
    }
    const removes = key === "removes";
    const fits = api.does.some(
      ({ op, remove }) =>
        op === "register" &&
        (typeof remove === "object" || remove === (removes ? "TRUE" : "FALSE")),
    );
    if (!fits) fail([key], `${api.name} does not ${removes ? "remove" : "register"} a callback`);
  }
  const known = (language.rules ?? []).map(({ id }) => id);
  rules.forEach((id, i) => {
    if (!known.includes(id)) fail(["rules", i], `no rule "${id}"${didYouMean(id, known)}`);
  });
  const tags = [...effectTags, ...apis.flatMap(({ effects }) => effects)];
  for (const [tag, effect] of Object.entries(forbids)) {
    if (!tags.includes(tag)) {
      fail(["forbids", tag], `no call has the effect "${tag}"${didYouMean(tag, tags)}`);
    }
    if ((observedEffects as readonly string[]).includes(effect)) {
      fail(["forbids", tag], `"${effect}" is an effect that runs are watched for already`);
    }
  }
  checkPaths(family, language, fail);
  const raised = new Set(
    paths.flatMap(({ body }) =>
      [...statementsIn(body)].flatMap((one) => (one.kind === "other" ? (one.raises ?? []) : [])),
    ),
  );
  const byCall = language.apis.flatMap(({ does, raises }) => [
    ...does.flatMap(({ op, family: form }) => (op === "raise" ? String(form) : [])),
    // Of a family with several events it raises one, and does not say which.
    ...(family.events.length === 1 ? raises : []),
  ]);
  family.events.forEach((event, i) => {
    const forms = i === 0 ? [family.name, `${family.name}-${event}`] : [`${family.name}-${event}`];
    if (forms.some((form) => raised.has(form) || byCall.includes(form))) return;
    fail(["events", i], `nothing raises ${forms.at(-1)}: no path and no call`);
  });
}

function checkPaths(family: FamilyShape, { apis, families }: Language, fail: Fail): void {
  const { paths = [] } = family;
  const decls = new Map<string, string>();
  paths.forEach(({ objects = [] }, i) => {
    objects.forEach((decl, k) => {
      const text = JSON.stringify(decl);
      if ((decls.get(decl.name) ?? text) !== text) {
        fail(["paths", i, "objects", k], `${decl.name} is something else in another path`);
      }
      decls.set(decl.name, text);
    });
  });
  const model = systemDriver(family);
  const forms = familyForms(families);
  const names = indexNames(model, ([list, at, ...rest], reason) =>
    list === "objects" ? fail(placeOfObject(family, Number(at), rest), reason) : fail([], reason),
  );
  model.routines.forEach((routine, i) => {
    const context = { names, routine, apis, forms, registered: [] };
    checkBody(
      { ...context, fail: (path, reason) => fail(["paths", i, "body", ...path], reason) },
      [],
    );
    walk(routine.body, ["paths", i, "body"], (one, path) => {
      if (one.kind === "forever") fail(path, "a path has an end: whoever acts goes on behind it");
    });
  });
}

function placeOfObject({ paths = [] }: FamilyShape, index: number, rest: Path): Path {
  const all = paths.flatMap(({ objects = [] }, i) => objects.map((decl, k) => ({ decl, i, k })));
  const seen = new Set<string>();
  const own = all.filter(({ decl }) => !seen.has(decl.name) && seen.add(decl.name));
  const found = own[index];
  return found === undefined ? [] : ["paths", found.i, "objects", found.k, ...rest];
}
