import fc from "fast-check";
import { expect, test } from "vitest";
import { followCodes } from "../../src/explore/choices.ts";
import { graphFindings } from "../../src/explore/hang-findings.ts";
import { run } from "../../src/explore/run.ts";
import { search } from "../../src/explore/search.ts";
import { get, put } from "../../src/explore/store.ts";
import { targetsOf } from "../../src/explore/targets.ts";
import { witness } from "../../src/explore/witness.ts";
import { targetKey } from "../../src/judge/mechanism.ts";
import { isRef, T } from "../../src/machine/layout.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { windows } from "../../src/windows/language.ts";
import { crowdedScenarios, scenarios } from "./support/scenarios.ts";
import { worldWith } from "./support/worlds.ts";

const budget = 1_200;

/** Follows codes to their end; fails where one of them cannot go. */
function follow(program: Program, timed: boolean, codes: readonly number[]): Machine {
  const m = createMachine(program, timed);
  const taken: number[] = [];
  run(m, followCodes(codes), {
    stepMax: codes.length,
    onDecision: (at, index) => taken.push(at.codes[index]),
  });
  expect(taken).toEqual(codes);
  return m;
}

test("the run to a stored state can be made again and ends in that state", () => {
  fc.assert(
    fc.property(crowdedScenarios, fc.boolean(), fc.nat(), (scenario, timed, which) => {
      const program = compileScenario(scenario);
      const graph = search(createMachine(program, timed), { budget });
      const state = which % graph.store.states.count;
      const { codes, names } = witness(graph, state);
      const m = follow(program, timed, codes);
      // The names say under which each of its threads stands in the stored one. (Nobody has moved
      // in the first state, and nobody asks.)
      get(graph.store, state);
      const stored = graph.machine.words.slice();
      program.threads.forEach((_, t) => {
        const from = program.threadBase[t];
        const to = program.threadBase[names[t]];
        for (let word = 0; word < T.process && codes.length > 0; word++)
          if (!isRef(m.words[from + word])) expect(stored[to + word]).toBe(m.words[from + word]);
      });
      expect([...names].sort((a, b) => a - b)).toEqual(program.threads.map((_, t) => t));
      graph.machine.words.set(m.words);
      graph.machine.clocks.set(m.clocks);
      graph.machine.skewUs = m.skewUs;
      expect(put(graph.store)).toBe(state);
    }),
    { numRuns: 150 },
  );
});

test("the run of a hang or crash shows that hang or crash", () => {
  let shown = 0;
  fc.assert(
    fc.property(fc.oneof(scenarios, crowdedScenarios), fc.boolean(), (scenario, timed) => {
      const program = compileScenario(scenario);
      const graph = search(createMachine(program, timed), { budget });
      if (!graph.complete) return;
      for (const { target, codes, timed: found } of graphFindings(graph)) {
        expect(found).toBe(timed);
        // With times nothing is looked at behind the last answer: what stands there is no hang.
        if (timed && target.outcome !== "crash") continue;
        follow(program, timed, codes);
        expect(targetsOf(program, timed, codes, 200_000, windows.rules).map(targetKey)).toContain(
          targetKey(target),
        );
        shown++;
      }
    }),
    { numRuns: 150 },
  );
  expect(shown).toBeGreaterThan(10);
});

test("a run is found again also where who is the initial thread tells like threads apart", () => {
  const driver = defineDriver("asks", (d) => {
    d.onProcessExit("OnExit", (a) => {
      a.KeWaitForMultipleObjects([a.thread("subject")], "WaitAny");
    });
    d.service("Agent", (s) => {
      s.thread("Answers", (t) => {
        t.Sleep("1ms");
      });
    });
  });
  const world = worldWith({
    workload: [{ name: "user1", does: ["load a DLL"] }],
    service: { condition: "well", threads: 2 },
  });
  const program = compileScenario({ drivers: [driver], world });
  const graph = search(createMachine(program, false), { budget: 20_000 });
  const found = graphFindings(graph);
  expect(found.length).toBeGreaterThan(0);
  for (const { target, codes } of found) {
    expect(targetsOf(program, false, codes, 20_000, windows.rules).map(targetKey)).toContain(
      targetKey(target),
    );
  }
});

test.each([
  [
    "callbacks that a driver is unloaded under",
    defineDriver("gone", (d) => {
      const shared = d.variable("Shared");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.InterlockedIncrement(shared);
        a.KeDelayExecutionThread("1ms");
        a.InterlockedIncrement(shared);
      });
      d.driverUnload(() => {});
    }),
  ],
  [
    "timers on the stacks of threads that are alike",
    defineDriver("timers", (d) => {
      const shared = d.variable("Shared");
      d.onProcessCreate("OnProcessCreate", (a) => {
        const timer = a.timer("Timer", "SynchronizationTimer");
        a.InterlockedIncrement(shared);
        a.KeSetTimerEx(timer, "50ms", "2s");
        a.KeWaitForSingleObject(timer);
        a.InterlockedIncrement(shared);
      });
    }),
  ],
])("the run to any state with %s is found again", (_, driver) => {
  const world = worldWith({
    workload: ["user1", "user2"].map((name) => ({ name, does: ["create"] })),
    removal: "racing",
  });
  const graph = search(createMachine(compileScenario({ drivers: [driver], world }), false), {
    budget: 3_000,
  });
  expect(graph.store.states.count).toBeGreaterThan(100);
  for (let state = 0; state < graph.store.states.count; state++) witness(graph, state);
});
