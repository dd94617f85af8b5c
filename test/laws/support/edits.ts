/** Edits of a driver that mean nothing, each with where its statements come from. */
import { nextInt, type Random } from "../../../src/base/random.ts";
import { questionsOf, statementsIn, testOf } from "../../../src/language/conditions.ts";
import type {
  Body,
  Condition,
  DriverModel,
  IfStatement,
  Operand,
  Routine,
  Statement,
} from "../../../src/language/model.ts";

export interface Edited {
  readonly driver: DriverModel;
  /** Of a new statement, the old one. */
  readonly origin: ReadonlyMap<Statement, Statement>;
}

/** Replaces statements, the inner ones first; none stays the same object. */
function edited(
  driver: DriverModel,
  change: (now: Statement, was: Statement, routine: Routine) => readonly Statement[],
): Edited {
  const origin = new Map<Statement, Statement>();
  const body = (list: Body, routine: Routine): Body =>
    list.flatMap((was) => {
      let now: Statement = { ...was };
      if (was.kind === "if") {
        const { then, else: otherwise } = was;
        now = {
          ...was,
          then: body(then, routine),
          ...(otherwise === undefined ? {} : { else: body(otherwise, routine) }),
        };
      } else if ("body" in was) now = { ...was, body: body(was.body, routine) };
      const put = change(now, was, routine);
      for (const one of put) if (!origin.has(one)) origin.set(one, was);
      return put;
    });
  const routines = driver.routines.map((one) => ({ ...one, body: body(one.body, one) }));
  return { driver: { ...driver, routines }, origin };
}

const anyOf = <T>(list: readonly T[], random: Random): T | undefined =>
  list.length === 0 ? undefined : list[nextInt(random, list.length)];

const allOf = (driver: DriverModel): readonly Statement[] =>
  driver.routines.flatMap(({ body }) => [...statementsIn(body)]);

/** One branch asks the opposite, and its two ways are exchanged; @param swap false: they are not. */
export function withBranchTurned(
  driver: DriverModel,
  random: Random,
  swap = true,
): Edited | undefined {
  const turned = anyOf(
    allOf(driver).filter((one): one is IfStatement => one.kind === "if"),
    random,
  );
  if (turned === undefined) return undefined;
  return edited(driver, (now, was) => {
    if (was !== turned || now.kind !== "if") return [now];
    const test: Condition = { kind: "not", test: now.test };
    if (!swap) return [{ ...now, test }];
    return [{ ...now, test, then: now.else ?? [], else: now.then }];
  });
}

/** Whether a helper's body can stand in its caller's: it leaves nothing early and keeps nothing. */
function canStandInline(driver: DriverModel, { role, within, locals, body }: Routine): boolean {
  if (role !== "function" || within !== undefined || locals.length > 0) return false;
  const scopes = new Map(driver.conditions.map(({ name, scope }) => [name, scope]));
  return [...statementsIn(body)].every((one) => {
    if (one.kind === "return" || one.kind === "invoke") return false;
    const test = testOf(one);
    const questions = test === undefined ? [] : questionsOf(test);
    // Drawn once for each activation of the helper.
    return questions.every((q) => q.kind !== "opaque" || scopes.get(q.name) !== "activation");
  });
}

/** A call of a helper becomes the helper's body; @param whole false: without its last statement. */
export function withHelperInlined(
  driver: DriverModel,
  random: Random,
  whole = true,
): Edited | undefined {
  const helpers = new Map(driver.routines.map((one) => [one.name, one]));
  const calls = allOf(driver).filter(
    (one) => one.kind === "invoke" && canStandInline(driver, helpers.get(one.routine) as Routine),
  );
  const call = anyOf(calls, random);
  if (call?.kind !== "invoke") return undefined;
  const helper = helpers.get(call.routine) as Routine;
  const results = new Set(
    [...statementsIn(helper.body)].flatMap((one) => (one.kind === "call" ? [one.result] : [])),
  );
  const origin = new Map<Statement, Statement>();
  const renamed = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(renamed);
    const copy = Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        (key === "result" || key === "of") && results.has(one as string)
          ? `Inlined_${one}`
          : renamed(one),
      ]),
    );
    // A label may be the caller's, too.
    delete copy.label;
    if ("kind" in value) origin.set(copy as never, value as Statement);
    return copy;
  };
  const given = whole ? helper.body : helper.body.slice(0, -1);
  const inlined = renamed(given) as Body;
  const result = edited(driver, (now, was) => (was === call ? inlined : [now]));
  for (const [now, was] of origin) (result.origin as Map<Statement, Statement>).set(now, was);
  // Copied from the helper as it was.
  return result;
}

/** Objects that nobody touches, of most kinds, ahead of all others. */
export function withIdleObjects(driver: DriverModel): DriverModel {
  const idle = [
    { name: "NobodysLock", kind: "FAST_MUTEX" },
    { name: "NobodysEvent", kind: "NotificationEvent" },
    { name: "NobodysResource", kind: "ERESOURCE" },
    { name: "NobodysCount", kind: "variable", initial: 3 },
  ] as const;
  return { ...driver, objects: [...idle, ...driver.objects] };
}

/** A thread more in a service, which waits for what never comes; @param idle false: it stops all. */
export function withIdleThread(driver: DriverModel, idle = true): DriverModel | undefined {
  const [service, ...others] = driver.services;
  // Where a thread returns, whoever is left keeps the process and its ports.
  const returns = (name: string): boolean => {
    const body = driver.routines.find((one) => one.name === name)?.body ?? [];
    const isEndless = body.at(-1)?.kind === "forever";
    return !isEndless || [...statementsIn(body)].some(({ kind }) => kind === "return");
  };
  if (service?.threads.some(({ routine }) => returns(routine))) return undefined;
  if (service === undefined || driver.registrations.some(({ family }) => /thread/.test(family)))
    return undefined;
  const wait: Statement = {
    kind: "call",
    api: "WaitForSingleObject",
    args: { Handle: { ref: "IdlersEvent" } },
  };
  const create: Statement = { kind: "call", api: "CreateProcess", args: {} };
  const idler: Routine = {
    name: "Idler",
    role: "userThread",
    locals: [],
    body: [{ kind: "forever", body: idle ? [wait] : [create, wait] }],
  };
  return {
    ...driver,
    routines: [...driver.routines, idler],
    services: [
      {
        ...service,
        objects: [...service.objects, { name: "IdlersEvent", kind: "SynchronizationEvent" }],
        threads: [...service.threads, { routine: "Idler", count: 1 }],
      },
      ...others,
    ],
  };
}

/** All times of a driver so often as long. */
export function withTimesScaled(driver: DriverModel, times: number): DriverModel {
  const longer = (operand: Operand): Operand => {
    if (typeof operand !== "object" || !("timeout" in operand)) return operand;
    const { timeout } = operand;
    return typeof timeout === "number" ? { timeout: timeout * times } : operand;
  };
  const { driver: scaled } = edited(driver, (now) => {
    if (now.kind === "other") return [{ ...now, costUs: now.costUs * times }];
    if (now.kind !== "call") return [now];
    const args = Object.entries(now.args).map(([name, one]) => [name, longer(one)]);
    return [{ ...now, args: Object.fromEntries(args) }];
  });
  return {
    ...scaled,
    settings: driver.settings.map(({ name, value }) => ({
      name,
      value: typeof value === "number" ? value * times : value,
    })),
  };
}
