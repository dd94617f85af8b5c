import fc from "fast-check";
import { expect, test } from "vitest";
import { graphFindings } from "../../src/explore/hang-findings.ts";
import { findHangs } from "../../src/explore/hangs.ts";
import { search } from "../../src/explore/search.ts";
import { targetKey } from "../../src/judge/mechanism.ts";
import type { Args, Body, DriverModel } from "../../src/language/model.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import type { Scenario, World } from "../../src/windows/scenario.ts";
import { call, emptyDriver, forever, ref, timeout, when } from "./support/bodies.ts";
import { referenceHangs } from "./support/reference-hangs.ts";
import { crowdedScenarios, scenarios } from "./support/scenarios.ts";
import { users, worldWith } from "./support/worlds.ts";

const graphOf = (scenario: Scenario, budget: number) =>
  search(createMachine(compileScenario(scenario), false), { budget });

/** Outcome and mechanism of all hangs, without times. */
function hangsOf(scenario: Scenario, budget = 20_000): string[] {
  const graph = graphOf(scenario, budget);
  expect(graph.complete).toBe(true);
  return graphFindings(graph)
    .map(({ target }) => targetKey(target))
    .sort();
}

test("the hangs are those of the definition, where the graph is whole and where it is not", () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.oneof(scenarios, crowdedScenarios),
      fc.constantFrom(60, 300, 900),
      (scenario, budget) => {
        const graph = graphOf(scenario, budget);
        const hangs = findHangs(graph, Number.POSITIVE_INFINITY).hangs;
        expect(hangs).toEqual(referenceHangs(graph));
        found += hangs.length;
      },
    ),
    { numRuns: 250 },
  );
  expect(found).toBeGreaterThan(100);
});

test("no more states with hangs are told than are needed for as many as asked for, the nearest first", () => {
  fc.assert(
    fc.property(scenarios, fc.nat(3), (scenario, max) => {
      const graph = graphOf(scenario, 900);
      const all = findHangs(graph, Number.POSITIVE_INFINITY).hangs;
      const some = findHangs(graph, max).hangs;
      expect(some).toEqual(all.slice(0, some.length));
      expect(some.length).toBeGreaterThanOrEqual(Math.min(max, all.length));
      // All of one state belong together.
      const last = some.at(-1)?.state;
      expect(some.filter((h) => h.state !== last).length).toBeLessThanOrEqual(Math.max(0, max - 1));
    }),
    { numRuns: 60 },
  );
});

/** Threads that run for ever and do nothing for anybody. */
const pollers: Readonly<Record<string, Body>> = {
  "one that sleeps": [call("Sleep", { Time: timeout(1_000) })],
  "one that looks": [
    call("WaitForSingleObject", { Handle: ref("NeverSet"), Timeout: timeout(1_000) }),
  ],
  "one that takes a lock of its own": [
    call("EnterCriticalSection", { Section: ref("OwnSection") }),
    call("LeaveCriticalSection", { Section: ref("OwnSection") }),
  ],
};

const beside = (driver: DriverModel, body: Body): DriverModel => ({
  ...driver,
  routines: [
    ...driver.routines,
    { name: "Poll", role: "userThread", locals: [], body: [forever(...body)] },
  ],
  services: [
    ...driver.services,
    {
      name: "Poller",
      objects: [
        { name: "NeverSet", kind: "NotificationEvent" },
        { name: "OwnSection", kind: "CRITICAL_SECTION" },
      ],
      threads: [{ routine: "Poll", count: 1 }],
    },
  ],
});

test.each(Object.entries(pollers))(
  "a poller beside a hang (%s) neither hides nor makes one",
  (_, body) => {
    let compared = 0;
    fc.assert(
      fc.property(scenarios, (scenario) => {
        // A removal ends services first, and would wait for this one too.
        const world: World = { ...scenario.world, removal: "none" };
        const [driver] = scenario.drivers;
        const alone = graphOf({ drivers: [driver], world }, 1_500);
        if (!alone.complete) return;
        const both = graphOf({ drivers: [beside(driver, body)], world }, 30_000);
        if (!both.complete) return;
        compared++;
        const targets = (graph: typeof alone): string[] =>
          graphFindings(graph)
            .map(({ target }) => targetKey(target))
            .sort();
        expect(targets(both)).toEqual(targets(alone));
      }),
      { numRuns: 80 },
    );
    expect(compared).toBeGreaterThan(40);
  },
);

/** A callback that goes on once a counter is up; who counts is another matter. */
const retrying = (limit: number | null, counts: boolean): DriverModel => ({
  ...emptyDriver("retrying"),
  objects: [{ name: "Count", kind: "variable" }],
  routines: [
    {
      name: "OnCreate",
      role: "callback",
      locals: [],
      body: [
        call("PsCreateSystemThread", { StartRoutine: { routine: "Own" } }),
        {
          kind: "poll",
          until: { kind: "compare", variable: ref("Count"), op: ">=", value: 1 },
          body: [call("KeDelayExecutionThread", { Interval: timeout(10_000) })],
          limit,
        },
      ],
    },
    {
      name: "Own",
      role: "systemThread",
      locals: [],
      body: counts ? [call("InterlockedIncrement", { Target: ref("Count") })] : [],
    },
  ],
  registrations: [{ family: "process-create", routine: "OnCreate" }],
});

const retries = (limit: number | null, counts: boolean): string[] =>
  hangsOf({
    drivers: [retrying(limit, counts)],
    world: worldWith({ workload: users(2, "create") }),
  });

test("a retry loop hangs where nothing can end it, and only there", () => {
  expect(retries(null, true)).toEqual([]);
  expect(retries(3, true)).toEqual([]);
  expect(retries(3, false)).toEqual([]);
  const hangs = retries(null, false);
  expect(hangs.length).toBeGreaterThan(0);
  for (const hang of hangs) expect(hang).toMatch(/^livelock\|OnCreate\//);
});

test("one livelock is told once, wherever in its round it is met", () => {
  expect(retries(null, false)).toHaveLength(1);
});

/**
 * As many threads as the default scope's worlds have, one that moves for ever and one that hangs:
 * they stand 32 places apart.
 */
const distant = (before: number): Scenario => ({
  drivers: [
    {
      ...emptyDriver("distant"),
      objects: [{ name: "Never", kind: "NotificationEvent" }],
      routines: [
        {
          name: "OnCreate",
          role: "callback",
          locals: [],
          body: [call("KeWaitForSingleObject", { Object: ref("Never") })],
        },
        {
          name: "Poll",
          role: "userThread",
          locals: [],
          body: [
            forever(
              call("EnterCriticalSection", { Section: ref("Section") }),
              call("LeaveCriticalSection", { Section: ref("Section") }),
            ),
          ],
        },
        {
          name: "Idle",
          role: "userThread",
          locals: [],
          body: [forever(call("WaitForSingleObject", { Handle: ref("Never") }))],
        },
        {
          name: "Spawn",
          role: "userThread",
          locals: [],
          body: [
            call("CreateProcess"),
            forever(call("WaitForSingleObject", { Handle: ref("Never") })),
          ],
        },
      ],
      registrations: [{ family: "process-create", routine: "OnCreate" }],
      services: [
        {
          name: "Agent",
          objects: [{ name: "Section", kind: "CRITICAL_SECTION" }],
          threads: [
            { routine: "Poll", count: 1 },
            { routine: "Idle", count: 31 },
            { routine: "Spawn", count: 1 },
          ],
        },
      ],
    },
  ],
  world: worldWith({ workload: users(before) }),
});

const waitsForEver = ["deadlock|OnCreate/KeWaitForSingleObject(Never)|callback waits for an event"];

test.each([0, 20])("a hang is seen behind %i other user threads", (before) => {
  expect(hangsOf(distant(before))).toEqual(waitsForEver);
});

test.each([60])(
  "more threads than the analysis has room for are never claimed complete: %i",
  async (before) => {
    const { search: searchAll } = await import("../../src/explore/search.ts");
    const { createMachine: machineOf } = await import("../../src/machine/machine.ts");
    const { compileScenario: compiled } = await import("../../src/windows/compile-scenario.ts");
    const graph = searchAll(machineOf(compiled(distant(before)), false), { budget: 2_000 });
    expect(graph.complete).toBe(false);
  },
);

/** Two system threads go round for ever; one takes a mutex in each round, the other too, or it keeps it. */
function sharing(keeps: boolean, wait: Args = {}): Scenario {
  const take = () => call("KeWaitForMutexObject", { Mutex: ref("Table"), ...wait }, "got");
  const leave = () => call("KeReleaseMutex", { Mutex: ref("Table") });
  const turn = () => [take(), when({ kind: "result", of: "got", is: "success" }, [leave()])];
  const sleep = call("KeDelayExecutionThread", { Interval: timeout(1_000_000) });
  const start = (routine: string) => call("PsCreateSystemThread", { StartRoutine: { routine } });
  const thread = (name: string, body: Body) =>
    ({ name, role: "systemThread", locals: [], body }) as const;
  return {
    drivers: [
      {
        ...emptyDriver("sharing"),
        objects: [{ name: "Table", kind: "KMUTEX" }],
        routines: [
          { name: "DriverEntry", role: "entry", locals: [], body: [start("Tidy"), start("Count")] },
          thread("Tidy", keeps ? [take(), forever(sleep)] : [forever(...turn())]),
          thread("Count", [forever(...turn())]),
        ],
      },
    ],
    world: worldWith({ workload: [] }),
  };
}

test("threads that share a KMUTEX for ever are no livelock, unless one keeps it", () => {
  expect(hangsOf(sharing(false))).toEqual([]);
  expect(hangsOf(sharing(true))).toHaveLength(1);
});

test("nor is a wait for a KMUTEX that is kept, if it runs out", () => {
  expect(hangsOf(sharing(true, { Timeout: { timeout: 1_000 } }))).toEqual([]);
});
