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
import { pairwise } from "./pairwise.ts";

export type ScopeName = "small" | "default";

interface Part {
  readonly name: string;
  readonly change: Partial<World>;
}

const pool = (profile: PoolProfileName, load: PoolLoad): Part => ({
  name: `${profile} ${load}`,
  change: { pool: { profile, load } },
});
const service = (condition: ServiceCondition, threads?: number): Part => ({
  name: `service ${condition}${threads === undefined ? "" : `, ${threads} threads`}`,
  change: { service: threads === undefined ? { condition } : { condition, threads } },
});
const life = (name: string, change: Partial<World>): Part => ({ name, change });

const pools: Readonly<Record<ScopeName, readonly Part[]>> = {
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
const services: Readonly<Record<ScopeName, readonly Part[]>> = {
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
const lives: Readonly<Record<ScopeName, readonly Part[]>> = {
  small: [
    life("", {}),
    life("start-up beside", { startup: "racing" }),
    life("removal beside", { removal: "racing" }),
  ],
  default: [
    life("", {}),
    life("start-up failing", { startup: "failing" }),
    life("removal beside", { removal: "racing" }),
    life("start-up beside", { startup: "racing" }),
  ],
};

/** What raises every event that the drivers listen to. */
function eventOf(drivers: readonly DriverModel[]): UserAction {
  const exits = drivers.some((d) => d.registrations.some((r) => !r.family.endsWith("-create")));
  return exits ? "create and exit" : "create";
}

function workloads(drivers: readonly DriverModel[], scope: ScopeName): Part[] {
  const does = [eventOf(drivers)];
  const one: Part = { name: "one create", change: { workload: [{ name: "user1", does }] } };
  if (scope === "small") return [one];
  const two: Part = {
    name: "two creates",
    change: {
      workload: [
        { name: "user1", does },
        { name: "user2", does },
      ],
    },
  };
  const parent: Part = {
    name: "a parent waits for its child",
    change: { workload: [{ name: "shell", does: ["create and wait"] }] },
  };
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
  const text = JSON.stringify(drivers);
  const factors: (readonly Part[])[] = [workloads(drivers, scope)];
  if (text.includes("WorkQueue")) factors.push(pools[scope]);
  if (drivers.some((d) => d.services.length > 0)) factors.push(services[scope]);
  factors.push(lives[scope]);
  return pairwise(factors.map((f) => f.length)).map((row) => {
    const parts = row.map((value, factor) => factors[factor][value]);
    const world = parts.reduce<World>((made, part) => ({ ...made, ...part.change }), plain);
    return {
      ...world,
      name: parts
        .map((p) => p.name)
        .filter((n) => n !== "")
        .join(", "),
    };
  });
}
