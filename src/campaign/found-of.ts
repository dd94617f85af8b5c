/** A shrunk finding, told and made ready to be saved. */
import type { Counterexample } from "../corpus/counterexample.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import { needsOf } from "./needs.ts";
import { plainer } from "./plainer.ts";
import type { Found } from "./report.ts";
import { deviationsOf } from "./schedule-run.ts";
import type { Small } from "./smallest.ts";
import { tell } from "./tell.ts";

export function foundOf(small: Small): Found {
  const { scenario, observation: shrunk, timedSearch, simplest, whole } = small;
  const program = compileScenario(scenario);
  const { rules } = languageOf(scenario.drivers);
  const observation = { ...shrunk, codes: plainer(program, shrunk, rules) };
  const told = tell(scenario, program, observation, timedSearch, whole);
  const finding =
    simplest === undefined
      ? told
      : {
          ...told,
          simplest: {
            needs: needsOf(simplest.scenario),
            world: simplest.scenario.world.name,
            ...(simplest.observation.latencyUs === undefined
              ? {}
              : { latencyUs: simplest.observation.latencyUs }),
          },
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
