/** All states that can be reached, and those that nobody can leave, in words that both interpreters can say. */
import type { Code } from "./scenario.ts";
import type { State } from "./state.ts";
import { viewOf } from "./views.ts";

export interface Endings {
  readonly views: readonly string[];
  readonly ends: readonly string[];
}

export const noEndings: Endings = { views: [], ends: [] };

/** Gathers what is said of single states. */
export function createEndings() {
  const views = new Set<string>();
  const ends = new Set<string>();
  return {
    take(view: string, isEnd: boolean): void {
      views.add(view);
      if (isEnd) ends.add(view);
    },
    done: (): Endings => ({ views: [...views].sort(), ends: [...ends].sort() }),
  };
}

export function endingsOf(
  code: Code,
  states: readonly State[],
  isEnd: (place: number) => boolean,
): Endings {
  const found = createEndings();
  states.forEach((state, place) => {
    found.take(viewOf(code, state), isEnd(place));
  });
  return found.done();
}
