/** An arrival that is put later takes along all that its thread has done since: in latencies, and in what is told. */
import { expect, test } from "vitest";
import { followCodes } from "../../src/explore/choices.ts";
import type { Observation } from "../../src/explore/observation.ts";
import { exhaustTimed } from "../../src/explore/readings.ts";
import { search } from "../../src/explore/search.ts";
import { traceRun } from "../../src/explore/trace.ts";
import { createMachine, Event } from "../../src/machine/machine.ts";
import { RootKind } from "../../src/machine/opcodes.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
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

type Declare = Parameters<typeof defineDriver>[1];

const twoCreate = [
  { name: "user1", does: ["create"] },
  { name: "user2", does: ["create"] },
] as const;

/** How long callbacks take, in milliseconds, in all runs with times. */
function callbacksTake(declare: Declare, workload: World["workload"] = twoCreate): number[] {
  const some = compileScenario({
    drivers: [defineDriver("some", declare)],
    world: worldWith({ workload }),
  });
  const m = createMachine(some, true);
  const taken = new Set<number>();
  m.observer = (kind, _thread, _site, a, b) => {
    if (kind === Event.rootEnd && a === RootKind.callback) taken.add(Math.round(b / 1_000));
  };
  const graph = search(m, { budget: 100_000 });
  expect(graph.complete).toBe(true);
  return [...taken].sort((a, b) => a - b);
}

/** A timer that all share; its DPC lets go who waits. */
const sharedTimer =
  (setsAnew: boolean): Declare =>
  (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    const timer = d.timer("Timer", "NotificationTimer");
    const fires = d.dpc("Fires", (p) => p.KeSetEvent(ready));
    const users = d.variable("Users");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeResetEvent(ready);
      if (setsAnew) a.KeSetTimer(timer, "400ms", { Dpc: fires });
      else {
        const before = a.InterlockedExchange(users, 1);
        a.when(before.is(0), () => a.KeSetTimer(timer, "400ms", { Dpc: fires }));
      }
      a.KeWaitForSingleObject(ready, { Timeout: "1s" });
    });
  };

test("a user can come so that it sets a timer anew just ahead of its time", () => {
  expect(Math.max(...callbacksTake(sharedTimer(true)))).toBe(800);
});

test("who only comes ahead of a timer's time, and does not set it, keeps nobody longer for it", () => {
  const one = [{ name: "user1", does: ["create"] }] as const;
  expect(callbacksTake(sharedTimer(false), one)).toEqual([400]);
});

/** Sets a timer anew that others may wait for, once somebody else has been let go. */
const letsGo: Readonly<Record<string, Declare>> = {
  "who has woken a thread": (d) => {
    const wake = d.event("Wake", "SynchronizationEvent");
    const tick = d.timer("Tick", "NotificationTimer");
    const scans = d.systemThread("Scans", (t) => t.forever(() => t.KeWaitForSingleObject(wake)));
    d.driverEntry((a) => a.PsCreateSystemThread(scans));
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(wake);
      a.other("Scan", { cost: "5ms" });
      a.KeSetTimer(tick, "400ms");
      a.KeWaitForSingleObject(tick);
    });
  },
  "a thread that was woken": (d) => {
    const wake = d.event("Wake", "SynchronizationEvent");
    const isSet = d.event("IsSet", "SynchronizationEvent");
    const tick = d.timer("Tick", "NotificationTimer");
    const sets = d.systemThread("Sets", (t) =>
      t.forever(() => {
        t.KeWaitForSingleObject(wake);
        t.other("Scan", { cost: "5ms" });
        t.KeSetTimer(tick, "400ms");
        t.KeSetEvent(isSet);
      }),
    );
    d.driverEntry((a) => a.PsCreateSystemThread(sets));
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(wake);
      a.KeWaitForSingleObject(isSet);
      a.KeWaitForSingleObject(tick);
    });
  },
  "a thread that was started": (d) => {
    const isSet = d.event("IsSet", "SynchronizationEvent");
    const tick = d.timer("Tick", "NotificationTimer");
    const sets = d.systemThread("Sets", (t) => {
      t.other("Scan", { cost: "5ms" });
      t.KeSetTimer(tick, "400ms");
      t.KeSetEvent(isSet);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.PsCreateSystemThread(sets);
      a.KeWaitForSingleObject(isSet);
      a.KeWaitForSingleObject(tick);
    });
  },
  "a work item": (d) => {
    const isSet = d.event("IsSet", "SynchronizationEvent");
    const tick = d.timer("Tick", "NotificationTimer");
    const sets = d.workItem("Sets", (w) => {
      w.other("Scan", { cost: "5ms" });
      w.KeSetTimer(tick, "400ms");
      w.KeSetEvent(isSet);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.IoQueueWorkItem(sets, "DelayedWorkQueue");
      a.KeWaitForSingleObject(isSet);
      a.KeWaitForSingleObject(tick);
    });
  },
};

test.each(Object.entries(letsGo))(
  "%s can set a timer anew just ahead of its time",
  (_, declare) => {
    expect(Math.floor(Math.max(...callbacksTake(declare)) / 10)).toBe(80);
  },
);

test("a timer that a user has set falls due as long after that, whenever the user comes", () => {
  const taken = callbacksTake(
    (d) => {
      const tick = d.timer("Tick", "NotificationTimer");
      const looks = d.systemThread("Looks", (a) => {
        a.KeDelayExecutionThread("1s");
        a.KeReadStateTimer(tick);
        a.KeDelayExecutionThread("1s");
      });
      d.driverEntry((a) => a.PsCreateSystemThread(looks));
      d.onProcessCreate("OnCreate", (a) => {
        a.KeSetTimer(tick, "400ms");
        a.KeWaitForSingleObject(tick);
      });
    },
    [{ name: "user1", does: ["create"] }],
  );
  expect(taken).toEqual([400]);
});

test("who takes back a timer of others has come before its time", () => {
  // The first waits for the timer at most a second; whoever could take the timer back waits for the first.
  const taken = callbacksTake((d) => {
    const timer = d.timer("Timer", "NotificationTimer");
    const done = d.event("Done", "NotificationEvent");
    const users = d.variable("Users");
    d.onProcessCreate("OnCreate", (a) => {
      const before = a.InterlockedExchange(users, 1);
      a.when(before.is(0), () => {
        a.KeSetTimer(timer, "400ms");
        a.KeWaitForSingleObject(timer, { Timeout: "1s" });
        a.KeSetEvent(done);
      }).otherwise(() => {
        const taken = a.KeCancelTimer(timer);
        a.when(taken.succeeded(), () => {
          a.KeDelayExecutionThread("10ms");
          a.KeWaitForSingleObject(done);
        });
      });
    });
  });
  expect(taken).toContain(1_000);
  // A timer that is taken back leaves at least 600 ms of the first one's second.
  expect(taken.filter((ms) => ms > 0 && ms < 400)).toEqual([]);
  expect(taken.filter((ms) => ms > 400 && ms < 599)).toEqual([]);
});

/** A thread works for 200 ms and signals; who has started it, or woken it, takes the signal back behind `pause`. */
const helped =
  (isWoken: boolean, pause: number): Declare =>
  (d) => {
    const asked = d.event("Asked", "SynchronizationEvent");
    const done = d.event("Done", "NotificationEvent");
    const helper = d.systemThread("Helper", (t) => {
      if (isWoken) t.KeWaitForSingleObject(asked);
      t.repeat(40, () => t.ZwReadFile());
      t.KeSetEvent(done);
    });
    if (isWoken) d.driverEntry((a) => a.PsCreateSystemThread(helper));
    d.onProcessCreate("OnCreate", (a) => {
      if (isWoken) a.KeSetEvent(asked);
      else a.PsCreateSystemThread(helper);
      a.KeDelayExecutionThread(pause);
      a.KeResetEvent(done);
      a.KeWaitForSingleObject(done, { Timeout: "1s" });
    });
  };

test.each([
  ["started", false],
  ["woken", true],
])("a thread that a user has %s works as long as it does, whenever the user came", (_, isWoken) => {
  const one = [{ name: "user1", does: ["create"] }] as const;
  expect(callbacksTake(helped(isWoken, 0), one)).toEqual([200]);
  expect(callbacksTake(helped(isWoken, 400_000), one)).toEqual([1_400]);
});
