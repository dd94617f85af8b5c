/**
 * The smallest case of a mechanism made smaller. Of a generated driver everything may go, since it
 * is a model of nobody's code; of a given one, only what the shrinker of checks takes away.
 */
import { bounds } from "../base/bounds.ts";
import { InvariantError } from "../base/invariant.ts";
import type { Observation } from "../explore/observation.ts";
import { keepWorst } from "../explore/observe.ts";
import { exhaustTimed, exhaustUntimed, type Look, sampleRuns } from "../explore/readings.ts";
import { smallerScenarios } from "../generate/arbitraries.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import type { Scenario } from "../windows/scenario.ts";
import { telling } from "./found.ts";
import type { FuzzOptions, MechanismSeen } from "./fuzz.ts";
import { statementCount } from "./fuzz-statistics.ts";
import { inThisThread } from "./pieces.ts";
import type { Found } from "./report.ts";
import type { Seen } from "./survey.ts";

const attemptBudget = bounds.generatedAttempt.max;
const attemptsMax = bounds.generatedAttempts.max;

export interface FuzzFound extends Omit<MechanismSeen, "case"> {
  /** The shrunk case, told; undefined where telling it took a fault of ours. */
  readonly found: Found | undefined;
  /** Statements of the shrunk drivers. */
  readonly statements: number;
}

export function tellMechanism(seen: MechanismSeen, options: FuzzOptions): FuzzFound {
  const { case: given, ...rest } = seen;
  const isGiven = options.given.some(
    (drivers) => JSON.stringify(drivers) === JSON.stringify(given.scenario.drivers),
  );
  const small = isGiven ? given : shrinkGenerated(given, options.seed);
  const found = withoutFault(() => inThisThread(telling([small], options.seed))[0]);
  const scenario = found?.counterexample.scenario ?? small.scenario;
  return { ...rest, found, statements: statementCount(scenario) };
}

/** Takes away what can go while the same mechanism is still seen, wherever in the driver. */
function shrinkGenerated(seen: Seen, seed: string): Seen {
  let best = seen;
  let attempts = 0;
  const tried = new Set<string>();
  for (let improved = true; improved; ) {
    improved = false;
    for (const scenario of smallerScenarios(best.scenario)) {
      const key = JSON.stringify(scenario);
      if (tried.has(key)) continue;
      if (++attempts > attemptsMax) return best;
      tried.add(key);
      const smaller = withoutFault(() => showing(scenario, best.observation, seed));
      if (smaller === undefined) continue;
      best = smaller;
      improved = true;
      break;
    }
  }
  return best;
}

/** A fault of ours on the way costs one attempt, and is the campaign's to report where it arises. */
function withoutFault<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof InvariantError) return undefined;
    throw error;
  }
}

/** The same outcome by the same mechanism, if a small search of the scenario shows it. */
function showing(scenario: Scenario, wanted: Observation, seed: string): Seen | undefined {
  const { outcome, mechanism, neverEnds } = wanted.target;
  const program = compileScenario(scenario);
  const { rules } = languageOf(scenario.drivers);
  const found = new Map<string, Observation>();
  const seen = (): Observation | undefined =>
    [...found.values()].find(
      ({ target }) => target.outcome === outcome && target.mechanism === mechanism,
    );
  const look: Look = {
    program,
    reached: new Set(),
    add: keepWorst(found),
    only: { outcome, neverEnds },
  };
  if (outcome !== "latency") exhaustUntimed(look, attemptBudget, rules);
  if (seen() === undefined && wanted.timed) {
    const some = { seed, budget: attemptBudget, runSteps: 1_500, runsMax: 6, rules };
    sampleRuns(look, { ...some, readings: ["timed"] });
    if (seen() === undefined) exhaustTimed(look, attemptBudget, rules);
  }
  const observation = seen();
  return observation && { scenario, observation, size: program.threads.length };
}
