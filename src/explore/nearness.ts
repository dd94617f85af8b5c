import { createMachine, type Machine } from "../machine/machine.ts";
import { closeArrival } from "../machine/open-arrival.ts";
import type { Program } from "../machine/program.ts";
import { followCodes } from "./choices.ts";
import { run } from "./run.ts";
import type { Graph } from "./search.ts";
import { numberOf } from "./store.ts";

/** Not known, since the graph ends before it. */
export const unknown = -1;

export interface Nearness {
  /** Steps to the nearest wanted state; infinite where none can be reached, or `unknown`. */
  of(m: Machine): number;
}

/**
 * @param codes A run to a wanted state: of what the graph does not reach this much is known.
 */
export function nearnessIn(
  graph: Graph,
  wanted: ReadonlySet<number>,
  codes: readonly number[],
): Nearness {
  const { machine, store } = graph;
  const numberIn = (m: Machine): number => {
    machine.words.set(m.words);
    // When somebody arrives is a matter of times.
    closeArrival(machine);
    return numberOf(store);
  };
  const steps = [...stepsTo(graph, wanted)];
  if (!graph.complete) {
    for (const [left, state] of statesOf(machine.program, codes, numberIn).reverse().entries()) {
      const known = steps[state] ?? unknown;
      if (known === unknown || known > left) steps[state] = left;
    }
  }
  return { of: (m) => steps[numberIn(m)] ?? unknown };
}

/** The states that a run without times comes by. */
function statesOf(
  program: Program,
  codes: readonly number[],
  numberIn: (m: Machine) => number,
): number[] {
  const m = createMachine(program, false);
  const states: number[] = [];
  run(m, followCodes(codes), {
    stepMax: codes.length,
    onDecision: () => states.push(numberIn(m)),
  });
  return [...states, numberIn(m)];
}

/** By state: steps to the nearest wanted one. */
function stepsTo(graph: Graph, wanted: ReadonlySet<number>): Float64Array {
  const { first, target, expanded, store } = graph;
  const count = store.states.count;
  const steps = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const before = new Int32Array(count + 1);
  const edges = first[expanded];
  for (let edge = 0; edge < edges; edge++) before[target[edge] + 1]++;
  for (let s = 0; s < count; s++) before[s + 1] += before[s];
  const from = new Int32Array(edges);
  const filled = before.slice();
  for (let s = 0; s < expanded; s++) {
    for (let edge = first[s]; edge < first[s + 1]; edge++) from[filled[target[edge]]++] = s;
  }
  let row = [...wanted];
  for (const s of row) steps[s] = 0;
  for (let distance = 1; row.length > 0; distance++) {
    const next: number[] = [];
    for (const s of row) {
      for (let i = before[s]; i < before[s + 1]; i++) {
        if (steps[from[i]] <= distance) continue;
        steps[from[i]] = distance;
        next.push(from[i]);
      }
    }
    row = next;
  }
  // What lies behind a state that was not expanded nobody knows.
  if (!graph.complete) {
    for (let s = 0; s < count; s++) if (steps[s] === Number.POSITIVE_INFINITY) steps[s] = unknown;
  }
  return steps;
}
