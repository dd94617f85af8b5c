/**
 * The case that a finding is told by: of a latency the longest that was seen, of a hang one that has
 * a timing, if any has; made as small as it can be without losing either.
 */
import { bounds } from "../base/bounds.ts";
import { laterOf } from "../explore/newcomers.ts";
import type { Observation } from "../explore/observation.ts";
import { exhaustUntimed } from "../explore/readings.ts";
import { timedWitness } from "../explore/timed-witness.ts";
import type { TimedSearch } from "../judge/finding.ts";
import { isAsLong } from "../judge/latency.ts";
import { isHang, sameTarget, type Target } from "../judge/mechanism.ts";
import { needsLadder } from "../judge/needs.ts";
import { type ShrinkOptions, shrink } from "../shrink/shrink.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import type { Scenario } from "../windows/scenario.ts";
import { nameOfWorld } from "../worlds/names.ts";
import { needsOf } from "./needs.ts";

/** What was seen of a target in one world. */
export interface Case {
  readonly scenario: Scenario;
  readonly observation: Observation;
}

export interface Small extends Case {
  /** Less is needed for less: the case that needs least, where this is another. */
  readonly simplest?: Case;
  /** A hang without a timing: whether all runs with times were searched. */
  readonly timedSearch?: TimedSearch;
  /** A hang that a later event ends: a world in which none does. */
  readonly forGoodIn?: string;
  /** The drivers as they were before anything was taken away. */
  readonly whole?: Scenario["drivers"];
}

/** Transitions for one attempt at shrinking, and attempts for one finding. */
const shrinking = {
  attemptBudget: bounds.shrinkAttempt.max,
  attemptsMax: bounds.shrinkAttempts.max,
};
/** Transitions for the search of a timing. */
const timedBudget = bounds.timedWitness.max;

/** @param cases What was seen, by what the worlds need; at least one. */
export function smallestOf(cases: readonly Case[], seed: string, budget: number): Small {
  const { scenario, observation } = cases[0];
  const small = smallestCase(observation.target, cases, seed, budget);
  const forGoodIn = lastingIn(small, cases);
  return {
    ...small,
    ...(forGoodIn === undefined ? {} : { forGoodIn }),
    whole: scenario.drivers,
  };
}

/** Of a hang that a later event ends, a world where it was seen, too, and where none ends it. */
function lastingIn(
  { scenario, observation }: Case,
  [, ...others]: readonly Case[],
): string | undefined {
  if (others.length === 0 || !isHang(observation.target)) return undefined;
  if (laterOf(scenario, observation).claim !== "ends") return undefined;
  return others.find((one) => laterOf(one.scenario, one.observation).claim === "for good")?.scenario
    .world.name;
}

function smallestCase(target: Target, cases: readonly Case[], seed: string, budget: number): Small {
  if (target.outcome === "latency") return smallestLatency(cases, seed, budget);
  if (isHang(target)) return smallestHang(cases, seed, budget);
  return smaller(cases[0], seed, budget);
}

function smaller(
  { scenario, observation }: Case,
  seed: string,
  budget: number,
  only: Pick<ShrinkOptions, "keepsTiming"> = {},
): Case {
  const { rules } = languageOf(scenario.drivers);
  const small = shrink(scenario, observation, { rules, seed, budget, ...shrinking, ...only });
  const { drivers, world } = small.scenario;
  const name = nameOfWorld(drivers, world);
  return { scenario: { drivers, world: { ...world, name } }, observation: small.observation };
}

const rung = ({ scenario }: Case): number => needsLadder.indexOf(needsOf(scenario));

export const longUs = ({ observation }: Case): number => observation.latencyUs ?? 0;

/** The longest, of those as long the one that needs least; and how long it is with less. */
function smallestLatency(cases: readonly Case[], seed: string, budget: number): Small {
  const longest = Math.max(...cases.map(longUs));
  const worst = cases.find((one) => isAsLong(longUs(one), longest)) ?? cases[0];
  const small = smaller(worst, seed, budget);
  if (rung(small) === 0) return small;
  const { latencyUs: _, ...anyLength } = cases[0].observation;
  const simplest = smaller({ ...cases[0], observation: anyLength }, seed, budget);
  return rung(simplest) < rung(small) ? { ...small, simplest } : small;
}

/** What needs least and has a timing; without any, what needs least. */
function smallestHang(cases: readonly Case[], seed: string, budget: number): Small {
  const least = smaller(cases[0], seed, budget);
  const first = withTiming(least, seed, timedBudget);
  let { isExhausted } = first;
  if (first.timed !== undefined) {
    // Shrinking takes away what costs time: the driver as it is must have a timing, too.
    const whole = timingOfWhole(least, cases, seed);
    if (whole.hasTiming) return first.timed;
    isExhausted = whole.isExhausted;
  }
  // What was taken away may have been what the timing needs, and another world may have one: all of
  // them together are searched as much as the first.
  let left: number = timedBudget;
  for (const one of cases) {
    const { timed, isExhausted: whole, spent } = withTiming(one, seed, left);
    left = Math.max(1, left - spent);
    isExhausted &&= whole;
    if (timed === undefined) continue;
    const small = smaller(timed, seed, budget, { keepsTiming: true });
    return rung(least) < rung(small) ? { ...small, simplest: least } : small;
  }
  return { ...least, timedSearch: isExhausted ? "complete" : "cut" };
}

/**
 * Whether the drivers as they are have a timing, in the world of a shrunk case or where it was seen;
 * if not, whether all their runs in that world were searched.
 */
function timingOfWhole(
  { scenario, observation }: Case,
  cases: readonly Case[],
  seed: string,
): { readonly hasTiming: boolean; readonly isExhausted: boolean } {
  const { drivers } = cases[0].scenario;
  const isSame = JSON.stringify(drivers) === JSON.stringify(scenario.drivers);
  if (isSame || cases.some((one) => one.observation.timed))
    return { hasTiming: true, isExhausted: false };
  const whole = { drivers, world: scenario.world };
  const { seen, isExhausted } = observedIn(whole, observation.target);
  if (seen === undefined) return { hasTiming: false, isExhausted };
  const timing = withTiming({ scenario: whole, observation: seen }, seed, timedBudget);
  return { hasTiming: timing.timed !== undefined, isExhausted: timing.isExhausted };
}

/** A hang, where a search without times comes to it; else whether that went to its end. */
function observedIn(
  scenario: Scenario,
  target: Target,
): { readonly seen: Observation | undefined; readonly isExhausted: boolean } {
  let seen: Observation | undefined;
  const look = {
    program: compileScenario(scenario),
    reached: new Set<string>(),
    only: target,
    add(one: Observation) {
      if (sameTarget(one.target, target)) seen ??= one;
    },
  };
  const { complete } = exhaustUntimed(look, timedBudget);
  return { seen, isExhausted: complete };
}

function withTiming(
  one: Case,
  seed: string,
  budget: number,
): { readonly timed: Case | undefined; readonly isExhausted: boolean; readonly spent: number } {
  const { scenario, observation } = one;
  if (observation.timed) return { timed: one, isExhausted: false, spent: 0 };
  const program = compileScenario(scenario);
  const { codes, exhausted, spent } = timedWitness(program, observation, budget, seed);
  const timed = codes && { scenario, observation: { ...observation, codes, timed: true } };
  return { timed, isExhausted: exhausted, spent };
}
