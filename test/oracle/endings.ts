/**
 * All states that can be reached, those that nobody can leave, and the steps between them, in words that
 * both interpreters can say. A step that leads to what is told alike is none.
 */
import type { Edge } from "./hangs.ts";
import type { Code } from "./scenario.ts";
import type { State } from "./state.ts";
import { viewOf } from "./views.ts";

export interface Endings {
  readonly views: readonly string[];
  readonly ends: readonly string[];
  readonly steps: readonly string[];
}

export const noEndings: Endings = { views: [], ends: [], steps: [] };

/** Behind a step that ends the run. */
export const over = "over";

/** Gathers what is said of single states, and of steps. */
export function createEndings() {
  const views = new Set<string>();
  const ends = new Set<string>();
  const steps = new Set<string>();
  return {
    take(view: string, isEnd: boolean): void {
      views.add(view);
      if (isEnd) ends.add(view);
    },
    /** `completed`: threads whose outermost root it completes; items that it ends. */
    step(from: string, to: string, completed: number, items: number): void {
      const done = completed + items > 0 ? ` (${completed} completed, ${items} items)` : "";
      if (from !== to) steps.add(`${from} => ${to}${done}`);
    },
    done: (): Endings => ({
      views: [...views].sort(),
      ends: [...ends].sort(),
      steps: [...steps].sort(),
    }),
  };
}

/** `ended`: from there a step leads to a crash, or to a bound. */
export function endingsOf(
  code: Code,
  states: readonly State[],
  edges: readonly (readonly Edge[])[],
  ended: readonly boolean[],
): Endings {
  const found = createEndings();
  const views = states.map((state) => viewOf(code, state));
  views.forEach((view, place) => {
    found.take(view, edges[place].length === 0 && !ended[place]);
    for (const { to, completed } of edges[place]) {
      const items = [...completed].filter((one) => one.startsWith("item ")).length;
      // What begins and ends in one step was open in no state.
      const { threads } = states[place];
      const owing = [...completed].filter((id) => threads[id]?.begun && threads[id].owes > 0);
      found.step(view, views[to], owing.length, items);
    }
    if (ended[place]) found.step(view, over, 0, 0);
  });
  return found.done();
}
