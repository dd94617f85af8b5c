/** What a campaign tried: sizes and features of its drivers, and how much of them ran. */
import type { Observed } from "../explore/observe.ts";
import { callsIn, statementsIn } from "../language/conditions.ts";
import type { Program } from "../machine/program.ts";
import type { Scenario } from "../windows/scenario.ts";

export interface Statistics {
  /** Sums over all runs. */
  readonly statements: number;
  readonly routines: number;
  readonly threads: number;
  readonly states: number;
  /** Operations of the drivers, and those of them that some run came to. */
  readonly operations: number;
  readonly reached: number;
  /** Runs whose every state, without times, was compared. */
  readonly exhausted: number;
  /** The largest driver, in statements. */
  readonly largest: number;
  /** Runs in which a call, or a form of a family, occurs. */
  readonly calls: Readonly<Record<string, number>>;
  readonly families: Readonly<Record<string, number>>;
}

export const noStatistics: Statistics = {
  statements: 0,
  routines: 0,
  threads: 0,
  states: 0,
  operations: 0,
  reached: 0,
  exhausted: 0,
  largest: 0,
  calls: {},
  families: {},
};

export const statementCount = ({ drivers }: Scenario): number =>
  drivers.reduce(
    (sum, { routines }) =>
      sum + routines.reduce((n, { body }) => n + [...statementsIn(body)].length, 0),
    0,
  );

export function statisticsOf(scenario: Scenario, program: Program, seen: Observed): Statistics {
  const routines = scenario.drivers.flatMap((driver) => driver.routines);
  const forms = scenario.drivers.flatMap(({ registrations }) =>
    registrations.map(({ family }) => family),
  );
  const operations = new Set(
    program.sites.filter(({ counts }) => counts === true).map((s) => `${s.owner}: ${s.opId}`),
  );
  const statements = statementCount(scenario);
  return {
    statements,
    routines: routines.length,
    threads: program.threads.length,
    states: seen.states,
    operations: operations.size,
    reached: [...operations].filter((id) => seen.reached.has(id)).length,
    exhausted: seen.untimedComplete ? 1 : 0,
    largest: statements,
    calls: once(routines.flatMap(({ body }) => callsIn(body)).map(({ api }) => api)),
    families: once(forms),
  };
}

const once = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, 1]));

export function addStatistics(one: Statistics, other: Statistics): Statistics {
  return {
    statements: one.statements + other.statements,
    routines: one.routines + other.routines,
    threads: one.threads + other.threads,
    states: one.states + other.states,
    operations: one.operations + other.operations,
    reached: one.reached + other.reached,
    exhausted: one.exhausted + other.exhausted,
    largest: Math.max(one.largest, other.largest),
    calls: added(one.calls, other.calls),
    families: added(one.families, other.families),
  };
}

function added(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = new Map(Object.entries(one));
  for (const [name, count] of Object.entries(other)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries([...sum].sort(([a], [b]) => (a < b ? -1 : 1)));
}
