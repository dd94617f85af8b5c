import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { inThisThread } from "../../src/campaign/pieces.ts";
import type { CheckOptions, Progress, Subject } from "../../src/campaign/report.ts";
import { surveying } from "../../src/campaign/survey.ts";
import { targetKey } from "../../src/judge/mechanism.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { pattern } from "../explore/support/models.ts";
import { scenarios } from "../explore/support/scenarios.ts";

const options = (change: Partial<CheckOptions> = {}): CheckOptions => ({
  scope: "small",
  budget: 8_000,
  seed: "check",
  ...change,
});

const subjectOf = (name: string, worlds?: number): Subject => {
  const { driver, worlds: all } = pattern(name);
  return { drivers: [driver], worlds: all.slice(0, worlds) };
};

const subjects: fc.Arbitrary<Subject> = scenarios.map(({ drivers, world }) => ({
  drivers,
  worlds: [
    { ...world, name: "one" },
    { ...world, name: "another", startup: "racing" },
  ],
}));

test("the same drivers, seed and budget give the same report, to the byte", () => {
  fc.assert(
    fc.property(subjects, fc.string(), (subject, seed) => {
      const report = check(subject, options({ seed, budget: 800 }));
      const again = check(JSON.parse(JSON.stringify(subject)), options({ seed, budget: 800 }));
      expect(again).toEqual(report);
      expect(JSON.stringify(again)).toBe(JSON.stringify(report));
    }),
    { numRuns: 12 },
  );
});

test.each(["service-verdict-guarded", "timeout-on-stack-event", "lock-across-removal"])(
  "the report on %s is the same, to the byte, when it is made again",
  (name) => {
    const make = (): string => JSON.stringify(check(subjectOf(name, 2), options()));
    expect(make()).toBe(make());
  },
);

const survey = (subject: Subject, given: CheckOptions) =>
  inThisThread(surveying(subject, given), given.shouldStop);

const seenKeys = (subject: Subject, change: Partial<CheckOptions>): string[] =>
  survey(subject, options(change)).seen.map(({ observation }) => targetKey(observation.target));

test("a larger budget sees first what a smaller one sees", () => {
  fc.assert(
    fc.property(
      subjects,
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 10_000 }),
      (subject, a, b) => {
        const small = seenKeys(subject, { budget: Math.min(a, b) });
        const large = seenKeys(subject, { budget: Math.max(a, b) });
        expect(large.slice(0, small.length)).toEqual(small);
      },
    ),
    { numRuns: 12 },
  );
});

test("the budget that a check names comes exactly as far, and none is overdrawn by a second look", () => {
  fc.assert(
    fc.property(subjects, fc.integer({ min: 1, max: 60_000 }), (subject, budget) => {
      const seen = survey(subject, options({ budget }));
      expect(survey(subject, options({ budget: seen.repeats }))).toEqual(seen);
      // The first look at each world may take 2 000 operations, and some more, whatever is left.
      expect(seen.spent).toBeLessThan(Math.max(budget, subject.worlds?.length ?? 0) + 5_000);
    }),
    { numRuns: 12 },
  );
});

/** A request to stop that comes when it has been asked for so often. */
const after = (asked: number): (() => boolean) => {
  let left = asked;
  return () => --left < 0;
};

test("a check that is told to stop sees a part of what it would have seen, from the beginning", () => {
  fc.assert(
    fc.property(subjects, fc.nat(4_000), (subject, asked) => {
      const all = seenKeys(subject, {});
      const part = survey(subject, options({ shouldStop: after(asked) }));
      const keys = part.seen.map(({ observation }) => targetKey(observation.target));
      expect(all.slice(0, keys.length)).toEqual(keys);
      if (!part.stopped) expect(keys).toEqual(all);
    }),
    { numRuns: 12 },
  );
});

test("a check that is told to stop says so and claims nothing", () => {
  for (const asked of [0, 10, 1_000]) {
    const report = check(subjectOf("empty"), options({ shouldStop: after(asked) }));
    const whole = check(subjectOf("empty"), options());
    expect(report.stopped).toBe(asked < 1_000 || report.spent < whole.spent);
    if (!report.stopped) continue;
    expect(report.verdict).toBe("bounded");
    expect(report.complete).toBe(false);
    expect(report.unreached).toEqual([]);
    expect(report.spent).toBeLessThanOrEqual(whole.spent);
  }
});

test("a callback is late, too, where none of its operations takes a hundredth of its time", () => {
  const many = (count: number) =>
    defineDriver("many", (d) => {
      d.onProcessCreate("OnProcessCreate", (a) => {
        for (let i = 0; i < count; i++) a.KeDelayExecutionThread("5ms");
      });
    });
  const lateIn = (count: number) =>
    check({ drivers: [many(count)] }, options({ budget: 40_000 })).findings.filter(
      ({ finding }) => finding.outcome === "latency",
    );
  expect(lateIn(150)).toHaveLength(1);
  expect(lateIn(150)[0].finding.latencyUs).toBeGreaterThan(750_000);
  expect(lateIn(50)).toEqual([]);
});

test("the last operation of a loop's body is reached only where a run comes to it", () => {
  const driver = defineDriver("loops", (d) => {
    const count = d.variable("Count");
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.repeat(2, () => {
        const now = a.InterlockedIncrement(count);
        a.when(now.equals(77), () => {
          a.DbgPrint();
          a.KeSetEvent(done);
        });
      });
    });
  });
  const { unreached } = check({ drivers: [driver] }, options({ budget: 20_000 }));
  expect(unreached.map((id) => id.replace(/^.*\//, ""))).toEqual(["DbgPrint", "KeSetEvent(Done)"]);
});

/** A check that is stopped while it looks at its `count`-th world, and one with what it spent. */
function stoppedAt(count: number) {
  const subject = subjectOf("service-verdict-guarded");
  let begun = 0;
  const stopped = check(
    subject,
    options({
      budget: 200_000,
      onProgress: () => begun++,
      shouldStop: () => begun >= count,
    }),
  );
  return { stopped, again: check(subject, options({ budget: stopped.repeats })) };
}

test("the budget that a stopped check names gives the same findings again", () => {
  for (const count of [7, 8, 9]) {
    const { stopped, again } = stoppedAt(count);
    expect(stopped.stopped).toBe(true);
    expect(again.findings).toEqual(stopped.findings);
    expect(again.spent).toBe(stopped.spent);
  }
});

test.each([2, 4])("so it does where the stop comes in the %i. of six worlds", (count) => {
  const { stopped, again } = stoppedAt(count);
  expect(stopped.stopped).toBe(true);
  expect(again.findings).toEqual(stopped.findings);
  expect(again.spent).toBe(stopped.spent);
});

test("progress counts up to all worlds and never back", () => {
  const told: Progress[] = [];
  check(subjectOf("service-spawns"), options({ onProgress: (progress) => told.push(progress) }));
  expect(told.length).toBeGreaterThanOrEqual(6);
  told.forEach((progress, i) => {
    expect(progress.driver).toBe("service-spawns");
    expect(progress.worlds).toBe(6);
    expect(progress.done).toBeLessThan(progress.worlds);
    const before = told[i - 1] ?? progress;
    expect(progress.spent).toBeGreaterThanOrEqual(before.spent);
    expect(progress.done).toBeGreaterThanOrEqual(before.done);
    expect(progress.findings).toBeGreaterThanOrEqual(before.findings);
  });
});

test("every world is in the report, by name and in order, each with its claim", () => {
  const { driver } = pattern("lock-across-removal");
  const report = check({ drivers: [driver] }, options());
  expect(report.worlds.map(({ name }) => name)).toEqual(
    worldsFor([driver], "small").map(({ name }) => name),
  );
  for (const { claim, states } of report.worlds) {
    expect(claim).toBe("complete");
    expect(states).toBeGreaterThan(1);
  }
  expect(report.complete).toBe(true);
});

test("what was not exhausted is called sampled, and the whole is not called complete", () => {
  const report = check(subjectOf("unload-drains", 2), options({ budget: 10_000 }));
  expect(report.worlds.map(({ claim }) => claim)).toContain("sampled");
  expect(report.complete).toBe(false);
  const freedom = report.results.find(({ property }) => property === "deadlock-freedom");
  expect(freedom?.claim).toBe("sampled");
  expect(freedom?.runs).toBeGreaterThan(0);
});

test("where the budget ends before a world was looked at, nothing is called more than bounded", () => {
  const report = check(subjectOf("unload-drains", 2), options({ budget: 1 }));
  expect(report.verdict).toBe("bounded");
  expect(report.worlds.map(({ claim }) => claim)).toEqual([expect.any(String), "bounded"]);
  expect(report.complete).toBe(false);
  for (const { claim } of report.results) expect(claim).toBe("bounded");
});

test("findings come with the plainest world first, and none twice", () => {
  const { findings } = check(subjectOf("service-verdict"), options());
  const keys = findings.map(({ finding }) => targetKey(finding));
  expect(new Set(keys).size).toBe(keys.length);
  // Unloading ends the service, which is no more than concurrency.
  expect(findings.map(({ finding }) => finding.needs)).toEqual([
    "nothing wrong",
    "concurrency",
    "hung service",
  ]);
});

test("the counterexample says of a finding what the finding says", () => {
  for (const { finding, counterexample } of check(subjectOf("service-verdict"), options())
    .findings) {
    expect(finding).toMatchObject(counterexample.finding);
    expect(counterexample.reading).toBe(finding.possible ? "untimed" : counterexample.reading);
    expect(counterexample.scenario.world.name).toBe(finding.world);
  }
});

test("a latency is told by the longest, and says how long it is in the simplest world", () => {
  const { driver } = pattern("service-verdict");
  const report = check({ drivers: [driver] }, options({ scope: "default", budget: 30_000 }));
  const late = report.findings.map(({ finding }) => finding).filter((f) => f.outcome === "latency");
  expect(late).toHaveLength(1);
  const [{ latencyUs = 0, needs, simplest, below }] = late;
  // The service takes 2 s for a request: one waits for its own, or behind another.
  expect(Math.round(latencyUs / 1_000_000)).toBe(4);
  expect(needs).toBe("slow service");
  expect(simplest).toBeUndefined();
  expect(below?.map(({ needs: less }) => less)).toEqual([
    "nothing wrong",
    "concurrency",
    "busy pool",
  ]);
});

test("random runs that a bound of the model cuts short are told as that: bounded, not clean", () => {
  const driver = defineDriver("records", (d) => {
    const lock = d.fastMutex("Lock");
    const record = d.record("Entry", (r) => r.variable("Count"), { max: 1 });
    d.onProcessCreate("OnProcessCreate", (a) => {
      for (let i = 0; i < 10; i++) {
        a.ExAcquireFastMutex(lock);
        a.ExReleaseFastMutex(lock);
      }
      a.ExAllocateFromLookasideListEx(a.pointer("Mine", record));
    });
  });
  const workload = [1, 2, 3, 4].map((i) => ({ name: `user${i}`, does: ["create", "create"] }));
  const worlds = worldsFor([driver], "small").map((world) => ({ ...world, workload }));
  const report = check({ drivers: [driver], worlds }, options({ budget: 30_000 }));
  expect(report.results.map(({ claim }) => claim)).toEqual(report.results.map(() => "bounded"));
  expect(report.verdict).toBe("bounded");
});

test("a call that takes time, and shows by nothing else, is a step with its line", () => {
  const driver = defineDriver("reads", (d) => {
    d.onProcessCreate("OnProcessCreate", (a) => a.ZwReadFile().at("src/io.c:3"));
  });
  const late = check({ drivers: [driver] }, options({ times: { ioUs: 600_000 } }));
  const { steps } = late.findings[0].finding;
  expect(steps.map(({ operation, at }) => [operation, at]).at(-1)).toEqual([
    "ZwReadFile()",
    "src/io.c:3",
  ]);
});

test("two worlds of one name are two worlds", () => {
  const { driver, worlds } = pattern("lock-order");
  const named = [worlds.at(-1), worlds[0]].flatMap((world) => world ?? []);
  const claims = (names: readonly string[]) =>
    check(
      { drivers: [driver], worlds: named.map((world, i) => ({ ...world, name: names[i] })) },
      options({ budget: 300 }),
    ).worlds.map(({ claim, states }) => [claim, states]);
  expect(claims(["w", "w"]).length).toBe(2);
  expect(claims(["w", "w"])[0]).not.toEqual(claims(["w", "w"])[1]);
});

test("hangs at the operations of one that is told, and at more, are counted", () => {
  /** Nobody is asked to set what the callback waits for; or an item, that may stand behind the callback. */
  const waits = (needsLock: boolean) =>
    defineDriver("waits", (d) => {
      const lock = d.fastMutex("Lock");
      const done = d.event("Done", "NotificationEvent");
      d.onProcessCreate("OnCreate", (a) => {
        const item = a.workItem("Item", (w) => {
          if (needsLock) w.ExAcquireFastMutex(lock);
          w.KeSetEvent(done);
          if (needsLock) w.ExReleaseFastMutex(lock);
        });
        a.ExAcquireFastMutex(lock);
        a.when(a.opaque("IsAsked"), () => a.IoQueueWorkItem(item, "DelayedWorkQueue"));
        a.KeWaitForSingleObject(done);
        a.ExReleaseFastMutex(lock);
      });
    });
  const containedIn = (needsLock: boolean): number => {
    const [world] = worldsFor([waits(needsLock)], "small");
    return check({ drivers: [waits(needsLock)], worlds: [world] }, options()).contained;
  };
  expect(containedIn(true)).toBe(1);
  expect(containedIn(false)).toBe(0);
});
