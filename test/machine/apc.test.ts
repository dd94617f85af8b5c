import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { compile, look, timedRun, users } from "../windows/support/look.ts";

type Kind = "Normal" | "Special";

/** A callback queues an APC to its own thread and looks whether it has run: inside, then at the end. */
const toSelf = (kind: Kind) =>
  defineDriver("self", (d) => {
    const ran = d.variable("Ran");
    const inside = d.variable("Inside");
    d.onProcessCreate("OnProcessCreate", (a) => {
      const apc = a.apc("Apc", (r) => {
        r.InterlockedIncrement(ran);
      });
      a.KeInsertQueueApc(apc, a.thread("current"), kind);
      a.when(ran.equals(1), () => a.InterlockedIncrement(inside));
      a.KeDelayExecutionThread("1ms");
    });
  });

test("APC-2: in a callback's critical region a normal kernel APC is held off, a special one is not", () => {
  expect(look(toSelf("Special")).finals("Ran", "Inside")).toEqual([[1, 1]]);
  expect(look(toSelf("Normal")).finals("Ran", "Inside")).toEqual([[1, 0]]);
});

test("APC-2: a special APC that is queued while another runs is special still when that has ended", () => {
  const driver = (kind: Kind) =>
    defineDriver("second", (d) => {
      const ran = d.variable("Ran");
      const inside = d.variable("Inside");
      d.onProcessCreate("OnProcessCreate", (a) => {
        const second = a.apc("Second", (r) => r.InterlockedIncrement(ran));
        const first = a.apc("First", (r) => r.KeInsertQueueApc(second, r.thread("current"), kind));
        a.KeInsertQueueApc(first, a.thread("current"), "Special");
        a.when(ran.equals(1), () => a.InterlockedIncrement(inside));
      });
    });
  expect(look(driver("Special")).finals("Ran", "Inside")).toEqual([[1, 1]]);
  expect(look(driver("Normal")).finals("Ran", "Inside")).toEqual([[1, 0]]);
});

/** A driver's thread waits, perhaps in a region; a callback has it run an APC that signals. */
const toOther = (kind: Kind, region: "none" | "critical" | "guarded", timeout?: "300ms") =>
  defineDriver("other", (d) => {
    const go = d.event("Go", "NotificationEvent");
    const ran = d.variable("Ran");
    const started = d.event("Started", "NotificationEvent");
    const done = d.event("Done", "NotificationEvent");
    const apc = d.apc("Apc", (a) => {
      a.InterlockedIncrement(ran);
      a.KeSetEvent(done);
    });
    const waits = d.systemThread("Waits", (a) => {
      if (region === "critical") a.KeEnterCriticalRegion();
      if (region === "guarded") a.KeEnterGuardedRegion();
      a.KeInsertQueueApc(apc, a.thread("current"), kind);
      a.KeSetEvent(started);
      if (timeout === undefined) a.KeWaitForSingleObject(go);
      else a.KeWaitForSingleObject(go, { Timeout: timeout });
      if (region === "critical") a.KeLeaveCriticalRegion();
      if (region === "guarded") a.KeLeaveGuardedRegion();
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(waits);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeWaitForSingleObject(done);
    });
  });

test.each([
  ["Normal", "none", true],
  ["Normal", "critical", false],
  ["Normal", "guarded", false],
  ["Special", "none", true],
  ["Special", "critical", true],
  ["Special", "guarded", false],
] as const)(
  "APC-1, APC-2: whether a %s kernel APC reaches a thread that waits in region “%s”: %s",
  (kind, region, reaches) => {
    const seen = look(toOther(kind, region));
    expect(seen.outcomes).toEqual(reaches ? [] : ["deadlock"]);
    if (!reaches) {
      expect(seen.observations[0].target.mechanism).toBe(
        "callback waits for an event > driver thread waits for an event",
      );
    }
  },
);

test("SY-4: a wait that an APC interrupts goes on behind it, and keeps its deadline", () => {
  const driver = defineDriver("deadline", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const apc = d.apc("Apc", (a) => {
      a.KeDelayExecutionThread("100ms");
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeInsertQueueApc(apc, a.thread("current"), "Special");
      a.KeWaitForSingleObject(never, { Timeout: "300ms" });
    });
    d.onProcessExit("OnProcessExit", (a) => {
      a.KeWaitForSingleObject(never, { Timeout: "300ms" });
    });
  });
  const took = timedRun(compile(driver, { workload: users(["create and exit"]) })).roots.map(
    (root) => root.took,
  );
  expect(Math.max(...took)).toBeLessThan(402_500);
});

test("an APC leaves the result of the interrupted code as it was", () => {
  const driver = defineDriver("registers", (d) => {
    const wrong = d.variable("Wrong");
    const never = d.event("Never", "NotificationEvent");
    const set = d.event("Set", "NotificationEvent");
    const apc = d.apc("Apc", (a) => {
      a.KeWaitForSingleObject(never, { Timeout: 0 });
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeSetEvent(set);
      const queued = a.KeInsertQueueApc(apc, a.thread("current"), "Special");
      const got = a.KeWaitForSingleObject(set);
      a.when(got.is("timeout"), () => a.InterlockedIncrement(wrong));
      a.when(queued.is("failure"), () => a.InterlockedIncrement(wrong));
    });
  });
  expect(look(driver).finals("Wrong")).toEqual([[0]]);
});
