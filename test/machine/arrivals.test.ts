/** Runs in which an arrival was put later are runs in which it came that late. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { delayOf, isArriving, isPutLater } from "../../src/machine/arrivals.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { alternativeOf, threadOf } from "../../src/machine/layout.ts";
import { baseOf, createMachine, type Machine } from "../../src/machine/machine.ts";
import {
  closeArrival,
  isAnyOpen,
  isMarked,
  marked,
  openUser,
  unmarked,
} from "../../src/machine/open-arrival.ts";
import type { Program } from "../../src/machine/program.ts";
import { begin, step } from "../../src/machine/step.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { crowdedScenarios } from "../explore/support/scenarios.ts";

interface Timed {
  readonly codes: readonly number[];
  /** When each user has arrived in the end. */
  readonly arrivals: ReadonlyMap<number, number>;
  readonly clocks: readonly number[];
  readonly delays: number;
}

const clocksOf = (m: Machine): number[] =>
  m.program.threads.map((_, t) => unmarked(m.clocks[baseOf(m, t)]));

/** A random run with times, and when its users have come. */
function walked(program: Program, seed: number): Timed {
  const m = createMachine(program, true);
  const codes: number[] = [];
  const arrivals = new Map<number, number>();
  let delays = 0;
  let arrived = -1;
  const settle = (byUs: number, but = -1): void => {
    for (const [thread, us] of arrivals)
      if (isMarked(us) && thread !== but) arrivals.set(thread, unmarked(us) + byUs);
  };
  run(m, randomWalk(randomFrom(seed)), {
    stepMax: 200,
    stop(at) {
      if (!isAnyOpen(at)) settle(0);
      else if (arrived === openUser(at)) {
        settle(0, arrived);
        arrivals.set(arrived, marked(arrivals.get(arrived) ?? 0));
      }
      arrived = -1;
      return false;
    },
    onDecision(at, index) {
      const code = at.codes[index];
      const thread = threadOf(code);
      codes.push(code);
      if (isPutLater(alternativeOf(code))) {
        delays++;
        settle(delayOf(at));
      } else if (isArriving(at, baseOf(at, thread))) {
        arrivals.set(thread, at.times[index]);
        arrived = thread;
      }
    },
  });
  settle(0);
  return { codes, arrivals, clocks: clocksOf(m), delays };
}

/** The same steps in the same order, each user coming when it has come; undefined where one can't go. */
function timesOf(program: Program, { codes, arrivals }: Timed): number[] | string {
  const m = createMachine(program, true);
  begin(m);
  for (const code of codes) {
    if (isPutLater(alternativeOf(code))) continue;
    const count = enabled(m);
    const index = m.codes.subarray(0, count).indexOf(code);
    const thread = threadOf(code);
    const arrives = isArriving(m, baseOf(m, thread));
    // Whether it takes the place of another makes no difference once both have come.
    if (index < 0 && !arrives) return `${program.threads[thread].name} can't go`;
    step(m, code, arrives ? (arrivals.get(thread) ?? 0) : m.times[index]);
    if (arrives) closeArrival(m);
  }
  return clocksOf(m);
}

test("a run in which an arrival is put later is one in which the user comes that late", () => {
  let delays = 0;
  fc.assert(
    fc.property(crowdedScenarios, fc.nat(), (scenario, seed) => {
      const program = compileScenario(scenario);
      const one = walked(program, seed);
      delays += one.delays;
      expect(timesOf(program, one)).toEqual(one.clocks);
    }),
    { numRuns: 1_500 },
  );
  expect(delays).toBeGreaterThan(100);
});
