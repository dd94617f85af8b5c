/** Greedy removal: take one thing away, search for the failure again, keep what still shows it. */
import { bounds } from "../base/bounds.ts";
import { memo } from "../base/memo.ts";
import { type Later, laterOf } from "../explore/newcomers.ts";
import type { Observation } from "../explore/observation.ts";
import { keepWorst } from "../explore/observe.ts";
import {
  asksForEnds,
  exhaustTimed,
  exhaustUntimed,
  type Look,
  sampleRuns,
} from "../explore/readings.ts";
import { timedWitness } from "../explore/timed-witness.ts";
import { weightOfCompiling } from "../explore/weight.ts";
import { isAsLong } from "../judge/latency.ts";
import { isHang, sameTarget } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import type { Program } from "../machine/program.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import type { Scenario } from "../windows/scenario.ts";
import { isDriver, smallerScenarios } from "./reductions.ts";

export interface ShrinkOptions {
  readonly rules: readonly RuleShape[];
  readonly seed: string;
  /** Transitions for one attempt; attempts, and transitions, in all. */
  readonly attemptBudget: number;
  readonly attemptsMax: number;
  readonly budget: number;
  /** What is left has to have a timing, as the observation has: it is one with times. */
  readonly keepsTiming?: boolean;
}

export interface Shrunk {
  readonly scenario: Scenario;
  readonly observation: Observation;
  readonly attempts: number;
  /** Transitions. */
  readonly spent: number;
}

interface Shown {
  /** The observation, if the search shows it. */
  readonly seen: Observation | undefined;
  /** The search came to its end, and does not show it. */
  readonly isRefuted: boolean;
  readonly spent: number;
}

/** What an observation shows, of a latency as long, in another scenario, if a search does. */
function showing(
  scenario: Scenario,
  { target, timed: alsoTimed, latencyUs = 0 }: Observation,
  options: ShrinkOptions,
): Shown {
  let program: ReturnType<typeof compileScenario>;
  try {
    program = compileScenario(scenario);
  } catch {
    // What was removed is still referred to: not a scenario.
    return { seen: undefined, isRefuted: false, spent: 0 };
  }
  const found = new Map<string, Observation>();
  const { attemptBudget: budget, seed, rules } = options;
  const seen = (): Observation | undefined =>
    [...found.values()].find(
      (o) => sameTarget(o.target, target) && isAsLong(o.latencyUs ?? 0, latencyUs),
    );
  const look: Look = {
    program,
    reached: new Set(),
    // A latency is seen as soon as one run has it; a hang only when the whole graph is there.
    stop: () => target.outcome === "latency" && seen() !== undefined,
    add: keepWorst(found),
    only: target,
    ...(target.outcome === "latency" ? { leastUs: latencyUs } : {}),
  };
  let spent = weightOfCompiling(program);
  let isRefuted = false;
  if (target.outcome !== "latency") {
    const whole = asksForEnds(look)
      ? addEnds(look, scenario, options)
      : exhaustUntimed(look, budget, rules);
    spent += whole.spent;
    const untimed = seen();
    isRefuted = whole.complete && untimed === undefined;
    if (untimed !== undefined && options.keepsTiming === true)
      return {
        seen: withTiming(program, untimed, options),
        isRefuted,
        spent: spent + 2 * budget,
      };
    if (untimed !== undefined || !alsoTimed) return { seen: untimed, isRefuted, spent };
  }
  // Runs tell most latencies; a small timed search the rest.
  const runs = { seed, budget, runSteps: 1_500, runsMax: 24, rules };
  spent += sampleRuns(look, { ...runs, readings: ["timed"] }).spent;
  if (seen() === undefined && target.outcome === "latency")
    spent += exhaustTimed(look, Math.ceil(budget / 3), rules).spent;
  return { seen: seen(), isRefuted, spent };
}

interface Ends {
  readonly observations: readonly Observation[];
  readonly complete: boolean;
  readonly spent: number;
}

/** By scenario: the findings of one driver shrink through the same ones. */
const endsKnown = new Map<string, Ends>();

/** Adds what hangs and what crashes in a scenario. */
function addEnds(look: Look, scenario: Scenario, { attemptBudget, rules }: ShrinkOptions): Ends {
  const key = `${attemptBudget} ${JSON.stringify(scenario)}`;
  const ends = memo(endsKnown, key, () => {
    const found: Observation[] = [];
    const add = (one: Observation): number => found.push(one);
    const { spent, complete } = exhaustUntimed({ ...look, add }, attemptBudget, rules);
    return { observations: found, spent, complete };
  });
  if (endsKnown.size > bounds.endsKept.max) endsKnown.clear();
  for (const one of ends.observations) look.add(one);
  return ends;
}

/** The same with times, if a small search shows a timing. */
function withTiming(
  program: Program,
  observation: Observation,
  { attemptBudget, seed }: ShrinkOptions,
): Observation | undefined {
  const { codes } = timedWitness(program, observation, attemptBudget, seed);
  return codes && { ...observation, codes, timed: true };
}

/**
 * What ends a hang later is no part of it, and is not to be taken away. That is seldom done, and so
 * asked of the result; if it was, all is tried again, and it is asked each time.
 */
export function shrink(
  scenario: Scenario,
  observation: Observation,
  options: ShrinkOptions,
): Shrunk {
  const shrunk = reduced(scenario, observation, options);
  if (!isHang(observation.target) || shrunk.scenario === scenario) return shrunk;
  const whole = laterOf(scenario, observation);
  if (whole.claim === "cut") {
    // What is left of it may be clear; it was not of the driver as it is.
    const unclear = { ...shrunk.observation, isLaterUnknown: true } as const;
    return { ...shrunk, observation: unclear, spent: shrunk.spent + whole.spent };
  }
  const left = laterOf(shrunk.scenario, shrunk.observation);
  const spent = shrunk.spent + whole.spent + left.spent;
  if (left.claim === whole.claim) return { ...shrunk, spent };
  const budget = Math.max(0, options.budget - spent);
  const kept = reduced(scenario, observation, { ...options, budget }, whole.claim);
  return { ...kept, attempts: shrunk.attempts + kept.attempts, spent: spent + kept.spent };
}

/** `later`: what is left of a hang is to be as much for good as all of it was. */
function reduced(
  scenario: Scenario,
  observation: Observation,
  options: ShrinkOptions,
  later?: Later["claim"],
): Shrunk {
  let best = { scenario, observation };
  let attempts = 0;
  let spent = 0;
  const tried = new Set<string>([JSON.stringify(scenario)]);
  // After a success it goes on at the same place; a whole pass without one is the end.
  for (let improved = true; improved; ) {
    improved = false;
    let candidates = smallerScenarios(best.scenario);
    for (let place = 0; ; place++) {
      const { value: smaller, done } = candidates.next();
      if (done === true) break;
      if (attempts >= options.attemptsMax || spent >= options.budget)
        return { ...best, attempts, spent };
      const key = JSON.stringify(smaller);
      if (tried.has(key)) continue;
      tried.add(key);
      if (!smaller.drivers.every((one) => best.scenario.drivers.includes(one) || isDriver(one)))
        continue;
      attempts++;
      const shown = showing(smaller, observation, options);
      spent += shown.spent;
      const { seen } = shown;
      if (seen === undefined) continue;
      if (later !== undefined) {
        const left = laterOf(smaller, seen);
        spent += left.spent;
        if (left.claim !== later) continue;
      }
      const whole = { drivers: scenario.drivers, world: smaller.world };
      if (smaller.world !== best.scenario.world && smaller.drivers !== whole.drivers) {
        // What the world needs is said of the driver as it is, not of what is left of it.
        const asWhole = showing(whole, observation, options);
        spent += asWhole.spent;
        if (asWhole.seen === undefined && asWhole.isRefuted) continue;
      }
      best = { scenario: smaller, observation: seen };
      improved = true;
      candidates = smallerScenarios(best.scenario);
      for (let behind = 0; behind < place; behind++) candidates.next();
      place--;
    }
  }
  return { ...best, attempts, spent };
}
