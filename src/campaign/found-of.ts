/** A shrunk finding, told and made ready to be saved. */
import type { Counterexample } from "../corpus/counterexample.ts";
import type { Finding } from "../judge/finding.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import { needsOf } from "./needs.ts";
import { plainer } from "./plainer.ts";
import type { Found } from "./report.ts";
import { deviationsOf } from "./schedule-run.ts";
import type { Case, Small } from "./smallest.ts";
import { tell } from "./tell.ts";

export function foundOf(small: Small): Found {
  const { scenario, observation: shrunk, timedSearch, simplest, forGoodIn, whole } = small;
  const program = compileScenario(scenario);
  const { rules } = languageOf(scenario.drivers);
  const observation = { ...shrunk, codes: plainer(program, shrunk, rules) };
  const finding = {
    ...tell(scenario, program, observation, timedSearch, whole),
    ...(forGoodIn === undefined ? {} : { forGoodIn }),
    ...(simplest === undefined ? {} : { simplest: simplestFact(simplest) }),
  };
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
    budget,
  } = finding;
  const counterexample: Counterexample = {
    loophole: "counterexample",
    version: 2,
    finding: {
      outcome,
      possible,
      ...(timedSearch === undefined ? {} : { timedSearch }),
      property,
      driver,
      family,
      mechanism,
      identity,
      needs,
      rules: broken,
      ...(latencyUs === undefined ? {} : { latencyUs }),
      ...(budget === undefined ? {} : { budget }),
    },
    reading: observation.timed ? "timed" : "untimed",
    decisions: observation.codes.length,
    schedule: deviationsOf(program, observation.timed, observation.codes),
    scenario,
  };
  return { finding, counterexample };
}

const simplestFact = ({ scenario, observation: { latencyUs } }: Case): Finding["simplest"] => ({
  needs: needsOf(scenario),
  world: scenario.world.name,
  ...(latencyUs === undefined ? {} : { latencyUs }),
});
