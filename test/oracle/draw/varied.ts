/**
 * Any scenario, in which a few things are otherwise: a statement is left out, doubled or moved, a time or
 * a condition of the world is another. What is no scenario any more is refused by whoever reads it.
 */
import type {
  Body,
  Condition,
  DriverModel,
  Routine,
  Statement,
} from "../../../src/language/model.ts";
import type { Scenario, World } from "../scenario.ts";
import { of, type Roll, when } from "./draft.ts";

const changesMax = 3;
const timesUs = [0, 1_000, 20_000];
const tests: readonly Condition[] = [
  { kind: "role", who: "current", is: "subject" },
  { kind: "apcsDisabled" },
  { kind: "causedByOwnWork" },
];

/** Where the statement of this number stands, counted through all bodies, it is changed into these. */
function changedAt(
  body: Body,
  counter: { left: number },
  into: (one: Statement) => Statement[],
): Statement[] {
  return body.flatMap((one) => {
    if (counter.left-- === 0) return into(one);
    if (one.kind === "if") {
      const { else: otherwise } = one;
      return [
        {
          ...one,
          then: changedAt(one.then, counter, into),
          ...(otherwise === undefined ? {} : { else: changedAt(otherwise, counter, into) }),
        },
      ];
    }
    return "body" in one ? [{ ...one, body: changedAt(one.body, counter, into) }] : [one];
  });
}

const countOf = (body: Body): number => {
  const counter = { left: -1 };
  changedAt(body, counter, () => []);
  return -1 - counter.left;
};

/** Of a call that is there twice, one keeps the result that somebody asks for. */
function unasked(one: Statement): Statement {
  if (one.kind !== "call") return one;
  const { result: _, ...more } = one;
  return more;
}

const doubled = (one: Statement): Statement[] => [unasked(one), one];

function timedOtherwise(roll: Roll, one: Statement): Statement[] {
  // Without an end is a timeout alone.
  const text = JSON.stringify(one, (key, value) =>
    typeof value === "object" && value !== null && "timeout" in value
      ? { ...value, timeout: of(roll, key === "Timeout" ? [...timesUs, "none"] : timesUs) }
      : value,
  );
  return [JSON.parse(text) as Statement];
}

function variedRoutine(roll: Roll, { routines }: DriverModel, routine: Routine): Routine {
  const count = countOf(routine.body);
  if (count === 0) return routine;
  const counter = { left: roll(count) };
  const other = of(roll, routines).body;
  const into = of(roll, [
    (): Statement[] => [],
    doubled,
    (one: Statement) => timedOtherwise(roll, one),
    (one: Statement) => (other.length === 0 ? [one] : [one, unasked(of(roll, other))]),
    // A thread of a service knows nothing of callbacks.
    (one: Statement) => (routine.role === "userThread" ? [one] : [when(of(roll, tests), [one])]),
  ]);
  return { ...routine, body: changedAt(routine.body, counter, into) };
}

function variedDriver(roll: Roll, driver: DriverModel): DriverModel {
  const chosen = roll(driver.routines.length);
  const routines = driver.routines.map((one, i) =>
    i === chosen ? variedRoutine(roll, driver, one) : one,
  );
  return { ...driver, routines };
}

function variedWorld(roll: Roll, world: World): World {
  return of(roll, [
    () => ({ ...world, removal: of(roll, ["none", "racing"]) }),
    () => ({ ...world, startup: of(roll, ["before", "racing", "failing", "failing beside"]) }),
    () => ({ ...world, pool: { ...world.pool, load: of(roll, ["idle", "busy", "exhausted"]) } }),
    () => ({
      ...world,
      service: {
        ...world.service,
        condition: of(roll, ["well", "hung", "slow", "restarted", "target", "suspended"]),
      },
    }),
    () => {
      const all = world.workload.flatMap(({ does }) => does);
      const [first, ...others] = world.workload;
      if (first === undefined) return world;
      return {
        ...world,
        workload: [{ ...first, does: [...first.does, of(roll, all)] }, ...others],
      };
    },
    () => ({ ...world, workload: world.workload.slice(0, -1) }),
    () => {
      const [first] = world.workload;
      if (first === undefined) return world;
      const name = `user${world.workload.length + 1}`;
      return { ...world, workload: [...world.workload, { name, does: first.does.slice(0, 1) }] };
    },
  ])();
}

export function varied(roll: Roll, scenario: Scenario): Scenario {
  let { drivers, world } = scenario;
  for (let i = 1 + roll(changesMax); i > 0; i--) {
    if (roll(4) === 0) world = variedWorld(roll, world);
    else {
      const chosen = roll(drivers.length);
      drivers = drivers.map((one, d) => (d === chosen ? variedDriver(roll, one) : one));
    }
  }
  return { drivers, world };
}
