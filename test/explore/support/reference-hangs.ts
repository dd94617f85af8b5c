/** Hangs by the definition, forwards from every state and for one thread at a time. */
import type { Hang } from "../../../src/explore/hangs.ts";
import type { Graph } from "../../../src/explore/search.ts";
import { get } from "../../../src/explore/store.ts";
import { Status, T, threadOf } from "../../../src/machine/layout.ts";
import { requestsLock } from "../../../src/machine/lock-requests.ts";
import { baseOf, type Machine } from "../../../src/machine/machine.ts";

interface Future {
  /** States that can follow, and under which name the thread goes on in each. */
  readonly met: boolean;
  readonly ended: boolean;
  readonly moves: boolean;
}

const edgesOf = (graph: Graph, state: number): number[] =>
  Array.from(
    { length: graph.first[state + 1] - graph.first[state] },
    (_, i) => graph.first[state] + i,
  );

/** Everything that can follow a state, as far as one thread is concerned. */
function futureOf(graph: Graph, state: number, thread: number): Future {
  const seen = new Set<string>();
  const pending: [number, number][] = [[state, thread]];
  const future = { met: false, ended: false, moves: false };
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const [s, name] = at;
    if (seen.has(`${s}/${name}`)) continue;
    seen.add(`${s}/${name}`);
    // Where the run was cut short, or not looked at, anything could follow.
    if (s >= graph.expanded || graph.over[s] !== 0) return { met: true, ended: true, moves: true };
    for (const edge of edgesOf(graph, s)) {
      future.met ||= graph.rootsDone.get(edge)?.includes(name) === true;
      future.ended ||= graph.itemsDone.get(edge)?.includes(name) === true;
      future.moves ||= threadOf(graph.code[edge]) === name;
      const names = graph.renamings[graph.renaming[edge]];
      pending.push([graph.target[edge], names.length === 0 ? name : names[name]]);
    }
  }
  return future;
}

function reachableFrom(graph: Graph, state: number): Set<number> {
  const seen = new Set<number>();
  const pending = [state];
  for (let s = pending.pop(); s !== undefined; s = pending.pop()) {
    if (seen.has(s)) continue;
    seen.add(s);
    if (s < graph.expanded) for (const edge of edgesOf(graph, s)) pending.push(graph.target[edge]);
  }
  return seen;
}

/** Whether whatever follows can come back: then nothing new is going on any more. */
function isSettled(graph: Graph, state: number, reach: readonly Set<number>[]): boolean {
  return [...reach[state]].every((s) => s < graph.expanded && reach[s].has(state));
}

function obligations(m: Machine, thread: number): { root: boolean; item: boolean } {
  const base = baseOf(m, thread);
  const status = m.words[base + T.status];
  if (status !== Status.ready && status !== Status.waiting) return { root: false, item: false };
  const item = m.words[base + T.items] > 0;
  return { root: m.words[base + T.roots] > 0 || (!item && requestsLock(m, thread)), item };
}

export function referenceHangs(graph: Graph): Hang[] {
  const reach = Array.from({ length: graph.expanded }, (_, s) => reachableFrom(graph, s));
  const hangs: Hang[] = [];
  for (let state = 0; state < graph.expanded; state++) {
    if (!isSettled(graph, state, reach)) continue;
    get(graph.store, state);
    const owed = graph.machine.program.threads.map((_, t) => obligations(graph.machine, t));
    owed.forEach(({ root, item }, thread) => {
      if (!root && !item) return;
      const { met, ended, moves } = futureOf(graph, state, thread);
      if (root && !met) hangs.push({ state, thread, kind: "root", blocked: !moves });
      else if (item && !ended) hangs.push({ state, thread, kind: "item", blocked: !moves });
    });
  }
  return hangs;
}
