/** A shrunk finding, told and made ready to be saved; with times where times allow it. */
import { bounds } from "../base/bounds.ts";
import type { Counterexample } from "../corpus/counterexample.ts";
import type { Observation } from "../explore/observation.ts";
import { timedWitness } from "../explore/timed-witness.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import type { Scenario } from "../windows/scenario.ts";
import { plainer } from "./plainer.ts";
import type { Found } from "./report.ts";
import { deviationsOf } from "./schedule-run.ts";
import { tell } from "./tell.ts";

/** Transitions for the search of a timed witness. */
const timedBudget = bounds.timedWitness.max;

export function foundOf(scenario: Scenario, shrunk: Observation, seed: string): Found {
  const program = compileScenario(scenario);
  const hangs = shrunk.target.outcome === "deadlock" || shrunk.target.outcome === "livelock";
  const timed =
    hangs && !shrunk.timed ? timedWitness(program, shrunk.target, timedBudget, seed) : undefined;
  const seen = timed === undefined ? shrunk : { ...shrunk, codes: timed, timed: true };
  const { rules } = languageOf(scenario.drivers);
  const observation = { ...seen, codes: plainer(program, seen, rules) };
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
    version: 2,
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
