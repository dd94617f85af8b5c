/** Who is queued, and would queue another who ends a wait, could end it as well. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const chained = (isChained: boolean) =>
  defineDriver("chained", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const set = a.workItem(isChained ? "Second" : "First", (w) => w.KeSetEvent(done));
      const first = isChained
        ? a.workItem("First", (w) => w.IoQueueWorkItem(set, "DelayedWorkQueue"))
        : set;
      a.IoQueueWorkItem(first, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
    });
  });

const world = worldWith({ workload: [], pool: { profile: "tiny", load: "exhausted" } });

test("an item that would queue the one that sets it is named, and is what the chain goes on with", () => {
  const found = deadlockIn(chained(true), world, "queued");
  expect(found?.chain[0].enders[0]).toMatchObject({
    who: { kind: "workItem", name: "First (1)" },
    by: { kind: "workItem", name: "Second" },
  });
  expect(found?.mechanism).toBe(
    "callback waits for an event > queued work item waits for a free worker (circle)",
  );
  expect(found?.rules).toContain("R7");
  expect(storyOf(found)).toContain(
    "work item First (1) would queue work item Second, which would set it",
  );
});

test("one that sets it itself is named as before", () => {
  const found = deadlockIn(chained(false), world, "queued");
  expect(found?.chain[0].enders[0].by).toBeUndefined();
  expect(storyOf(found)).toContain("work item First (1) would set it.");
});
