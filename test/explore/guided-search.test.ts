/** A search for a timing goes straight at it, and loses none. */
import { expect, test } from "vitest";
import { driver as lockOrder } from "../../properties/patterns/lock-order.driver.ts";
import { driver as serviceSpawns } from "../../properties/patterns/service-spawns-2.driver.ts";
import { driver as countedEvent } from "../../properties/patterns/timeout-on-counted-event.driver.ts";
import { driver as unloadDrains } from "../../properties/patterns/unload-drains.driver.ts";
import { searchToward } from "../../src/explore/guided-search.ts";
import { findHangs } from "../../src/explore/hangs.ts";
import { type Nearness, nearnessIn } from "../../src/explore/nearness.ts";
import { search } from "../../src/explore/search.ts";
import { createMachine } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";

/** What the thread sets 20 ms after it was started is cleared before: with times it is never lost. */
const clears = defineDriver("clears", (d) => {
  const changed = d.event("Changed", "NotificationEvent");
  const signals = d.systemThread("Signals", (a) => {
    a.KeDelayExecutionThread("20ms");
    a.KeSetEvent(changed);
  });
  d.onProcessCreate("OnProcessCreate", (a) => {
    a.PsCreateSystemThread(signals);
    a.KeResetEvent(changed);
    a.KeWaitForSingleObject(changed);
  });
});

interface Wanted {
  readonly program: Program;
  readonly nearness: Nearness;
}

/** Worlds that are small without times, with each of their hung states wanted by itself. */
const wanted: Wanted[] = [lockOrder, serviceSpawns, countedEvent, unloadDrains, clears].flatMap(
  (driver) =>
    worldsFor([driver], "small").flatMap((world) => {
      const program = compileScenario({ drivers: [driver], world });
      const graph = search(createMachine(program, false), { budget: 4_000 });
      if (!graph.complete) return [];
      const states = [...new Set(findHangs(graph, 40).hangs.map(({ state }) => state))];
      return states.map((state) => ({
        program,
        nearness: nearnessIn(graph, new Set([state]), []),
      }));
    }),
);

/** Breadth first, over all from which it can still be reached. */
function plainly({ program, nearness }: Wanted): {
  readonly isFound: boolean;
  readonly spent: number;
} {
  const m = createMachine(program, true);
  let isFound = false;
  const { spent } = search(m, {
    budget: 100_000,
    isWorthwhile: () => nearness.of(m) !== Number.POSITIVE_INFINITY,
    found: () => {
      isFound = nearness.of(m) === 0;
      return isFound;
    },
  });
  return { isFound, spent };
}

const both = wanted.map((one) => ({
  plain: plainly(one),
  guided: searchToward(createMachine(one.program, true), one.nearness, 100_000),
}));

test("it comes to a hung state exactly where a search of everything does", () => {
  const found = both.filter(({ plain }) => plain.isFound);
  expect(found.length).toBeGreaterThan(10);
  expect(found.length).toBeLessThan(both.length);
  for (const { plain, guided } of both) expect(guided.codes !== undefined).toBe(plain.isFound);
});

test("where it comes to none, all that could still come to one was searched, and it says so", () => {
  for (const { plain, guided } of both) if (!plain.isFound) expect(guided.isWhole).toBe(true);
});

test("what is to be found it finds in less than half of the steps", () => {
  const sum = (of: (one: (typeof both)[number]) => number): number =>
    both.filter(({ plain }) => plain.isFound).reduce((all, one) => all + of(one), 0);
  expect(sum(({ guided }) => guided.spent) * 2).toBeLessThan(sum(({ plain }) => plain.spent));
});
