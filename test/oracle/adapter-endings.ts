/** What the code under test runs through, state by state, in the words of `views.ts`. */
import { search } from "../../src/explore/search.ts";
import { get } from "../../src/explore/store.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { objectsIn } from "./adapter-objects.ts";
import { viewOf } from "./adapter-views.ts";
import { type Walks, walked } from "./adapter-walks.ts";
import { createEndings, type Endings } from "./endings.ts";
import { indexed, type Scenario } from "./scenario.ts";

export interface Ran {
  readonly endings: Endings;
  readonly walks: Walks;
}

/** What a search that fits into the budget comes to, and random runs. */
export function ran(scenario: Scenario, budget: number): Ran {
  const program = compileScenario(scenario as unknown as Parameters<typeof compileScenario>[0]);
  const { registrationsChange } = indexed(scenario);
  const objectsOf = objectsIn(program, scenario);
  const view = (m: Machine): string => viewOf(m, objectsOf(m), registrationsChange);
  const m = createMachine(program, false);
  const { store, first, over, expanded } = search(m, { budget });
  const found = createEndings();
  for (let state = 0; state < expanded; state++) {
    if (over[state] !== 0) continue;
    get(store, state);
    found.take(view(m), first[state] === first[state + 1]);
  }
  return { endings: found.done(), walks: walked(program, view) };
}
