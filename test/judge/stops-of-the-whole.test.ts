/** Who else stops is said of the driver as its author has it, whatever a story can do without. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const keeps = (imagesAsk: boolean) =>
  defineDriver("keeps", (d) => {
    const lock = d.fastMutex("Table");
    const other = d.fastMutex("Other");
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireFastMutex(lock);
      a.KeWaitForSingleObject(never);
      a.ExReleaseFastMutex(lock);
    });
    d.onImage("OnImage", (a) => {
      a.ExAcquireFastMutex(imagesAsk ? lock : other);
      a.ExReleaseFastMutex(imagesAsk ? lock : other);
    });
    d.request("Query", (r) => {
      r.ExAcquireFastMutex(lock);
      r.ExReleaseFastMutex(lock);
    });
  });

test("a callback and a request that the story does without are said to stop behind it", () => {
  const found = deadlockIn(keeps(true), worldWith({}), "stops");
  expect(found?.stops?.map(({ routine }) => routine)).toEqual(["OnCreate", "OnImage", "Query"]);
  expect(storyOf(found)).toContain("OnImage asks for FAST_MUTEX Table");
});

test("a callback that asks for another lock is not", () => {
  const found = deadlockIn(keeps(false), worldWith({}), "stops");
  expect(found?.stops?.map(({ routine }) => routine)).toEqual(["OnCreate", "Query"]);
});
