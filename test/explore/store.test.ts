import fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { createStore, get, put } from "../../src/explore/store.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { firstDifference } from "./support/differences.ts";
import { scenarios } from "./support/scenarios.ts";

interface Snapshot {
  readonly words: Int32Array;
  readonly clocks: Float64Array;
  readonly skewUs: number;
}

const snapshotOf = ({ words, clocks, skewUs }: Machine): Snapshot => ({
  words: words.slice(),
  clocks: clocks.slice(),
  skewUs,
});

/** States along random runs, each with its number and what the machine was left in. */
function statesOf(
  scenario: Parameters<typeof compileScenario>[0],
  timed: boolean,
  seeds: readonly number[],
) {
  const program = compileScenario(scenario);
  const machine = createMachine(program, timed);
  const store = createStore(machine);
  const found: { number: number; left: Snapshot }[] = [];
  for (const seed of seeds) {
    const m = createMachine(program, timed);
    run(m, randomWalk(randomFrom(seed)), {
      stepMax: 25,
      stop() {
        machine.words.set(m.words);
        machine.clocks.set(m.clocks);
        machine.skewUs = m.skewUs;
        const number = put(store);
        found.push({ number, left: snapshotOf(machine) });
        return false;
      },
    });
  }
  return { machine, store, found };
}

const runs = fc.array(fc.integer(), { minLength: 1, maxLength: 4 });

test("what is put away comes back word by word, in any order, with its times where it has any", () => {
  fc.assert(
    fc.property(scenarios, fc.boolean(), runs, fc.gen(), (scenario, timed, seeds, gen) => {
      const { machine, store, found } = statesOf(scenario, timed, seeds);
      const order = gen(fc.shuffledSubarray<(typeof found)[number]>, found, {
        minLength: found.length,
      });
      for (const { number, left } of order) {
        get(store, number);
        expect(firstDifference(machine.words, left.words)).toBe(-1);
        if (!timed) continue;
        expect(firstDifference(machine.clocks, left.clocks)).toBe(-1);
        expect(machine.skewUs).toBe(left.skewUs);
      }
    }),
    { numRuns: 80 },
  );
});

test("states have one number exactly where every word, and every time, is the same", () => {
  fc.assert(
    fc.property(scenarios, fc.boolean(), runs, (scenario, timed, seeds) => {
      const { found } = statesOf(scenario, timed, seeds);
      const byContent = new Map<string, number>();
      for (const { number, left } of found) {
        const times = timed ? [...left.clocks, left.skewUs] : [];
        const content = JSON.stringify([[...left.words], times]);
        expect(number).toBe(byContent.get(content) ?? byContent.size);
        byContent.set(content, number);
      }
    }),
    { numRuns: 50 },
  );
});

test("to put away again what was fetched changes nothing", () => {
  fc.assert(
    fc.property(scenarios, fc.boolean(), runs, (scenario, timed, seeds) => {
      const { machine, store, found } = statesOf(scenario, timed, seeds);
      const { count } = store.states;
      for (const { number, left } of found) {
        get(store, number);
        expect(put(store)).toBe(number);
        expect(firstDifference(machine.words, left.words)).toBe(-1);
      }
      expect(store.states.count).toBe(count);
    }),
    { numRuns: 50 },
  );
});
