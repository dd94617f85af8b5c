/** An arrival that is put later takes along all that its thread has done since: in latencies, and in what is told. */
import { expect, test } from "vitest";
import { followCodes } from "../../src/explore/choices.ts";
import type { Observation } from "../../src/explore/observation.ts";
import { exhaustTimed } from "../../src/explore/readings.ts";
import { traceRun } from "../../src/explore/trace.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "./support/worlds.ts";

const delayUs = 1_100_000;

const threeDelays = defineDriver("delays", (d) => {
  for (const name of ["First", "Second", "Third"])
    d.onProcessCreate(name, (a) => {
      a.KeDelayExecutionThread(delayUs);
    });
});

const program = compileScenario({
  drivers: [threeDelays],
  world: worldWith({
    workload: [
      { name: "user1", does: ["create"] },
      { name: "user2", does: ["create"] },
    ],
  }),
});

const seen: Observation[] = [];
exhaustTimed({ program, reached: new Set(), add: (one) => seen.push(one) }, 20_000);

test("all callbacks that an event's time goes to are named, whenever another event comes in between", () => {
  const ofEvents = seen.filter(({ target }) => target.of === "event");
  const all =
    "First/KeDelayExecutionThread + Second/KeDelayExecutionThread + Third/KeDelayExecutionThread";
  expect(ofEvents.length).toBeGreaterThan(3);
  expect(new Set(ofEvents.map(({ target }) => target.identity))).toEqual(new Set([all]));
});

test("a delay lasts as long as it was asked for, whenever another thread arrives meanwhile", () => {
  const lasts = seen.flatMap(({ codes }) => {
    const began = new Map<string, number>();
    const { steps } = traceRun(program, true, followCodes(codes), codes.length);
    return steps.flatMap(({ thread, came, timeUs = 0 }) => {
      if (came.some(({ kind }) => kind === "waits")) began.set(thread, timeUs);
      const from = began.get(thread);
      return came.some(({ kind }) => kind === "goesOn") && from !== undefined
        ? [timeUs - from]
        : [];
    });
  });
  expect(lasts.length).toBeGreaterThan(10);
  for (const us of lasts) expect(Math.abs(us - delayUs)).toBeLessThanOrEqual(100);
});
