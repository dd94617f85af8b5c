/**
 * Worlds beside those that cover pairs, each for what no pair shows: as many users as outnumber what a
 * driver has room for, one kind of event alone, and two things that end waits, which show more together.
 */
import { type BoundName, bounds } from "../base/bounds.ts";
import type { DriverModel } from "../language/model.ts";
import { roomOf, unitsOf, workersOf } from "../windows/capacities.ts";
import { ownPaths } from "../windows/language.ts";
import { servingThreads, usesPool, usesServices } from "../windows/questions.ts";
import type { Action, ServiceCondition, World } from "../windows/scenario.ts";
import { actionsOf, eventsOf, listens, raisesExits, threadFamilies } from "./events.ts";

/** As many users act at once in some world of every driver. */
const usersAtOnce = 2;

/** Users of whom each does this, one after the other. */
export const users = (...does: readonly (readonly Action[])[]): Partial<World> => ({
  workload: does.map((actions, i) => ({ name: `user${i + 1}`, does: actions })),
});

const many = (count: number, action: Action): Partial<World> =>
  users(...Array.from({ length: count }, () => [action]));

const service = (condition: ServiceCondition, threads?: number): Partial<World> => ({
  service: threads === undefined ? { condition } : { condition, threads },
});

export const worldsBeside = (drivers: readonly DriverModel[]): Partial<World>[] => [
  ...outnumbering(drivers),
  ...alone(drivers),
  ...together(drivers),
];

/** What the drivers themselves let in at once, by what counts them. */
const ownRooms = (drivers: readonly DriverModel[]): readonly number[] => [
  unitsOf(drivers),
  workersOf(drivers),
];

const isLookedAt = (room: number): boolean => room < bounds.users.max;

/** Bounds that make these worlds fewer than the drivers ask for. */
export const boundsOfWorlds = (drivers: readonly DriverModel[]): readonly BoundName[] =>
  ownRooms(drivers).every(isLookedAt) ? [] : ["users"];

/**
 * Worlds in which one user more acts than a service has threads for its port, a pipe has room for
 * messages, a semaphore units, or a driver threads for its queue, where two users are not enough for
 * that. Work items that ask it find as many workers as `nt5` has.
 */
function outnumbering(drivers: readonly DriverModel[]): Partial<World>[] {
  const [base, ...others] = actionsOf(drivers);
  if (base === undefined) return [];
  const workers: Partial<World> = usesPool(drivers)
    ? { pool: { profile: "nt5", load: "idle" } }
    : {};
  const own = Math.max(0, ...ownRooms(drivers).filter(isLookedAt));
  const pipes = roomOf(drivers);
  /** One more than that, unless as many as there are in every row are enough. */
  const over = (room: number, action: Action, one: Partial<World>): Partial<World>[] =>
    room < usersAtOnce ? [] : [{ ...one, ...workers, ...many(room + 1, action) }];
  const ofOwnPaths = new Set(ownPaths(drivers).map(({ action }) => action));
  const rest = others
    .filter((action) => ofOwnPaths.has(action))
    .flatMap((action) => over(own, action, {}));
  if (!usesServices(drivers)) return [...over(Math.max(pipes, own), base, {}), ...rest];
  const asked = (condition: ServiceCondition, threads?: number): Partial<World>[] => {
    const room = Math.max(servingThreads(drivers, threads), pipes);
    // What the drivers let in themselves is looked at beside one that is well, and one that hangs.
    if (room <= own && (condition === "slow" || threads !== undefined)) return [];
    return over(Math.max(room, own), base, service(condition, threads));
  };
  return [
    ...asked("well"),
    ...asked("well", 2),
    ...asked("slow"),
    // Who hangs has fewer threads than he is asked by one user; what he empties has to be filled.
    ...over(Math.max(pipes, own), base, service("hung")),
    ...asked("slow", 2),
    ...rest,
  ];
}

/**
 * Worlds in which one kind of event comes alone, of one user and of two: where others come beside, they
 * can end its waits. Who exits was there before the driver.
 */
function alone(drivers: readonly DriverModel[]): Partial<World>[] {
  const exits = raisesExits(drivers);
  const [base] = actionsOf(drivers);
  const creates = listens(
    drivers,
    ["process", "image", ...threadFamilies],
    ["create", "exe", "ntdll"],
  );
  const kinds: Action[] = [
    ...(exits && creates ? (["create"] as const) : []),
    ...eventsOf(drivers).filter((action) => action !== base),
  ];
  const conditions = usesServices(drivers) ? [service("well"), service("hung")] : [{}];
  return [
    ...kinds.flatMap((kind) => [
      ...conditions.map((one) => ({ ...one, ...many(1, kind) })),
      many(2, kind),
    ]),
    ...(exits && base !== undefined && base !== "exit" ? [users([base], ["exit"])] : []),
  ];
}

/** A call that fails, with what else it can meet: unloading, and events while the driver is loaded. */
function together(drivers: readonly DriverModel[]): Partial<World>[] {
  const does = actionsOf(drivers);
  return [
    { ...users(does), startup: "failing", removal: "racing" },
    { ...users(does), startup: "failing beside" },
  ];
}
