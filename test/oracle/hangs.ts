/** What hangs in a graph of states (section 12). */
import { statementsIn } from "../../src/language/conditions.ts";
import { top } from "./context.ts";
import type { Code } from "./scenario.ts";
import type { State, Thread } from "./state.ts";
import type { Waiting } from "./waits.ts";

export interface Edge {
  /** Whose step it is. */
  readonly t: string;
  readonly to: number;
  readonly completed: ReadonlySet<string>;
}

export interface Graph {
  readonly states: readonly State[];
  readonly edges: readonly (readonly Edge[])[];
  /** From here a crash or a bound can be reached in one step, which counts as completion. */
  readonly ended: readonly boolean[];
}

/** A part of the graph that is never left again, and in which something is owed for ever. */
export interface Hang {
  /** Where those stand who owe it: the operation, or the thread, in brackets, where it is in none. */
  readonly roots: readonly string[];
  /** Those of them where somebody takes steps, again and again. */
  readonly moving: readonly string[];
  /** Where those stand whose items never end, in states in which nothing that is owed hangs (B6). */
  readonly items: readonly string[];
  /** Likewise beside hung roots, where nobody has to tell of them. */
  readonly itemsBeside: readonly string[];
  /** Where everybody stands there. */
  readonly stands: readonly string[];
}

export function hangsOf(code: Code, graph: Graph): Hang[] {
  const found = new Map<string, Hang>();
  const finals = finalParts(graph);
  const hung = hungIn(graph, new Set(finals.flat()), owing);
  const endless = hungIn(graph, new Set(finals.flat()), busy);
  for (const part of finals) {
    const roots = new Set<string>();
    const stands = new Set<string>();
    const moving = new Set<string>();
    const items = new Set<string>();
    const itemsBeside = new Set<string>();
    const movers = new Set(part.flatMap((i) => graph.edges[i].map(({ t }) => t)));
    for (const i of part) {
      for (const t of Object.values(graph.states[i].threads)) {
        if (t.ended) continue;
        for (const op of standsAt(code, t)) {
          stands.add(op);
          if (endless.get(i)?.has(t.id) === true)
            for (const one of [op, ...roundOf(code, op)]) {
              (hung.has(i) ? itemsBeside : items).add(one);
              if (!hung.has(i)) stands.add(one);
            }
          if (hung.get(i)?.has(t.id) !== true) continue;
          roots.add(op);
          if (!movers.has(t.id)) continue;
          for (const one of [op, ...roundOf(code, op)]) {
            roots.add(one);
            stands.add(one);
            moving.add(one);
          }
        }
      }
    }
    if (roots.size === 0 && items.size === 0) continue;
    const sorted = (ops: ReadonlySet<string>): string[] => [...ops].sort();
    const one = {
      roots: sorted(roots),
      stands: sorted(stands),
      moving: sorted(moving),
      items: sorted(items),
      itemsBeside: sorted(itemsBeside),
    };
    found.set(JSON.stringify(one), one);
  }
  return [...found.values()];
}

interface Obligation {
  readonly isOpen: (state: State, t: Thread | undefined) => boolean;
  readonly isEnded: (edge: Edge, id: string) => boolean;
}

/** Backwards from completion: threads of which no way on ends what is open, in the states asked for. */
function hungIn(
  { states, edges, ended }: Graph,
  asked: ReadonlySet<number>,
  { isOpen, isEnded }: Obligation,
): Map<number, Set<string>> {
  const hung = new Map<number, Set<string>>();
  const before: number[][] = states.map(() => []);
  edges.forEach((list, from) => {
    for (const { to } of list) before[to].push(from);
  });
  const open = new Set<string>();
  for (const i of asked) {
    for (const t of Object.values(states[i].threads)) if (isOpen(states[i], t)) open.add(t.id);
  }
  for (const id of open) {
    const can = states.map(() => false);
    const pending: number[] = [];
    const mark = (i: number): void => {
      if (can[i]) return;
      can[i] = true;
      pending.push(i);
    };
    states.forEach((_, i) => {
      const ends =
        ended[i] ||
        edges[i].some(
          (edge) => isEnded(edge, id) || !isOpen(states[edge.to], states[edge.to].threads[id]),
        );
      if (ends) mark(i);
    });
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) before[i].forEach(mark);
    for (const i of asked) {
      if (!isOpen(states[i], states[i].threads[id]) || can[i]) continue;
      hung.set(i, (hung.get(i) ?? new Set()).add(id));
    }
  }
  return hung;
}

/** Strongly connected parts without a way out (Tarjan, without recursion). */
function finalParts({ states, edges, ended }: Graph): number[][] {
  const order = states.map(() => -1);
  const low = states.map(() => 0);
  const partOf = states.map(() => -1);
  const parts: number[][] = [];
  const path: number[] = [];
  let count = 0;
  for (let root = 0; root < states.length; root++) {
    if (order[root] >= 0) continue;
    const work: { at: number; next: number }[] = [{ at: root, next: 0 }];
    while (work.length > 0) {
      const step = work[work.length - 1];
      const { at } = step;
      if (step.next === 0 && order[at] < 0) {
        order[at] = low[at] = count++;
        path.push(at);
      }
      const edge = edges[at][step.next++];
      if (edge !== undefined) {
        if (order[edge.to] < 0) work.push({ at: edge.to, next: 0 });
        else if (partOf[edge.to] < 0) low[at] = Math.min(low[at], order[edge.to]);
        continue;
      }
      work.pop();
      const above = work[work.length - 1];
      if (above !== undefined) low[above.at] = Math.min(low[above.at], low[at]);
      if (low[at] !== order[at]) continue;
      const part: number[] = [];
      for (let one = path.pop(); one !== undefined; one = path.pop()) {
        partOf[one] = parts.length;
        part.push(one);
        if (one === at) break;
      }
      parts.push(part);
    }
  }
  return parts.filter((part, p) =>
    part.every((i) => !ended[i] && edges[i].every(({ to }) => partOf[to] === p)),
  );
}

/** For exactly one KMUTEX, which is a lock. */
const isForMutex = ({ handles }: Waiting): boolean =>
  handles.length === 1 && handles[0].type === "KMUTEX";

const isOwing = (_: State, t: Thread | undefined): boolean => {
  if (t === undefined || t.ended) return false;
  const task = top(t);
  // Who is suspended owes nothing himself: others wait for him, and theirs is the hang.
  if (task?.suspends === true) return false;
  if (t.owes > 0) return true;
  if (t.items > 0) return false;
  if (task?.k === "waiting") return isForMutex(task as Waiting);
  if (task?.k === "runDownWait" || task?.k === "filterItems" || task?.k === "drained") return true;
  if (task?.k !== "acquire" || task.isTry === true) return false;
  // What a program does to itself is its own affair.
  return task.type !== "CRITICAL_SECTION";
};

const owing: Obligation = { isOpen: isOwing, isEnded: ({ completed }, id) => completed.has(id) };

/** Taking an item is a step of its own, so that none follows another in one transition. */
const busy: Obligation = {
  isOpen: (_, t) => t !== undefined && !t.ended && t.items > 0,
  isEnded: () => false,
};

/** The driver's operation that a thread is in, the innermost; its name in brackets where it is in none. */
function standsAt(code: Code, { todo, id }: Thread): string[] {
  for (let i = todo.length - 1; i >= 0; i--) {
    const { op } = todo[i];
    if (op !== undefined) return [code.opIds[op]];
  }
  return [`(${id})`];
}

/** Where somebody goes round a loop without another visible step, what he calls there is named as well. */
function roundOf(code: Code, op: string): string[] {
  const statement = code.statements[code.opIds.indexOf(op)];
  if (statement?.kind !== "poll" && statement?.kind !== "forever") return [];
  return [...statementsIn(statement.body)].map(
    (one) => code.opIds[code.statementIds.get(one) ?? -1],
  );
}
