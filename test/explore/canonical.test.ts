import fc from "fast-check";
import { expect, test } from "vitest";
import { graphFindings } from "../../src/explore/hang-findings.ts";
import { type Graph, search } from "../../src/explore/search.ts";
import { createStore, get, put, type StateStore } from "../../src/explore/store.ts";
import { targetKey } from "../../src/judge/mechanism.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { step } from "../../src/machine/step.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { anyRenaming, copyOf, machineAfter, renamedBy, renamingsOf } from "./support/renaming.ts";
import { crowdedScenarios } from "./support/scenarios.ts";

const seeds = fc.integer();
const lengths = fc.nat(40);

/** The number of a machine's state in a store whose machine is another. */
function numberOf(store: StateStore, m: Machine): number {
  store.machine.words.set(m.words);
  store.machine.clocks.set(m.clocks);
  store.machine.skewUs = m.skewUs;
  return put(store);
}

/** Numbers of all states that one transition leads to, each once, in order. */
function successors(store: StateStore, m: Machine): number[] {
  const count = enabled(m);
  const found = new Set<number>();
  for (let i = 0; i < count; i++) {
    const next = copyOf(m);
    step(next, m.codes[i], m.times[i]);
    found.add(numberOf(store, next));
  }
  return [...found].sort((a, b) => a - b);
}

test("whichever of several likes stands where, a state is stored as one", () => {
  fc.assert(
    fc.property(
      crowdedScenarios,
      fc.boolean(),
      seeds,
      lengths,
      fc.gen(),
      (scenario, timed, seed, steps, gen) => {
        const program = compileScenario(scenario);
        const m = machineAfter(program, timed, seed, steps);
        const store = createStore(createMachine(program, timed));
        const number = numberOf(store, m);
        const start = renamedBy(m, gen(anyRenaming, program));
        for (const renaming of renamingsOf(program)) {
          expect(numberOf(store, renamedBy(start, renaming))).toBe(number);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("whichever of several likes stands where, the same can follow", () => {
  fc.assert(
    fc.property(
      crowdedScenarios,
      fc.boolean(),
      seeds,
      lengths,
      fc.gen(),
      (scenario, timed, seed, steps, gen) => {
        const program = compileScenario(scenario);
        const m = machineAfter(program, timed, seed, steps);
        const store = createStore(createMachine(program, timed));
        const other = renamedBy(m, gen(anyRenaming, program));
        expect(successors(store, other)).toEqual(successors(store, m));
      },
    ),
    { numRuns: 150 },
  );
});

const budget = 6_000;
const targets = (graph: Graph): string[] =>
  graphFindings(graph)
    .map(({ target }) => targetKey(target))
    .sort();

test("a search that merges likes finds what one without symmetry finds, in fewer states", () => {
  let compared = 0;
  fc.assert(
    fc.property(crowdedScenarios, (scenario) => {
      const program = compileScenario(scenario);
      const plain: Program = { ...program, symmetry: [] };
      const all = search(createMachine(plain, false), { budget });
      const merged = search(createMachine(program, false), { budget });
      if (!all.complete) return;
      compared++;
      expect(merged.complete).toBe(true);
      expect(merged.store.states.count).toBeLessThanOrEqual(all.store.states.count);
      expect([...merged.bounds].sort()).toEqual([...all.bounds].sort());
      expect(targets(merged)).toEqual(targets(all));
      // No state is lost, and none made up: each is the representative of one that is there.
      const { count } = merged.store.states;
      const met = new Set<number>();
      for (let state = 0; state < all.store.states.count; state++) {
        get(all.store, state);
        met.add(numberOf(merged.store, all.machine));
      }
      expect(merged.store.states.count).toBe(count);
      expect(met.size).toBe(count);
    }),
    { numRuns: 80 },
  );
  expect(compared).toBeGreaterThan(40);
});
