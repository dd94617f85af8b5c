/** Greedy removal: take one thing away, search for the failure again, keep what still shows it. */
import { type Observation, observe } from "../explore/observe.ts";
import { sameTarget, type Target } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import type { Scenario } from "../windows/scenario.ts";
import { smallerScenarios } from "./reductions.ts";

export interface ShrinkOptions {
  readonly rules: readonly RuleShape[];
  readonly seed: string;
  /** Transitions for one attempt, and attempts in all. */
  readonly attemptBudget: number;
  readonly attemptsMax: number;
  readonly stop?: () => boolean;
}

export interface Shrunk {
  readonly scenario: Scenario;
  readonly observation: Observation;
  readonly attempts: number;
}

/** The observation of `target` in a scenario, if a search within the budget shows it. */
export function showing(
  scenario: Scenario,
  target: Target,
  alsoTimed: boolean,
  options: ShrinkOptions,
): Observation | undefined {
  let program: ReturnType<typeof compileScenario>;
  try {
    program = compileScenario(scenario);
  } catch {
    // What was removed is still referred to: not a scenario.
    return undefined;
  }
  const readings =
    target.outcome === "latency"
      ? (["timed"] as const)
      : alsoTimed
        ? (["untimed", "timed"] as const)
        : (["untimed"] as const);
  for (const reading of readings) {
    const { attemptBudget: budget, seed, rules, stop } = options;
    const { observations } = observe(program, { budget, seed, rules, stop, reading });
    const seen = observations.find((o) => sameTarget(o.target, target));
    if (seen !== undefined) return seen;
  }
  return undefined;
}

export function shrink(
  scenario: Scenario,
  observation: Observation,
  options: ShrinkOptions,
): Shrunk {
  const { target } = observation;
  let best = { scenario, observation };
  let attempts = 0;
  const tried = new Set<string>([JSON.stringify(scenario)]);
  for (let improved = true; improved; ) {
    improved = false;
    for (const smaller of smallerScenarios(best.scenario)) {
      if (attempts >= options.attemptsMax || options.stop?.() === true)
        return { ...best, attempts };
      const key = JSON.stringify(smaller);
      if (tried.has(key)) continue;
      tried.add(key);
      attempts++;
      const seen = showing(smaller, target, observation.timed, options);
      if (seen === undefined) continue;
      best = { scenario: smaller, observation: seen };
      improved = true;
      break;
    }
  }
  return { ...best, attempts };
}
