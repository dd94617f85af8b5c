/** The three ways of looking at a program: exhaust it without times, with times, or sample it. */
import { randomFrom, seedFrom } from "../base/random.ts";
import { type EffectWatch, watchEffects } from "../judge/effects.ts";
import { isTooLong } from "../judge/latency.ts";
import { crashTarget } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import { H } from "../machine/layout.ts";
import { createMachine, Event } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { defaultSource, randomWalk } from "./choices.ts";
import { graphFindings, quietHangs } from "./hang-findings.ts";
import { noteLatencies } from "./latency-findings.ts";
import type { Sink } from "./observation.ts";
import { lastStep, ruleFindings, runFindings } from "./rule-findings.ts";
import { createSampler, decisionsOf, type Sampler, sampleRun } from "./sampler.ts";
import { search } from "./search.ts";
import { crashEffects, rulesOver } from "./told-effects.ts";
import { witness } from "./witness.ts";

export interface Look {
  readonly program: Program;
  readonly add: Sink;
  /** Operation ids of users' drivers that ran are added here. */
  readonly reached: Set<string>;
  readonly stop?: () => boolean;
}

export interface Looked {
  readonly complete: boolean;
  readonly states: number;
  readonly spent: number;
  readonly boundHits: number;
}

/** Latencies of a searched graph that are traced. */
const lateMax = 12;

function noteReached({ program, reached }: Look, watch: EffectWatch): void {
  program.sites.forEach((site, i) => {
    if (watch.reached[i] !== 0 && site.users) reached.add(`${site.owner}: ${site.opId}`);
  });
}

/** Every reachable state without times: hangs, crashes, rules. */
export function exhaustUntimed(
  look: Look,
  budget: number,
  rules: readonly RuleShape[] = [],
): Looked {
  const m = createMachine(look.program, false);
  const watch = watchEffects(m);
  m.observer = watch.observer;
  const graph = search(m, { budget, stop: look.stop, onTransition: () => watch.moment++ });
  m.observer = null;
  noteReached(look, watch);
  for (const observation of graphFindings(graph, rules)) look.add(observation);
  for (const observation of ruleFindings(graph, watch, rules)) look.add(observation);
  const { complete, transitions: spent, boundHits } = graph;
  return { complete, states: graph.store.states.count, spent, boundHits };
}

/** Every reachable state with times: latencies. */
export function exhaustTimed(look: Look, budget: number, rules: readonly RuleShape[] = []): Looked {
  const m = createMachine(look.program, true);
  const watch = watchEffects(m);
  const late: { state: number; code: number }[] = [];
  let at = { state: 0, code: 0 };
  m.observer = (kind, thread, site, a, b) => {
    watch.observer(kind, thread, site, a, b);
    if (kind === Event.rootEnd && isTooLong(look.program, a, b) && late.length < lateMax)
      late.push(at);
  };
  const graph = search(m, {
    budget,
    stop: look.stop,
    onTransition(state, code) {
      at = { state, code };
    },
  });
  m.observer = null;
  noteReached(look, watch);
  for (const { state, code } of late) {
    const codes = [...witness(graph, state).codes, ...lastStep(graph, state, code)];
    noteLatencies(look.program, codes, look.add, rules);
  }
  const { complete, transitions: spent, boundHits } = graph;
  return { complete, states: graph.store.states.count, spent, boundHits };
}

export interface SampleOptions {
  readonly seed: string;
  /** Transitions in all, decisions of one run, runs. */
  readonly budget: number;
  readonly runSteps: number;
  readonly runsMax: number;
  /** Which readings the runs are in. */
  readonly readings: readonly ("timed" | "untimed")[];
  readonly rules: readonly RuleShape[];
}

export interface Sampled {
  readonly runs: number;
  /** Transitions. */
  readonly spent: number;
  /** Runs that a bound of the model cut short. */
  readonly boundHits: number;
}

/** Runs: the default one first, then random walks. */
export function sampleRuns(look: Look, options: SampleOptions): Sampled {
  const random = randomWalk(randomFrom(seedFrom(options.seed)));
  const samplers = options.readings.map((reading) =>
    createSampler(look.program, reading === "timed", options.runSteps),
  );
  let spent = 0;
  let runs = 0;
  let boundHits = 0;
  while (runs < options.runsMax && spent < options.budget && look.stop?.() !== true) {
    const sampler = samplers[runs % samplers.length];
    sampleRun(sampler, runs < samplers.length ? defaultSource : random);
    tellRun(look, sampler, options.rules);
    spent += sampler.steps;
    if (sampler.m.words[H.bound] !== 0) boundHits++;
    runs++;
  }
  for (const { watch } of samplers) noteReached(look, watch);
  return { runs, spent, boundHits };
}

/** What one run shows at its end, and what took too long in it. */
function tellRun({ program, add }: Look, sampler: Sampler, rules: readonly RuleShape[]): void {
  const { m, watch, late, quiet } = sampler;
  const { timed } = m;
  const crashed = crashTarget(m);
  const hangs = quiet ? quietHangs(m, timed, [], rules) : [];
  const isNews = hasNewEvidence(sampler);
  if (crashed === undefined && hangs.length === 0 && !late && !isNews) return;
  const codes = decisionsOf(sampler);
  if (crashed !== undefined)
    add({ target: crashed, timed, codes, rules: rulesOver(crashEffects(m), rules) });
  for (const hang of hangs) add({ ...hang, codes });
  if (late) noteLatencies(program, codes, add, rules);
  if (isNews) {
    for (const observation of runFindings(program, watch, rules, timed, codes)) add(observation);
  }
}

/** Of runs that show the same effects at the same operations, the first tells all. */
function hasNewEvidence({ watch, told }: Sampler): boolean {
  if (watch.evidence.size === 0) return false;
  const key = [...watch.evidence.keys()].join();
  if (told.has(key)) return false;
  told.add(key);
  return true;
}
