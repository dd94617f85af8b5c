/** A latency that is a part of a longer one, or another way to be slow there, is no finding of its own. */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";

const latencies = (driver: DriverModel) => {
  const world = worldWith({ workload: [{ name: "user1", does: ["create"] }], removal: "racing" });
  const { findings } = check(
    { drivers: [driver], worlds: [world] },
    { scope: "small", budget: 30_000, seed: "longer" },
  );
  return findings
    .map(({ finding }) => finding)
    .filter(({ outcome }) => outcome === "latency")
    .map((one) => ({ identity: one.identity, of: one.budget?.of, help: helpOf(one) }));
};

const sleeps = (names: readonly string[], ms: number): DriverModel =>
  defineDriver("sleeps", (d) => {
    for (const name of names)
      d.onProcessCreate(name, (a) => {
        a.KeDelayExecutionThread(`${ms}ms`);
      });
  });

test("an event that is slow without its last callback, too, is told once, with all of them", () => {
  const names = ["A", "B", "C", "D", "E", "F", "G", "H"];
  expect(latencies(sleeps(names, 450))).toEqual([
    {
      identity: names.map((name) => `${name}/KeDelayExecutionThread`).join(" + "),
      of: "event",
      help: "Do not sleep in the callback: leave the rest to a system worker thread, and go on.",
    },
  ]);
});

test("two callbacks that are slow each by itself are told each by itself", () => {
  const told = latencies(sleeps(["A", "B"], 700)).map(({ identity, of }) => [identity, of]);
  expect(told).toEqual([
    ["A/KeDelayExecutionThread", "callback"],
    ["B/KeDelayExecutionThread", "callback"],
  ]);
});

test("who looks again and again is told not to poll", () => {
  const polls = defineDriver("polls", (d) => {
    const busy = d.variable("Busy", 1);
    d.onProcessCreate("OnCreate", (a) => {
      a.poll({ until: busy.equals(0), limit: 8 }, () => {
        a.KeDelayExecutionThread("100ms");
      });
    });
  });
  expect(latencies(polls).map(({ help }) => help)).toEqual([
    "Do not poll in the callback: leave the rest to a system worker thread, and go on.",
  ]);
});

test("of two ways to be slow at one wait the longer is told, and the other is a face of it", () => {
  const asks = defineDriver("asks", (d) => {
    const port = d.port("Port");
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.when(t.opaque("Deep"), () => {
            t.Sleep("3s");
          });
          t.Compute("1s");
          t.FilterReplyMessage(message);
        });
      });
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, "reply");
    });
  });
  const { findings } = check(
    { drivers: [asks], worlds: [worldWith({ workload: [{ name: "user1", does: ["create"] }] })] },
    { scope: "small", budget: 30_000, seed: "faces" },
  );
  const late = findings.filter(({ finding }) => finding.budget?.of === "callback");
  expect(late.map(({ finding }) => finding.mechanism)).toEqual(["service: delay > service: work"]);
  expect(late[0].finding.faces?.map(({ mechanism }) => mechanism)).toEqual(["service: work"]);
});
