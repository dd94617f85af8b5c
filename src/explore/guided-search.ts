/**
 * A search for a wanted state that goes straight at it first: breadth first, but only over runs that
 * bring each step nearer, then over those that make a few detours, at last over all. Most of what can
 * be reached at all is reached with few, and then in a small part of the graph.
 */
import { T, threadOf } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { isOfTimesOnly } from "../machine/opcodes.ts";
import { type Nearness, unknown } from "./nearness.ts";
import { type Graph, search } from "./search.ts";
import { witness } from "./witness.ts";

/** Steps too many that a run may make, round by round. */
const detoursMax = [1, 4, 12, Number.POSITIVE_INFINITY] as const;

export interface Guided {
  /** Of a run to a wanted state, if there is one. */
  readonly codes: readonly number[] | undefined;
  /** Every run that can still come to a wanted state was searched. */
  readonly isWhole: boolean;
  /** Transitions, over all rounds. */
  readonly spent: number;
}

/** @param m A machine with times; the nearness is that of its states without them. */
export function searchToward(m: Machine, nearness: Nearness, budget: number): Guided {
  let spent = 0;
  for (const most of detoursMax) {
    const { graph, reached, isPruned } = searchWithin(m, nearness, most, budget - spent);
    spent += graph.spent;
    const isWhole = graph.complete && graph.bounds.size === 0 && !isPruned;
    if (reached !== undefined) return { codes: witness(graph, reached).codes, isWhole, spent };
    if (!isPruned || spent >= budget) return { codes: undefined, isWhole, spent };
  }
  return { codes: undefined, isWhole: false, spent };
}

/** One round: states behind more than `most` detours are left alone. */
function searchWithin(
  m: Machine,
  nearness: Nearness,
  most: number,
  budget: number,
): { readonly graph: Graph; readonly reached: number | undefined; readonly isPruned: boolean } {
  const { code: program } = m.program;
  // By state: how near it is, and the detours on the way there.
  const near: number[] = [];
  const detours = [0];
  let from = 0;
  let isOfTimes = false;
  let isPruned = false;
  let reached: number | undefined;
  const graph = search(m, {
    budget,
    isWorthwhile(state) {
      near[state] ??= nearness.of(m);
      // No run comes back from where the wanted states are out of reach.
      if (near[state] === Number.POSITIVE_INFINITY) return false;
      if (detours[state] <= most) return true;
      isPruned = true;
      return false;
    },
    onTransition(state, code) {
      from = state;
      const pc = m.words[baseOf(m, threadOf(code)) + T.pc];
      isOfTimes = isOfTimesOnly(program, pc);
    },
    found(state) {
      near[state] = nearness.of(m);
      const more = isOfTimes ? 0 : stepsAstray(near[from], near[state]);
      detours[state] = detours[from] + more;
      if (near[state] === 0) reached = state;
      return reached !== undefined;
    },
  });
  return { graph, reached, isPruned };
}

/** By how much a step is not one nearer. Of where nobody knows the way each counts as one. */
function stepsAstray(before: number, after: number): number {
  if (after === unknown) return 1;
  return before === unknown ? 0 : Math.max(0, 1 + after - before);
}
