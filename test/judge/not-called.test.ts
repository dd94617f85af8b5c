/** What a story says of a callback that an event passes over. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

/** The creator's callback lets the new thread's one by, unless it has been removed by then. */
const handshake: DriverModel = defineDriver("handshake", (d) => {
  const ready = d.semaphore("Ready", 0, 9);
  d.onThreadCreate("OnThread", (a) => {
    a.KeReleaseSemaphore(ready, 1);
  });
  d.onNonSystemThreadCreate("OnThreadEx", (a) => {
    a.KeWaitForSingleObject(ready);
  });
});

test("a callback that is not registered any more is told as one that is not called", () => {
  const unloading = worldWith({ workload: users(1, "create"), removal: "racing" });
  const found = deadlockIn(handshake, unloading, "entry");
  const cameOf = (routine: string): unknown =>
    found?.steps.filter(({ opId }) => opId === routine).map(({ came }) => came);
  expect(cameOf("OnThread")).toEqual([[{ kind: "notCalled" }]]);
  expect(cameOf("OnThreadEx")).toEqual([[]]);
  expect(storyOf(found)).toContain("OnThread (thread create) is not registered, not called");
});
