import fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { defaultSource, followCodes, randomWalk } from "../../src/explore/choices.ts";
import { observe } from "../../src/explore/observe.ts";
import { run } from "../../src/explore/run.ts";
import { traceRun } from "../../src/explore/trace.ts";
import { watchEffects } from "../../src/judge/effects.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { rules } from "../../src/windows/rules.ts";
import { firstDifference } from "./support/differences.ts";
import { drivers, type Model, pattern, patterns } from "./support/models.ts";
import { scenarios } from "./support/scenarios.ts";
import { twice } from "./support/twice.ts";

const models = [...patterns, ...drivers];

/** Every world of every model. */
const programs = models.flatMap(({ name, driver, worlds }) =>
  worlds.map((world) => ({ name, program: compileScenario({ drivers: [driver], world }) })),
);

test("a run comes out the same twice, watched or not, in every world of every model", () => {
  let steps = 0;
  for (const { program } of programs) {
    for (const timed of [false, true]) {
      for (const source of [defaultSource, randomWalk(randomFrom(1)), randomWalk(randomFrom(2))]) {
        const m = createMachine(program, timed);
        m.observer = watchEffects(m).observer;
        const both = twice(source);
        run(m, both, { stepMax: 80 });
        steps += both.finish(m);
      }
    }
  }
  expect(steps).toBeGreaterThan(programs.length * 50);
});

test("a run comes out the same twice, whatever the driver and its world", () => {
  fc.assert(
    fc.property(scenarios, fc.boolean(), fc.integer(), (scenario, timed, seed) => {
      const m = createMachine(compileScenario(scenario), timed);
      const both = twice(randomWalk(randomFrom(seed)));
      run(m, both, { stepMax: 200 });
      both.finish(m);
    }),
    { numRuns: 50 },
  );
});

test("telling a run does not change it", () => {
  fc.assert(
    fc.property(scenarios, fc.boolean(), fc.integer(), (scenario, timed, seed) => {
      const program = compileScenario(scenario);
      const m = createMachine(program, timed);
      const codes: number[] = [];
      run(m, randomWalk(randomFrom(seed)), {
        stepMax: 60,
        onDecision: (at, index) => codes.push(at.codes[index]),
      });
      const told = traceRun(program, timed, followCodes(codes), codes.length);
      expect(firstDifference(told.machine.words, m.words)).toBe(-1);
      expect(firstDifference(told.machine.clocks, m.clocks)).toBe(-1);
      expect(told.decisions).toBe(codes.length);
      expect(traceRun(program, timed, followCodes(codes), codes.length).steps).toEqual(told.steps);
    }),
    { numRuns: 20 },
  );
});

test("to ask what can go next changes nothing", () => {
  const { driver, worlds } = pattern("timeout-on-stack-event");
  const program = compileScenario({ drivers: [driver], world: worlds[0] });
  for (let seed = 0; seed < 20; seed++) {
    const m = createMachine(program, false);
    run(m, randomWalk(randomFrom(seed)), {
      stepMax: 60,
      stop() {
        const before = m.words.slice();
        enabled(m);
        expect(firstDifference(m.words, before)).toBe(-1);
        return false;
      },
    });
  }
});

test("a scenario and its compiled program are plain data: compiling again gives the same", () => {
  for (const { driver, worlds } of models) {
    for (const world of worlds) {
      const scenario = { drivers: [driver], world };
      const once = compileScenario(scenario);
      const again = compileScenario(JSON.parse(JSON.stringify(scenario)));
      expect(firstDifference(again.code, once.code)).toBe(-1);
      expect(firstDifference(again.initial, once.initial)).toBe(-1);
      expect(again.sites).toEqual(once.sites);
      expect(again.threads).toEqual(once.threads);
    }
  }
});

const budgetOf = ({ driver }: Model): number => (driver.services.length > 0 ? 3_000 : 1_500);

test("the same program, budget and seed show the same, run for run", () => {
  for (const model of models) {
    const [world] = model.worlds;
    const look = () =>
      observe(compileScenario({ drivers: [model.driver], world }), {
        budget: budgetOf(model),
        seed: "seed",
        rules,
      });
    const first = look();
    expect(look()).toEqual(first);
    expect(JSON.stringify(look().observations)).toBe(JSON.stringify(first.observations));
  }
});
