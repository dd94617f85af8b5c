/** Loophole's own answer, in the oracle's words: the only file here that runs the code under test. */
import { inThisThread } from "../../src/campaign/pieces.ts";
import type { CheckOptions, Subject } from "../../src/campaign/report.ts";
import { surveying } from "../../src/campaign/survey.ts";
import { isEndless } from "../../src/judge/mechanism.ts";
import { ran } from "./adapter-endings.ts";
import { noWalks, type Walks } from "./adapter-walks.ts";
import { type Endings, noEndings } from "./endings.ts";
import { labelled, type Scenario } from "./scenario.ts";

export interface ToldHang {
  readonly outcome: string;
  readonly operations: readonly string[];
}

export interface Told {
  readonly complete: boolean;
  readonly bounds: readonly string[];
  readonly states: number;
  /** What it says of times, and what it costs: compared with itself alone. */
  readonly timed: string;
  readonly crashes: readonly string[];
  readonly hangs: readonly ToldHang[];
  /** Items that never end, where nothing hangs that is owed: the operations that one is told of (B6). */
  readonly endless: readonly (readonly string[])[];
  /** Operations that no run reached. */
  readonly unreached: ReadonlySet<string>;
  /** Breaches of rules that are findings of their own: effects with the operation. */
  readonly rules: readonly string[];
  readonly endings: Endings;
  readonly walks: Walks;
  /** Places at which threads stand: compared with nothing. */
  readonly stood: readonly string[];
}

export function told(scenario: Scenario, budget: number): Told {
  const one = labelled(scenario);
  const found = surveyed(one, budget);
  return {
    ...found,
    ...(found.complete ? ran(one, budget) : { endings: noEndings, walks: noWalks, stood: [] }),
  };
}

/** A request that nobody waits for, and whose wait nobody ends: read from the text, and no root. */
const isOfRequestAlone = (mechanism: string): boolean =>
  /^request waits for (?:any of several: |all of several: )?(?:an event|a KSEMAPHORE)$/.test(
    mechanism,
  );

/** What is told of a scenario, its single states aside. */
export function surveyed(
  { drivers, world }: Scenario,
  budget: number,
): Omit<Told, "endings" | "walks" | "stood"> {
  const subject = { drivers, worlds: [world] } as unknown as Subject;
  const options: CheckOptions = { scope: "small", budget, seed: "oracle" };
  const { seen, worlds, unreached, spent } = inThisThread(surveying(subject, options));
  const complete = worlds.every(({ untimedComplete }) => untimedComplete);
  const targets = seen.map(({ observation }) => observation.target);
  const of = (outcomes: readonly string[]) =>
    targets.filter(({ outcome }) => outcomes.includes(outcome));
  return {
    complete,
    bounds: [...new Set(worlds.flatMap(({ untimedBounds }) => untimedBounds))].sort(),
    states: worlds.reduce((sum, one) => sum + one.states, 0),
    timed: JSON.stringify([spent, of(["latency"]).map(({ identity }) => identity)]),
    crashes: of(["crash"])
      .map(({ identity, mechanism }) => `${mechanism} ${identity}`)
      .sort(),
    hangs: of(["deadlock", "livelock"])
      .filter(({ mechanism }) => !isOfRequestAlone(mechanism))
      .map(({ outcome, identity }) => ({ outcome, operations: identity.split(" + ") })),
    endless: of(["rule"])
      .filter((one) => isEndless(one))
      .map(({ identity }) => identity.split(" + ")),
    unreached: new Set(unreached.map((one) => one.slice(one.indexOf(": ") + 2))),
    rules: of(["rule"]).flatMap(({ identity, mechanism }) =>
      mechanism.split(", ").map((one) => `${one} ${identity}`),
    ),
  };
}

/** Of these the least that is enough. */
const budgets = [2_000, 20_000];

export function searched(scenario: Scenario): Told {
  let found = told(scenario, budgets[0]);
  for (const budget of budgets.slice(1)) {
    if (found.complete) break;
    found = told(scenario, budget);
  }
  return found;
}
