/** A lock that code has left held: by the thread that asks for it again, or by another. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { findingsIn } from "./support/findings.ts";

const deadlocks = (driver: DriverModel): Finding[] =>
  findingsIn(driver, worldWith({}), "left").filter(({ outcome }) => outcome === "deadlock");

type Twice = "leaks" | "gives back" | "asks twice";

/** Two items in a row, both on the one worker that there is. */
const twoItems = (does: Twice): DriverModel =>
  defineDriver("items", (d) => {
    const table = d.guardedMutex("Table");
    const done = d.event("Done", "SynchronizationEvent");
    const item = d.workItem("Item", (w) => {
      w.KeAcquireGuardedMutex(table);
      if (does === "asks twice") w.KeAcquireGuardedMutex(table);
      if (does !== "leaks") w.KeReleaseGuardedMutex(table);
      w.KeSetEvent(done);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.repeat(2, () => {
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        a.KeWaitForSingleObject(done);
      });
    });
  });

const end = ({ chain, closesAt }: Finding) => [chain.at(-1)?.enders[0]?.stands, closesAt];

test("who asks again for a lock that code which has returned left to its thread waits in no circle", () => {
  const [found] = deadlocks(twoItems("leaks"));
  expect(end(found)).toEqual(["leftBehind", undefined]);
  expect(helpOf(found)).toContain("KGUARDED_MUTEX Table on every way out");
  expect(deadlocks(twoItems("gives back"))).toEqual([]);
});

test("who asks for a lock twice in one call waits for itself", () => {
  const [found] = deadlocks(twoItems("asks twice"));
  expect(end(found)).toEqual(["behindWaiter", 1]);
});
