/**
 * Which obligations can never be met: decided on the state graph, backwards from completion, so
 * that pollers and retry loops beside a hang neither hide it nor have to be fair (design, point 9).
 */

import { threadOf } from "../machine/layout.ts";
import { type Graph, threadsMax } from "./search.ts";

export interface Hang {
  readonly state: number;
  /** In the names of the state's representative. */
  readonly thread: number;
  readonly kind: "root" | "item";
  /** It will never move again: a deadlock; else it moves for ever. */
  readonly blocked: boolean;
}

interface Bits {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

const has = (bits: Bits, state: number, thread: number): boolean =>
  thread < 31
    ? (bits.low[state] & (1 << thread)) !== 0
    : (bits.high[state] & (1 << (thread - 31))) !== 0;

const empty = (states: number): Bits => ({
  low: new Int32Array(states),
  high: new Int32Array(states),
});

function set(bits: Bits, state: number, thread: number): void {
  if (thread < 31) bits.low[state] |= 1 << thread;
  else bits.high[state] |= 1 << (thread - 31);
}

/**
 * The least fixed point of: a thread is in at `s` if `direct` says so of an edge from `s`, or if it
 * is in, under its new name, where an edge leads. States that were not expanded, and ends by crash or bound, count as in.
 */
function backwards(
  graph: Graph,
  asked: Bits,
  direct: (edge: number, thread: number) => boolean,
): Bits {
  const states = graph.store.states.count;
  const threads = graph.machine.program.threads.length;
  const good = empty(states);
  for (let s = graph.expanded; s < states; s++) {
    good.low[s] = -1;
    good.high[s] = -1;
  }
  for (let s = 0; s < graph.expanded; s++) {
    if (graph.over[s] === 0) continue;
    good.low[s] = -1;
    good.high[s] = -1;
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let s = graph.expanded - 1; s >= 0; s--) {
      const low = asked.low[s] & ~good.low[s];
      const high = asked.high[s] & ~good.high[s];
      if (low === 0 && high === 0) continue;
      for (let t = 0; t < threads; t++) {
        if ((t < 31 ? low & (1 << t) : high & (1 << (t - 31))) === 0) continue;
        for (let edge = graph.first[s]; edge < graph.first[s + 1]; edge++) {
          const names = graph.renamings[graph.renaming[edge]];
          const next = graph.target[edge];
          const name = names.length === 0 ? t : names[t];
          if (direct(edge, t) || has(good, next, name)) {
            set(good, s, t);
            changed = true;
            break;
          }
        }
      }
    }
  }
  return good;
}

/** Every hang that the graph settles in, in breadth-first order, at most `max`. */
export function findHangs(graph: Graph, max: number): Hang[] {
  if (graph.machine.program.threads.length > threadsMax) return [];
  const owed: Bits = { low: Int32Array.from(graph.owedLow), high: Int32Array.from(graph.owedHigh) };
  const items: Bits = {
    low: Int32Array.from(graph.itemsLow),
    high: Int32Array.from(graph.itemsHigh),
  };
  const met = backwards(graph, owed, (edge, t) => graph.rootsDone.get(edge)?.includes(t) === true);
  const ended = backwards(
    graph,
    items,
    (edge, t) => graph.itemsDone.get(edge)?.includes(t) === true,
  );
  let any = false;
  for (let s = 0; s < graph.expanded && !any; s++) {
    any =
      (owed.low[s] & ~met.low[s]) !== 0 ||
      (owed.high[s] & ~met.high[s]) !== 0 ||
      (items.low[s] & ~ended.low[s]) !== 0 ||
      (items.high[s] & ~ended.high[s]) !== 0;
  }
  if (!any) return [];
  const all: Bits = {
    low: new Int32Array(graph.expanded).fill(-1),
    high: new Int32Array(graph.expanded).fill(-1),
  };
  const moves = backwards(graph, all, (edge, t) => threadOf(graph.code[edge]) === t);
  const settled = bottomStates(graph);
  const hangs: Hang[] = [];
  const threads = graph.machine.program.threads.length;
  for (let s = 0; s < graph.expanded && hangs.length < max; s++) {
    if (settled[s] === 0) continue;
    for (let t = 0; t < threads; t++) {
      const root = has(owed, s, t) && !has(met, s, t);
      const item = has(items, s, t) && !has(ended, s, t);
      if (!root && !item) continue;
      hangs.push({ state: s, thread: t, kind: root ? "root" : "item", blocked: !has(moves, s, t) });
    }
  }
  return hangs;
}

/**
 * States that can only be left for states that lead back to them: whatever else was going on has
 * ended, so that a chain of waits read there is the final one. (Tarjan's components, iteratively.)
 */
function bottomStates(graph: Graph): Uint8Array {
  const n = graph.expanded;
  const index = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const onStack = new Uint8Array(n);
  const next = new Int32Array(n);
  const stack: number[] = [];
  const calls: number[] = [];
  const bottom = new Uint8Array(n);
  let counter = 0;
  for (let root = 0; root < n; root++) {
    if (index[root] >= 0) continue;
    calls.push(root);
    while (calls.length > 0) {
      const s = calls[calls.length - 1];
      if (index[s] < 0) {
        index[s] = counter;
        low[s] = counter++;
        next[s] = graph.first[s];
        stack.push(s);
        onStack[s] = 1;
      }
      let descended = false;
      while (next[s] < graph.first[s + 1]) {
        const to = graph.target[next[s]++];
        if (to >= n) continue;
        if (index[to] < 0) {
          calls.push(to);
          descended = true;
          break;
        }
        if (onStack[to] === 1) low[s] = Math.min(low[s], index[to]);
      }
      if (descended) continue;
      calls.pop();
      if (calls.length > 0) {
        const caller = calls[calls.length - 1];
        low[caller] = Math.min(low[caller], low[s]);
      }
      if (low[s] !== index[s]) continue;
      const members: number[] = [];
      for (let member = -1; member !== s; ) {
        member = stack.pop() ?? s;
        onStack[member] = 0;
        members.push(member);
      }
      const inside = new Set(members);
      const closed = members.every((member) => {
        for (let edge = graph.first[member]; edge < graph.first[member + 1]; edge++) {
          if (!inside.has(graph.target[edge])) return false;
        }
        return true;
      });
      if (closed) for (const member of members) bottom[member] = 1;
    }
  }
  return bottom;
}
