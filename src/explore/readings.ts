/** The three ways of looking at a program: exhaust it without times, with times, or sample it. */
import { type BoundName, boundAt, bounds } from "../base/bounds.ts";
import { randomFrom, seedFrom } from "../base/random.ts";
import { type EffectWatch, watchEffects } from "../judge/effects.ts";
import { isAsLong, isTooLong, limitedBy } from "../judge/latency.ts";
import { crashTarget, isEndless, type Target } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import { H } from "../machine/layout.ts";
import { createMachine, Event } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { defaultSource, randomWalk } from "./choices.ts";
import { graphFindings, quietHangs } from "./hang-findings.ts";
import { createLateSteps, noteLateStep, stepsToTrace } from "./late-steps.ts";
import { noteLatencies } from "./latency-findings.ts";
import type { Sink } from "./observation.ts";
import { codesThrough, ruleFindings, runFindings } from "./rule-findings.ts";
import { createSampler, decisionsOf, type Sampler, sampleRun } from "./sampler.ts";
import { search } from "./search.ts";
import { returnTo, type Settling, type Suspicion, settleRun, stuckAt } from "./suspicions.ts";
import { crashEffects, rulesOver } from "./told-effects.ts";
import { weightOf, weightOfTrace } from "./weight.ts";

export interface Look {
  readonly program: Program;
  readonly add: Sink;
  /** Operation ids of users' drivers that ran are added here. */
  readonly reached: Set<string>;
  /** By site: 1 is put where somebody had to wait. */
  readonly contended?: Uint8Array;
  readonly stop?: () => boolean;
  /** Who asks for this alone has no use for anything of another kind. */
  readonly only?: Pick<Target, "outcome" | "neverEnds" | "of">;
  /** Who asks for a latency of so many microseconds has no use for shorter ones. */
  readonly leastUs?: number;
}

/** Whether broken rules, apart from what never ends, are of use to who asks. */
const asksForRules = ({ only }: Look): boolean =>
  only === undefined || (only.outcome === "rule" && !isEndless(only));

/** Whether crashes and what never ends are. */
export const asksForEnds = ({ only }: Look): boolean =>
  only === undefined || only.outcome === "crash" || isEndless(only);

export interface Looked {
  readonly complete: boolean;
  readonly states: number;
  readonly spent: number;
  /** Bounds that made it less than it says. */
  readonly bounds: ReadonlySet<BoundName>;
}

const lateMax = bounds.lateSteps.max;

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
  const watch = asksForRules(look) ? watchEffects(m) : undefined;
  m.observer = watch?.observer ?? null;
  const graph = search(m, {
    budget,
    onlyWhole: true,
    stop: look.stop,
    contended: look.contended,
    ...(watch === undefined ? {} : { onTransition: () => watch.moment++ }),
  });
  m.observer = null;
  if (asksForEnds(look)) for (const one of graphFindings(graph, rules)) look.add(one);
  if (watch !== undefined) {
    noteReached(look, watch);
    for (const observation of ruleFindings(graph, watch, rules)) look.add(observation);
  }
  const { complete, spent, bounds: reached } = graph;
  return { complete, states: graph.store.states.count, spent, bounds: reached };
}

/** Every reachable state with times: latencies. */
export function exhaustTimed(look: Look, budget: number, rules: readonly RuleShape[] = []): Looked {
  const m = createMachine(look.program, true);
  const watch = asksForRules(look) ? watchEffects(m) : undefined;
  if (watch === undefined) m.heard.fill(1);
  const late = createLateSteps(lateMax);
  const { sites } = look.program;
  let at = { state: 0, code: 0 };
  m.observer = (kind, thread, site, a, b) => {
    watch?.observer(kind, thread, site, a, b);
    if (kind !== Event.rootEnd || !isTooLong(look.program, a, b)) return;
    if (look.leastUs !== undefined && !isAsLong(b, look.leastUs)) return;
    noteLateStep(late, a * sites.length + site, b, at);
  };
  const graph = search(m, {
    budget,
    onlyWhole: true,
    stop: look.stop,
    contended: look.contended,
    onTransition(state, code) {
      at = { state, code };
    },
  });
  m.observer = null;
  if (watch !== undefined) noteReached(look, watch);
  const steps = stepsToTrace(late);
  if (late.isCut) graph.bounds.add("lateSteps");
  let tracing = 0;
  for (const { state, code } of steps) {
    if (tracing > budget || look.stop?.() === true) {
      graph.bounds.add("lateSteps");
      break;
    }
    tracing += noteLatencies(look.program, codesThrough(graph, state, code), look.add, rules);
  }
  graph.spent += tracing;
  const { complete, spent, bounds: reached } = graph;
  return { complete, states: graph.store.states.count, spent, bounds: reached };
}

export interface SampleOptions {
  readonly seed: string;
  /** Transitions in all, decisions of one run, runs. */
  readonly budget: number;
  readonly runSteps: number;
  readonly runsMax: number;
  /** Transitions that the local operations of one run may count for: the bound, unless told. */
  readonly workMax?: number;
  /** Which readings the runs are in. */
  readonly readings: readonly ("timed" | "untimed")[];
  readonly rules: readonly RuleShape[];
  /** Runs that an earlier look could not settle, and what may be spent on settling runs. */
  readonly suspicions?: readonly Suspicion[];
  readonly settleBudget?: number;
}

export interface Sampled {
  readonly runs: number;
  readonly spent: number;
  /** Bounds of the model that cut runs short, by reading; and those of settling runs. */
  readonly bounds: Reached;
  /** Runs that ended by their length and are not settled. */
  readonly suspicions: readonly Suspicion[];
}

/**
 * Runs: the default one first, then random walks. Those that end by their length are settled behind
 * the others, from a share of their own.
 */
export function sampleRuns(look: Look, options: SampleOptions): Sampled {
  const random = randomWalk(randomFrom(seedFrom(options.seed)));
  const samplers = options.readings.map((reading) =>
    createSampler(look.program, reading === "timed", {
      ...options,
      contended: look.contended,
      // With other clocks, which a run without times has, nothing can be left out.
      ...(reading === "timed" ? { isWorthTracing: isOfUse(look) } : {}),
      withoutEffects: !asksForRules(look),
    }),
  );
  const weight = weightOf(look.program);
  const reached: Reached = { untimed: new Set(), timed: new Set() };
  const { suspicions = [] } = options;
  const open = [...suspicions];
  // One that an earlier look has not come to the end of has shown what it can: it costs the most of all.
  const isKnown = (timed: boolean): boolean =>
    suspicions.some((one) => one.isDefault === true && one.timed === timed);
  let spent = 0;
  let runs = 0;
  while (runs < options.runsMax && spent < options.budget && look.stop?.() !== true) {
    const sampler = samplers[runs % samplers.length];
    const { m } = sampler;
    const isDefault = runs < samplers.length && !isKnown(m.timed);
    sampleRun(sampler, isDefault ? defaultSource : random);
    spent += tellRun(look, sampler, options.rules);
    if (sampler.unfinished) {
      const codes = decisionsOf(sampler);
      open.push({ timed: m.timed, codes, ...(isDefault ? { isDefault } : {}) });
      for (const observation of stuckAt(m, codes, options.rules)) look.add(observation);
    }
    if (m.words[H.bound] !== 0) noteCut(reached, boundAt(m.words[H.bound]));
    if (m.work > sampler.workMax) noteCut(reached, "runWork");
    spent += sampler.steps * weight + m.work;
    runs++;
  }
  const settled = settleRuns(
    look,
    samplers,
    open,
    options.settleBudget ?? 0,
    reached,
    options.rules,
  );
  for (const { watch } of samplers) noteReached(look, watch);
  return {
    runs,
    spent: spent + settled.spent,
    bounds: reached,
    suspicions: settled.suspicions,
  };
}

/** Whether a root of a kind that took so long can be what is asked for. */
const isOfUse =
  ({ only, leastUs = 0 }: Look) =>
  (kind: number, tookUs: number): boolean =>
    isAsLong(tookUs, leastUs) && (only?.of === undefined || only.of === limitedBy(kind));

type Reached = Readonly<Record<"untimed" | "timed", Set<BoundName>>>;

/** What cuts a run in one reading keeps the other from what comes behind it, too. */
function noteCut(reached: Reached, name: BoundName): void {
  reached.untimed.add(name);
  reached.timed.add(name);
}

/** Settles runs while there is budget; those that are left are for a later look. */
function settleRuns(
  look: Look,
  samplers: readonly Sampler[],
  open: readonly Suspicion[],
  budget: number,
  reached: Reached,
  rules: readonly RuleShape[],
): { readonly spent: number; readonly suspicions: readonly Suspicion[] } {
  const suspicions: Suspicion[] = [];
  let spent = 0;
  for (const suspicion of open) {
    const sampler = samplers.find(({ m }) => m.timed === suspicion.timed);
    // Of a reading that was searched to its end nothing is left to settle.
    if (sampler === undefined) continue;
    let unsettled = { hangs: true, latency: suspicion.timed };
    // Coming back to where it ended has to leave something to go on with.
    const isWorthIt = (budget - spent) / 2 > suspicion.codes.length * weightOf(look.program);
    if (isWorthIt && look.stop?.() !== true) {
      const settling = settleSuspicion(look, sampler, suspicion, budget - spent, rules);
      spent += settling.spent;
      if (settling.bound !== undefined) noteCut(reached, settling.bound);
      unsettled = settling.unsettled;
    }
    if (unsettled.hangs) reached.untimed.add("decisions");
    if (unsettled.latency) reached.timed.add("decisions");
    if (!unsettled.hangs && !unsettled.latency) continue;
    if (suspicions.length < bounds.suspicions.max) suspicions.push(suspicion);
    else noteCut(reached, "suspicions");
  }
  return { spent, suspicions };
}

function settleSuspicion(
  look: Look,
  sampler: Sampler,
  suspicion: Suspicion,
  budget: number,
  rules: readonly RuleShape[],
): Settling {
  const { m } = sampler;
  const back = returnTo(m, suspicion) * weightOf(m.program) + m.work;
  sampler.late = false;
  sampler.worthTracing = false;
  const settling = settleRun(m, suspicion.codes, Math.max(0, budget - back), rules);
  for (const observation of settling.observations) look.add(observation);
  const codes = [...suspicion.codes, ...settling.further];
  const tracing = sampler.late ? noteLatencies(look.program, codes, look.add, rules) : 0;
  return { ...settling, spent: settling.spent + back + tracing };
}

/** What one run shows at its end, and what took too long in it. Returns what telling it cost. */
function tellRun(look: Look, sampler: Sampler, rules: readonly RuleShape[]): number {
  const { program, add } = look;
  const { m, watch, late, worthTracing, quiet } = sampler;
  const { timed } = m;
  const crashed = asksForEnds(look) ? crashTarget(m) : undefined;
  const hangs = quiet && asksForEnds(look) ? quietHangs(m, timed, [], rules) : [];
  const isNews = hasNewEvidence(sampler);
  if (crashed === undefined && hangs.length === 0 && !late && !isNews) return 0;
  const codes = decisionsOf(sampler);
  if (crashed !== undefined)
    add({ target: crashed, timed, codes, rules: rulesOver(crashEffects(m), rules) });
  for (const hang of hangs) add({ ...hang, codes });
  if (isNews) {
    for (const observation of runFindings(program, watch, rules, timed, codes)) add(observation);
  }
  if (!late) return 0;
  // What is left out costs as much as what is told: it is spent alike, whoever asks.
  return worthTracing ? noteLatencies(program, codes, add, rules) : weightOfTrace(m, codes.length);
}

/** Of runs that show the same effects at the same operations, the first tells all. */
function hasNewEvidence({ watch, told }: Sampler): boolean {
  if (watch.evidence.size === 0) return false;
  const key = [...watch.evidence.keys()].join();
  if (told.has(key)) return false;
  told.add(key);
  return true;
}
