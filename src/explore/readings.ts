/** The three ways of looking at a program: exhaust it without times, with times, or sample it. */
import { randomFrom, seedFrom } from "../base/random.ts";
import { type EffectWatch, watchEffects } from "../judge/effects.ts";
import { isTooLong } from "../judge/latency.ts";
import { crashTarget } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import { isAllAnswered } from "../machine/enabled.ts";
import { createMachine, Event } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { type ChoiceSource, defaultSource, randomWalk } from "./choices.ts";
import { graphFindings, quietHangs } from "./hang-findings.ts";
import { noteLatencies } from "./latency-findings.ts";
import type { Sink } from "./observation.ts";
import { lastStep, ruleFindings, runFindings } from "./rule-findings.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
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
export function exhaustUntimed(look: Look, budget: number, rules: readonly RuleShape[]): Looked {
  const m = createMachine(look.program, false);
  const watch = watchEffects(m);
  m.observer = watch.observer;
  const graph = search(m, { budget, stop: look.stop, onTransition: () => watch.moment++ });
  m.observer = null;
  noteReached(look, watch);
  for (const observation of graphFindings(graph)) look.add(observation);
  for (const observation of ruleFindings(graph, watch, rules)) look.add(observation);
  const { complete, transitions: spent, boundHits } = graph;
  return { complete, states: graph.store.states.count, spent, boundHits };
}

/** Every reachable state with times: latencies. */
export function exhaustTimed(look: Look, budget: number): Looked {
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
    noteLatencies(look.program, codes, look.add);
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

/** Runs: the default one first, then random walks. Returns how many, and their transitions. */
export function sampleRuns(
  look: Look,
  options: SampleOptions,
): { readonly runs: number; readonly spent: number } {
  const random = randomFrom(seedFrom(options.seed));
  let spent = 0;
  let runs = 0;
  while (runs < options.runsMax && spent < options.budget && look.stop?.() !== true) {
    const timed = options.readings[runs % options.readings.length] === "timed";
    const source = runs < options.readings.length ? defaultSource : randomWalk(random);
    spent += sample(look, timed, source, options);
    runs++;
  }
  return { runs, spent };
}

/** One run; what it shows at its end, and what took too long in it. Returns its length. */
function sample(
  look: Look,
  timed: boolean,
  source: ChoiceSource,
  { runSteps, rules }: SampleOptions,
): number {
  const { program, add } = look;
  const codes: number[] = [];
  const m = createMachine(program, timed);
  const watch = watchEffects(m);
  let late = false;
  m.observer = (kind, thread, site, a, b) => {
    watch.observer(kind, thread, site, a, b);
    if (kind === Event.rootEnd && isTooLong(program, a, b)) late = true;
  };
  const end = run(m, source, {
    stepMax: runSteps,
    stop: isAllAnswered,
    onDecision(at, index) {
      codes.push(at.codes[index]);
      watch.moment = codes.length;
    },
  });
  m.observer = null;
  noteReached(look, watch);
  const crashed = crashTarget(m);
  if (crashed !== undefined) add({ target: crashed, timed, codes, rules: [] });
  if (end.quiet) for (const observation of quietHangs(m, timed, codes)) add(observation);
  if (late) noteLatencies(program, codes, add);
  for (const observation of runFindings(program, watch, rules, timed, codes)) add(observation);
  return codes.length;
}
