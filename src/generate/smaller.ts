/**
 * Drivers with one thing less: a callback, a thread, a statement, a bracket, a branch, a choice.
 * What opens something goes together with what closes it, so that legal use stays legal.
 */
import { withUsed } from "../language/extension.ts";
import type {
  Args,
  Body,
  CallStatement,
  DriverModel,
  Operand,
  Statement,
} from "../language/model.ts";
import { apisByName, type Language } from "../language/shape.ts";
import { checkDriver } from "../language/validate.ts";
import { type Grammar, type Hold, opensWith, type Production } from "./grammar.ts";
import { tidy } from "./tidy.ts";

const without = <V>(list: readonly V[], index: number): V[] => list.filter((_, i) => i !== index);
const replaced = <V>(list: readonly V[], index: number, by: V): V[] =>
  list.map((one, i) => (i === index ? by : one));

export const sizeOf = (driver: DriverModel): number => JSON.stringify(driver).length;

/** Whether a value is a driver of the language. */
export function isDriver(value: unknown, language: Language): value is DriverModel {
  try {
    checkDriver(value, language, (_path, reason) => {
      throw new NoDriver(reason);
    });
    return true;
  } catch (error) {
    if (error instanceof NoDriver) return false;
    throw error;
  }
}

class NoDriver extends Error {
  override readonly name = "NoDriver";
}

/** Drivers of the language that are smaller by one reduction, the boldest first. */
export function* smallerDrivers(driver: DriverModel, grammar: Grammar): Generator<DriverModel> {
  const size = sizeOf(driver);
  const seen = new Set<string>();
  for (const one of reductions(driver, grammar)) {
    const smaller = withUsed(tidy(one), grammar.extension);
    const text = JSON.stringify(smaller);
    if (text.length >= size || seen.has(text)) continue;
    seen.add(text);
    if (isDriver(smaller, grammar.base)) yield smaller;
  }
}

function* reductions(driver: DriverModel, grammar: Grammar): Generator<DriverModel> {
  yield driver;
  for (let i = 0; i < driver.registrations.length; i++) {
    const { routine } = driver.registrations[i];
    const registrations = without(driver.registrations, i);
    const isGone = registrations.every((one) => one.routine !== routine);
    yield isGone
      ? withoutCallback({ ...driver, registrations }, routine)
      : { ...driver, registrations };
  }
  yield* withFewerThreads(driver);
  for (const { name, role } of driver.routines) {
    if (role === "entry" || role === "unload" || role === "cleanup") {
      yield { ...driver, routines: driver.routines.filter((one) => one.name !== name) };
    }
  }
  for (let i = driver.routines.length - 1; i >= 0; i--) {
    const routine = driver.routines[i];
    for (const body of smallerBodies(routine.body, grammar, driver)) {
      yield { ...driver, routines: replaced(driver.routines, i, { ...routine, body }) };
    }
  }
}

/** Without a callback, and all calls that name it. */
function withoutCallback(driver: DriverModel, callback: string): DriverModel {
  const names = (statement: Statement): boolean =>
    statement.kind === "call" &&
    Object.values(statement.args).some(
      (arg) => typeof arg === "object" && "routine" in arg && arg.routine === callback,
    );
  const strip = (body: Body): Body =>
    body
      .filter((statement) => !names(statement))
      .map((statement): Statement => {
        if (statement.kind === "if") {
          const otherwise = strip(statement.else ?? []);
          const { else: _, ...rest } = statement;
          return {
            ...rest,
            then: strip(statement.then),
            ...(otherwise.length === 0 ? {} : { else: otherwise }),
          };
        }
        return "body" in statement ? { ...statement, body: strip(statement.body) } : statement;
      });
  return {
    ...driver,
    routines: driver.routines
      .filter(({ name }) => name !== callback)
      .map((routine) => ({ ...routine, body: strip(routine.body) })),
  };
}

function* withFewerThreads(driver: DriverModel): Generator<DriverModel> {
  for (let i = 0; i < driver.services.length; i++) {
    const service = driver.services[i];
    const put = (threads: typeof service.threads): DriverModel => ({
      ...driver,
      services: replaced(driver.services, i, { ...service, threads }),
    });
    for (let k = 0; k < service.threads.length; k++) {
      const { routine, count } = service.threads[k];
      const less = put(without(service.threads, k));
      yield { ...less, routines: less.routines.filter(({ name }) => name !== routine) };
      if (count > 1) yield put(replaced(service.threads, k, { routine, count: 1 }));
    }
  }
}

/** Bodies with one statement, one bracket, one branch or one argument less. */
function* smallerBodies(body: Body, grammar: Grammar, driver: DriverModel): Generator<Body> {
  const bracket = bracketsOf(body, grammar, driver);
  for (let i = body.length - 1; i >= 0; i--) {
    const statement = body[i];
    const inside = bracket.get(i);
    if (inside !== undefined) yield inside;
    else if (!bracket.isPart.has(i)) yield without(body, i);
    const put = (...statements: readonly Statement[]): Body => [
      ...body.slice(0, i),
      ...statements,
      ...body.slice(i + 1),
    ];
    switch (statement.kind) {
      case "if": {
        if (!bracket.isPart.has(i)) {
          yield put(...statement.then);
          if (statement.else !== undefined) yield put(...statement.else);
        }
        for (const then of smallerBodies(statement.then, grammar, driver)) {
          yield put({ ...statement, then });
        }
        for (const otherwise of smallerBodies(statement.else ?? [], grammar, driver)) {
          yield put({ ...statement, else: otherwise });
        }
        break;
      }
      case "repeat":
      case "forever":
      case "poll":
        if (statement.kind !== "forever") yield put(...statement.body);
        for (const one of smallerBodies(statement.body, grammar, driver)) {
          yield put({ ...statement, body: one });
        }
        break;
      case "call":
        for (const args of plainerArgs(statement, grammar, driver))
          yield put({ ...statement, args });
        break;
      default:
    }
  }
}

type Brackets = ReadonlyMap<number, Body> & { readonly isPart: ReadonlySet<number> };

/** By the index of what opens one: the body without it. And all that is part of one. */
function bracketsOf(body: Body, grammar: Grammar, driver: DriverModel): Brackets {
  const bodies = new Map<number, Body>();
  const isPart = new Set<number>();
  body.forEach((statement, i) => {
    if (statement.kind !== "call") return;
    const production = grammar.productions.find(({ api }) => api.name === statement.api);
    if (production === undefined) return;
    const opens = opensWith(production, kindOf(driver, statement, production));
    if (opens.length === 0) return;
    const next = body[i + 1];
    if (next?.kind === "if" && next.test.kind === "result" && next.test.of === statement.result) {
      const last = next.then.at(-1);
      if (last === undefined || !closes(last, opens, statement, grammar)) return;
      isPart.add(i).add(i + 1);
      const inside = next.then.slice(0, -1);
      bodies.set(i, [...body.slice(0, i), ...inside, ...body.slice(i + 2)]);
      return;
    }
    const end = body.findIndex(
      (one, k) => k > i && !isPart.has(k) && closes(one, opens, statement, grammar),
    );
    if (end === -1) return;
    isPart.add(i).add(end);
    bodies.set(i, without(without(body, end), i));
  });
  // A closer inside a guarded bracket is part of it, too.
  body.forEach((statement, i) => {
    if (i === body.length - 1 && statement.kind === "call" && closesAny(statement, grammar))
      isPart.add(i);
  });
  return Object.assign(bodies, { isPart });
}

const closesAny = (statement: CallStatement, grammar: Grammar): boolean =>
  grammar.productions.some(({ api, closes: c }) => api.name === statement.api && c.length > 0);

function closes(
  statement: Statement,
  opens: readonly Hold[],
  opener: CallStatement,
  grammar: Grammar,
): boolean {
  if (statement.kind !== "call") return false;
  const production = grammar.productions.find(({ api }) => api.name === statement.api);
  const ends = production?.closes ?? [];
  if (ends.length !== opens.length) return false;
  return opens.every((hold) =>
    ends.some(
      (end) =>
        end.kind === hold.kind &&
        (hold.kind === "irql" ||
          argText(statement.args, end.param) === argText(opener.args, hold.param)),
    ),
  );
}

const argText = (args: Args, param: string | undefined): string =>
  param === undefined ? "" : JSON.stringify(args[param]);

/** The kind of the object that a call is about. */
function kindOf(
  driver: DriverModel,
  { args }: CallStatement,
  { api }: Production,
): string | undefined {
  const param = api.params.find(
    ({ kind }) => kind.type === "object" && !kind.kinds.includes("pointer"),
  );
  const arg = param === undefined ? undefined : args[param.name];
  if (typeof arg !== "object" || !("ref" in arg)) return undefined;
  const name = arg.field ?? arg.ref;
  return [
    ...driver.objects,
    ...driver.perProcess,
    ...driver.records.flatMap(({ fields }) => fields),
    ...driver.routines.flatMap(({ locals }) => locals),
    ...driver.services.flatMap(({ objects }) => objects),
  ].find((decl) => decl.name === name)?.kind;
}

/** Arguments with one that need not be given left out, or one object less to wait for. */
function* plainerArgs(
  { api: name, args }: CallStatement,
  { language }: Grammar,
  driver: DriverModel,
): Generator<Args> {
  const api = apisByName(language.apis).get(name);
  for (const [param, operand] of Object.entries(args)) {
    const put = (by: Operand): Args => ({ ...args, [param]: by });
    if (api?.params.find((one) => one.name === param)?.default !== undefined) {
      const { [param]: _, ...rest } = args;
      yield rest;
    }
    if (typeof operand !== "object") continue;
    if ("objects" in operand && operand.objects.length > 1) {
      for (let i = 0; i < operand.objects.length; i++)
        yield put({ objects: without(operand.objects, i) });
    }
    if ("timeout" in operand && typeof operand.timeout === "object") {
      const { setting } = operand.timeout;
      const value = driver.settings.find((one) => one.name === setting)?.value;
      if (value !== undefined) yield put({ timeout: value });
    }
  }
}
