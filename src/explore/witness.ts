/**
 * A run that reaches a stored state: the search renames states, so the run is found again step by
 * step, taking at each the transition whose result is the representative that comes next.
 */
import { invariant } from "../base/invariant.ts";
import { enabled } from "../machine/enabled.ts";
import { createMachine } from "../machine/machine.ts";
import { begin, step } from "../machine/step.ts";
import { type Graph, pathTo } from "./search.ts";
import { numberOf } from "./store.ts";

export interface Witness {
  readonly codes: readonly number[];
  /** By thread of the run: its name in the stored representative. */
  readonly names: readonly number[];
}

export function witness(graph: Graph, state: number): Witness {
  const { machine, store } = graph;
  const observer = machine.observer;
  machine.observer = null;
  const live = createMachine(machine.program, machine.timed);
  begin(live);
  let names = Array.from(live.program.threads, (_, i) => i);
  const codes: number[] = [];
  const words = new Int32Array(live.words.length);
  const clocks = new Float64Array(live.clocks.length);
  for (const next of pathTo(graph, state)) {
    const count = enabled(live);
    const options = Array.from(
      { length: count },
      (_, i) => [live.codes[i], live.times[i]] as const,
    );
    const { earliest, skewUs } = live;
    words.set(live.words);
    clocks.set(live.clocks);
    const taken = options.find(([code, timeUs]) => {
      live.words.set(words);
      live.clocks.set(clocks);
      live.earliest = earliest;
      live.skewUs = skewUs;
      step(live, code, timeUs);
      machine.words.set(live.words);
      machine.clocks.set(live.clocks);
      machine.skewUs = live.skewUs;
      return numberOf(store) === next;
    });
    invariant(taken !== undefined, "a stored path can be walked");
    codes.push(taken[0]);
    names = names.map((_, i) => (store.renamed ? store.canonical.threadTarget[i] : i));
  }
  machine.observer = observer;
  return { codes, names };
}
