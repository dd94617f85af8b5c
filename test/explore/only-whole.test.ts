/** A search that is of use only when it comes to its end is given up once it will not. */
import { expect, test } from "vitest";
import { search } from "../../src/explore/search.ts";
import { createMachine } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { patternDrivers } from "../support/real-drivers.ts";

const budget = 4_000;

interface Searched {
  readonly program: Program;
  readonly timed: boolean;
  /** What the whole search costs; undefined: more than the budget. */
  readonly cost: number | undefined;
}

const searched = patternDrivers.flatMap((driver) =>
  worldsFor([driver], "small")
    .slice(0, 4)
    .flatMap((world) => {
      const program = compileScenario({ drivers: [driver], world });
      return [false, true].map((timed): Searched => {
        const { complete, spent } = search(createMachine(program, timed), { budget });
        return { program, timed, cost: complete ? spent : undefined };
      });
    }),
);

const onlyWhole = ({ program, timed }: Searched, most: number) =>
  search(createMachine(program, timed), { budget: most, onlyWhole: true });

test("what the budget is just enough for is searched to its end", () => {
  const whole = searched.filter(({ cost }) => cost !== undefined && cost > 50);
  const given = whole.filter((one) => !onlyWhole(one, (one.cost ?? 0) + 1).complete);
  expect(whole.length).toBeGreaterThan(50);
  // A guess is wrong now and then; the next look has more budget.
  expect(given.length / whole.length).toBeLessThan(0.15);
});

test("what it is not enough for leaves a fourth of it to others, and more", () => {
  const large = searched.filter(({ cost }) => cost === undefined);
  const spent = large.reduce((sum, one) => sum + onlyWhole(one, budget).spent, 0);
  expect(large.length).toBeGreaterThan(20);
  expect(spent / (large.length * budget)).toBeLessThan(0.75);
});

test("a search that keeps what it has comes as far as its budget", () => {
  const [large] = searched.filter(({ cost }) => cost === undefined);
  const { spent } = search(createMachine(large.program, large.timed), { budget });
  expect(spent).toBeGreaterThanOrEqual(budget);
});
