/** Every name of a driver, replaced at random. */
import { nextInt, type Random } from "../../../src/base/random.ts";
import { statementsIn } from "../../../src/language/conditions.ts";
import { type DriverModel, objectKinds } from "../../../src/language/model.ts";

/** Words that could mean something to whoever reads names; none may. */
const words = [
  "Lock",
  "WorkQueue",
  "Timer",
  "Port",
  "Event",
  "Mutex",
  "Manager",
  "Service",
  "Notify",
  "Zw",
  "Unload",
  "Worker",
  "DelayedWorkQueue",
  "Callback",
  "user",
  "pool",
];

/** All names that a driver gives to something of its own. */
function namesOf(driver: DriverModel): readonly string[] {
  const { objects, perProcess, records, settings, conditions, routines, services } = driver;
  const statements = routines.flatMap(({ body }) => [...statementsIn(body)]);
  const all = [
    ...[...objects, ...perProcess, ...settings, ...conditions, ...routines, ...services],
    ...records.flatMap((record) => [record, ...record.fields]),
    ...routines.flatMap(({ locals }) => locals),
    ...services.flatMap((service) => service.objects),
    ...(driver.extension?.apis ?? []),
  ].map(({ name }) => name);
  const inBodies = statements.flatMap((one) => [
    ...(one.label === undefined ? [] : [one.label]),
    ...(one.kind === "other" ? [one.name] : []),
    ...(one.kind === "call" && one.result !== undefined ? [one.result] : []),
  ]);
  // What begins small, or is a kind, could also be a word of the language's.
  const isOwn = (name: string): boolean =>
    !/^[a-z]/.test(name) && !(objectKinds as readonly string[]).includes(name);
  return [...new Set([driver.name, ...all, ...inBodies])].filter(isOwn);
}

/** The same driver under other names, none of them twice. */
export function withNamesReplaced(driver: DriverModel, random: Random): DriverModel {
  const map = new Map<string, string>();
  namesOf(driver).forEach((name, i) => {
    const pick = (): string => words[nextInt(random, words.length)];
    map.set(name, `${pick()}${i}${pick()}`);
  });
  for (const { name, events } of driver.extension?.families ?? []) {
    const family = `worker-lock${map.size}`;
    map.set(name, family);
    for (const event of events) map.set(`${name}-${event}`, `${family}-${event}`);
  }
  const renamed = (value: unknown): unknown => {
    if (typeof value === "string") return map.get(value) ?? value;
    if (Array.isArray(value)) return value.map(renamed);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one)]));
  };
  const { origin, ...rest } = driver;
  return { ...(renamed(rest) as DriverModel), ...(origin === undefined ? {} : { origin }) };
}

/** Old names of routines, and of their ends, by new ones. */
export const routinesBack = (old: DriverModel, now: DriverModel): [string, string][] =>
  now.routines.flatMap(({ name }, i): [string, string][] => [
    [name, old.routines[i].name],
    [`${name}/end`, `${old.routines[i].name}/end`],
  ]);

/** The same declarations in another order, where they have none. */
export function withDeclarationsShuffled(driver: DriverModel, random: Random): DriverModel {
  const shuffled = <T>(list: readonly T[]): readonly T[] => {
    const left = [...list];
    return list.map(() => left.splice(nextInt(random, left.length), 1)[0]);
  };
  return {
    ...driver,
    objects: shuffled(driver.objects),
    perProcess: shuffled(driver.perProcess),
    records: shuffled(driver.records),
    settings: shuffled(driver.settings),
    conditions: shuffled(driver.conditions),
    routines: shuffled(driver.routines).map((one) => ({ ...one, locals: shuffled(one.locals) })),
  };
}
