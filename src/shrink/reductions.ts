/**
 * Everything that can be taken away from a scenario, one thing at a time: first of the world, then
 * of the drivers. Each is a smaller scenario of the same language.
 */
import { InputError } from "../base/input-error.ts";
import { memo } from "../base/memo.ts";
import { withUsed } from "../language/extension.ts";
import type { Body, Condition, DriverModel, Routine, Statement } from "../language/model.ts";
import { nameOf, operandOf, operationsIn, withCallees } from "../language/operations.ts";
import { referencesIn } from "../language/references.ts";
import type { ApiShape } from "../language/shape.ts";
import { checkDriver } from "../language/validate.ts";
import { languageOf, windowsTables } from "../windows/language.ts";
import type { Scenario, World } from "../windows/scenario.ts";

type Apis = ReadonlyMap<string, ApiShape>;

const without = <V>(list: readonly V[], index: number): V[] => list.filter((_, i) => i !== index);

/** Of a list whose entries would be many to take away one by one: either half. */
function halvesOf<V>(list: readonly V[]): readonly (readonly V[])[] {
  const middle = list.length >> 1;
  return list.length < 8 ? [] : [list.slice(0, middle), list.slice(middle)];
}

/** Worlds with one thing less wrong, or one thing less in them. Faults go first. */
function* smallerWorlds(world: World): Generator<World> {
  if (world.startup !== "before") yield { ...world, startup: "before" };
  if (world.startup === "failing beside") {
    yield { ...world, startup: "racing" };
    yield { ...world, startup: "failing" };
  }
  const { neighbour, specialApcs, images, disk, zeroMessageTimeout, itemsAtUnload } = world;
  if (disk !== undefined) yield { ...world, disk: undefined };
  if (neighbour !== undefined) yield { ...world, neighbour: undefined };
  if (specialApcs !== undefined) yield { ...world, specialApcs: undefined };
  if (zeroMessageTimeout !== undefined) yield { ...world, zeroMessageTimeout: undefined };
  if (itemsAtUnload !== undefined) yield { ...world, itemsAtUnload: undefined };
  if (images !== undefined) {
    yield { ...world, images: undefined };
    if (images > 1) yield { ...world, images: 1 };
    if (images > 3) yield { ...world, images: images >> 1 };
  }
  if (world.removal !== "none") yield { ...world, removal: "none", itemsAtUnload: undefined };
  if (world.service.condition !== "well")
    yield { ...world, service: { ...world.service, condition: "well" } };
  if (world.service.threads !== undefined)
    yield { ...world, service: { condition: world.service.condition } };
  if (world.pool.load !== "idle") {
    yield { ...world, pool: { profile: world.pool.profile, load: "idle" } };
    if (world.pool.load === "exhausted")
      yield { ...world, pool: { profile: world.pool.profile, load: "busy" } };
    const { items } = world.pool;
    if (items === undefined || items > 1) {
      yield { ...world, pool: { ...world.pool, items: items === undefined ? 1 : items - 1 } };
    }
  }
  if (world.pool.profile !== "tiny") yield { ...world, pool: { ...world.pool, profile: "tiny" } };
  for (const workload of halvesOf(world.workload)) yield { ...world, workload };
  for (let i = 0; i < world.workload.length; i++)
    yield { ...world, workload: without(world.workload, i) };
  for (let i = 0; i < world.workload.length; i++) {
    const thread = world.workload[i];
    for (const does of halvesOf(thread.does))
      yield { ...world, workload: world.workload.map((w, n) => (n === i ? { ...w, does } : w)) };
    for (let k = 0; k < thread.does.length; k++) {
      const action = thread.does[k];
      const put = (does: typeof thread.does): World => ({
        ...world,
        workload: world.workload.map((w, n) => (n === i ? { ...w, does } : w)),
      });
      if (thread.does.length > 1) yield put(without(thread.does, k));
      if (action === "create and exit" || action === "create and wait") {
        yield put(
          thread.does.map((d, n) =>
            n === k ? (action === "create and wait" ? "create and exit" : "create") : d,
          ),
        );
      }
    }
  }
}

/**
 * Only what nobody else can see is taken out of a driver: names looked up, memory allocated, traces
 * written. Without a wait or a lock it could do what the real one cannot, without a wake-up or a
 * guard it would fail for want of it; either would be a story about another driver.
 */
function keeps(statement: Statement, apis: Apis): boolean {
  switch (statement.kind) {
    case "call": {
      const api = apis.get(statement.api);
      return api === undefined || api.does.some((d) => d.op !== "completion" && d.op !== "mayFail");
    }
    case "if":
      return [...statement.then, ...(statement.else ?? [])].some((one) => keeps(one, apis));
    case "repeat":
    case "poll":
      return statement.body.some((one) => keeps(one, apis));
    case "other":
      return statement.waitsFor !== undefined || statement.raises !== undefined;
    default:
      return true;
  }
}

/**
 * Conditions that can fall either way, whatever else happens: a call's result is tied to what the
 * call did. Only for those is a branch alone part of what can happen. */
function canFallEitherWay(test: Condition): boolean {
  if (test.kind === "not") return canFallEitherWay(test.test);
  return test.kind === "opaque";
}

/** Bodies with one statement less, or with a branch or loop replaced by what is inside it. */
function* smallerBodies(body: Body, apis: Apis): Generator<Body> {
  for (let i = body.length - 1; i >= 0; i--) {
    const statement = body[i];
    if (!keeps(statement, apis)) yield without(body, i);
    const put = (...statements: readonly Statement[]): Body => [
      ...body.slice(0, i),
      ...statements,
      ...body.slice(i + 1),
    ];
    switch (statement.kind) {
      case "if": {
        if (canFallEitherWay(statement.test)) {
          yield put(...statement.then);
          if (statement.else !== undefined) yield put(...statement.else);
        }
        for (const then of smallerBodies(statement.then, apis)) yield put({ ...statement, then });
        for (const otherwise of smallerBodies(statement.else ?? [], apis))
          yield put({ ...statement, else: otherwise });
        break;
      }
      case "repeat":
        yield put(...statement.body);
        for (const inner of smallerBodies(statement.body, apis))
          yield put({ ...statement, body: inner });
        break;
      case "forever":
        for (const inner of smallerBodies(statement.body, apis))
          yield put({ ...statement, body: inner });
        break;
      case "poll":
        for (const inner of smallerBodies(statement.body, apis))
          yield put({ ...statement, body: inner });
        break;
      default:
    }
  }
}

/** Primitives that give a signal, or change a number. */
const signalling: readonly string[] = [
  "set",
  "pulse",
  "releaseCount",
  "store",
  "add",
  "compareStore",
];

/**
 * Whether a callback gives a signal that other code of the driver takes, or changes a number that it
 * looks at: without that others would wait in vain, as nobody does for the driver that is there.
 */
function signalsOthers(driver: DriverModel, index: number, apis: Apis): boolean {
  const own = withCallees(driver, driver.registrations[index].routine, apis);
  const others = driver.routines.filter((one) => !own.includes(one));
  const signals = own
    .flatMap(({ body }) => [...operationsIn(body, apis)])
    .filter(({ primitive }) => signalling.includes(primitive.op))
    .flatMap((operation) => nameOf(operandOf(operation, "object")) ?? []);
  return driver.objects.some(
    ({ kind, name }) =>
      ownerless.has(kind) && signals.includes(name) && others.some((one) => namesOf(one).has(name)),
  );
}

const ownerless: ReadonlySet<string> = new Set([
  "NotificationEvent",
  "SynchronizationEvent",
  "KSEMAPHORE",
  "variable",
]);

function* smallerDrivers(driver: DriverModel): Generator<DriverModel> {
  const { apisByName: apis } = languageOf([driver]);
  if (driver.registrations.length > 1) {
    const all = driver.registrations.map((_, i) => i);
    const removable = all.filter((index) => !signalsOthers(driver, index, apis));
    for (const half of halvesOf(removable)) {
      yield half.reduceRight((left, index) => withoutRegistration(left, index), driver);
    }
    for (const index of removable) yield withoutRegistration(driver, index);
  }
  for (let i = driver.routines.length - 1; i >= 0; i--) {
    const routine = driver.routines[i];
    if (!isNamed(driver, routine)) {
      yield { ...driver, routines: without(driver.routines, i) };
      continue;
    }
    for (const body of smallerBodies(routine.body, apis)) {
      yield {
        ...driver,
        routines: driver.routines.map((r, n) => (n === i ? { ...routine, body } : r)),
      };
    }
  }
  yield* withoutUnusedObjects(driver);
}

/** A callback less: its registration, the calls that make or remove it, and its routine. */
function withoutRegistration(driver: DriverModel, index: number): DriverModel {
  const registrations = without(driver.registrations, index);
  const { routine: name } = driver.registrations[index];
  if (registrations.some(({ routine }) => routine === name)) return { ...driver, registrations };
  const registers = (statement: Statement): boolean => {
    if (statement.kind !== "call") return false;
    return Object.values(statement.args).some(
      (given) => typeof given === "object" && "routine" in given && given.routine === name,
    );
  };
  const cut = (body: Body): Body =>
    body
      .filter((statement) => !registers(statement))
      .map((statement) => {
        if (statement.kind === "if") {
          const { else: otherwise } = statement;
          return {
            ...statement,
            then: cut(statement.then),
            ...(otherwise === undefined ? {} : { else: cut(otherwise) }),
          };
        }
        return "body" in statement ? { ...statement, body: cut(statement.body) } : statement;
      });
  const routines = driver.routines
    .filter((routine) => routine.name !== name)
    .map((routine) => ({ ...routine, body: cut(routine.body) }));
  return pruned({ ...driver, registrations, routines });
}

/** Without the routines that nothing leads to any more. */
function pruned(driver: DriverModel): DriverModel {
  const routines = driver.routines.filter(
    (routine) =>
      isNamed(driver, routine) &&
      (routine.within === undefined || driver.routines.some((r) => r.name === routine.within)),
  );
  return routines.length === driver.routines.length ? driver : pruned({ ...driver, routines });
}

/** What is left has to be a driver that somebody could write. */
export function isDriver(driver: DriverModel): boolean {
  try {
    checkDriver(driver, windowsTables, (_, reason) => {
      throw new InputError(driver.name, reason);
    });
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

const namesIn = new WeakMap<Body, ReadonlySet<string>>();

/** Names that a body refers to: asked again for each thing that is taken away elsewhere. */
const namesOf = ({ body }: Routine): ReadonlySet<string> =>
  memo(namesIn, body, () => referencesIn([body]).names);

/** Whether anything still leads to a routine. */
function isNamed(driver: DriverModel, routine: Routine): boolean {
  if (routine.role === "entry" || routine.role === "unload" || routine.role === "cleanup")
    return routine.body.length > 0;
  const others = driver.routines.filter((one) => one !== routine);
  const named = ({ routine: name }: { readonly routine?: string }): boolean =>
    name === routine.name;
  return (
    driver.registrations.some(named) ||
    driver.objects.some(named) ||
    driver.services.some(({ threads }) => threads.some(named)) ||
    others.some((one) => one.within === routine.name || namesOf(one).has(routine.name))
  );
}

/** Takes away, in one go, the declarations that nothing refers to any more. */
function* withoutUnusedObjects(driver: DriverModel): Generator<DriverModel> {
  const used = (name: string): boolean => driver.routines.some((one) => namesOf(one).has(name));
  const objects = driver.objects.filter((o) => used(o.name));
  const conditions = driver.conditions.filter((c) => used(c.name));
  const perProcess = driver.perProcess.filter((o) => used(o.name));
  const settings = driver.settings.filter((s) => used(s.name));
  const routines = driver.routines.map((r) => ({
    ...r,
    locals: r.locals.filter((l) => used(l.name)),
  }));
  const services = driver.services.map((s) => ({
    ...s,
    objects: s.objects.filter((o) => used(o.name)),
  }));
  const smaller = { ...driver, objects, conditions, perProcess, settings, routines, services };
  const plain = withUsed(smaller, smaller.extension);
  if (JSON.stringify(plain).length < JSON.stringify(driver).length) yield plain;
}

/** Not each of them is one that could be: `isDriver` asks, which takes longer than making it. */
export function* smallerScenarios(scenario: Scenario): Generator<Scenario> {
  for (const world of smallerWorlds(scenario.world)) yield { ...scenario, world };
  if (scenario.drivers.length > 1) {
    for (let i = 0; i < scenario.drivers.length; i++)
      yield { ...scenario, drivers: without(scenario.drivers, i) };
  }
  for (let i = 0; i < scenario.drivers.length; i++) {
    for (const driver of smallerDrivers(scenario.drivers[i])) {
      yield { ...scenario, drivers: scenario.drivers.map((d, n) => (n === i ? driver : d)) };
    }
  }
}
