/** Runs a counterexample again and says whether it does what it claims. */
import { bounds } from "../base/bounds.ts";
import type { Counterexample } from "../corpus/counterexample.ts";
import type { Observation } from "../explore/observation.ts";
import { targetsOf } from "../explore/targets.ts";
import type { Finding } from "../judge/finding.ts";
import { sameTarget, type Target } from "../judge/mechanism.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf } from "../windows/language.ts";
import { codesOf } from "./schedule-run.ts";
import { tell } from "./tell.ts";

/** Transitions for settling, by exhausting what can follow, that a hang is one. */
const settleBudget = bounds.replaySettling.max;

export interface ReplayResult {
  /** The finding that the run shows, if it shows one. */
  readonly finding: Finding | undefined;
  /** Why it is not the one that the file claims; undefined when it is. */
  readonly mismatch: string | undefined;
}

export function replay(counterexample: Counterexample): ReplayResult {
  const { scenario, schedule, decisions, reading, finding } = counterexample;
  const program = compileScenario(scenario);
  const timed = reading === "timed";
  const { codes, failed } = codesOf(program, timed, schedule, decisions);
  if (failed !== undefined) return { finding: undefined, mismatch: failed };
  const seen = targetsOf(program, timed, codes, settleBudget, languageOf(scenario.drivers).rules);
  const claimed: Target = { ...finding, of: finding.budget?.of };
  const target = seen.find((t) => sameTarget(t, claimed));
  if (target === undefined) {
    const instead = seen[0];
    return {
      finding: undefined,
      mismatch:
        instead === undefined
          ? `the run shows no ${finding.outcome}`
          : `the run shows ${instead.outcome} (${instead.mechanism}; ${instead.identity}) instead`,
    };
  }
  const observation: Observation = { target, timed, codes, rules: finding.rules };
  const told = tell(scenario, program, observation, finding.timedSearch);
  if (finding.latencyUs !== undefined && told.latencyUs !== finding.latencyUs) {
    return {
      finding: told,
      mismatch: `the latency is ${told.latencyUs} µs, not ${finding.latencyUs} µs`,
    };
  }
  return { finding: told, mismatch: undefined };
}
