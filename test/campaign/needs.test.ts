/** What a finding's world needed: where it stands on the ladder, and the words for it. */
import { describe, expect, test } from "vitest";
import { besideIn, hungAsIn, needsOf } from "../../src/campaign/needs.ts";
import type { Finding } from "../../src/judge/finding.ts";
import type { Need } from "../../src/judge/needs.ts";
import { needOf } from "../../src/report/story-circumstances.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { worldWith } from "../explore/support/worlds.ts";

const driver = defineDriver("served", (d) => {
  d.onProcessCreate("OnCreate", (a) => a.ZwReadFile());
  d.service("Agent", (s) => s.thread("Main", (t) => t.Compute("1ms")));
});

const needsIn = (part: Partial<World>): Need =>
  needsOf({ drivers: [driver], world: worldWith(part) });

const wordsIn = (part: Partial<World>): string => {
  const world = worldWith(part);
  const finding: Partial<Finding> = {
    family: "process",
    identity: "",
    steps: [],
    chain: [],
    needs: needsIn(part),
    occasion: { events: 1, beside: besideIn(world), service: hungAsIn(world) },
  };
  return needOf(finding as Finding);
};

describe("a service that is being started is no slow one", () => {
  test("it goes on beside the events, as loading and unloading do", () => {
    expect(needsIn({ service: { condition: "restarted" } })).toBe("concurrency");
    expect(wordsIn({ service: { condition: "restarted" } })).toBe(
      "one process event while the driver's service is being started, on an idle, healthy machine",
    );
  });

  test("one that is slow is so, whatever goes on beside", () => {
    expect(needsIn({ service: { condition: "slow" } })).toBe("slow service");
    expect(wordsIn({ service: { condition: "slow" } })).toBe(
      "a user-mode service that takes its time to answer",
    );
    expect(wordsIn({ service: { condition: "slow" }, removal: "racing" })).toBe(
      "a user-mode service that takes its time to answer, while the driver is being unloaded",
    );
  });
});

describe("a service that ends since its driver is being unloaded is no hung one", () => {
  test("unloading is no more than concurrency, beside a slow service as well", () => {
    expect(needsIn({ removal: "racing" })).toBe("concurrency");
    expect(needsIn({ removal: "racing", service: { condition: "slow" } })).toBe("slow service");
    expect(wordsIn({ removal: "racing" })).toBe(
      "one process event while the driver is being unloaded, on an idle, healthy machine",
    );
  });

  test.each([
    ["hung", "a user-mode service that has stopped answering"],
    ["target", "a user-mode service that is being ended"],
    ["suspended", "a user-mode service that has been suspended"],
  ] as const)("one that is %s is, and is told as that", (condition, words) => {
    expect(needsIn({ service: { condition } })).toBe("hung service");
    expect(wordsIn({ service: { condition } })).toBe(words);
    expect(wordsIn({ service: { condition }, removal: "racing" })).toBe(
      `${words}, while the driver is being unloaded`,
    );
  });
});

test("a call that fails can do so ahead of what goes on beside", () => {
  expect(needsIn({ startup: "failing" })).toBe("fault");
  const fails = "a call that fails, as calls do when memory or handles run out";
  expect(wordsIn({ startup: "failing" })).toBe(fails);
  expect(wordsIn({ startup: "failing", removal: "racing" })).toBe(
    `${fails}; besides, the driver is being unloaded`,
  );
  expect(wordsIn({ startup: "failing beside" })).toBe(
    `${fails}; besides, the driver is being loaded`,
  );
});
