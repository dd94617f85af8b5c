/** From what was seen to findings: shrunk, with times where times allow it, told, one of a kind. */
import type { Counterexample } from "../corpus/counterexample.ts";
import type { Observation } from "../explore/observation.ts";
import { timedWitness } from "../explore/timed-witness.ts";
import { needsLadder } from "../judge/finding.ts";
import { targetKey } from "../judge/mechanism.ts";
import { type ShrinkOptions, shrink } from "../shrink/shrink.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { rules } from "../windows/rules.ts";
import type { Scenario } from "../windows/scenario.ts";
import { nameOfWorld } from "../worlds/names.ts";
import { plainer } from "./plainer.ts";
import type { Found } from "./report.ts";
import { deviationsOf } from "./schedule-run.ts";
import type { Seen } from "./survey.ts";
import { tell } from "./tell.ts";

/** Transitions for one attempt at shrinking, and attempts for one finding. */
const attemptBudget = 12_000;
const attemptsMax = 300;
/** Transitions for the search of a timed witness. */
const timedBudget = 120_000;

/** Shrinks each, tells it, and keeps one of each outcome, identity and mechanism. */
export function tellAll(seen: readonly Seen[], seed: string): Found[] {
  const shrinking: ShrinkOptions = { rules, seed, attemptBudget, attemptsMax };
  const found = seen.map(({ scenario, observation }) => {
    const small = shrink(scenario, observation, shrinking);
    const world = {
      ...small.scenario.world,
      name: nameOfWorld(small.scenario.drivers, small.scenario.world),
    };
    return counterexampleOf({ ...small.scenario, world }, small.observation, seed);
  });
  return found
    .filter((one) => !found.some((other) => explains(other, one)))
    .sort(
      (a, b) =>
        needsLadder.indexOf(a.finding.needs) - needsLadder.indexOf(b.finding.needs) ||
        (targetKey(a.finding) < targetKey(b.finding) ? -1 : 1),
    );
}

/**
 * Whether one finding is another with more people in it: the same outcome at the same operations
 * and more, in a world that needs as much.
 */
function explains({ finding: a }: Found, { finding: b }: Found): boolean {
  if (a === b || a.outcome !== b.outcome) return false;
  if (a.outcome === "rule" && a.identity === b.identity) {
    return (
      needsLadder.indexOf(a.needs) <= needsLadder.indexOf(b.needs) &&
      b.rules.every((rule) => a.rules.includes(rule))
    );
  }
  if (a.outcome === "rule") return false;
  const parts = b.identity.split(" + ");
  const inside = a.identity.split(" + ");
  if (inside.length >= parts.length || !inside.every((part) => parts.includes(part))) return false;
  // A dead service is not what explains a sick one.
  return a.needs !== "hung service" && needsLadder.indexOf(a.needs) <= needsLadder.indexOf(b.needs);
}

function counterexampleOf(scenario: Scenario, shrunk: Observation, seed: string): Found {
  const program = compileScenario(scenario);
  const hangs = shrunk.target.outcome === "deadlock" || shrunk.target.outcome === "livelock";
  const timed =
    hangs && !shrunk.timed ? timedWitness(program, shrunk.target, timedBudget, seed) : undefined;
  const seen = timed === undefined ? shrunk : { ...shrunk, codes: timed, timed: true };
  const observation = { ...seen, codes: plainer(program, seen) };
  const finding = tell(scenario, program, observation, hangs && !observation.timed);
  const {
    outcome,
    possible,
    property,
    driver,
    family,
    mechanism,
    identity,
    needs,
    rules: broken,
    latencyUs,
  } = finding;
  const counterexample: Counterexample = {
    loophole: "counterexample",
    version: 1,
    finding: {
      outcome,
      possible,
      property,
      driver,
      family,
      mechanism,
      identity,
      needs,
      rules: broken,
      ...(latencyUs === undefined ? {} : { latencyUs }),
    },
    reading: observation.timed ? "timed" : "untimed",
    decisions: observation.codes.length,
    schedule: deviationsOf(program, observation.timed, observation.codes),
    scenario,
  };
  return { finding, counterexample };
}
