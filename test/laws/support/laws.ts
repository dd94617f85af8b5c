/**
 * The laws of verdicts: what means nothing changes nothing. Each comes with a fault of its own,
 * which has to be seen: an edit, or a judge, that breaks it.
 */
import type { Random } from "../../../src/base/random.ts";
import type { DriverModel } from "../../../src/language/model.ts";
import { usualTimes } from "../../../src/windows/profiles.ts";
import { usesPool } from "../../../src/windows/questions.ts";
import type { Scenario } from "../../../src/windows/scenario.ts";
import {
  type Edited,
  withBranchTurned,
  withHelperInlined,
  withIdleObjects,
  withIdleThread,
  withTimesScaled,
} from "./edits.ts";
import { routinesBack, withDeclarationsShuffled, withNamesReplaced } from "./names.ts";
import {
  differences,
  idsBack,
  noneRenamed,
  type Renamed,
  type Verdict,
  verdictOf,
} from "./verdict.ts";

interface Changed {
  readonly scenario: Scenario;
  readonly back: Renamed;
  /** How often as long all times are. */
  readonly longer?: number;
}

export interface Law {
  readonly name: string;
  /** The scenario with the change in it; undefined where it has no place for it. */
  readonly change: (scenario: Scenario, random: Random) => Changed | undefined;
  readonly fault: {
    readonly change?: Law["change"];
    /** What a judge that looks at the wrong thing would add to all mechanisms. */
    readonly judge?: (scenario: Scenario) => string;
  };
}

const onlyDriver = ({ drivers }: Scenario): DriverModel | undefined =>
  drivers.length === 1 ? drivers[0] : undefined;

const withDriver = (scenario: Scenario, driver: DriverModel): Scenario => ({
  ...scenario,
  drivers: [driver],
});

const byEdit =
  (edit: (driver: DriverModel, random: Random) => Edited | undefined): Law["change"] =>
  (scenario, random) => {
    const old = onlyDriver(scenario);
    const result = old === undefined ? undefined : edit(old, random);
    if (old === undefined || result === undefined) return undefined;
    const { driver, origin } = result;
    return { scenario: withDriver(scenario, driver), back: idsBack(old, driver, origin) };
  };

const byModel =
  (edit: (driver: DriverModel, random: Random) => DriverModel | undefined): Law["change"] =>
  (scenario, random) => {
    const old = onlyDriver(scenario);
    const driver = old === undefined ? undefined : edit(old, random);
    if (driver === undefined) return undefined;
    return { scenario: withDriver(scenario, driver), back: noneRenamed };
  };

const longer = 10;
const scaledTimes = Object.fromEntries(
  Object.entries(usualTimes).map(([name, us]) => [name, us * longer]),
);

const scaled =
  (budgets: boolean): Law["change"] =>
  (scenario) => {
    // When the pool looks at its queues is a fact of Windows, and no time of a profile.
    if (usesPool(scenario.drivers)) return undefined;
    const { callbackUs, eventUs, operationUs } = usualTimes;
    const kept = budgets ? {} : { callbackUs, eventUs, operationUs };
    const own = Object.entries(scenario.world.times ?? {}).map(([n, us]) => [n, us * longer]);
    const times = { ...scaledTimes, ...Object.fromEntries(own), ...kept };
    const drivers = scenario.drivers.map((driver) => withTimesScaled(driver, longer));
    return {
      scenario: { drivers, world: { ...scenario.world, times } },
      back: noneRenamed,
      longer,
    };
  };

/** Where a service is ended, any thread of its can be the last, in which its exit is told. */
const whereServicesStay =
  (change: Law["change"]): Law["change"] =>
  (scenario, random) => {
    const { removal, service } = scenario.world;
    const ends = removal !== "none" || ["target", "restarted"].includes(service.condition);
    return ends ? undefined : change(scenario, random);
  };

export const laws: readonly Law[] = [
  {
    name: "names mean nothing",
    change: (scenario, random) => {
      const old = onlyDriver(scenario);
      if (old === undefined) return undefined;
      const driver = withNamesReplaced(old, random);
      const back = new Map([...routinesBack(old, driver), ...idsBack(old, driver)]);
      return { scenario: withDriver(scenario, driver), back };
    },
    fault: { judge: ({ drivers }) => `${JSON.stringify(drivers).includes("Lock")}` },
  },
  {
    name: "declarations have no order",
    change: byModel(withDeclarationsShuffled),
    fault: { judge: ({ drivers }) => drivers[0].routines[0]?.role },
  },
  {
    name: "a branch asks either way round",
    change: byEdit(withBranchTurned),
    fault: { change: byEdit((driver, random) => withBranchTurned(driver, random, false)) },
  },
  {
    name: "a helper is what it does",
    change: byEdit(withHelperInlined),
    fault: { change: byEdit((driver, random) => withHelperInlined(driver, random, false)) },
  },
  {
    name: "an object that nobody touches is nothing",
    change: byModel(withIdleObjects),
    fault: { judge: ({ drivers }) => `${drivers[0].objects.length}` },
  },
  {
    name: "a thread that waits for ever beside the others is nothing",
    change: whereServicesStay(byModel((driver) => withIdleThread(driver))),
    fault: { change: byModel((driver) => withIdleThread(driver, false)) },
  },
  {
    name: "everything ten times as long is ten times as long",
    change: scaled(true),
    fault: { change: scaled(false) },
  },
];

function judged(verdict: Verdict, mark: string | undefined): Verdict {
  if (mark === undefined) return verdict;
  const findings = [...verdict.findings].map(([key, one]) => [`${key} ${mark}`, one] as const);
  return { ...verdict, findings: new Map(findings) };
}

/** What a law, or its fault, makes of a scenario: how the verdict differs; undefined: no case. */
export function broken(
  law: Law,
  scenario: Scenario,
  budget: number,
  random: Random,
  isFault = false,
  known?: Verdict,
): readonly string[] | undefined {
  const before = known ?? verdictOf(scenario, budget);
  if (!before.complete) return undefined;
  const change = (isFault ? law.fault.change : undefined) ?? law.change;
  const changed = change(scenario, random);
  if (changed === undefined) return undefined;
  // What is equal takes as much; what differs little more is still searched to its end.
  const after = verdictOf(changed.scenario, budget * 8, changed.back, changed.longer ?? 1);
  const judge = isFault ? law.fault.judge : undefined;
  return differences(
    judged(before, judge?.(scenario)),
    judged(after, judge?.(changed.scenario)),
    changed.longer,
  );
}
