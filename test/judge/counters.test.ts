/** A count that somebody took up and nobody down, or a flag that somebody has left: told by name, and by whom. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { helpOf } from "../../src/report/story-help.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { findingsIn, storyOf } from "./support/findings.ts";

const hangOf = (driver: DriverModel): Finding | undefined =>
  findingsIn(
    driver,
    worldWith({ workload: users(2, "create"), removal: "racing" }),
    "counters",
  ).find(({ property }) => property === "deadlock-freedom");

/** Callbacks count themselves in, and unloading waits till they are out, by a poll or for an event. */
const counted = (how: "poll" | "event", leaks: boolean): DriverModel =>
  defineDriver("acme", (d) => {
    const inFlight = d.variable("InFlight", how === "poll" ? 0 : 1);
    const allGone = d.event("AllGone", "NotificationEvent");
    const drop = d.routine("Drop", (r) => {
      const now = r.InterlockedDecrement(inFlight);
      r.when(now.is(0), () => r.KeSetEvent(allGone));
    });
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.InterlockedIncrement(inFlight);
      if (leaks) a.when(a.opaque("IsKnown"), () => a.return());
      a.call(drop);
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      if (how === "event") {
        a.call(drop);
        return a.KeWaitForSingleObject(allGone);
      }
      return a.poll({ until: inFlight.equals(0), limit: "forever" }, () => {
        a.KeDelayExecutionThread("10ms");
      });
    });
  });

test("a count that is leaked is told by its name, by who took it up, and where", () => {
  for (const how of ["poll", "event"] as const) {
    const found = hangOf(counted(how, true));
    const past = found?.chain[0].past;
    expect(past?.kind).toBe("countedUp");
    const step = past?.kind === "countedUp" ? found?.steps[past.step] : undefined;
    expect([step?.operation, step?.thread]).toEqual(["InterlockedIncrement(InFlight)", "user2"]);
    expect(storyOf(found)).toContain("up at step");
    expect(found && helpOf(found)).toBe("Count InFlight down on every way out.");
    expect(hangOf(counted(how, false))).toBeUndefined();
  }
  const story = storyOf(hangOf(counted("event", true)));
  expect(story).toContain("it is set where InFlight comes down, and user2 counted that up");
});

/** A flag as a lock, which a way out leaves taken. */
const flagged = (leaks: boolean): DriverModel =>
  defineDriver("acme", (d) => {
    const busy = d.variable("Busy", 0);
    d.onProcessCreate("OnCreate", (a) => {
      let was: ReturnType<typeof a.InterlockedExchange>;
      a.poll({ until: () => was.is(0), limit: "forever" }, () => {
        was = a.InterlockedExchange(busy, 1);
        a.KeDelayExecutionThread("10ms");
      });
      if (leaks) a.when(a.opaque("IsKnown"), () => a.return());
      a.WriteNoFence(busy, 0);
    });
  });

test("a flag that is left taken is told by who took it", () => {
  const found = hangOf(flagged(true));
  expect(found?.chain[0].past).toMatchObject({ kind: "changed", by: "user1" });
  expect(storyOf(found)).toContain("user1 changed variable Busy at step");
  expect(hangOf(flagged(false))).toBeUndefined();
});
