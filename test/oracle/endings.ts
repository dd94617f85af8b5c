/**
 * What a driver's objects are like: together where nothing can move any more, and each by itself in any
 * state. In words that both interpreters can say.
 */
import type { Code } from "./scenario.ts";
import type { State } from "./state.ts";
import { viewOf } from "./views.ts";
import { isTold, wordFor } from "./words.ts";

export interface Endings {
  readonly ends: readonly string[];
  readonly values: readonly string[];
  /** All states that can be reached, each in the words of `views.ts`. */
  readonly views: readonly string[];
}

/** Gathers what is said of single states. */
export function createEndings() {
  const ends = new Set<string>();
  const values = new Set<string>();
  const views = new Set<string>();
  return {
    take(view: string, objects: readonly string[], more: readonly string[], isEnd: boolean): void {
      views.add(view);
      for (const one of objects) values.add(one);
      if (isEnd) ends.add([...objects, ...more].sort().join("; "));
    },
    done: (): Endings => ({
      ends: [...ends].sort(),
      values: [...values].sort(),
      views: [...views].sort(),
    }),
  };
}

export function endingsOf(
  code: Code,
  states: readonly State[],
  isEnd: (place: number) => boolean,
): Endings {
  const { scenario, registrations } = code;
  const found = createEndings();
  states.forEach((state, place) => {
    const objects = scenario.drivers.flatMap(({ objects: own, services }, d) =>
      [...own, ...services.flatMap((one) => one.objects)]
        .filter(isTold)
        .map((decl) => `${decl.name} ${wordFor(state, decl, d)}`),
    );
    found.take(
      viewOf(code, state),
      objects,
      [
        ...registrations.map(
          ({ routine }, r) => `${routine} ${state.registrations[r].on ? "on" : "off"}`,
        ),
        `dead ${Object.values(state.processes).filter(({ dead }) => dead).length}`,
      ],
      isEnd(place),
    );
  });
  return found.done();
}
