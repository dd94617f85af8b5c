/** A callback that looks, sleeps and looks again until somebody else has done something waits for him. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { findingsIn } from "./support/findings.ts";

/** The rules that a driver breaks without harm, by operation. */
const broken = (driver: DriverModel): Record<string, readonly string[]> =>
  Object.fromEntries(
    findingsIn(driver, worldWith({}), "polls")
      .filter(({ outcome }) => outcome === "rule")
      .map(({ identity, rules }) => [identity, rules]),
  );

type How = "event" | "poll" | "forever" | "state" | "zero" | "event with timeout" | "bounded";

/** A callback that queues an item and waits, in one way or another, until that has run. */
const awaitsItem = (how: How): DriverModel =>
  defineDriver("acme", (d) => {
    const done = d.event("Done", "NotificationEvent");
    const flag = d.variable("Flag", 0);
    d.onProcessCreate("OnCreate", (a) => {
      const scan = a.workItem("Scan", (w) => {
        w.WriteNoFence(flag, 1);
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
      switch (how) {
        case "event":
          return a.KeWaitForSingleObject(done);
        case "event with timeout":
          return a.KeWaitForSingleObject(done, { Timeout: "100ms" });
        case "poll":
        case "bounded":
          return a.poll({ until: flag.equals(1), limit: how === "poll" ? "forever" : 4 }, () => {
            a.KeDelayExecutionThread("10ms");
          });
        case "forever":
          return a.forever(() => {
            a.when(flag.equals(1), () => a.return());
            a.KeDelayExecutionThread("10ms");
          });
        case "state": {
          let state: ReturnType<typeof a.KeReadStateEvent>;
          return a.poll({ until: () => state.is(1), limit: "forever" }, () => {
            state = a.KeReadStateEvent(done);
            a.KeDelayExecutionThread("10ms");
          });
        }
        default: {
          let got: ReturnType<typeof a.KeWaitForSingleObject>;
          return a.poll({ until: () => got.succeeded(), limit: "forever" }, () => {
            got = a.KeWaitForSingleObject(done, { Timeout: 0 });
            a.KeDelayExecutionThread("10ms");
          });
        }
      }
    });
  });

test("a poll for a work item breaks the rules that a wait for it breaks", () => {
  const rules = ["R5", "R6b", "R7"];
  for (const how of [
    "event",
    "event with timeout",
    "poll",
    "bounded",
    "forever",
    "state",
    "zero",
  ] as const)
    expect([how, Object.values(broken(awaitsItem(how)))]).toEqual([how, [rules]]);
});

/** A callback that polls a flag of the driver's, and somebody else who sets it. */
const awaitsOther = (who: "service" | "thread" | "nobody" | "itself" | "exchange"): DriverModel =>
  defineDriver("acme", (d) => {
    const flag = d.variable("Flag", 0);
    const go = d.event("Go", "SynchronizationEvent");
    if (who === "service")
      d.service("AcmeService", (s) => {
        s.thread("Answer", (t) => t.InterlockedExchange(flag, 1));
      });
    else {
      const pump = d.systemThread("Pump", (t) => {
        t.KeWaitForSingleObject(go);
        if (who === "thread") t.WriteNoFence(flag, 1);
        if (who === "exchange") t.InterlockedCompareExchange(flag, 1, 0);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(pump);
      });
    }
    const sleep = d.routine("Sleep", (r) => r.KeDelayExecutionThread("10ms"));
    const settle = d.routine("Settle", (r) => {
      r.poll({ until: flag.equals(1).and(r.opaque("Else")), limit: 5 }, () => {
        if (who === "itself") r.InterlockedIncrement(flag);
        r.call(sleep);
      });
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(go);
      a.call(settle);
    });
  });

test("whoever it is that the callback polls for, and wherever it does", () => {
  const of = (who: Parameters<typeof awaitsOther>[0]) => Object.values(broken(awaitsOther(who)));
  expect(of("thread")).toEqual([["R5", "R6b"]]);
  expect(of("exchange")).toEqual([["R5", "R6b"]]);
  expect(of("service")).toEqual([["R2", "R4", "R5", "R6b"]]);
});

test("a loop that waits for nobody is no such wait", () => {
  const of = (who: Parameters<typeof awaitsOther>[0]) => broken(awaitsOther(who));
  expect(of("nobody")).toEqual({});
  expect(of("itself")).toEqual({});
});

/** Loops with delays in them that look for nothing that somebody else does. */
const retries = (what: "rounds" | "read" | "opaque" | "lock" | "flag before"): DriverModel =>
  defineDriver("acme", (d) => {
    const lock = d.fastMutex("Lock");
    const busy = d.variable("Busy", 0);
    d.onProcessCreate("OnCreate", (a) => {
      const sleep = () => a.KeDelayExecutionThread("1ms");
      switch (what) {
        case "rounds":
          return a.repeat(3, sleep);
        case "read": {
          let read: ReturnType<typeof a.ZwReadFile>;
          return a.poll({ until: () => read.succeeded(), limit: 3 }, () => {
            read = a.ZwReadFile();
            sleep();
          });
        }
        case "opaque":
          return a.poll({ until: a.opaque("Ready"), limit: 3 }, sleep);
        case "flag before":
          // Asked once, ahead of delays that come whatever it says.
          a.when(busy.equals(1), () => a.return());
          a.WriteNoFence(busy, 1);
          a.repeat(3, sleep);
          return a.WriteNoFence(busy, 0);
        default: {
          let got: ReturnType<typeof a.ExTryToAcquireFastMutex>;
          a.poll({ until: () => got.succeeded(), limit: 3 }, () => {
            got = a.ExTryToAcquireFastMutex(lock);
            a.when(got.failed(), sleep);
          });
          return a.when(got!.succeeded(), () => a.ExReleaseFastMutex(lock));
        }
      }
    });
  });

test("a retry that asks what nobody else does is no such wait", () => {
  for (const what of ["rounds", "read", "opaque", "lock", "flag before"] as const)
    expect([what, broken(retries(what))]).toEqual([what, {}]);
});

/** A flag as a lock: a try again behind a delay waits for whoever has it. */
const handMade = (sleeps: boolean): DriverModel =>
  defineDriver("acme", (d) => {
    const busy = d.variable("Busy", 0);
    d.onProcessCreate("OnCreate", (a) => {
      let was: ReturnType<typeof a.InterlockedExchange>;
      a.poll({ until: () => was.is(0), limit: "forever" }, () => {
        was = a.InterlockedExchange(busy, 1);
        if (sleeps) a.when(was.is(0).not(), () => a.KeDelayExecutionThread("10ms"));
      });
      a.WriteNoFence(busy, 0);
    });
  });

test("a lock that is made of a flag is waited for where its loop sleeps, as one that spins is short", () => {
  const two = worldWith({ workload: users(2, "create") });
  const rules = (sleeps: boolean) =>
    findingsIn(handMade(sleeps), two, "polls").map(({ outcome, rules }) => [outcome, rules]);
  expect(rules(true)).toEqual([["rule", ["R5", "R6b"]]]);
  expect(rules(false)).toEqual([]);
});
