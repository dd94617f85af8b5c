/** Loophole's own answer about times: how long its roots take, in every run of the timed reading. */
import { search } from "../../../src/explore/search.ts";
import { createMachine, Event } from "../../../src/machine/machine.ts";
import { isCallbackRoot, RootKind } from "../../../src/machine/opcodes.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { labelled, type Scenario } from "../scenario.ts";

/** By kind of root: what it takes, in microseconds, less skew. */
export type Durations = ReadonlyMap<string, ReadonlySet<number>>;

export interface TimedTold {
  readonly complete: boolean;
  readonly bounded: boolean;
  readonly states: number;
  readonly took: Durations;
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

export function timedTold(scenario: Scenario, budget: number): TimedTold {
  const program = compileScenario(
    labelled(scenario) as unknown as Parameters<typeof compileScenario>[0],
  );
  const m = createMachine(program, true);
  const took = new Map<string, Set<number>>();
  m.observer = (event, _thread, _site, kind, us) => {
    if (event !== Event.rootEnd) return;
    const name = isCallbackRoot(kind) ? "callback" : (kinds[kind] ?? `kind ${kind}`);
    took.set(name, (took.get(name) ?? new Set()).add(us));
  };
  const { complete, bounds, store, crashes } = search(m, { budget });
  void crashes;
  return { complete, bounded: bounds.size > 0, states: store.states.count, took };
}
