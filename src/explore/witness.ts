/**
 * A run that reaches a stored state: the search renames states, so the run is found again step by
 * step, taking at each the transition whose result is, under the names that the search gave by then,
 * the state that comes next.
 */
import { invariant } from "../base/invariant.ts";
import { memo } from "../base/memo.ts";
import { enabled } from "../machine/enabled.ts";
import { staleRecord } from "../machine/frames.ts";
import { addressOf, isRef, refTo, threadOf } from "../machine/layout.ts";
import { createMachine, type Machine } from "../machine/machine.ts";
import { begin, step } from "../machine/step.ts";
import { type Graph, pathTo } from "./search.ts";
import { get, numberOf } from "./store.ts";

/** The last step of the run to a state, and the names that threads have there. */
interface Walked {
  readonly code: number;
  readonly timeUs: number;
  readonly names: readonly number[];
}

/** Paths share most of their way: where one has been walked, another need not look for its steps. */
const walkedOf = new WeakMap<Graph, Map<number, Walked>>();

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
  machine.words.set(live.words);
  machine.clocks.set(live.clocks);
  machine.skewUs = live.skewUs;
  numberOf(store);
  let names: readonly number[] = Array.from(live.program.threads, (_, i) =>
    store.renamed ? store.canonical.threadTarget[i] : i,
  );
  const codes: number[] = [];
  const walked = memo(walkedOf, graph, () => new Map());
  const words = new Int32Array(live.words.length);
  const clocks = new Float64Array(live.clocks.length);
  for (const next of pathTo(graph, state)) {
    const known = walked.get(next);
    if (known !== undefined) {
      takeAgain(live, known);
      codes.push(known.code);
      names = known.names;
      continue;
    }
    const thread = names.indexOf(threadOf(graph.parentCode[next]));
    const turned = renamingTo(graph, next);
    const after = turned.length === 0 ? names : names.map((name) => turned[name]);
    const count = enabled(live);
    const options = Array.from(
      { length: count },
      (_, i) => [live.codes[i], live.times[i]] as const,
    ).filter(([code]) => threadOf(code) === thread);
    const { earliest, own, others, skewUs } = live;
    words.set(live.words);
    clocks.set(live.clocks);
    // The only way on leads there.
    const isNext = options.length > 1 ? representativeIs(graph, next, after) : () => true;
    const taken = options.find(([code, timeUs], way) => {
      if (way > 0) {
        live.words.set(words);
        live.clocks.set(clocks);
        live.earliest = earliest;
        live.own = own;
        live.others = others;
        live.skewUs = skewUs;
      }
      step(live, code, timeUs);
      return isNext(live);
    });
    invariant(taken !== undefined, "a stored path can be walked");
    codes.push(taken[0]);
    names = after;
    walked.set(next, { code: taken[0], timeUs: taken[1], names });
  }
  machine.observer = observer;
  return { codes, names };
}

function takeAgain(live: Machine, { code, timeUs }: Walked): void {
  const count = enabled(live);
  let at = 0;
  while (at < count && (live.codes[at] !== code || live.times[at] !== timeUs)) at++;
  invariant(at < count, "a step that was taken can be taken again");
  step(live, code, timeUs);
}

/** How the search renamed threads on the step that first led to a state. */
function renamingTo(graph: Graph, state: number): Int32Array {
  const from = graph.parent[state];
  for (let edge = graph.first[from]; edge < graph.first[from + 1]; edge++) {
    if (graph.code[edge] === graph.parentCode[state] && graph.target[edge] === state) {
      return graph.renamings[graph.renaming[edge]];
    }
  }
  invariant(false, "a state's parent has an edge to it");
}

/** Whether a machine's state, its threads called by `names`, is the stored one, word by word. */
function representativeIs(
  { store, machine }: Graph,
  state: number,
  names: readonly number[],
): (live: Machine) => boolean {
  const { components } = machine.program;
  const { bundles, bundleOf, componentOf } = store.canonical;
  const componentOfThread = new Map(components.map(({ thread }, i) => [thread, i]));
  const target = components.map((_, i) => i);
  for (const bundle of bundles) {
    const thread = components[bundle[bundle.length - 1]].thread;
    const to = bundles[bundleOf[componentOfThread.get(names[thread]) ?? 0]];
    for (let k = 0; k < bundle.length; k++) target[bundle[k]] = to[k];
  }
  get(store, state);
  const words = machine.words.slice();
  const clocks = machine.clocks.slice();
  const moved = (word: number): number => {
    if (!isRef(word) || word <= staleRecord) return word;
    const from = componentOf[addressOf(word)];
    return refTo(addressOf(word) - components[from].base + components[target[from]].base);
  };
  return (live) =>
    components.every(({ base, size }, i) => {
      const to = components[target[i]].base;
      for (let k = 0; k < size; k++) {
        if (moved(live.words[base + k]) !== words[to + k]) return false;
        if (machine.timed && live.clocks[base + k] !== clocks[to + k]) return false;
      }
      return true;
    });
}
