/** Rules broken in a searched graph or a run: the evidence by operation, up to the last of it. */
import type { EffectWatch } from "../judge/effects.ts";
import { binds, type RuleShape } from "../language/shape.ts";
import { alternativeOf, codeOf, threadOf } from "../machine/layout.ts";
import type { Program } from "../machine/program.ts";
import type { Observation } from "./observation.ts";
import type { Graph } from "./search.ts";
import { witness } from "./witness.ts";

interface Breach {
  readonly identity: string;
  readonly rules: readonly string[];
  readonly effects: readonly string[];
  /** Order of discovery of the last of its effects. */
  readonly moment: number;
}

function breaches({ sites }: Program, watch: EffectWatch, rules: readonly RuleShape[]): Breach[] {
  const bySite = new Map<string, { rules: Set<string>; effects: Set<string>; moment: number }>();
  for (const { effect, rules: named, site, moment } of watch.evidence.values()) {
    const broken = rules.filter((rule) => rule.effect === effect && binds(rule, named));
    if (broken.length === 0) continue;
    const id = sites[site].opId;
    const entry = bySite.get(id) ?? { rules: new Set(), effects: new Set(), moment: 0 };
    for (const rule of broken) entry.rules.add(rule.id);
    entry.effects.add(effect);
    entry.moment = Math.max(entry.moment, moment);
    bySite.set(id, entry);
  }
  return [...bySite].map(([identity, entry]) => ({
    identity,
    rules: [...entry.rules].sort(),
    effects: [...entry.effects].sort(),
    moment: entry.moment,
  }));
}

const targetOf = ({ identity, effects }: Breach): Observation["target"] => ({
  outcome: "rule",
  identity,
  mechanism: effects.join(", "),
});

export function ruleFindings(
  graph: Graph,
  watch: EffectWatch,
  rules: readonly RuleShape[],
): Observation[] {
  return breaches(graph.machine.program, watch, rules).map((breach) => {
    const edge = Math.max(0, breach.moment - 1);
    const state = sourceOf(graph, edge);
    return {
      target: targetOf(breach),
      timed: false,
      codes: codesThrough(graph, state, graph.code[edge]),
      rules: breach.rules,
    };
  });
}

/** Rules broken in one run, whose moments are its decisions. */
export function runFindings(
  program: Program,
  watch: EffectWatch,
  rules: readonly RuleShape[],
  timed: boolean,
  codes: readonly number[],
): Observation[] {
  return breaches(program, watch, rules).map((breach) => ({
    target: targetOf(breach),
    timed,
    codes: codes.slice(0, breach.moment),
    rules: breach.rules,
  }));
}

/** A run to a stored state, and a step from there, in the names of that run. */
export function codesThrough(graph: Graph, state: number, code: number): readonly number[] {
  const { codes, names } = witness(graph, state);
  const thread = names.indexOf(threadOf(code));
  return thread < 0 ? codes : [...codes, codeOf(thread, alternativeOf(code))];
}

function sourceOf(graph: Graph, edge: number): number {
  let low = 0;
  let high = graph.first.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (graph.first[middle] <= edge) low = middle;
    else high = middle - 1;
  }
  return low;
}
