/**
 * Which obligations can never be met: decided on the state graph, backwards from completion, so
 * that pollers and retry loops beside a hang neither hide it nor have to be fair (design, point 9).
 */
import { endlessWaits, isEndlessRequest } from "../judge/endless-requests.ts";
import { threadOf } from "../machine/layout.ts";
import type { Graph } from "./search.ts";
import { get } from "./store.ts";
import {
  addAllThreads,
  addThread,
  createThreadSets,
  hasMore,
  hasThread,
  type ThreadSets,
} from "./thread-sets.ts";

/** `request`: of a service, which is owed nothing, and whose wait nobody would end. */
export type HangKind = "root" | "item" | "request";

export interface Hang {
  readonly state: number;
  /** In the names of the state's representative. */
  readonly thread: number;
  readonly kind: HangKind;
  /** It will never move again: a deadlock; else it moves for ever. */
  readonly blocked: boolean;
}

/**
 * The least fixed point of: a thread is in at `s` if `direct` says so of an edge from `s`, or if it
 * is in, under its new name, where an edge leads. States that were not expanded, and ends by crash or bound, count as in.
 */
function backwards(
  graph: Graph,
  asked: ThreadSets,
  direct: (edge: number, thread: number) => boolean,
): ThreadSets {
  const states = graph.store.states.count;
  const threads = graph.machine.program.threads.length;
  const good = createThreadSets(threads, states);
  for (let s = graph.expanded; s < states; s++) addAllThreads(good, s);
  for (let s = 0; s < graph.expanded; s++) if (graph.over[s] !== 0) addAllThreads(good, s);
  const { width } = good;
  const comesToGood = (s: number, t: number): boolean => {
    for (let edge = graph.first[s]; edge < graph.first[s + 1]; edge++) {
      const names = graph.renamings[graph.renaming[edge]];
      const name = names.length === 0 ? t : names[t];
      if (direct(edge, t) || hasThread(good, graph.target[edge], name)) return true;
    }
    return false;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let s = graph.expanded - 1; s >= 0; s--) {
      for (let w = 0; w < width; w++) {
        const at = s * width + w;
        for (let left = asked.words[at] & ~good.words[at]; left !== 0; left &= left - 1) {
          const t = w * 32 + 31 - Math.clz32(left & -left);
          if (t >= threads || !comesToGood(s, t)) continue;
          addThread(good, s, t);
          changed = true;
        }
      }
    }
  }
  return good;
}

/**
 * Every hang that the graph settles in, in breadth-first order, of at most `max`; `isCut` says that
 * there are more.
 */
export function findHangs(graph: Graph, max: number): { hangs: readonly Hang[]; isCut: boolean } {
  const { owed, items, expanded } = graph;
  const threads = graph.machine.program.threads.length;
  const met = backwards(graph, owed, (edge, t) => graph.rootsDone.get(edge)?.includes(t) === true);
  const ended = backwards(
    graph,
    items,
    (edge, t) => graph.itemsDone.get(edge)?.includes(t) === true,
  );
  const hangs: Hang[] = [];
  const hasRequests = endlessWaits(graph.machine.program).size > 0;
  const isOwed = hasMore(owed, met, expanded) || hasMore(items, ended, expanded);
  if (!isOwed && !hasRequests) return { hangs, isCut: false };
  const all = createThreadSets(threads, expanded);
  all.words.fill(-1);
  const moves = backwards(graph, all, (edge, t) => threadOf(graph.code[edge]) === t);
  const settled = bottomStates(graph);
  for (let s = 0; s < expanded; s++) {
    if (settled[s] === 0) continue;
    if (hasRequests) get(graph.store, s);
    for (let t = 0; t < threads; t++) {
      const root = hasThread(owed, s, t) && !hasThread(met, s, t);
      const item = hasThread(items, s, t) && !hasThread(ended, s, t);
      const request = hasRequests && !root && !item && isEndlessRequest(graph.machine, t);
      if (!root && !item && !request) continue;
      if (hangs.length >= max) return { hangs, isCut: true };
      const blocked = !hasThread(moves, s, t);
      const kind = root ? "root" : item ? "item" : "request";
      hangs.push({ state: s, thread: t, kind, blocked });
    }
  }
  return { hangs, isCut: false };
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
