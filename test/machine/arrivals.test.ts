/** Runs in which an arrival was put later are runs in which it came that late. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/base/random.ts";
import { followCodes, randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { spansOf } from "../../src/explore/spans.ts";
import { delayOf, isArriving, isPutLater } from "../../src/machine/arrivals.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { alternativeOf, threadOf } from "../../src/machine/layout.ts";
import { baseOf, createMachine, Event, type Machine } from "../../src/machine/machine.ts";
import {
  closeArrival,
  isArrivalOpen,
  isMarked,
  marked,
  openUser,
  unmarked,
} from "../../src/machine/open-arrival.ts";
import type { Program } from "../../src/machine/program.ts";
import { begin, step } from "../../src/machine/step.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { crowdedScenarios, scenarios } from "../explore/support/scenarios.ts";

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
      if (!isArrivalOpen(at)) settle(0);
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

/** A root that has ended: of which kind, in which thread, when, and what it has taken. */
type Ended = readonly [kind: number, thread: number, to: number, took: number];

interface Timely {
  readonly clocks: readonly number[];
  readonly roots: readonly Ended[];
}

/** The same steps in the same order, each user coming when it has come; a string says who can't go. */
function timely(program: Program, { codes, arrivals }: Timed): Timely | string {
  const m = createMachine(program, true);
  const roots: Ended[] = [];
  m.observer = (event, thread, _site, kind, took) => {
    if (event === Event.rootEnd)
      roots.push([kind, thread, unmarked(m.clocks[baseOf(m, thread)]), unmarked(took)]);
  };
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
  return { clocks: clocksOf(m), roots };
}

const anyScenario = fc.oneof(scenarios, crowdedScenarios);

test("a run in which an arrival is put later is one in which the user comes that late", () => {
  let delays = 0;
  fc.assert(
    fc.property(anyScenario, fc.nat(), (scenario, seed) => {
      const program = compileScenario(scenario);
      const one = walked(program, seed);
      delays += one.delays;
      expect(timely(program, one)).toMatchObject({ clocks: one.clocks });
    }),
    { numRuns: 1_500 },
  );
  expect(delays).toBeGreaterThan(100);
});

test("what such a run is told to take is what it takes where the user comes that late", () => {
  let ended = 0;
  fc.assert(
    fc.property(anyScenario, fc.nat(), (scenario, seed) => {
      // Skew is booked to nobody, and by the order of times: without any, all that is left is theirs.
      const program = { ...compileScenario(scenario), skewUs: 0 };
      const one = walked(program, seed);
      if (one.delays === 0) return;
      const { roots } = spansOf(program, true, followCodes(one.codes), one.codes.length);
      ended += roots.length;
      const told = roots.map(({ kind, thread, to, took }): Ended => [kind, thread, to, took]);
      expect(timely(program, one)).toMatchObject({ roots: told });
    }),
    { numRuns: 1_500 },
  );
  expect(ended).toBeGreaterThan(100);
});
