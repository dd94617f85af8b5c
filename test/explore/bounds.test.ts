import { expect, test } from "vitest";
import { type BoundName, boundAt, bounds } from "../../src/base/bounds.ts";
import { check } from "../../src/campaign/check.ts";
import { defaultSource } from "../../src/explore/choices.ts";
import { graphFindings } from "../../src/explore/hang-findings.ts";
import { exhaustTimed, type Look, sampleRuns } from "../../src/explore/readings.ts";
import { run } from "../../src/explore/run.ts";
import { search } from "../../src/explore/search.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { H, Status, T } from "../../src/machine/layout.ts";
import { baseOf, createMachine, type Machine, reset } from "../../src/machine/machine.ts";
import type { Program } from "../../src/machine/program.ts";
import { begin, step } from "../../src/machine/step.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Action, World } from "../../src/windows/scenario.ts";

type Declare = Parameters<typeof defineDriver>[1];

const worldOf = (users: number, does: readonly Action[] = ["create"]): World => ({
  name: "the author's",
  workload: Array.from({ length: users }, (_, i) => ({ name: `user${i + 1}`, does })),
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
});

const compiled = (declare: Declare, users = 1, does?: readonly Action[]): Program =>
  compileScenario({ drivers: [defineDriver("some", declare)], world: worldOf(users, does) });

/** Bounds that the claims of a check name; and that each claim is as small as its bounds make it. */
function claimed(
  declare: Declare,
  {
    users = 1,
    does,
    budget = 3_000,
    stops = false,
  }: {
    readonly users?: number;
    readonly does?: readonly Action[];
    readonly budget?: number;
    readonly stops?: boolean;
  } = {},
): readonly BoundName[] {
  let asked = 0;
  const report = check(
    { drivers: [defineDriver("some", declare)], worlds: [worldOf(users, does)] },
    { scope: "default", budget, seed: "s", shouldStop: () => stops && asked++ > 2 },
  );
  for (const { claim, bounds: names } of report.results) {
    expect(claim === "bounded").toBe(names.length > 0);
  }
  return report.results.flatMap((result) => result.bounds);
}

/** The bound that a run ended at. */
const boundOf = ({ words }: Machine): readonly BoundName[] =>
  words[H.bound] === 0 ? [] : [boundAt(words[H.bound])];

/** A driver whose callbacks do so much, one time or so many times. */
const creating =
  (
    body: (a: Parameters<Parameters<Parameters<Declare>[0]["onProcessCreate"]>[1]>[0]) => void,
  ): Declare =>
  (d) => {
    d.onProcessCreate("OnCreate", body);
  };

const pollsForEver: Declare = (d) => {
  const never = d.event("Never", "NotificationEvent");
  d.onProcessCreate("OnCreate", (a) => {
    a.forever(() => {
      a.KeDelayExecutionThread("1s");
      a.KeResetEvent(never);
    });
  });
};

const lookAt = (program: Program): Look => ({ program, reached: new Set(), add: () => {} });

/** What random runs of so many decisions leave open, where nothing may be spent on settling them. */
function sampled(declare: Declare, runSteps: number, runsMax: number): readonly BoundName[] {
  const result = sampleRuns(lookAt(compiled(declare)), {
    seed: "s",
    budget: 10_000,
    readings: ["untimed"],
    rules: [],
    runSteps,
    runsMax,
  });
  return [...result.bounds.untimed];
}

type Bounded = {
  [N in BoundName]: (typeof bounds)[N]["claim"] extends "bounded" ? N : never;
}[BoundName];

/** What crosses each bound: the names that the claim comes with. */
const crossings: Readonly<Record<Bounded, () => readonly BoundName[]>> = {
  nesting: () =>
    claimed((d) => {
      let inner = d.routine("R0", (r) => r.ZwReadFile());
      for (let i = 1; i < 60; i++) {
        const callee = inner;
        inner = d.routine(`R${i}`, (r) => r.call(callee));
      }
      d.onProcessCreate("OnCreate", (a) => a.call(inner));
    }),
  localSteps: () =>
    claimed(
      (d) => {
        let inner = d.routine("R0", (r) => {
          for (let i = 0; i < 60; i++) r.ZwReadFile();
        });
        for (let i = 1; i < 12; i++) {
          const callee = inner;
          inner = d.routine(`R${i}`, (r) => {
            r.call(callee);
            r.call(callee);
          });
        }
        d.onProcessCreate("OnCreate", (a) => a.call(inner));
      },
      { budget: 30_000 },
    ),
  ways: () => {
    const program = compiled((d) => {
      const event = d.event("Event", "SynchronizationEvent");
      const setter = d.systemThread("Setter", (t) => {
        t.KeDelayExecutionThread("1s");
        t.KeSetEvent(event);
      });
      d.driverEntry((a) => a.PsCreateSystemThread(setter));
      d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(event));
    }, 30);
    const m = createMachine(program, false);
    run(m, defaultSource, { stepMax: 4_000 });
    return boundOf(m);
  },
  sharers: () =>
    claimed(
      (d) => {
        const lock = d.resource("Lock");
        const never = d.event("Never", "NotificationEvent");
        d.onProcessCreate("OnCreate", (a) => {
          a.ExAcquireResourceSharedLite(lock);
          a.KeWaitForSingleObject(never);
        });
      },
      { users: 8 },
    ),
  queueRoom: () =>
    claimed((d) => {
      const list = d.list("List");
      const record = d.record("Record", (r) => r.variable("Field"), { max: 12 });
      d.onProcessCreate("OnCreate", (a) => {
        for (let i = 0; i < 9; i++) {
          const mine = a.pointer(`Mine${i}`, record);
          a.ExAllocateFromLookasideListEx(mine);
          a.InsertTailList(list, mine);
        }
      });
    }),
  poolRoom: () =>
    claimed((d) => {
      const items = Array.from({ length: 50 }, (_, i) =>
        d.workItem(`Item${i}`, (w) => w.KeDelayExecutionThread("100s")),
      );
      d.onProcessCreate("OnCreate", (a) => {
        for (const item of items) a.IoQueueWorkItem(item, "DelayedWorkQueue");
      });
    }),
  timers: () =>
    claimed((d) => {
      const timers = Array.from({ length: 9 }, (_, i) => d.timer(`Timer${i}`, "NotificationTimer"));
      d.onProcessCreate("OnCreate", (a) => {
        for (const timer of timers) a.KeSetTimer(timer, "100s");
      });
    }),
  processes: () =>
    claimed((d) => {
      const creator = d.systemThread("Creator", (t) => {
        for (let i = 0; i < 6; i++) t.ZwCreateUserProcess();
      });
      d.driverEntry((a) => a.PsCreateSystemThread(creator));
      d.onProcessExit("OnExit", (a) => a.ZwReadFile());
    }),
  threads: () =>
    claimed((d) => {
      const never = d.event("Never", "NotificationEvent");
      const thread = d.systemThread("Thread", (t) => t.KeWaitForSingleObject(never));
      d.onProcessCreate("OnCreate", (a) => {
        for (let i = 0; i < 5; i++) a.PsCreateSystemThread(thread);
      });
    }),
  records: () =>
    claimed((d) => {
      const record = d.record("Record", (r) => r.variable("Field"));
      d.onProcessCreate("OnCreate", (a) => {
        for (let i = 0; i < 5; i++) a.ExAllocateFromLookasideListEx(a.pointer(`Mine${i}`, record));
      });
    }),
  numbers: () => {
    const program = compiled((d) => {
      const count = d.variable("Count", 7);
      d.onProcessCreate("OnCreate", (a) => a.InterlockedIncrement(count));
    });
    const [[at]] = [...program.objects].filter(([, { name }]) => name === "Count");
    program.initial[at] = bounds.numbers.max;
    return [...search(createMachine(program, false), { budget: 500 }).bounds];
  },
  regions: () =>
    claimed(
      creating((a) => {
        for (let i = 0; i < 64; i++) a.KeEnterCriticalRegion();
        for (let i = 0; i < 64; i++) a.KeLeaveCriticalRegion();
      }),
    ),
  registrations: () =>
    claimed((d) => {
      const onThread = d.onThreadCreate("OnThread", () => {});
      d.onProcessCreate("OnCreate", (a) => a.PsSetCreateThreadNotifyRoutine(onThread));
    }),
  times: () => {
    const m = createMachine(compiled(creating((a) => a.KeDelayExecutionThread("604000s"))), true);
    reset(m);
    begin(m);
    for (let t = 0; t < m.program.threads.length; t++) {
      const base = baseOf(m, t);
      if (m.words[base + T.status] === Status.ready) m.clocks[base] = bounds.times.max - 1_000_000;
    }
    while (enabled(m) > 0) step(m, m.codes[0], m.times[0]);
    return boundOf(m);
  },
  users: () => {
    const driver = defineDriver("some", (d) => {
      const slots = d.semaphore("Slots", 64, 64);
      d.onProcessCreate("OnCreate", (a) => {
        a.KeWaitForSingleObject(slots);
        a.KeReleaseSemaphore(slots, 1);
      });
    });
    const report = check({ drivers: [driver] }, { scope: "default", budget: 30_000, seed: "s" });
    return report.results.flatMap((result) => result.bounds);
  },
  unlooked: () => {
    const driver = defineDriver("some", pollsForEver);
    const report = check({ drivers: [driver] }, { scope: "default", budget: 1_000, seed: "s" });
    expect(report.worlds.some(({ states }) => states === 0)).toBe(true);
    return report.results.flatMap((result) => result.bounds);
  },
  stopped: () =>
    claimed(
      creating((a) => a.ZwReadFile()),
      { stops: true },
    ),
  decisions: () => sampled(pollsForEver, 50, 1),
  runWork: () => {
    const m = createMachine(compiled(pollsForEver), false);
    return sampleRuns(lookAt(m.program), {
      seed: "s",
      budget: 10_000,
      readings: ["untimed"],
      rules: [],
      runSteps: 50,
      runsMax: 1,
      workMax: -1,
    }).bounds.untimed.has("runWork")
      ? ["runWork"]
      : [];
  },
  suspicions: () => sampled(pollsForEver, 50, 20),
  memory: () => [
    ...search(createMachine(compiled(pollsForEver, 2), false), { budget: 500, memoryMax: 2_000 })
      .bounds,
  ],
  hangStates: () => {
    const declare: Declare = (d) => {
      const never = d.event("Never", "NotificationEvent");
      const threads = Array.from({ length: 6 }, (_, i) => {
        const own = d.event(`Own${i}`, "NotificationEvent");
        return d.systemThread(`Loop${i}`, (t) => {
          t.forever(() => {
            t.KeSetEvent(own);
            t.KeResetEvent(own);
          });
        });
      });
      d.driverEntry((a) => {
        for (const thread of threads) a.PsCreateSystemThread(thread);
      });
      d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(never));
    };
    const graph = search(createMachine(compiled(declare), false), { budget: 60_000 });
    expect(graph.complete).toBe(true);
    graphFindings(graph);
    return [...graph.bounds];
  },
  lateSteps: () => {
    const declare: Declare = (d) => {
      for (const name of ["A", "B", "C", "D", "E", "F", "G", "H"])
        d.onProcessCreate(name, (a) => a.KeDelayExecutionThread("1s"));
    };
    return [...exhaustTimed(lookAt(compiled(declare, 2)), 100_000).bounds];
  },
};

test.each(Object.entries(crossings))("a claim behind the bound %s names it", (name, cross) => {
  expect(cross()).toContain(name);
});

test("what comes to no bound names none", () => {
  expect(claimed(creating((a) => a.ZwReadFile()))).toEqual([]);
});
