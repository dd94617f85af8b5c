/**
 * The worlds that Loophole supplies around a driver: an author models a callback, not an
 * environment. Factors that a driver has nothing to do with are left out; the rest is covered
 * pairwise, the plainest world first, each pair in some world in which nothing else ends waits.
 */
import type { BoundName } from "../base/bounds.ts";
import type { DriverModel } from "../language/model.ts";
import { languageOf } from "../windows/language.ts";
import {
  opensFiles,
  sendsWithZeroTimeout,
  unloadsBesideItems,
  usesPool,
  usesServices,
} from "../windows/questions.ts";
import {
  hasFault,
  type PoolLoad,
  type PoolProfileName,
  type ServiceCondition,
  type TimeProfile,
  type World,
} from "../windows/scenario.ts";
import { boundsOfWorlds, users, worldsBeside } from "./beside.ts";
import { actionsOf, listens, raisesExits, threadFamilies } from "./events.ts";
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

/** The other account of unloading: DriverUnload runs while the driver's own items do (W26). */
const besideItems: Partial<World> = { removal: "racing", itemsAtUnload: "run on" };

function livesOf(drivers: readonly DriverModel[], scope: ScopeName): readonly Partial<World>[] {
  const isOpen = scope === "default" && unloadsBesideItems(drivers);
  return isOpen ? [...lives[scope], besideItems] : lives[scope];
}

function workloads(drivers: readonly DriverModel[], scope: ScopeName): Partial<World>[] {
  const exits = raisesExits(drivers);
  const threads = listens(drivers, threadFamilies);
  const dlls = listens(drivers, ["image"], ["dll"]);
  const [base = exits ? "create and exit" : "create", ...others] = actionsOf(drivers);
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
  (startup !== undefined && hasFault({ startup })) ||
  condition === "target" ||
  condition === "restarted";

export function worldsFor(drivers: readonly DriverModel[], scope: ScopeName): World[] {
  const factors: (readonly Partial<World>[])[] = [workloads(drivers, scope)];
  if (usesPool(drivers)) factors.push(pools[scope]);
  if (usesServices(drivers)) factors.push(services[scope]);
  factors.push(livesOf(drivers, scope));
  if (scope === "default" && listens(drivers, withoutApcs(drivers))) factors.push(apcs);
  if (scope === "default" && hasUseForNeighbour(drivers)) factors.push(neighbours);
  if (scope === "default" && sendsWithZeroTimeout(drivers)) factors.push(zeroTimeouts);
  const rows = pairwise(
    factors.map((values) => values.length),
    (factor, value) => endsWaits(factors[factor][value]),
  );
  const parts = [
    ...rows.map((row) => row.map((value, factor) => factors[factor][value])),
    ...(scope === "default" ? worldsBeside(drivers).map((one) => [one]) : []),
  ];
  return parts.map((given) => {
    const world: World = Object.assign({}, plain, ...given);
    return { ...world, name: nameOfWorld(drivers, world) };
  });
}

/** Bounds by which the worlds of a scope are fewer than what these drivers ask for. */
export const boundsOf = (
  drivers: readonly DriverModel[],
  scope: ScopeName,
): readonly BoundName[] => (scope === "default" ? boundsOfWorlds(drivers) : []);
