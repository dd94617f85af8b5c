import fc from "fast-check";
import { expect, test } from "vitest";
import { createStore, get, put } from "../../src/explore/store.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { anyRenaming, copyOf, machineAfter, renamedBy, renamingsOf } from "./support/renaming.ts";
import { crowdedScenarios } from "./support/scenarios.ts";

const seeds = fc.integer();
const lengths = fc.nat(40);

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
        const target = gen(anyRenaming, program);
        const start = renamedBy(m, target);
        const machine = copyOf(m);
        const store = createStore(machine);
        const number = put(store);
        for (const renaming of renamingsOf(program)) {
          const other = renamedBy(start, renaming);
          machine.words.set(other.words);
          machine.clocks.set(other.clocks);
          machine.skewUs = other.skewUs;
          expect(put(store)).toBe(number);
        }
        void get;
      },
    ),
    { numRuns: 300 },
  );
});
