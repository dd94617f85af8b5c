/**
 * The worlds that Loophole supplies around a driver: an author models a callback, not an
 * environment. Factors that a driver has nothing to do with are left out; the rest is covered
 * pairwise, the plainest world first.
 */
import type { DriverModel } from "../language/model.ts";
import type {
  PoolLoad,
  PoolProfileName,
  ServiceCondition,
  UserAction,
  World,
} from "../windows/scenario.ts";
import { nameOfWorld, usesPool, usesServices } from "./names.ts";
import { pairwise } from "./pairwise.ts";

export type ScopeName = "small" | "default";

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

/** What raises every event that the drivers listen to. */
function eventOf(drivers: readonly DriverModel[]): UserAction {
  const exits = drivers.some((d) => d.registrations.some((r) => !r.family.endsWith("-create")));
  return exits ? "create and exit" : "create";
}

function workloads(drivers: readonly DriverModel[], scope: ScopeName): Partial<World>[] {
  const does = [eventOf(drivers)];
  const one: Partial<World> = { workload: [{ name: "user1", does }] };
  if (scope === "small") return [one];
  const two: Partial<World> = {
    workload: [
      { name: "user1", does },
      { name: "user2", does },
    ],
  };
  const parent: Partial<World> = { workload: [{ name: "shell", does: ["create and wait"] }] };
  return does[0] === "create and exit" ? [one, two, parent] : [one, two];
}

const plain: World = {
  name: "",
  workload: [],
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
};

export function worldsFor(drivers: readonly DriverModel[], scope: ScopeName): World[] {
  const factors: (readonly Partial<World>[])[] = [workloads(drivers, scope)];
  if (usesPool(drivers)) factors.push(pools[scope]);
  if (usesServices(drivers)) factors.push(services[scope]);
  factors.push(lives[scope]);
  return pairwise(factors.map((f) => f.length)).map((row) => {
    const world: World = Object.assign(
      {},
      plain,
      ...row.map((value, factor) => factors[factor][value]),
    );
    return { ...world, name: nameOfWorld(drivers, world) };
  });
}
