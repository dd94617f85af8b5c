/**
 * Checks driver models, whoever wrote them: first their shape, then that all they name is there,
 * in reach, and of the right kind. Nothing unknown is ever skipped.
 */
import { InputError } from "../base/input-error.ts";
import { extended } from "./extension.ts";
import type { DriverModel } from "./model.ts";
import { familyForms, type Language } from "./shape.ts";
import { checkContexts } from "./validate-context.ts";
import { checkExtension } from "./validate-extension.ts";
import { explainIssues } from "./validate-issue.ts";
import { nestingMax, statementsOfDriverMax } from "./validate-limits.ts";
import { type Fail, indexNames, type Path } from "./validate-names.ts";
import { checkRegistrations, checkRoutines } from "./validate-routine.ts";
import { driverSchema } from "./validate-schema.ts";
import { checkBody, walk } from "./validate-statement.ts";

export type { Path } from "./validate-names.ts";

/**
 * The driver that a value is, as a frozen copy.
 *
 * @param place Where the value comes from, for messages: `drivers/acme.json`.
 * @throws {InputError} with a place like `drivers/acme.json: routines[1].body[0].args.Object`.
 */
export function validateDriver(value: unknown, place: string, language: Language): DriverModel {
  return checkDriver(value, language, (path, reason) => {
    throw new InputError(path.length === 0 ? place : `${place}: ${showPath(path)}`, reason);
  });
}

/**
 * The same, with a `fail` that knows better places than paths.
 *
 * @param base The tables, without what the driver adds to them.
 */
export function checkDriver(value: unknown, base: Language, fail: Fail): DriverModel {
  if (isDeeperThan(value, nestingMax)) {
    return fail([], `nested more than ${nestingMax} levels deep`);
  }
  const parsed = driverSchema.safeParse(value);
  if (!parsed.success) {
    const { path, reason } = explainIssues(parsed.error.issues, value);
    return fail(path, reason);
  }
  const model = parsed.data;
  const { extension } = model;
  if (extension !== undefined) {
    checkExtension(extension, base, (path, reason) => fail(["extension", ...path], reason));
  }
  const language = extension === undefined ? base : extended(base, extension);
  const names = indexNames(model, fail);
  const forms = familyForms(language.families);
  checkSize(model, fail);
  checkRegistrations(model, names, forms, fail);
  model.routines.forEach((routine, i) => {
    const registered = model.registrations
      .filter((registration) => registration.routine === routine.name)
      .flatMap(({ family }) => forms.get(family) ?? []);
    const { apis } = language;
    checkBody({ names, routine, fail, apis, forms, registered }, ["routines", i, "body"]);
  });
  // Behind the bodies: a misspelt name is a better message than the routine that it leaves over.
  checkRoutines(model, names, fail);
  checkContexts(model, fail);
  return deepFreeze(model);
}

/** Steps that are shown at each end of a path: nobody counts those between. */
const shownStepsMax = 12;

/** `routines[1].body[0].args.Object`; the middle of a very long one is left out. */
export function showPath(path: Path): string {
  if (path.length <= 2 * shownStepsMax) return showSteps(path);
  const end = showSteps(path.slice(-shownStepsMax));
  return `${showSteps(path.slice(0, shownStepsMax))}…${end.startsWith("[") ? "" : "."}${end}`;
}

function showSteps(path: Path): string {
  return path
    .map((step, i) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_$][\w$]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return i === 0 ? step : `.${step}`;
    })
    .join("");
}

function checkSize(model: DriverModel, fail: Fail): void {
  let statements = 0;
  model.routines.forEach(({ body }, i) => {
    walk(body, [], () => {
      statements++;
    });
    if (statements > statementsOfDriverMax) {
      fail(["routines", i], `more than ${statementsOfDriverMax} statements in one driver`);
    }
  });
}

/** Looks no deeper than asked, so that it ends for values that contain themselves. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(part, levels - 1));
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
