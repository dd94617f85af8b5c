/**
 * The worlds that Loophole supplies around a driver: an author models a callback, not an
 * environment. Factors that a driver has nothing to do with are left out; the rest is covered
 * pairwise, the plainest world first, each pair in some world in which nothing else ends waits.
 */
import type { DriverModel } from "../language/model.ts";
import { usualRoom } from "../language/object-words.ts";
import { languageOf, ownPaths } from "../windows/language.ts";
import {
  opensFiles,
  pipesOf,
  sendsWithZeroTimeout,
  servingThreads,
  usesPool,
  usesServices,
} from "../windows/questions.ts";
import type {
  Action,
  PoolLoad,
  PoolProfileName,
  ServiceCondition,
  TimeProfile,
  World,
} from "../windows/scenario.ts";
import { nameOfWorld } from "./names.ts";
import { pairwise } from "./pairwise.ts";

export type ScopeName = "small" | "default";

/** The worlds with times of one's own; what a world says itself stays. */
export const withTimes = <W extends World>(
  worlds: readonly W[],
  times: Partial<TimeProfile> | undefined,
): readonly W[] =>
  times === undefined
    ? worlds
    : worlds.map((world) => ({ ...world, times: { ...times, ...world.times } }));

const pool = (profile: PoolProfileName, load: PoolLoad): Partial<World> => ({
  pool: { profile, load },
});
const service = (condition: ServiceCondition, threads?: number): Partial<World> => ({
  service: threads === undefined ? { condition } : { condition, threads },
});

const pools: Readonly<Record<ScopeName, readonly Partial<World>[]>> = {
  small: [pool("tiny", "idle"), pool("tiny", "exhausted")],
  default: [
    pool("tiny", "idle"),
    pool("tiny", "exhausted"),
    pool("tiny", "busy"),
    pool("nt5", "idle"),
    pool("nt5", "busy"),
    pool("nt5", "exhausted"),
    pool("modern", "idle"),
    pool("modern", "busy"),
    pool("modern", "exhausted"),
  ],
};
const services: Readonly<Record<ScopeName, readonly Partial<World>[]>> = {
  small: [service("well"), service("hung")],
  default: [
    service("well"),
    service("well", 2),
    service("slow"),
    service("hung"),
    service("target"),
    service("restarted"),
    service("slow", 2),
  ],
};
const lives: Readonly<Record<ScopeName, readonly Partial<World>[]>> = {
  small: [{}, { startup: "racing" }, { removal: "racing" }],
  default: [{}, { startup: "failing" }, { removal: "racing" }, { startup: "racing" }],
};

/** Whether some driver listens to one of these families, or to one of these events. */
function listens(
  drivers: readonly DriverModel[],
  families: readonly string[],
  events?: readonly string[],
): boolean {
  const { forms } = languageOf(drivers);
  return drivers.some((d) =>
    d.registrations.some((registration) => {
      const form = forms.get(registration.family);
      if (form === undefined || !families.includes(form.family.name)) return false;
      return events === undefined || form.events.some((event) => events.includes(event));
    }),
  );
}

const threadFamilies = ["thread", "non-system-thread"];

/** Whether somebody listens to what no family of a driver's own raises, or nobody to anything. */
function listensToWindows(drivers: readonly DriverModel[]): boolean {
  const { extension, forms } = languageOf(drivers);
  const own = new Set(extension.families.map(({ name }) => name));
  const registrations = drivers.flatMap((driver) => driver.registrations);
  return (
    registrations.length === 0 ||
    registrations.some(({ family }) => !own.has(forms.get(family)?.family.name ?? ""))
  );
}

/**
 * What users can do that some driver listens to: a process that is created raises its own event, that
 * of its first thread, and those of its EXE and ntdll.dll; the rest has actions of its own.
 */
function actionsOf(drivers: readonly DriverModel[]): Action[] {
  const create: Action = raisesExits(drivers) ? "create and exit" : "create";
  return [
    ...(listensToWindows(drivers) ? [create] : []),
    ...(listens(drivers, ["image"], ["dll"]) ? (["load a DLL"] as const) : []),
    ...(listens(drivers, ["image"], ["driver"]) ? (["load a driver"] as const) : []),
    ...ownPaths(drivers).map(({ action }) => action),
  ];
}

export const raisesExits = (drivers: readonly DriverModel[]): boolean =>
  listens(drivers, ["process", ...threadFamilies], ["exit"]);

/** The same, threads that are created, and ends of processes that are there: all that comes to their callbacks. */
export const eventsOf = (drivers: readonly DriverModel[]): readonly Action[] => [
  ...actionsOf(drivers),
  ...(raisesExits(drivers) ? (["exit"] as const) : []),
  ...(listens(drivers, threadFamilies) ? (["create a thread"] as const) : []),
];

function workloads(drivers: readonly DriverModel[], scope: ScopeName): Partial<World>[] {
  const exits = raisesExits(drivers);
  const threads = listens(drivers, threadFamilies);
  const dlls = listens(drivers, ["image"], ["dll"]);
  const [base = exits ? "create and exit" : "create", ...others] = actionsOf(drivers);
  const users = (...does: readonly (readonly Action[])[]): Partial<World> => ({
    workload: does.map((actions, i) => ({ name: `user${i + 1}`, does: actions })),
  });
  if (scope === "small") return [users([base, ...others])];
  return [
    users([base]),
    users([base], [base]),
    ...(threads ? [users([base], ["create a thread"])] : []),
    ...others.map((other) => users([base], [other])),
    ...(dlls ? [{ ...users([base]), images: 100 }] : []),
    ...(exits ? [{ workload: [{ name: "shell", does: ["create and wait"] as const }] }] : []),
  ];
}

/** A neighbour whose file filter creates threads, where somebody listens to that. */
const neighbours: readonly Partial<World>[] = [{}, { neighbour: "creates a thread" }];
const hasUseForNeighbour = (drivers: readonly DriverModel[]): boolean =>
  listens(drivers, ["thread"], ["create"]) && opensFiles(drivers);

/** Families whose callbacks can run with special kernel APCs off. */
const withoutApcs = (drivers: readonly DriverModel[]): string[] =>
  languageOf(drivers).families.flatMap(({ name, specialApcs }) =>
    specialApcs === "sometimes off" ? [name] : [],
  );

/** Where image callbacks, and their like, run with special kernel APCs off (CB-I1). */
const apcs: readonly Partial<World>[] = [{}, { specialApcs: "off" }];

/** The two accounts of a message whose timeout points to 0 (SV-7). */
const zeroTimeouts: readonly Partial<World>[] = [{}, { zeroMessageTimeout: "no wait" }];

/** As many users act at once in some world of every driver. */
const usersAtOnce = 2;

const plain: World = {
  name: "",
  workload: [],
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
};

/**
 * Whether a part of a world ends waits that stand, and so can hide a hang: a removal and a service
 * that ends wake who waits for them, a service that is not there is asked in vain, and a start-up
 * that fails does not get as far.
 */
const endsWaits = ({
  removal,
  startup,
  zeroMessageTimeout,
  service: { condition } = plain.service,
}: Partial<World>) =>
  removal === "racing" ||
  zeroMessageTimeout === "no wait" ||
  startup === "failing" ||
  condition === "target" ||
  condition === "restarted";

/**
 * Worlds in which one user more acts than a service has threads for its port, or than a pipe has room
 * for messages, where two users are not enough for that. Work items that ask it find as many workers as
 * `nt5` has.
 */
function outnumbering(drivers: readonly DriverModel[], scope: ScopeName): Partial<World>[] {
  if (scope === "small") return [];
  const [{ workload = [] }] = workloads(drivers, scope);
  const does = workload[0]?.does ?? [];
  const workers = usesPool(drivers) ? pool("nt5", "idle") : {};
  return services[scope].flatMap((one) => {
    const condition = one.service?.condition;
    const served = servingThreads(drivers, one.service?.threads);
    const room = Math.max(0, ...pipesOf(drivers).map((pipe) => pipe.room ?? usualRoom));
    // Who hangs has fewer threads than he is asked by one user; his pipes have to be filled.
    const most = condition === "hung" ? room : Math.max(served, room);
    if (condition !== "well" && condition !== "slow" && condition !== "hung") return [];
    const users = most + 1;
    // Of that many there are in every row.
    if (users <= usersAtOnce) return [];
    const names = Array.from({ length: users }, (_, i) => `user${i + 1}`);
    return [{ ...one, ...workers, workload: names.map((name) => ({ name, does })) }];
  });
}

export function worldsFor(drivers: readonly DriverModel[], scope: ScopeName): World[] {
  const factors: (readonly Partial<World>[])[] = [workloads(drivers, scope)];
  if (usesPool(drivers)) factors.push(pools[scope]);
  if (usesServices(drivers)) factors.push(services[scope]);
  factors.push(lives[scope]);
  if (scope === "default" && listens(drivers, withoutApcs(drivers))) factors.push(apcs);
  if (scope === "default" && hasUseForNeighbour(drivers)) factors.push(neighbours);
  if (scope === "default" && sendsWithZeroTimeout(drivers)) factors.push(zeroTimeouts);
  const rows = pairwise(
    factors.map((values) => values.length),
    (factor, value) => endsWaits(factors[factor][value]),
  );
  const parts = [
    ...rows.map((row) => row.map((value, factor) => factors[factor][value])),
    ...outnumbering(drivers, scope).map((one) => [one]),
  ];
  return parts.map((given) => {
    const world: World = Object.assign({}, plain, ...given);
    return { ...world, name: nameOfWorld(drivers, world) };
  });
}
