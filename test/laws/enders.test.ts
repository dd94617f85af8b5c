/**
 * Nobody is overlooked who could end a wait, and a chain holds as long as the hang: in the states that
 * hangs settle in, against threads that are let go by force.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { findHangs } from "../../src/explore/hangs.ts";
import { type Graph, search } from "../../src/explore/search.ts";
import { get } from "../../src/explore/store.ts";
import { chainFrom } from "../../src/judge/chain.ts";
import { satisfiersOf } from "../../src/judge/enders.ts";
import type { Satisfier } from "../../src/judge/satisfier.ts";
import { waitingOf } from "../../src/judge/wait-for.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { T, waitFlags } from "../../src/machine/layout.ts";
import { baseOf, createMachine, type Machine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import type { World } from "../../src/windows/scenario.ts";
import { pattern } from "../explore/support/models.ts";
import { crowdedScenarios, scenarios } from "../explore/support/scenarios.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { hangingDrivers } from "./support/hanging.ts";
import { whoEnds } from "./support/let-go.ts";

const graphOf = (driver: DriverModel, world: World): Graph =>
  search(createMachine(compileScenario({ drivers: [driver], world }), false), { budget: 6_000 });

/** One hang of each mechanism, as state and thread. */
function hangsOf(graph: Graph): { state: number; thread: number; mechanism: string }[] {
  const { machine: m, store } = graph;
  const known = new Map<string, { state: number; thread: number; mechanism: string }>();
  for (const { state, thread } of findHangs(graph, 200).hangs) {
    get(store, state);
    const { mechanism } = chainFrom(m, thread);
    if (!known.has(mechanism)) known.set(mechanism, { state, thread, mechanism });
  }
  return [...known.values()];
}

const cases: readonly (readonly [string, DriverModel, World])[] = [
  ...hangingDrivers.map(
    ({ driver, world }) => [driver.name, driver, worldWith(world ?? {})] as const,
  ),
  ...(["well", "hung"] as const).map(
    (condition) =>
      [
        `service-spawns, ${condition}`,
        pattern("service-spawns").driver,
        worldWith({ service: { condition } }),
      ] as const,
  ),
];

/** Threads that wait in a state without a timeout and not in vain for somebody to come. */
function* waits(m: Machine) {
  for (let t = 0; t < m.program.threads.length; t++) {
    const waiting = waitingOf(m, t);
    if (waiting === undefined || waiting.what === "time" || waiting.what === "nothing") continue;
    const base = baseOf(m, t);
    if ((m.words[base + T.wait] & waitFlags.timed) !== 0) continue;
    // At rest is who owes nothing.
    if (m.words[base + T.roots] === 0 && m.words[base + T.items] === 0) continue;
    yield waiting;
  }
}

type Told = (m: Machine, waiting: NonNullable<ReturnType<typeof waitingOf>>) => Satisfier[];

const toldBy: Told = (m, waiting) => waiting.objects.flatMap((o) => satisfiersOf(m, waiting, o));

/** Who could end a wait of this state and is not told, by names. */
function overlooked(m: Machine, told: Told): string[] {
  return [...waits(m)].flatMap((waiting) => {
    const enders = told(m, waiting);
    // Whoever lets a queued item run is who ends the item's wait.
    if (enders.some(({ kind }) => kind !== "thread")) return [];
    const known = enders.flatMap((s) => (s.kind === "thread" ? [s.thread] : []));
    const { threads } = m.program;
    return whoEnds(m, waiting.thread)
      .filter((t) => !known.includes(t))
      .map((t) => `${threads[t].name} could end the wait of ${threads[waiting.thread].name}`);
  });
}

const graphs = cases.map(([name, driver, world]) => [name, graphOf(driver, world)] as const);

test.each(graphs)("%s: nobody is overlooked who could end a wait", (_, graph) => {
  const hangs = hangsOf(graph);
  expect(hangs.length).toBeGreaterThan(0);
  for (const { state, mechanism } of hangs) {
    get(graph.store, state);
    expect(overlooked(graph.machine, toldBy), mechanism).toEqual([]);
  }
});

test("an ender that is left out is missed", () => {
  const missed = graphs.flatMap(([, graph]) =>
    hangsOf(graph).flatMap(({ state }) => {
      get(graph.store, state);
      return overlooked(graph.machine, () => []);
    }),
  );
  expect(missed.length).toBeGreaterThan(5);
});

test("nobody is overlooked in scenarios of any kind, and chains hold", () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.oneof(scenarios, crowdedScenarios), (scenario) => {
      const graph = search(createMachine(compileScenario(scenario), false), { budget: 900 });
      for (const { state, thread, mechanism } of hangsOf(graph)) {
        get(graph.store, state);
        expect(overlooked(graph.machine, toldBy)).toEqual([]);
        expect([...mechanismsAfter(graph, state, thread)]).toEqual([mechanism]);
        compared++;
      }
    }),
    { numRuns: 120 },
  );
  expect(compared).toBeGreaterThan(20);
});

/** Mechanisms of the thread's chain in all that can follow a state. */
function mechanismsAfter(graph: Graph, state: number, thread: number): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const pending: [number, number][] = [[state, thread]];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const [s, t] = at;
    if (seen.has(`${s} ${t}`) || s >= graph.expanded) continue;
    seen.add(`${s} ${t}`);
    get(graph.store, s);
    found.add(chainFrom(graph.machine, t).mechanism);
    for (let edge = graph.first[s]; edge < graph.first[s + 1]; edge++) {
      const names = graph.renamings[graph.renaming[edge]];
      pending.push([graph.target[edge], names.length === 0 ? t : names[t]]);
    }
  }
  return found;
}

test.each(graphs)("%s: a chain is the same wherever in the hang one looks", (_, graph) => {
  for (const { state, thread, mechanism } of hangsOf(graph)) {
    expect([...mechanismsAfter(graph, state, thread)]).toEqual([mechanism]);
  }
});

test("before a hang has settled its chain is another: the law can fail", () => {
  const [, graph] = graphs.find(([name]) => name === "timer") ?? graphs[0];
  const [{ thread }] = hangsOf(graph);
  expect(mechanismsAfter(graph, 0, thread).size).toBeGreaterThan(1);
});
