/**
 * Everything that a program's runs show, in both readings, under a budget: each thing seen comes
 * with the run that shows it. Complete where the search came to its end, sampled elsewhere.
 */
import { randomFrom, seedFrom } from "../base/random.ts";
import { criticalPath, pathMechanism, type RootSpan } from "../judge/critical-path.ts";
import { type EffectWatch, watchEffects } from "../judge/effects.ts";
import { isTooLong } from "../judge/latency.ts";
import { crashTarget, hangTarget, type Target, targetKey } from "../judge/mechanism.ts";
import type { RuleShape } from "../language/shape.ts";
import { H, Status, T } from "../machine/layout.ts";
import { baseOf, createMachine, Event, type Machine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { type ChoiceSource, defaultSource, followCodes, randomWalk } from "./choices.ts";
import { findHangs, type Hang } from "./hangs.ts";
import { run } from "./run.ts";
import { type Graph, search } from "./search.ts";
import { get } from "./store.ts";
import { traceRun } from "./trace.ts";
import { witness } from "./witness.ts";

export interface Observation {
  readonly target: Target;
  readonly timed: boolean;
  /** Decisions of a run that ends where the target is seen. */
  readonly codes: readonly number[];
  readonly rules: readonly string[];
  readonly latencyUs?: number;
}

export interface Observed {
  readonly observations: readonly Observation[];
  /** The untimed graph was exhausted; the timed one. */
  readonly untimedComplete: boolean;
  readonly timedComplete: boolean;
  readonly states: number;
  readonly runs: number;
  readonly boundHits: number;
  readonly spent: number;
  /** Operation ids of users' drivers that ran. */
  readonly reached: ReadonlySet<string>;
}

export interface ObserveOptions {
  /** Transitions, both readings together. */
  readonly budget: number;
  readonly seed: string;
  readonly rules: readonly RuleShape[];
  readonly stop?: () => boolean;
  /** Only this reading; both, and samples where they end early, if absent. */
  readonly reading?: "untimed" | "timed";
}

/** Hang states whose chains are worked out, in breadth-first order. */
const hangsMax = 400;
const runsMax = 60;
const runSteps = 4_000;

export function observe(program: Program, options: ObserveOptions): Observed {
  const found = new Map<string, Observation>();
  const reached = new Set<string>();
  const add = (observation: Observation): void => {
    const key = targetKey(observation.target);
    const known = found.get(key);
    if (known === undefined || (observation.latencyUs ?? 0) > (known.latencyUs ?? 0))
      found.set(key, observation);
  };
  let spent = 0;
  let boundHits = 0;
  let runs = 0;
  let states = 0;

  const untimed = createMachine(program, false);
  const watch = watchEffects(untimed);
  untimed.observer = watch.observer;
  const graph = search(untimed, {
    budget:
      options.reading === "timed"
        ? 0
        : Math.ceil(options.budget * (options.reading === "untimed" ? 1 : 0.6)),
    stop: options.stop,
    onTransition: () => watch.moment++,
  });
  untimed.observer = null;
  noteReached(program, watch, reached);
  spent += graph.transitions;
  boundHits += graph.boundHits;
  states += graph.store.states.count;
  for (const observation of graphFindings(graph)) add(observation);
  for (const observation of ruleFindings(graph, watch, options.rules)) add(observation);

  const timed = createMachine(program, true);
  const timedWatch = watchEffects(timed);
  const late: { state: number; code: number }[] = [];
  let at = { state: 0, code: 0 };
  timed.observer = (kind, thread, site, a, b) => {
    timedWatch.observer(kind, thread, site, a, b);
    if (kind === Event.rootEnd && isTooLong(a, b) && late.length < 200) late.push(at);
  };
  const timedGraph = search(timed, {
    budget:
      options.reading === "untimed"
        ? 0
        : Math.ceil(options.budget * (options.reading === "timed" ? 0.8 : 0.2)),
    stop: options.stop,
    onTransition(state, code) {
      at = { state, code };
    },
  });
  timed.observer = null;
  noteReached(program, timedWatch, reached);
  spent += timedGraph.transitions;
  if (timedGraph.complete) {
    for (const { state, code } of late.slice(0, 12)) {
      const run = witness(timedGraph, state);
      addLatency(program, followCodes([...run.codes, code]), run.codes.length + 1, add);
    }
  }

  const random = randomFrom(seedFrom(options.seed));
  const budget = options.budget - spent;
  let used = 0;
  while (
    options.reading !== "untimed" &&
    !(graph.complete && timedGraph.complete) &&
    runs < runsMax &&
    used < budget &&
    options.stop?.() !== true
  ) {
    const source = runs === 0 ? defaultSource : randomWalk(random);
    const inTime = timedGraph.complete ? false : graph.complete || runs % 2 === 0;
    used += sample(program, inTime, source, reached, add);
    runs++;
  }
  return {
    observations: [...found.values()],
    untimedComplete: graph.complete,
    timedComplete: timedGraph.complete,
    states,
    runs,
    boundHits,
    spent: spent + used,
    reached,
  };
}

function noteReached(program: Program, watch: EffectWatch, reached: Set<string>): void {
  program.sites.forEach((site, i) => {
    if (watch.reached[i] !== 0 && site.users) reached.add(`${site.owner}: ${site.opId}`);
  });
}

/**
 * Hangs and crashes of a searched graph, the nearest of each kind. With `hereOnly`, just those of
 * the state that the search began in, without their runs.
 */
export function graphFindings(graph: Graph, hereOnly = false): Observation[] {
  const { machine, store } = graph;
  const seen = new Map<string, Observation>();
  const timed = machine.timed;
  const codesTo = (state: number): readonly number[] =>
    hereOnly ? [] : witness(graph, state).codes;
  for (const state of hereOnly ? [] : graph.crashes) {
    get(store, state);
    const target = crashTarget(machine);
    if (target === undefined || seen.has(targetKey(target))) continue;
    seen.set(targetKey(target), { target, timed, codes: codesTo(state), rules: [] });
  }
  const byState = new Map<number, Hang[]>();
  for (const hang of findHangs(graph, hangsMax)) {
    if (hereOnly && hang.state !== 0) continue;
    byState.set(hang.state, [...(byState.get(hang.state) ?? []), hang]);
  }
  for (const [state, hangs] of byState) {
    get(store, state);
    for (const { target, rules } of primaryHangs(machine, hangs)) {
      if (seen.has(targetKey(target))) continue;
      seen.set(targetKey(target), { target, timed, codes: codesTo(state), rules });
      get(store, state);
    }
  }
  return [...seen.values()];
}

/**
 * Of the threads that hang in one state, those that the others wait for: who waits behind a hung
 * thread is its victim, not another finding. In a circle all wait behind all, and one stands for it.
 */
function primaryHangs(
  m: Machine,
  hangs: readonly Omit<Hang, "state">[],
): { target: Target; rules: readonly string[] }[] {
  const roots = hangs.filter((h) => h.kind === "root");
  // An item that never ends counts by itself only where no root hangs.
  const told = (roots.length > 0 ? roots : hangs).map((hang) => ({
    hang,
    ...hangTarget(m, hang.thread, hang.kind, hang.blocked),
  }));
  const chains = new Map(told.map((t) => [t.hang.thread, t]));
  return told
    .filter(({ hang, chain, target }) => {
      if (target.identity === "") return false;
      return !chain.threads.slice(1).some((other) => {
        const behind = chains.get(other);
        if (behind === undefined || other === hang.thread) return false;
        if (!behind.chain.threads.includes(hang.thread)) return true;
        const a = targetKey(behind.target);
        const b = targetKey(target);
        return a < b;
      });
    })
    .map(({ hang, chain, target }) => ({
      target,
      rules: hang.kind === "item" ? ["B6"] : chain.startsInCallback ? hangRules(chain.first) : [],
    }));
}

/** The rules that a callback which waits for ever breaks, by whom it waits for. */
export function hangRules(
  first: "item" | "service" | "thread" | "lock" | "none",
): readonly string[] {
  switch (first) {
    case "item":
      return ["R5", "R6b", "R7"];
    case "service":
      return ["R2", "R4", "R5", "R6b"];
    default:
      return ["R5", "R6b"];
  }
}

function ruleFindings(
  graph: Graph,
  watch: EffectWatch,
  rules: readonly RuleShape[],
): Observation[] {
  const bySite = new Map<string, { rules: Set<string>; effects: Set<string>; moment: number }>();
  const { sites } = graph.machine.program;
  for (const { effect, site, moment } of watch.evidence.values()) {
    const broken = rules.filter((rule) => rule.effect === effect);
    if (broken.length === 0) continue;
    const id = sites[site].opId;
    const entry = bySite.get(id) ?? { rules: new Set(), effects: new Set(), moment: 0 };
    for (const rule of broken) entry.rules.add(rule.id);
    entry.effects.add(effect);
    entry.moment = Math.max(entry.moment, moment);
    bySite.set(id, entry);
  }
  return [...bySite].map(([identity, entry]) => {
    const edge = Math.max(0, entry.moment - 1);
    const state = sourceOf(graph, edge);
    const effects = [...entry.effects].sort();
    return {
      target: { outcome: "rule", identity, mechanism: effects.join(", ") },
      timed: false,
      codes: [...witness(graph, state).codes, ...lastStep(graph, state, edge)],
      rules: [...entry.rules].sort(),
    };
  });
}

/** The last step of a rule's witness, in the run's own names where no renaming hides them. */
function lastStep(graph: Graph, state: number, edge: number): number[] {
  const { names } = witness(graph, state);
  const code = graph.code[edge];
  const thread = names.indexOf(code >> 5);
  return thread < 0 ? [] : [(thread << 5) | (code & 31)];
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

/** One run; what it shows at its end, and what took too long in it. Returns its length. */
function sample(
  program: Program,
  timed: boolean,
  source: ChoiceSource,
  reached: Set<string>,
  add: (o: Observation) => void,
): number {
  const codes: number[] = [];
  const m = createMachine(program, timed);
  const watch = watchEffects(m);
  let late = false;
  m.observer = (kind, thread, site, a, b) => {
    watch.observer(kind, thread, site, a, b);
    if (kind === Event.rootEnd && isTooLong(a, b)) late = true;
  };
  const end = run(m, source, {
    stepMax: runSteps,
    onDecision: (at, index) => codes.push(at.codes[index]),
  });
  m.observer = null;
  noteReached(program, watch, reached);
  const crashed = crashTarget(m);
  if (crashed !== undefined) add({ target: crashed, timed, codes, rules: [] });
  if (end.quiet) for (const observation of quietHangs(m, timed, codes)) add(observation);
  if (late) addLatency(program, followCodes(codes), codes.length, add);
  return codes.length;
}

/** Nothing at all is enabled: whoever is owed something by then never gets it. */
export function quietHangs(m: Machine, timed: boolean, codes: readonly number[]): Observation[] {
  const hangs: Omit<Hang, "state">[] = [];
  for (let thread = 0; thread < m.program.threads.length; thread++) {
    const base = baseOf(m, thread);
    const status = m.words[base + T.status];
    if (status !== Status.ready && status !== Status.waiting) continue;
    if (m.words[H.bound] !== 0) continue;
    if (m.words[base + T.roots] > 0) hangs.push({ thread, kind: "root", blocked: true });
    else if (m.words[base + T.items] > 0) hangs.push({ thread, kind: "item", blocked: true });
  }
  return primaryHangs(m, hangs).map(({ target, rules }) => ({ target, timed, codes, rules }));
}

function addLatency(
  program: Program,
  source: ChoiceSource,
  steps: number,
  add: (o: Observation) => void,
): void {
  const codes: number[] = [];
  const trace = traceRun(
    program,
    true,
    {
      pick(m, last) {
        const index = source.pick(m, last);
        codes.push(m.codes[index]);
        return index;
      },
    },
    steps,
  );
  addLatencies(program, trace.roots, trace, codes, add);
}

function addLatencies(
  program: Program,
  roots: readonly RootSpan[],
  trace: { readonly segments: Parameters<typeof criticalPath>[1] },
  codes: readonly number[],
  add: (o: Observation) => void,
): void {
  for (const root of roots) {
    if (!isTooLong(root.kind, root.took)) continue;
    const target = latencyTarget(program, trace.segments, root);
    if (target === undefined) continue;
    add({ target, timed: true, codes, rules: ["R1"], latencyUs: root.took });
  }
}

/** A latency is told of the operations of the driver that waited or worked in it. */
export function latencyTarget(
  program: Program,
  segments: Parameters<typeof criticalPath>[1],
  root: RootSpan,
): Target | undefined {
  const from = root.to - root.took;
  const own = segments.filter(
    (s) =>
      s.thread === root.thread &&
      s.from >= from &&
      s.to <= root.to &&
      (s.to - s.from) * 100 >= root.took,
  );
  const identity = [
    ...new Set(
      own.filter((s) => program.sites[s.site].users).map((s) => program.sites[s.site].opId),
    ),
  ];
  if (identity.length === 0) return undefined;
  return {
    outcome: "latency",
    identity: identity.sort().join(" + "),
    mechanism: pathMechanism(criticalPath(program, segments, root)),
  };
}
