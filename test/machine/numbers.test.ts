import { describe, expect, test } from "vitest";
import { bounds } from "../../src/base/bounds.ts";
import { check } from "../../src/campaign/check.ts";
import { search } from "../../src/explore/search.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { timeWord, usOf } from "../../src/machine/durations.ts";
import { createMachine } from "../../src/machine/machine.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";

const alone: World = {
  name: "alone",
  workload: [{ name: "user", does: ["create"] }],
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
};

const judged = (driver: DriverModel, world: Partial<World> = {}) =>
  check(
    { drivers: [driver], worlds: [{ ...alone, ...world }] },
    { scope: "small", budget: 20_000, seed: "numbers" },
  );

/** The longest latency that is told, in seconds, and the outcomes of all that is told. */
function told(driver: DriverModel, world: Partial<World> = {}) {
  const found = judged(driver, world).findings.map(({ finding }) => finding);
  return {
    // A rule is broken as well where nobody sets the event in time.
    outcomes: [...new Set(found.map(({ outcome }) => outcome))].filter((one) => one !== "rule"),
    seconds: Math.max(0, ...found.map(({ latencyUs = 0 }) => Math.round(latencyUs / 1e6))),
  };
}

describe("a time beyond 32 bits of microseconds takes as long as it says", () => {
  const days = ["2147s", "2148s", "4295s", "86400s", "604799s"] as const;
  for (const time of days) {
    const seconds = Number.parseInt(time, 10);
    test(`${time} of a cost`, () => {
      const driver = defineDriver("slow", (d) => {
        d.onProcessCreate("OnCreate", (a) => a.other("Index", { cost: time }));
      });
      expect(told(driver)).toEqual({ outcomes: ["latency"], seconds });
    });
    test(`${time} of a timeout`, () => {
      const driver = defineDriver("waiting", (d) => {
        const never = d.event("Never", "NotificationEvent");
        d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(never, { Timeout: time }));
      });
      expect(told(driver)).toEqual({ outcomes: ["latency"], seconds });
    });
    test(`${time} of a timer`, () => {
      const driver = defineDriver("timed", (d) => {
        const timer = d.timer("Due", "NotificationTimer");
        d.onProcessCreate("OnCreate", (a) => {
          a.KeSetTimer(timer, time);
          a.KeWaitForSingleObject(timer);
        });
      });
      expect(told(driver)).toEqual({ outcomes: ["latency"], seconds });
    });
    test(`${time} of a world's own time`, () => {
      const driver = defineDriver("reading", (d) => {
        d.onProcessCreate("OnCreate", (a) => a.ZwReadFile());
      });
      const ioUs = seconds * 1_000_000;
      expect(told(driver, { times: { ioUs } })).toEqual({ outcomes: ["latency"], seconds });
    });
  }

  test("several costs in a row add up", () => {
    const driver = defineDriver("sum", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        for (let i = 0; i < 4; i++) a.other("Part", { cost: "1000s" });
      });
    });
    expect(told(driver)).toEqual({ outcomes: ["latency"], seconds: 4_000 });
  });

  test("beside it, a time within the budget is none", () => {
    const driver = defineDriver("quick", (d) => {
      d.onProcessCreate("OnCreate", (a) => a.other("Index", { cost: "400ms" }));
    });
    expect(told(driver)).toEqual({ outcomes: [], seconds: 0 });
  });
});

test("a time comes back out of its word, however long, and equal times share a place", () => {
  const long: number[] = [];
  const times = [-1, 0, 1, 2 ** 30 - 1, 2 ** 30, 2 ** 31, 2 ** 32, 604_799_999_999, 2 ** 31];
  const words = times.map((us) => timeWord(us, long));
  expect(words.map((word) => usOf(Float64Array.from(long), word))).toEqual(times);
  expect(words.every((word) => (word | 0) === word)).toBe(true);
  expect(long).toHaveLength(4);
});

describe("a semaphore counts as far as its limit of C says", () => {
  const releasing = (times: number, initial: number) =>
    defineDriver("pool", (d) => {
      const free = d.semaphore("Free", initial, 2_147_483_647);
      d.onProcessCreate("OnCreate", (a) => {
        for (let i = 0; i < times; i++) a.KeReleaseSemaphore(free, 1_000_000_000);
        a.KeWaitForSingleObject(free);
      });
    });
  test("two releases of a thousand million fit into MAXLONG", () => {
    expect(told(releasing(2, 0)).outcomes).toEqual([]);
  });
  test("a third one does not", () => {
    expect(told(releasing(3, 0)).outcomes).toEqual(["crash"]);
  });
  test("the last that fits is no crash, the next is", () => {
    expect(told(releasing(2, 147_483_647)).outcomes).toEqual([]);
    expect(told(releasing(2, 147_483_648)).outcomes).toEqual(["crash"]);
  });
});

describe("a number that the model cannot hold ends in a bound, not in a wrong value", () => {
  const counting = (from: number) =>
    defineDriver("counter", (d) => {
      const count = d.variable("Count", from);
      d.onProcessCreate("OnCreate", (a) => {
        for (let i = 0; i < 2; i++) a.InterlockedIncrement(count);
      });
    });
  test("what can be declared is far from it", () => {
    expect(judged(counting(1_000_000_000)).verdict).toBe("clean");
  });
  test("beyond 2^30 the run is cut, by name", () => {
    const driver = counting(0);
    const program = compileScenario({ drivers: [driver], world: alone });
    const at = [...program.objects].find(([, { name }]) => name === "Count")?.[0] ?? -1;
    program.initial[at] = bounds.numbers.max - 1;
    const m = createMachine(program, false);
    const graph = search(m, { budget: 20_000 });
    expect([...graph.bounds]).toEqual(["numbers"]);
    expect(graph.complete).toBe(true);
  });
  test("the count of a semaphore that is read is bounded, too", () => {
    const reading = (initial: number) =>
      defineDriver("reader", (d) => {
        const free = d.semaphore("Free", initial, 2_147_483_647);
        d.onProcessCreate("OnCreate", (a) => {
          a.KeReleaseSemaphore(free, 1_000_000_000);
          const now = a.KeReadStateSemaphore(free);
          a.when(now.atLeast(999_999_999), () => a.other("Much", { cost: "1s" }));
        });
      });
    expect(told(reading(0)).outcomes).toEqual(["latency"]);
    expect(judged(reading(100_000_000)).verdict).toBe("bounded");
  });
});
