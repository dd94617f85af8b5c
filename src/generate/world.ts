/** Draws the world around drivers: what they have nothing to do with stays plain. */
import type { DriverModel } from "../language/model.ts";
import { ownPaths } from "../windows/language.ts";
import {
  opensFiles,
  sendsWithZeroTimeout,
  unloadsBesideItems,
  usesPool,
  usesServices,
} from "../windows/questions.ts";
import {
  type Action,
  poolLoads,
  poolProfileNames,
  serviceConditions,
  type UserThread,
  userActions,
  type World,
} from "../windows/scenario.ts";
import { nameOfWorld } from "../worlds/names.ts";
import type { Draw } from "./draw.ts";
import type { Grammar } from "./grammar.ts";

const plain: World = {
  name: "",
  workload: [],
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
};

/** The first of a list is the plainest; it comes up this often. */
const plainShare = 0.4;
/** User threads, at most; what each does, at most. */
const threadsMax = 3;
const actionsMax = 2;

export function drawWorld(
  draw: Draw,
  drivers: readonly DriverModel[],
  grammar: Grammar,
  small: boolean,
): World {
  const workload = drawWorkload(draw, drivers, grammar, small);
  const odd = <T>(list: readonly T[]): T =>
    small || list.length < 2 || draw.chance(plainShare) ? list[0] : draw.pick(list.slice(1));
  let world: World = { ...plain, workload };
  if (usesPool(drivers, world)) {
    // The large pools show little more, and take long.
    const profile = draw.chance(0.3) ? odd(poolProfileNames) : poolProfileNames[0];
    const load = odd(poolLoads);
    const items = load !== "idle" && draw.chance(0.3) ? { items: draw.int(1, 3) } : {};
    world = { ...world, pool: { profile, load, ...items } };
  }
  if (usesServices(drivers)) {
    const threads = draw.chance(0.15) ? { threads: draw.int(1, 2) } : {};
    world = { ...world, service: { condition: odd(serviceConditions), ...threads } };
  }
  if (draw.chance(0.2)) world = { ...world, startup: draw.pick(["racing", "failing"] as const) };
  const hasUnload = drivers.some(({ routines }) => routines.some(({ role }) => role === "unload"));
  if (draw.chance(hasUnload ? 0.6 : 0.15)) world = { ...world, removal: "racing" };
  const withoutApcs = grammar.language.families.filter(
    (one) => one.specialApcs === "sometimes off",
  );
  if (withoutApcs.some(({ name }) => listens(drivers, grammar, name)) && draw.chance(0.3))
    world = { ...world, specialApcs: "off" };
  if (opensFiles(drivers) && listens(drivers, grammar, "thread") && draw.chance(0.3)) {
    world = { ...world, neighbour: "creates a thread" };
  }
  if (sendsWithZeroTimeout(drivers) && draw.chance(0.5))
    world = { ...world, zeroMessageTimeout: "no wait" };
  if (world.removal === "racing" && unloadsBesideItems(drivers) && draw.chance(0.5))
    world = { ...world, itemsAtUnload: "run on" };
  return { ...world, name: nameOfWorld(drivers, world) };
}

const listens = (drivers: readonly DriverModel[], { forms }: Grammar, family: string): boolean =>
  drivers.some(({ registrations }) =>
    registrations.some((one) => forms.get(one.family)?.family.name === family),
  );

/** What raises which event: the rest of what users do comes up less often. */
const raising: Readonly<Record<string, readonly Action[]>> = {
  create: ["create", "create", "create a thread"],
  exit: ["create and exit", "create and exit", "create and wait"],
  dll: ["load a DLL"],
  driver: ["load a driver"],
};

/** What a family of a driver's own does, its own paths say. */
const raisedBy = (event: string, own: readonly Action[]): readonly Action[] =>
  raising[event] ?? (own.length > 0 ? [] : ["create"]);

function drawWorkload(
  draw: Draw,
  drivers: readonly DriverModel[],
  { forms }: Grammar,
  small: boolean,
): UserThread[] {
  const events = drivers.flatMap(({ registrations }) =>
    registrations.flatMap(({ family }) => forms.get(family)?.events ?? []),
  );
  const own = ownPaths(drivers).map((path) => path.action);
  const usual = [...events.flatMap((event) => raisedBy(event, own)), ...own];
  const action = (): Action =>
    usual.length > 0 && draw.chance(0.85) ? draw.pick(usual) : draw.pick([...userActions, ...own]);
  const threads = small ? 1 : (draw.weighted([1, 2, threadsMax], (n) => 5 - n) ?? 1);
  // Users who do the same are as likely as any.
  const same = draw.chance(0.5) ? action() : undefined;
  return Array.from({ length: threads }, (_, i) => ({
    name: `user${i + 1}`,
    does: Array.from({ length: draw.chance(0.85) ? 1 : actionsMax }, () => same ?? action()),
  }));
}

/** Worlds with one thing less in them, or one thing plain. */
export function* smallerWorlds(drivers: readonly DriverModel[], world: World): Generator<World> {
  for (const one of plainer(world)) {
    const named = { ...one, name: nameOfWorld(drivers, one) };
    if (JSON.stringify(named) !== JSON.stringify(world)) yield named;
  }
}

function* plainer(world: World): Generator<World> {
  const { workload } = world;
  for (const key of Object.keys(world) as (keyof World)[]) {
    // Times are the author's, and no part of what the world did.
    if (key === "name" || key === "workload" || key === "times") continue;
    if (JSON.stringify(world[key]) === JSON.stringify(plain[key])) continue;
    const { [key]: _, ...rest } = world;
    yield { ...plain, ...rest } as World;
  }
  for (let i = 0; i < workload.length; i++) {
    if (workload.length > 1) yield { ...world, workload: workload.filter((_, k) => k !== i) };
    const { does } = workload[i];
    for (let k = 0; k < does.length && does.length > 1; k++) {
      const fewer = { ...workload[i], does: does.filter((_, n) => n !== k) };
      yield { ...world, workload: workload.map((one, n) => (n === i ? fewer : one)) };
    }
  }
}
