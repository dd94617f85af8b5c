/**
 * Exhaustive search, breadth first, over stored states. It keeps every edge, so that what is
 * *impossible* from a state can be decided afterwards (`hangs.ts`).
 */
import { type BoundName, boundAt, bounds } from "../base/bounds.ts";
import { enabled, isAllAnswered } from "../machine/enabled.ts";
import { isHeldUp } from "../machine/held-up.ts";
import { H, Status, T, threadOf } from "../machine/layout.ts";
import { requestsLock } from "../machine/lock-requests.ts";
import { baseOf, type Machine, reset, siteAt } from "../machine/machine.ts";
import { begin, step } from "../machine/step.ts";
import { createInternTable, type InternTable, intern } from "./intern.ts";
import { createStore, get, move, numberOf, put, type StateStore } from "./store.ts";
import { addThread, createThreadSets, makeRoomFor, type ThreadSets } from "./thread-sets.ts";
import { weightOf, workOfTransition } from "./weight.ts";

export interface Graph {
  readonly store: StateStore;
  readonly machine: Machine;
  /** Edges of state s: [first[s], first[s + 1]). States beyond `expanded` have none yet. */
  readonly first: number[];
  readonly target: number[];
  readonly code: number[];
  /** Number of the renaming of threads along an edge, 0 for none. */
  readonly renaming: number[];
  readonly renamings: Int32Array[];
  /** Sparse: threads whose obligations an edge completed. */
  readonly rootsDone: Map<number, readonly number[]>;
  readonly itemsDone: Map<number, readonly number[]>;
  /** By expanded state: threads that are owed something, and those with an item of theirs. */
  readonly owed: ThreadSets;
  readonly items: ThreadSets;
  readonly parent: number[];
  readonly parentCode: number[];
  expanded: number;
  complete: boolean;
  readonly crashes: number[];
  /** By state: 1 where the run ended in a crash or at a bound, so that nothing is owed there. */
  readonly over: number[];
  /** Bounds of the model that cut a run short, and of the search itself. */
  readonly bounds: Set<BoundName>;
  transitions: number;
  /** Transitions, and what takes more than one of an ordinary program. */
  spent: number;
}

export interface SearchOptions {
  /** What may be spent: transitions, those of large programs counted for more. */
  readonly budget: number;
  /** Words of stored states, at most. */
  readonly memoryMax?: number;
  readonly stop?: () => boolean;
  /** Told before each transition: the state and the code that is taken from it. */
  readonly onTransition?: (state: number, code: number) => void;
  /** Start where the machine stands, instead of at the beginning. */
  readonly here?: boolean;
  /** By site: 1 is put where a thread stood that could not go on. */
  readonly contended?: Uint8Array;
  /** Whether to go on from a state, asked when the machine stands in it. */
  readonly isWorthwhile?: (state: number) => boolean;
  /** Stop as soon as it is clear that the budget will not do: a part of the graph is of less use. */
  readonly onlyWhole?: boolean;
  /** Stop when this says so, asked with each new state (the machine stands in it). */
  readonly found?: (state: number) => boolean;
}

const noRenaming = new Int32Array(0);

export function search(machine: Machine, options: SearchOptions): Graph {
  const store = createStore(machine);
  const graph: Graph = {
    store,
    machine,
    first: [0],
    target: [],
    code: [],
    renaming: [],
    renamings: [noRenaming],
    rootsDone: new Map(),
    itemsDone: new Map(),
    owed: createThreadSets(machine.program.threads.length),
    items: createThreadSets(machine.program.threads.length),
    parent: [-1],
    parentCode: [-1],
    expanded: 0,
    complete: false,
    crashes: [],
    over: [],
    bounds: new Set(),
    transitions: 0,
    spent: 0,
  };
  const known = createInternTable();
  const observer = machine.observer;
  machine.observer = null;
  if (options.here !== true) {
    reset(machine);
    machine.observer = observer;
    begin(machine);
  }
  machine.observer = observer;
  get(store, put(store));
  const codes: number[] = [];
  const times: number[] = [];
  const { contended } = options;
  const weight = weightOf(machine.program);
  const memoryMax = options.memoryMax ?? bounds.memory.max;
  machine.work = 0;
  let done = false;
  while (graph.expanded < store.states.count && !done) {
    if (graph.spent >= options.budget || options.stop?.() === true) return graph;
    if (wordsOf(graph) > memoryMax) {
      graph.bounds.add("memory");
      return graph;
    }
    if (options.onlyWhole === true && isHopeless(graph, options.budget)) return graph;
    const state = graph.expanded;
    move(store, state);
    noteOwed(graph, machine);
    if (machine.words[H.crash] !== 0) graph.crashes.push(state);
    if (machine.words[H.bound] !== 0) graph.bounds.add(boundAt(machine.words[H.bound]));
    graph.over.push(machine.words[H.crash] | machine.words[H.bound]);
    // With times, what goes on for ever behind the last answer would never end.
    const isEnd = machine.timed && isAllAnswered(machine);
    const count = isEnd || options.isWorthwhile?.(state) === false ? 0 : enabled(machine);
    const earliest = machine.earliest;
    if (contended !== undefined && graph.over[state] === 0 && (count > 0 || !machine.timed))
      noteContended(machine, count, contended);
    codes.length = 0;
    times.length = 0;
    for (let i = 0; i < count; i++) {
      codes.push(machine.codes[i]);
      times.push(machine.times[i]);
    }
    for (let i = 0; i < count; i++) {
      if (i > 0) move(store, state);
      machine.earliest = earliest;
      options.onTransition?.(state, codes[i]);
      step(machine, codes[i], times[i]);
      graph.transitions++;
      graph.spent += weight + machine.work;
      machine.work = 0;
      noteDone(graph, machine, graph.target.length);
      const before = store.states.count;
      const next = numberOf(store);
      graph.spent += Math.floor(store.canonical.work / workOfTransition);
      graph.target.push(next);
      graph.code.push(codes[i]);
      graph.renaming.push(store.renamed ? renamingNumber(graph, known) : 0);
      if (next === before) {
        graph.parent.push(state);
        graph.parentCode.push(codes[i]);
        if (options.found !== undefined) {
          get(store, next);
          if (options.found(next)) done = true;
        }
      }
    }
    graph.expanded++;
    graph.first.push(graph.target.length);
  }
  graph.complete = graph.expanded === store.states.count;
  return graph;
}

/** While each expanded state brings so many new ones, a good part of the graph is yet to come. */
const growing = 1.4;
/** There are at least so many times as many states then as are known. */
const expected = 1.5;
/** States between two looks at whether there is hope. */
const hopeEvery = 16;

/**
 * Whether all states will cost more than the budget: those that are known, and half as many again
 * while their number grows, over the second half of the expanded ones. A guess, which can only cost a
 * claim of completeness: of the graphs of the modelled drivers that the budget would just have done
 * for it gives up one in twenty.
 */
function isHopeless({ expanded, parent, spent, store }: Graph, budget: number): boolean {
  if (expanded % hopeEvery !== 0 || expanded === 0) return false;
  const { count } = store.states;
  if (expected * count * (spent / expanded) <= budget) return false;
  const half = expanded >> 1;
  return count - knownAfter(parent, half) > growing * (expanded - half);
}

/** How many states were known once the first of them were expanded: parents come in order. */
function knownAfter(parent: readonly number[], expanded: number): number {
  let low = 0;
  let high = parent.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parent[middle] < expanded) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Words that the stored states, their edges and their sets of threads take. */
function wordsOf({ store, target, owed, expanded }: Graph): number {
  const { states, parts } = store;
  return states.used + parts.table.used + 6 * target.length + (2 * owed.width + 8) * expanded;
}

/** Renamings are few and come again and again: each has a number, from 1. */
function renamingNumber(graph: Graph, known: InternTable): number {
  const { threadTarget } = graph.store.canonical;
  const number = intern(known, threadTarget, 0, threadTarget.length) + 1;
  if (number === graph.renamings.length) graph.renamings.push(threadTarget.slice());
  return number;
}

function noteOwed(graph: Graph, m: Machine): void {
  const state = graph.expanded;
  makeRoomFor(graph.owed, state);
  makeRoomFor(graph.items, state);
  for (let t = 0; t < m.program.threads.length; t++) {
    const base = baseOf(m, t);
    const status = m.words[base + T.status];
    if (status !== Status.ready && status !== Status.waiting) continue;
    const items = m.words[base + T.items] > 0;
    if (m.words[base + T.roots] > 0 || (!items && requestsLock(m, t))) {
      addThread(graph.owed, state, t);
    }
    if (items) addThread(graph.items, state, t);
  }
}

/**
 * Where a thread waits, or asks for what it cannot have yet; with times it may only be another's turn,
 * where the state does not say more. What a timeout may end is waited for all the same.
 * The codes of one thread stand one behind the other.
 */
function noteContended(m: Machine, count: number, contended: Uint8Array): void {
  let i = 0;
  for (let t = 0; t < m.program.threads.length; t++) {
    const from = i;
    while (i < count && threadOf(m.codes[i]) === t) i++;
    const status = m.words[baseOf(m, t) + T.status];
    const cannotGo = status === Status.ready && i === from && !m.timed;
    if (status === Status.waiting || cannotGo || isHeldUp(m, t)) {
      contended[siteAt(m, t)] = 1;
    }
  }
}

function noteDone(graph: Graph, m: Machine, edge: number): void {
  if (m.doneCount === 0) return;
  const roots: number[] = [];
  const items: number[] = [];
  for (let t = 0; t < m.program.threads.length; t++) {
    if (m.rootsDone[t] !== 0) roots.push(t);
    if (m.itemsDone[t] !== 0) items.push(t);
  }
  if (roots.length > 0) graph.rootsDone.set(edge, roots);
  if (items.length > 0) graph.itemsDone.set(edge, items);
}

/** The codes that lead from the start to a state, in the representatives' names. */
export function pathTo(graph: Graph, state: number): number[] {
  const path: number[] = [];
  for (let s = state; graph.parent[s] >= 0; s = graph.parent[s]) path.push(s);
  return path.reverse();
}
