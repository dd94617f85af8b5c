/** What one given run shows: at its end, in what can still follow, in what took too long. */
import { watchEffects } from "../judge/effects.ts";
import { isTooLong } from "../judge/latency.ts";
import { crashTarget, type Target } from "../judge/mechanism.ts";
import { H } from "../machine/layout.ts";
import { createMachine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { rules } from "../windows/rules.ts";
import { followCodes } from "./choices.ts";
import { graphFindings } from "./hang-findings.ts";
import { latencyTarget } from "./latency-findings.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
import { traceRun } from "./trace.ts";

/** Transitions for settling, by exhausting what can follow, that a hang is one. */
const settleBudget = 200_000;

export function targetsOf(program: Program, timed: boolean, codes: readonly number[]): Target[] {
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
  m.words[H.floating] = 0;
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
