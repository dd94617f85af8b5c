/** Shrinking takes away what costs time: whether a hang is certain is asked of the driver as it is. */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";

const options = { scope: "small", budget: 20_000, seed: "whole" } as const;

/** A wake-up is lost if the worker is done within the few microseconds up to the reset. */
const losing = (cost: "200ms" | "1us") =>
  defineDriver("losing", (d) => {
    const wake = d.event("Wake", "SynchronizationEvent");
    const done = d.event("Done", "NotificationEvent");
    const worker = d.systemThread("Worker", (t) => {
      t.forever(() => {
        t.KeWaitForSingleObject(wake);
        t.other("Scan", { cost });
        t.KeSetEvent(done);
      });
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(worker);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(wake);
      a.KeResetEvent(done);
      a.KeWaitForSingleObject(done);
    });
  });

test.each([
  ["200ms", true],
  ["1us", false],
] as const)(
  "with work of %s ahead of the signal, that it is lost is possible only: %s",
  (cost, possible) => {
    const world = worldWith({ workload: [{ name: "user1", does: ["create"] }] });
    const { findings } = check({ drivers: [losing(cost)], worlds: [world] }, options);
    const hang = findings.find(({ finding }) => finding.outcome === "deadlock");
    expect(hang?.finding.possible).toBe(possible);
    // All of it was searched, and the story has no need of the work.
    if (possible) expect(hang?.finding.timedSearch).toBe("complete");
    expect(hang?.finding.steps.map(({ api }) => api)).not.toContain("Scan");
  },
);

test("a driver is loaded at any time: a process that is older than its callbacks hangs for certain", () => {
  const driver = (asksFirst: boolean) =>
    defineDriver("late", (d) => {
      const isKnown = d.perProcess.variable("IsKnown");
      const ready = d.perProcess.event("Ready", "NotificationEvent");
      d.onProcessCreate("OnCreate", (a) => {
        a.InterlockedExchange(isKnown, 1);
        a.KeSetEvent(ready);
      });
      d.onProcessExit("OnExit", (a) => {
        if (asksFirst) a.when(isKnown.equals(0), () => a.return());
        a.KeWaitForSingleObject(ready);
      });
    });
  const workload = [{ name: "user1", does: ["create and exit"] }] as const;
  const world = worldWith({ workload, startup: "racing" });
  const hangs = (asksFirst: boolean) =>
    check({ drivers: [driver(asksFirst)], worlds: [world] }, options)
      .findings.map(({ finding }) => finding)
      .filter(({ outcome }) => outcome === "deadlock");
  expect(hangs(false).map(({ possible }) => possible)).toEqual([false]);
  expect(hangs(true)).toEqual([]);
});

test("what later events would do is unknown of what is left, too, where it is of the driver as it is", () => {
  const driver = (counts: number) =>
    defineDriver("counting", (d) => {
      const counters = Array.from({ length: counts }, (_, i) => d.variable(`Count${i}`));
      d.onProcessCreate("OnCreate", (a) => {
        a.KeWaitForSingleObject(a.event("Never", "NotificationEvent"));
      });
      d.onProcessExit("OnExit", (a) => {
        counters.forEach((one, i) => {
          a.when(a.opaque(`Counts${i}`), () => a.InterlockedIncrement(one));
        });
      });
    });
  const world = worldWith({ workload: [{ name: "user1", does: ["create"] }] });
  const hangOf = (counts: number) => {
    const { findings } = check({ drivers: [driver(counts)], worlds: [world] }, options);
    return findings.find(({ finding }) => finding.outcome === "deadlock");
  };
  const cut = hangOf(9);
  expect(cut?.counterexample.scenario.drivers[0].registrations).toHaveLength(1);
  expect(cut?.finding.isLaterUnknown).toBe(true);
  expect(hangOf(1)?.finding.isLaterUnknown).toBeUndefined();
});
