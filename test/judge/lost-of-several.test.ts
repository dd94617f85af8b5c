/** What became of a signal that is one of several which somebody waits for. */
import { expect, test } from "vitest";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const watchers = (kind: "SynchronizationEvent" | "NotificationEvent") =>
  defineDriver("watchers", (d) => {
    const stop = d.event("Stop", kind);
    const alarm = d.event("Alarm", "SynchronizationEvent");
    const [w1, w2] = [d.threadObject("W1"), d.threadObject("W2")];
    const watch = d.systemThread("Watch", (t) => {
      t.KeWaitForMultipleObjects([stop, alarm], "WaitAny");
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(watch, { ThreadHandle: w1 });
      a.PsCreateSystemThread(watch, { ThreadHandle: w2 });
    });
    d.driverUnload((u) => {
      u.KeSetEvent(stop);
      u.KeWaitForSingleObject(w1);
      u.KeWaitForSingleObject(w2);
    });
  });

const world = worldWith({ workload: [], removal: "racing" });

test("a stop that one of two threads takes is told as taken, and what to do about it", () => {
  const found = deadlockIn(watchers("SynchronizationEvent"), world, "lost");
  expect(storyOf(found)).toMatch(/event Stop was set at step \d+, and that went to Watch/);
  expect(found === undefined ? "" : helpOf(found)).toBe(
    "Set event Stop once for each who waits for it, or make it one of notification, which lets all of them go.",
  );
});

test("one that lets all of them go is no hang", () => {
  expect(deadlockIn(watchers("NotificationEvent"), world, "lost")).toBeUndefined();
});
