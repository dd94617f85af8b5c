/** Runs a counterexample again and says whether it does what it claims. */
import type { Counterexample } from "../corpus/counterexample.ts";
import { followCodes } from "../explore/choices.ts";
import { graphFindings, latencyTarget, type Observation } from "../explore/observe.ts";
import { run } from "../explore/run.ts";
import { search } from "../explore/search.ts";
import { traceRun } from "../explore/trace.ts";
import { watchEffects } from "../judge/effects.ts";
import type { Finding } from "../judge/finding.ts";
import { isTooLong } from "../judge/latency.ts";
import { crashTarget, sameTarget, type Target } from "../judge/mechanism.ts";
import { createMachine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { rules } from "../windows/rules.ts";
import { codesOf } from "./schedule-run.ts";
import { tell } from "./tell.ts";

export interface ReplayResult {
  /** The finding that the run shows, if it shows one. */
  readonly finding: Finding | undefined;
  /** Why it is not the one that the file claims; undefined when it is. */
  readonly mismatch: string | undefined;
}

/** Transitions for settling, by exhausting what can follow, that a hang is one. */
const settleBudget = 200_000;

export function replay(counterexample: Counterexample): ReplayResult {
  const { scenario, schedule, decisions, reading, finding } = counterexample;
  const program = compileScenario(scenario);
  const timed = reading === "timed";
  const { codes, failed } = codesOf(program, timed, schedule, decisions);
  if (failed !== undefined) return { finding: undefined, mismatch: failed };
  const seen = targetsOf(program, timed, codes);
  const target = seen.find((t) => sameTarget(t, finding));
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
  const told = tell(scenario, program, observation, finding.possible);
  if (finding.latencyUs !== undefined && told.latencyUs !== finding.latencyUs) {
    return {
      finding: told,
      mismatch: `the latency is ${told.latencyUs} µs, not ${finding.latencyUs} µs`,
    };
  }
  return { finding: told, mismatch: undefined };
}

/** Everything that can be said of a run: its end, what can still follow, what took too long. */
function targetsOf(program: Program, timed: boolean, codes: readonly number[]): Target[] {
  const trace = traceRun(program, timed, followCodes(codes), codes.length);
  const targets: Target[] = [];
  const crashed = crashTarget(trace.machine);
  if (crashed !== undefined) targets.push(crashed);
  for (const root of trace.roots) {
    if (!isTooLong(root.kind, root.took)) continue;
    const late = latencyTarget(program, trace.segments, root);
    if (late !== undefined) targets.push(late);
  }
  targets.push(...ruleTargets(program, timed, codes));
  // From where the run ends, untimed: what can never be reached there cannot with times either.
  const m = createMachine(program, false);
  m.words.set(trace.machine.words);
  const graph = search(m, { budget: settleBudget, here: true });
  if (graph.complete) targets.push(...graphFindings(graph, true).map((o) => o.target));
  return targets;
}

function ruleTargets(program: Program, timed: boolean, codes: readonly number[]): Target[] {
  const m = createMachine(program, timed);
  const watch = watchEffects(m);
  m.observer = watch.observer;
  run(m, followCodes(codes), { stepMax: codes.length });
  const bySite = new Map<string, Set<string>>();
  for (const { effect, site } of watch.evidence.values()) {
    if (!rules.some((rule) => rule.effect === effect)) continue;
    const id = program.sites[site].opId;
    bySite.set(id, (bySite.get(id) ?? new Set()).add(effect));
  }
  return [...bySite].map(([identity, effects]) => ({
    outcome: "rule",
    identity,
    mechanism: [...effects].sort().join(", "),
  }));
}
