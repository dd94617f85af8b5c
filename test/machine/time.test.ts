import fc from "fast-check";
import { expect, test } from "vitest";
import { driver as lockOrder } from "../../properties/patterns/lock-order.driver.ts";
import { driver as serviceSpawns } from "../../properties/patterns/service-spawns-2.driver.ts";
import { driver as countedEvent } from "../../properties/patterns/timeout-on-counted-event.driver.ts";
import { driver as unloadDrains } from "../../properties/patterns/unload-drains.driver.ts";
import { randomFrom, seedFrom } from "../../src/base/random.ts";
import { randomWalk } from "../../src/explore/choices.ts";
import { run } from "../../src/explore/run.ts";
import { timedWitness } from "../../src/explore/timed-witness.ts";
import { criticalPath, pathMechanism } from "../../src/judge/critical-path.ts";
import { isPutLater } from "../../src/machine/arrivals.ts";
import { isAllAnswered } from "../../src/machine/enabled.ts";
import { alternativeOf, H, threadOf } from "../../src/machine/layout.ts";
import { baseOf, createMachine, type Machine } from "../../src/machine/machine.ts";
import { RootKind } from "../../src/machine/opcodes.ts";
import { unmarked } from "../../src/machine/open-arrival.ts";
import type { Program } from "../../src/machine/program.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { skewUs } from "../../src/windows/profiles.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import {
  compile,
  longestUs,
  look,
  timedRun,
  timedRuns,
  users,
  valueIn,
} from "../windows/support/look.ts";

const drivers = [lockOrder, serviceSpawns, countedEvent, unloadDrains];
const anyProgram: fc.Arbitrary<Program> = fc
  .constantFrom(...drivers)
  .chain((driver) =>
    fc
      .constantFrom(...worldsFor([driver], "default"))
      .map((world) => compileScenario({ drivers: [driver], world })),
  );

const clocksOf = (m: Machine): number[] =>
  m.program.threads.map((_, thread) => m.clocks[baseOf(m, thread)]);

/** A random timed run; `watch` sees the machine before and after each step, with what it took. */
function walk(
  program: Program,
  seed: string,
  watch: (
    m: Machine,
    step: { code: number; timeUs: number; clocks: number[]; now: number },
  ) => void,
): void {
  let taken = { code: 0, timeUs: 0, clocks: [] as number[], now: 0 };
  run(createMachine(program, true), randomWalk(randomFrom(seedFrom(seed))), {
    stepMax: 300,
    onDecision(m, index) {
      const { codes, times, clocks } = m;
      taken = { code: codes[index], timeUs: times[index], clocks: clocksOf(m), now: clocks[H.now] };
    },
    stop(m) {
      watch(m, taken);
      return isAllAnswered(m);
    },
  });
}

test("no thread's clock goes back, and no step comes before its thread's last one", () => {
  fc.assert(
    fc.property(anyProgram, fc.string(), (program, seed) => {
      walk(program, seed, (m, { code, timeUs, clocks, now }) => {
        const backwards = clocksOf(m).filter((clock, thread) => clock < unmarked(clocks[thread]));
        if (backwards.length > 0) throw new Error(`a clock goes back to ${backwards[0]}`);
        if (m.clocks[H.now] < unmarked(now))
          throw new Error(`the time goes back to ${m.clocks[H.now]}`);
        if (isPutLater(alternativeOf(code))) return;
        if (timeUs < unmarked(clocks[threadOf(code)]))
          throw new Error(`a step at ${timeUs} is in the past`);
      });
    }),
    { numRuns: 60 },
  );
});

test("nothing goes first that is due more than the skew later", () => {
  fc.assert(
    fc.property(anyProgram, fc.string(), (program, seed) => {
      const m = createMachine(program, true);
      const source = randomWalk(randomFrom(seedFrom(seed)));
      let skewed = 0;
      run(m, source, {
        stepMax: 300,
        onDecision(at, index) {
          const code = at.codes[index];
          if (isPutLater(alternativeOf(code))) return;
          const late = unmarked(at.times[index]) - at.earliest;
          if (late > skewUs) throw new Error(`${late} late`);
          if (late > 0) skewed++;
        },
        stop: isAllAnswered,
      });
      // What was only chosen late is booked, and no more than that.
      expect(m.skewUs).toBeGreaterThanOrEqual(0);
      expect(m.skewUs).toBeLessThanOrEqual(skewed * skewUs);
    }),
    { numRuns: 60 },
  );
});

test("of two steps the later one can go first if it is due within the skew, else never", () => {
  const apart = (gapUs: number) =>
    defineDriver("apart", (d) => {
      const last = d.variable("Last");
      const first = d.systemThread("First", (a) => {
        a.KeDelayExecutionThread(1_000);
        a.InterlockedExchange(last, 1);
      });
      const second = d.systemThread("Second", (a) => {
        a.KeDelayExecutionThread(1_000 + gapUs);
        a.InterlockedExchange(last, 2);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(first);
        a.PsCreateSystemThread(second);
      });
    });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (gapUs) => {
      // A call takes a microsecond, and each thread is started by one.
      fc.pre(Math.abs(gapUs - skewUs) > 10);
      const m = createMachine(compile(apart(gapUs), { workload: [] }), true);
      const walks = randomFrom(seedFrom("apart"));
      const seen = new Set<number>();
      for (let i = 0; i < 40; i++) {
        run(m, randomWalk(walks), { stepMax: 100 });
        seen.add(valueIn(m, "Last"));
      }
      expect([...seen].sort()).toEqual(gapUs < skewUs ? [1, 2] : [2]);
    }),
    { numRuns: 40 },
  );
});

/** Waits for the last of several items of one queue, then delays by itself. */
const waitsInLine = (items: number, itemUs: number, ownUs: number) =>
  defineDriver("in-line", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const slow = a.workItem("Slow", (w) => {
        w.KeDelayExecutionThread(itemUs);
      });
      const last = a.workItem("Last", (w) => {
        w.KeSetEvent(done);
      });
      for (let i = 0; i < items; i++) a.IoQueueWorkItem(slow, "DelayedWorkQueue");
      a.IoQueueWorkItem(last, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
      a.KeDelayExecutionThread(ownUs);
      a.EtwWrite();
    });
  });

test("a latency is exactly the sum of its path, over queue, items and the callback's own work", () => {
  const us = fc.integer({ min: 1, max: 300_000 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      us,
      us,
      fc.string(),
      (items, itemUs, ownUs, seed) => {
        const program = compile(waitsInLine(items, itemUs, ownUs));
        for (const trace of timedRuns(program, 2, seed)) {
          const timedRoots = trace.roots.filter((root) => root.took > 0);
          expect(timedRoots.length).toBeGreaterThanOrEqual(3);
          for (const root of timedRoots) {
            const parts = criticalPath(program, trace.segments, root);
            expect(parts.reduce((sum, part) => sum + part.us, 0)).toBe(root.took);
            for (const part of parts) expect(part.us).toBeGreaterThan(0);
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("CB-Q8: each part of a path has what its own step took", () => {
  const us = fc.integer({ min: 1_000, max: 300_000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), us, us, (items, itemUs, ownUs) => {
      const program = compile(waitsInLine(items, itemUs, ownUs));
      const trace = timedRun(program);
      const callback = trace.roots.filter((root) => root.kind === RootKind.callback);
      expect(callback).toHaveLength(1);
      const parts = criticalPath(program, trace.segments, callback[0]);
      const took = (what: RegExp, who: string): number =>
        parts
          .filter((part) => what.test(part.operation ?? "") && part.who.name.includes(who))
          .reduce((sum, part) => sum + part.us, 0);
      // A microsecond for each call, and what an item did before the callback began to wait.
      const slack = 4 * (items + 1);
      expect(took(/^KeDelay/, "worker") - items * itemUs).toBeGreaterThanOrEqual(-slack);
      expect(took(/^KeDelay/, "worker") - items * itemUs).toBeLessThanOrEqual(slack);
      expect(took(/^KeDelay/, "user1") - ownUs).toBeGreaterThanOrEqual(0);
      expect(took(/^KeDelay/, "user1") - ownUs).toBeLessThanOrEqual(slack);
      expect(callback[0].took - items * itemUs - ownUs).toBeLessThanOrEqual(2 * slack);
    }),
    { numRuns: 40 },
  );
});

test("a wait at the end of a callback is the callback's, as one in its middle is", () => {
  const mechanismOf = (isLast: boolean): string => {
    const driver = defineDriver("ends", (d) => {
      const count = d.variable("Count");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.KeDelayExecutionThread("600ms");
        if (!isLast) a.InterlockedIncrement(count);
      });
    });
    const program = compile(driver);
    const trace = timedRun(program);
    const [callback] = trace.roots.filter((root) => root.kind === RootKind.callback);
    return pathMechanism(criticalPath(program, trace.segments, callback));
  };
  expect(mechanismOf(false)).toBe("callback: delay");
  expect(mechanismOf(true)).toBe("callback: delay");
});

test("skew is nobody's latency: a callback that only delays takes its delay in every run", () => {
  const driver = defineDriver("delays", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeDelayExecutionThread("10ms");
    });
  });
  const program = compile(driver, { workload: users(["create"], ["create"], ["create"]) });
  for (const trace of timedRuns(program, 60)) {
    expect(longestUs(trace)).toBeGreaterThan(10_000 - 1_000);
    expect(longestUs(trace)).toBeLessThanOrEqual(10_001);
  }
});

/**
 * A callback asks, opens a key, which takes 5 ms, clears the event and waits for it: what sets it
 * meanwhile is lost. A thread sets it once, 20 ms after it was started, beside one that polls.
 */
const lostWakeUp = (starter: "DriverEntry" | "the callback", polls: boolean, clears = true) =>
  defineDriver("lost-wake-up", (d) => {
    const changed = d.event("Changed", "NotificationEvent");
    const isChanged = d.variable("IsChanged");
    const signals = d.systemThread("Signals", (a) => {
      a.KeDelayExecutionThread("20ms");
      a.InterlockedExchange(isChanged, 1);
      a.KeSetEvent(changed);
    });
    const poller = d.systemThread("Poller", (a) => {
      a.KeDelayExecutionThread("10ms");
      if (polls) a.forever(() => a.KeDelayExecutionThread("10ms"));
    });
    d.driverEntry((a) => {
      if (starter === "DriverEntry") a.PsCreateSystemThread(signals);
      a.PsCreateSystemThread(poller);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      if (starter === "the callback") a.PsCreateSystemThread(signals);
      a.when(isChanged.equals(0), () => {
        a.ZwOpenKey();
        if (clears) a.KeResetEvent(changed);
        a.KeWaitForSingleObject(changed);
      });
    });
  });

test.each([true, false])(
  "SY-1: a wake-up lost beside a thread that polls on (%s) is found with times: arrivals can be put later",
  (polls) => {
    const driver = lostWakeUp("DriverEntry", polls);
    expect(look(lostWakeUp("DriverEntry", polls, false)).outcomes).toEqual([]);
    const [hang] = look(driver).observations;
    expect(hang.target.outcome).toBe("deadlock");
    expect(timedWitness(compile(driver), hang, 400_000, "seed").codes).toBeDefined();
  },
);

test("SY-1: what the arriving thread itself set going keeps its distance: that loss has no timed run", () => {
  const driver = lostWakeUp("the callback", false);
  const [hang] = look(driver).observations;
  expect(hang.target.outcome).toBe("deadlock");
  const { codes, exhausted } = timedWitness(compile(driver), hang, 40_000, "seed");
  expect([codes, exhausted]).toEqual([undefined, true]);
});

test("who arrives last can come later still, whatever the one before has done since", () => {
  // The exit has to take Second between two steps of a callback that asks for it once in 10 ms.
  const driver = defineDriver("opposite-orders", (d) => {
    const first = d.mutex("First");
    const second = d.mutex("Second");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeWaitForMutexObject(first);
      let got: ReturnType<typeof a.KeWaitForMutexObject>;
      a.poll({ until: () => got.succeeded(), limit: "forever" }, () => {
        got = a.KeWaitForMutexObject(second, { Timeout: 0 });
        a.KeDelayExecutionThread("10ms");
      });
      a.KeReleaseMutex(second);
      a.KeReleaseMutex(first);
    });
    d.onProcessExit("OnProcessExit", (a) => {
      a.KeWaitForMutexObject(second);
      a.KeWaitForMutexObject(first);
      a.KeReleaseMutex(first);
      a.KeReleaseMutex(second);
    });
  });
  const program = compile(driver, { workload: users(["create"], ["create and exit"]) });
  const livelock = look(driver, {
    workload: users(["create"], ["create and exit"]),
  }).observations.find(({ target }) => target.outcome === "livelock");
  expect(livelock).toBeDefined();
  if (livelock === undefined) return;
  expect(timedWitness(program, livelock, 100_000, "seed").codes).toBeDefined();
});
