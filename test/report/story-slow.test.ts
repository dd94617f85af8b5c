/** What a slow service takes is a number of the model's, and said to be one. */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { tellFinding } from "../../src/report/story.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { ServiceCondition } from "../../src/windows/scenario.ts";
import { worldWith } from "../explore/support/worlds.ts";

const asks = (computes: `${number}ms` | `${number}s` | undefined): DriverModel =>
  defineDriver("asks", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          if (computes !== undefined) t.Compute(computes);
          t.FilterReplyMessage(message);
        });
      });
    });
  });

const story = (driver: DriverModel, condition: ServiceCondition): string => {
  const world = worldWith({ service: { condition } });
  const { findings } = check(
    { drivers: [driver], worlds: [world] },
    { scope: "small", budget: 8_000, seed: "slow" },
  );
  const late = findings.find(({ finding }) => finding.outcome === "latency");
  return late === undefined
    ? ""
    : tellFinding(late.finding, { colours: false }).replaceAll(/\s+/g, " ");
};

test("a Compute that a slow service makes longer is told as the model's", () => {
  const told = story(asks("20ms"), "slow");
  expect(told).toContain(
    "at “Compute(20 ms)”, which is code of Agent, slowed to a time of the model's",
  );
  expect(told).toContain("Compute(20 ms), slowed");
});

test("a Compute that is longer than that by itself takes its own time, slow or well", () => {
  for (const condition of ["slow", "well"] as const) {
    const told = story(asks("5s"), condition);
    expect(told).toMatch(/OnCreate of asks can hold up the machine for 5 s/);
    expect(told).not.toContain("slowed");
  }
});

test("a service that is slow where it computes nothing is so for a time of the model's", () => {
  expect(story(asks(undefined), "slow")).toContain(
    "in Agent/Answer, which is slow for a time of the model's",
  );
});
