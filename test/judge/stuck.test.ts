/** Who stands still for good, told from who could end waits alone: never wrong, and seen in a crowd. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultSource } from "../../src/explore/choices.ts";
import { createSampler, decisionsOf, sampleRun } from "../../src/explore/sampler.ts";
import { type Graph, search } from "../../src/explore/search.ts";
import { get } from "../../src/explore/store.ts";
import { settleRun } from "../../src/explore/suspicions.ts";
import { stuckThreads } from "../../src/judge/stuck.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { threadOf } from "../../src/machine/layout.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Scenario } from "../../src/windows/scenario.ts";
import { crowdedScenarios, scenarios } from "../explore/support/scenarios.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { hangingDrivers } from "../laws/support/hanging.ts";

const graphOf = (scenario: Scenario, budget: number): Graph =>
  search(createMachine(compileScenario(scenario), false), { budget });

/** By expanded state: who is said to stand still for good. */
const stuckIn = (graph: Graph): ReadonlySet<number>[] =>
  Array.from({ length: graph.expanded }, (_, s) => {
    get(graph.store, s);
    return stuckThreads(graph.machine);
  });

/** Threads that move although they were said to stand still, or are no longer said to behind a step. */
function letGo(graph: Graph, stuck: readonly ReadonlySet<number>[]): string[] {
  const found: string[] = [];
  stuck.forEach((still, s) => {
    if (still.size === 0 || graph.over[s] !== 0) return;
    for (let edge = graph.first[s]; edge < graph.first[s + 1]; edge++) {
      const to = graph.target[edge];
      const names = graph.renamings[graph.renaming[edge]];
      for (const t of still) {
        const name = names.length === 0 ? t : names[t];
        const isStill = to >= stuck.length || graph.over[to] !== 0 || stuck[to].has(name);
        if (threadOf(graph.code[edge]) === t || !isStill)
          found.push(`${s}: ${graph.machine.program.threads[t].name}`);
      }
    }
  });
  return found;
}

test("who is said to stand still for good does, in every state of scenarios of any kind", () => {
  let said = 0;
  fc.assert(
    fc.property(fc.oneof(scenarios, crowdedScenarios), (scenario) => {
      const graph = graphOf(scenario, 900);
      const stuck = stuckIn(graph);
      said += stuck.filter(({ size }) => size > 0).length;
      expect(letGo(graph, stuck)).toEqual([]);
    }),
    { numRuns: 100 },
  );
  expect(said).toBeGreaterThan(100);
});

test("a thread that moves is missed by none of this: the law can fail", () => {
  const graph = graphOf({ drivers: [hangingDrivers[0].driver], world: worldWith({}) }, 900);
  const all = Array.from({ length: graph.expanded }, () => new Set([0]));
  expect(letGo(graph, all).length).toBeGreaterThan(0);
});

/** Pollers of as many routines, beside a thread that keeps a mutex, and waits for good if nobody sets. */
const crowd = (sets: boolean): DriverModel =>
  defineDriver("crowd", (d) => {
    const stop = d.variable("Stop", 0);
    const cache = d.guardedMutex("Cache");
    const flushed = d.event("Flushed", "NotificationEvent");
    const pollers = Array.from({ length: 12 }, (_, i) =>
      d.systemThread(`Poll${i}`, (t) => {
        if (sets && i === 3) t.KeSetEvent(flushed);
        t.poll({ until: stop.equals(1), limit: "forever" }, () => {
          t.KeDelayExecutionThread("1s");
        });
      }),
    );
    const flush = d.systemThread("Flush", (t) => {
      t.KeAcquireGuardedMutex(cache);
      t.KeWaitForSingleObject(flushed);
      t.KeReleaseGuardedMutex(cache);
    });
    d.driverEntry((a) => {
      for (const thread of [...pollers, flush]) a.PsCreateSystemThread(thread);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeAcquireGuardedMutex(cache);
      a.KeReleaseGuardedMutex(cache);
    });
  });

test("a hang beside a crowd of threads that each go round in a loop of their own is settled, and told as contended", () => {
  const settled = (sets: boolean) => {
    const world = worldWith({ workload: [{ name: "user1", does: ["create"] }] });
    const program = compileScenario({ drivers: [crowd(sets)], world });
    const contended = new Uint8Array(program.sites.length);
    const sampler = createSampler(program, true, { runSteps: 400, contended });
    sampleRun(sampler, defaultSource);
    const { observations } = settleRun(sampler.m, decisionsOf(sampler), 20_000, []);
    const waits = program.sites.filter((site, i) => site.users && contended[i] !== 0);
    return { found: observations.map(({ target }) => target), waits: waits.map((s) => s.opId) };
  };
  const { found, waits } = settled(false);
  expect(found).toEqual([
    {
      outcome: "deadlock",
      identity: "Flush/KeWaitForSingleObject(Flushed) + OnCreate/KeAcquireGuardedMutex(Cache)",
      mechanism: "callback waits for a KGUARDED_MUTEX > driver thread waits for an event",
    },
  ]);
  expect(waits).toContain("OnCreate/KeAcquireGuardedMutex(Cache)");
  expect(settled(true).found).toEqual([]);
});
