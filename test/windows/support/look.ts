/** Looking at a small driver: everything that its runs can show, or one timed run of it. */
import { randomFrom, seedFrom } from "../../../src/base/random.ts";
import { type ChoiceSource, defaultSource, randomWalk } from "../../../src/explore/choices.ts";
import { graphFindings } from "../../../src/explore/hang-findings.ts";
import type { Observation } from "../../../src/explore/observation.ts";
import { ruleFindings } from "../../../src/explore/rule-findings.ts";
import { search } from "../../../src/explore/search.ts";
import { get } from "../../../src/explore/store.ts";
import { type Trace, traceRun } from "../../../src/explore/trace.ts";
import { watchEffects } from "../../../src/judge/effects.ts";
import type { DriverModel } from "../../../src/language/model.ts";
import { enabled, isAllAnswered } from "../../../src/machine/enabled.ts";
import { Alternative, alternativeOf, threadOf } from "../../../src/machine/layout.ts";
import { createMachine, type Machine, reset, siteAt } from "../../../src/machine/machine.ts";
import { RootKind } from "../../../src/machine/opcodes.ts";
import type { Program } from "../../../src/machine/program.ts";
import { begin, step } from "../../../src/machine/step.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { rules } from "../../../src/windows/rules.ts";
import type { UserAction, World } from "../../../src/windows/scenario.ts";

/** One process is created, nothing else is wrong; `change` says what is different. */
export const world = (change: Partial<World> = {}): World => ({
  name: "a test's",
  workload: users(["create"]),
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
  ...change,
});

/** A user thread for each list of actions. */
export const users = (...threads: readonly (readonly UserAction[])[]): World["workload"] =>
  threads.map((does, i) => ({ name: `user${i + 1}`, does }));

type Drivers = DriverModel | readonly DriverModel[];

export const compile = (drivers: Drivers, change: Partial<World> = {}): Program =>
  compileScenario({ drivers: [drivers].flat(), world: world(change) });

export interface Sight {
  readonly states: number;
  /** Distinct outcomes of what was found, rules aside, in alphabetical order. */
  readonly outcomes: readonly string[];
  /** Ids of the rules broken. */
  readonly broken: readonly string[];
  readonly observations: readonly Observation[];
  readonly boundHits: number;
  /** Values of driver-wide variables, together, wherever nothing can move any more. */
  finals(...names: readonly string[]): readonly (readonly number[])[];
  /** All values of a driver-wide variable, in any state. */
  ever(name: string): readonly number[];
}

/** Exhausts a scenario without times. A search that does not end is a mistake of the test's. */
export function look(drivers: Drivers, change: Partial<World> = {}, budget = 300_000): Sight {
  const program = compile(drivers, change);
  const m = createMachine(program, false);
  const watch = watchEffects(m);
  m.observer = watch.observer;
  const graph = search(m, { budget, onTransition: () => watch.moment++ });
  m.observer = null;
  if (!graph.complete) throw new Error(`${budget} transitions do not exhaust this scenario`);
  const observations = [...graphFindings(graph, rules), ...ruleFindings(graph, watch, rules)];
  const valuesIn = (
    names: readonly string[],
    wanted: (state: number) => boolean,
  ): (readonly number[])[] => {
    const addresses = names.map((name) => addressOf(program, name));
    const found = new Map<string, number[]>();
    for (let state = 0; state < graph.expanded; state++) {
      if (!wanted(state)) continue;
      get(graph.store, state);
      const values = addresses.map((at) => m.words[at]);
      found.set(values.join(), values);
    }
    return [...found.values()].sort((a, b) => (a.join() < b.join() ? -1 : 1));
  };
  const isQuiet = (state: number): boolean =>
    graph.first[state] === graph.first[state + 1] && graph.over[state] === 0;
  return {
    states: graph.store.states.count,
    outcomes: distinct(
      observations.map((o) => o.target.outcome).filter((outcome) => outcome !== "rule"),
    ),
    broken: distinct(observations.flatMap((o) => o.rules)),
    observations,
    boundHits: graph.bounds.size,
    finals: (...names) => valuesIn(names, isQuiet),
    ever: (name) => valuesIn([name], () => true).map(([value]) => value),
  };
}

export interface Turn {
  /** Value of a driver-wide variable. */
  value(name: string): number;
  /** How many ways the thread has to go on; 0 while it waits. */
  ways(thread: string): number;
}

/**
 * Threads in turn, without times, each as far as it gets or, after "up to", until that call is what
 * it does next. "by way 2" takes the third of several ways at the first step, and no other step.
 * No timeout fires and nothing fails.
 */
export function inTurn(drivers: Drivers, change: Partial<World>, order: readonly string[]): Turn {
  const program = compile(drivers, change);
  const m = createMachine(program, false);
  reset(m);
  begin(m);
  const waysOf = (name: string): number[] => {
    const thread = program.threads.findIndex((info) => info.name === name);
    if (thread < 0) throw new Error(`no thread ${name}`);
    return [...m.codes.slice(0, enabled(m))].filter(
      (code) => threadOf(code) === thread && alternativeOf(code) < Alternative.stop,
    );
  };
  for (const part of order) {
    const [, name, , stop, way] = /^(.*?)( up to (.*)| by way (\d))?$/.exec(part) ?? [];
    if (way !== undefined) {
      step(m, waysOf(name)[Number(way)], 0);
      continue;
    }
    for (let code = waysOf(name)[0]; code !== undefined; code = waysOf(name)[0]) {
      if (program.sites[siteAt(m, threadOf(code))].api === stop) break;
      step(m, code, 0);
    }
  }
  return {
    value: (name) => valueIn(m, name),
    ways: (name) => waysOf(name).length,
  };
}

/** Value of a driver-wide variable. */
export const valueIn = (m: Machine, name: string): number => m.words[addressOf(m.program, name)];

function addressOf(program: Program, name: string): number {
  for (const [at, info] of program.objects) if (info.name === name) return at;
  throw new Error(`no driver-wide ${name}`);
}

const distinct = (words: readonly string[]): string[] => [...new Set(words)].sort();

/** One run with times, told in full, until the workload has its answers. */
export function timedRun(program: Program, source: ChoiceSource = defaultSource): Trace {
  return traceRun(program, true, source, 20_000, isAllAnswered);
}

/** The default run and `walks` random ones. */
export function timedRuns(program: Program, walks: number, seed = "runs"): Trace[] {
  const random = randomFrom(seedFrom(seed));
  return Array.from({ length: walks + 1 }, (_, i) =>
    timedRun(program, i === 0 ? defaultSource : randomWalk(random)),
  );
}

/** The crashes that were seen, by their kind. */
export const crashesOf = ({ observations }: Sight): readonly string[] =>
  observations
    .filter(({ target }) => target.outcome === "crash")
    .map(({ target }) => target.mechanism.split(":")[0]);

/** Microseconds of the longest callback of a run, 0 if none returned. */
export const longestUs = (trace: Trace, kind: number = RootKind.callback): number =>
  Math.max(0, ...trace.roots.filter((root) => root.kind === kind).map((root) => root.took));
