/** What one given run shows: at its end, in what can still follow, in what took too long. */
import { watchEffects } from "../judge/effects.ts";
import { isAsLong } from "../judge/latency.ts";
import { crashTarget, isEndless, sameTarget, type Target } from "../judge/mechanism.ts";
import { binds, type RuleShape } from "../language/shape.ts";
import { createMachine } from "../machine/machine.ts";
import { closeArrival } from "../machine/open-arrival.ts";
import type { Program } from "../machine/program.ts";
import { followCodes } from "./choices.ts";
import { graphFindings, isCrowded, stuckHangs } from "./hang-findings.ts";
import { latenciesOf, longestOf } from "./latency-findings.ts";
import type { Observation } from "./observation.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
import { type Spans, spansOf } from "./spans.ts";

/** Everything that the run shows; what never comes is looked for within a budget of transitions. */
export function targetsOf(
  program: Program,
  timed: boolean,
  codes: readonly number[],
  budget: number,
  rules: readonly RuleShape[],
): Target[] {
  const trace = spansOf(program, timed, followCodes(codes), codes.length);
  return [
    ...endTargets(program, trace),
    ...ruleTargets(program, timed, codes, rules),
    ...endlessTargets(program, trace, budget),
  ];
}

/** Whether the run shows this one, and a latency as long, at no more work than this one takes. */
export function shows(
  program: Program,
  timed: boolean,
  codes: readonly number[],
  { target, latencyUs = 0 }: Pick<Observation, "target" | "latencyUs">,
  budget: number,
  rules: readonly RuleShape[],
): boolean {
  const isIt = (t: Target): boolean => sameTarget(t, target);
  if (target.outcome === "rule" && !isEndless(target)) {
    return ruleTargets(program, timed, codes, rules).some(isIt);
  }
  const trace = spansOf(program, timed, followCodes(codes), codes.length);
  if (target.outcome === "latency") {
    const late = longestOf(program, trace, target);
    return late !== undefined && isAsLong(late.root.took, latencyUs);
  }
  if (endTargets(program, trace).some(isIt)) return true;
  return isEndless(target) && endlessTargets(program, trace, budget).some(isIt);
}

/** A crash that it ends in, and what took too long on its way. */
function endTargets(program: Program, trace: Spans): Target[] {
  const targets: Target[] = [];
  const crashed = crashTarget(trace.machine);
  if (crashed !== undefined) targets.push(crashed);
  return [...targets, ...latenciesOf(program, trace).map(({ target }) => target)];
}

/** From where the run ends, untimed: what can never be reached there cannot with times either. */
function endlessTargets(program: Program, trace: Spans, budget: number): Target[] {
  const m = createMachine(program, false);
  m.words.set(trace.machine.words);
  closeArrival(m);
  const stuck = stuckHangs(m, false, []);
  if (stuck.length > 0 && isCrowded(m)) return stuck.map((o) => o.target);
  const graph = search(m, { budget, here: true, onlyWhole: true });
  return (graph.complete ? graphFindings(graph, undefined, true) : stuck).map((o) => o.target);
}

function ruleTargets(
  program: Program,
  timed: boolean,
  codes: readonly number[],
  rules: readonly RuleShape[],
): Target[] {
  const m = createMachine(program, timed);
  const watch = watchEffects(m);
  m.observer = watch.observer;
  run(m, followCodes(codes), { stepMax: codes.length });
  const bySite = new Map<string, Set<string>>();
  for (const { effect, rules: named, site } of watch.evidence.values()) {
    if (!rules.some((rule) => rule.effect === effect && binds(rule, named))) continue;
    const id = program.sites[site].opId;
    bySite.set(id, (bySite.get(id) ?? new Set()).add(effect));
  }
  return [...bySite].map(([identity, effects]) => ({
    outcome: "rule",
    identity,
    mechanism: [...effects].sort().join(", "),
  }));
}
