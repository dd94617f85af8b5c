/** Loophole's own answer about times: how long its roots take, in every run of the timed reading. */
import { type Graph, search } from "../../../src/explore/search.ts";
import { get } from "../../../src/explore/store.ts";
import { delayOf, isArriving, isPutLater } from "../../../src/machine/arrivals.ts";
import { enabled, isAllAnswered } from "../../../src/machine/enabled.ts";
import { Arrival, alternativeOf, threadOf } from "../../../src/machine/layout.ts";
import { baseOf, createMachine, Event, type Machine } from "../../../src/machine/machine.ts";
import { isCallbackRoot, RootKind } from "../../../src/machine/opcodes.ts";
import { isMarked, unmarked } from "../../../src/machine/open-arrival.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { objectsIn } from "../adapter-objects.ts";
import { viewOf } from "../adapter-views.ts";
import { indexed, labelled, type Scenario } from "../scenario.ts";
import { type Offer, withOffers } from "./offers.ts";

/** By kind of root: what it takes, in microseconds, less skew. */
export type Durations = ReadonlyMap<string, ReadonlySet<number>>;

export interface TimedTold {
  readonly complete: boolean;
  readonly bounded: boolean;
  readonly states: number;
  readonly took: Durations;
  readonly views: readonly string[];
}

const kinds: Readonly<Record<number, string>> = {
  [RootKind.event]: "event",
  [RootKind.operation]: "operation",
  [RootKind.launch]: "launch",
  [RootKind.lifecycle]: "lifecycle",
  [RootKind.relief]: "relief",
  [RootKind.item]: "item",
  [RootKind.request]: "request",
};

/** A search of all runs, and what is told of how long roots take. */
export function timedSearch(
  scenario: Scenario,
  budget: number,
): { readonly m: Machine; readonly graph: Graph; readonly took: Durations } {
  const program = compileScenario(
    labelled(scenario) as unknown as Parameters<typeof compileScenario>[0],
  );
  const m = createMachine(program, true);
  const took = new Map<string, Set<number>>();
  m.observer = (event, _thread, _site, kind, us) => {
    if (event !== Event.rootEnd) return;
    const name = isCallbackRoot(kind) ? "callback" : (kinds[kind] ?? `kind ${kind}`);
    took.set(name, (took.get(name) ?? new Set()).add(unmarked(us)));
  };
  const graph = search(m, { budget });
  m.observer = null;
  return { m, graph, took };
}

export function timedTold(scenario: Scenario, budget: number): TimedTold {
  const { m, graph, took } = timedSearch(scenario, budget);
  const { complete, bounds, store } = graph;
  return {
    complete,
    bounded: bounds.size > 0,
    states: store.states.count,
    took,
    views: viewsIn(scenario, m, graph),
  };
}

function viewsIn(scenario: Scenario, m: Machine, { over, expanded, store }: Graph): string[] {
  const { registrationsChange } = indexed(scenario);
  const objectsOf = objectsIn(m.program, labelled(scenario));
  const views = new Set<string>();
  for (let state = 0; state < expanded; state++) {
    get(store, state);
    if (over[state] !== 0) continue;
    views.add(withOffers(viewOf(m, objectsOf(m), registrationsChange), offersOf(m)));
  }
  return [...views].sort();
}

/** What the search takes from a state. */
function offersOf(m: Machine): Offer[] {
  const count = isAllAnswered(m) ? 0 : enabled(m);
  return Array.from({ length: count }, (_, i): Offer => {
    const alternative = alternativeOf(m.codes[i]);
    if (isPutLater(alternative)) {
      const isUser = m.program.threads[threadOf(m.codes[i])]?.arrives === true;
      return {
        us: delayOf(m),
        along: false,
        what: isUser ? "is put later" : "nobody is put later",
      };
    }
    const arrives = alternative === Arrival.inPlace ? "arrives beside" : "arrives";
    const base = baseOf(m, threadOf(m.codes[i]));
    return {
      us: unmarked(m.times[i]) - m.earliest,
      along: isMarked(m.times[i]),
      what: isArriving(m, base) ? arrives : "goes",
    };
  });
}
