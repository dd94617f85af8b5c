/** What the code under test runs through, state by state, in the words of `views.ts`. */
import { type Graph, search } from "../../src/explore/search.ts";
import { get } from "../../src/explore/store.ts";
import { T } from "../../src/machine/layout.ts";
import { createMachine, type Machine, siteAt } from "../../src/machine/machine.ts";
import type { Site } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { objectsIn } from "./adapter-objects.ts";
import { leftIn } from "./adapter-promises.ts";
import { viewOf } from "./adapter-views.ts";
import { type Walks, walked } from "./adapter-walks.ts";
import { createEndings, type Endings, over } from "./endings.ts";
import { indexed, type Scenario } from "./scenario.ts";

export interface Ran {
  readonly endings: Endings;
  readonly walks: Walks;
  /** Places in the text at which some thread stands in some state. */
  readonly stood: readonly string[];
}

/** A place in a driver's or the system's text, in a word. */
export const placeWord = ({ owner, routine, opId, text }: Site): string =>
  [owner, routine, opId, text].join(" | ");

/** What a search that fits into the budget comes to, and random runs. */
export function ran(scenario: Scenario, budget: number): Ran {
  const program = compileScenario(scenario as unknown as Parameters<typeof compileScenario>[0]);
  const { registrationsChange } = indexed(scenario);
  const objectsOf = objectsIn(program, scenario);
  const view = (m: Machine): string => viewOf(m, objectsOf(m), registrationsChange);
  const m = createMachine(program, false);
  const graph = search(m, { budget });
  const told: string[] = [];
  const owing: Set<number>[] = [];
  const stood = new Set<number>();
  const left = new Set<string>();
  // States of a search without times have none.
  m.clocks.fill(0);
  for (let state = 0; state < graph.expanded; state++) {
    get(graph.store, state);
    told.push(graph.over[state] !== 0 ? over : view(m));
    const { threadBase } = program;
    for (const t of threadBase.keys()) stood.add(siteAt(m, t));
    const broken = graph.over[state] !== 0 ? undefined : leftIn(m);
    if (broken !== undefined) left.add(`left ${broken}`);
    owing.push(new Set([...threadBase.keys()].filter((t) => m.words[threadBase[t] + T.roots] > 0)));
  }
  const walks = walked(program, view);
  return {
    endings: endingsIn(graph, told, owing),
    walks: { ...walks, mistold: [...new Set([...walks.mistold, ...left])].sort() },
    stood: [...stood].map((site) => placeWord(program.sites[site])),
  };
}

function endingsIn(
  { first, target, rootsDone, itemsDone }: Graph,
  told: readonly string[],
  owing: readonly ReadonlySet<number>[],
): Endings {
  const found = createEndings();
  told.forEach((view, state) => {
    if (view === over) return;
    found.take(view, first[state] === first[state + 1]);
    for (let edge = first[state]; edge < first[state + 1]; edge++) {
      const to = told[target[edge]];
      // A request for a lock by somebody who owes nothing else is no root that the page counts.
      const ended = (rootsDone.get(edge) ?? []).filter((t) => owing[state].has(t)).length;
      if (to === over) found.step(view, over, 0, 0);
      else found.step(view, to, ended, (itemsDone.get(edge) ?? []).length);
    }
  });
  return found.done();
}
