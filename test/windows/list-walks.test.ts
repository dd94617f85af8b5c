/** SY-27: going from link to link of a list, with and without its lock, while entries come and go. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { hang } from "./support/hang.ts";
import { compile, crashesOf, look, timedRuns, users } from "./support/look.ts";

/** Two entries stand in the list; the callback walks over them. */
const walking = (removes: boolean, savesNext: boolean, again = false) =>
  defineDriver("walking", (d) => {
    const record = d.record("REC", (r) => r.event("Done", "NotificationEvent"), { max: 2 });
    const list = d.list("List");
    const seen = d.variable("Seen", 0);
    const left = d.variable("Left", 0);
    d.onProcessCreate("OnCreate", (a) => {
      const p = a.pointer("P", record);
      const q = a.pointer("Q", record);
      a.repeat(2, () => {
        a.ExAllocateFromLookasideListEx(p);
        a.InsertTailList(list, p);
      });
      const body = () => {
        a.InterlockedIncrement(seen);
        if (!removes) return;
        a.RemoveEntryList(list, p);
        if (again) a.RemoveEntryList(list, p);
        a.ObDereferenceObject(p);
      };
      a.walk(list, p, body, savesNext ? { next: q } : {});
      a.drain(list, p, () => a.InterlockedIncrement(left));
    });
  });

test("a walk comes to every entry once, and leaves them where they are", () => {
  expect(look(walking(false, false)).finals("Seen", "Left")).toEqual([[2, 2]]);
});

test("a walk that looks up the next entry ahead can take its entry off and free it", () => {
  const seen = look(walking(true, true));
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Seen", "Left")).toEqual([[2, 0]]);
});

test("a walk goes on from an entry that it has freed: that is a use after free", () => {
  expect(crashesOf(look(walking(true, false)))).toEqual(["use after free"]);
});

test("an entry that is taken off twice corrupts the list", () => {
  expect(crashesOf(look(walking(true, true, true)))).toEqual([
    "an entry is taken off a list in which it does not stand",
  ]);
});

/** A callback puts its record into a list and waits for it; a walk at an exit signals each waiter. */
const releasing = (holdsLock: boolean) =>
  defineDriver("releasing", (d) => {
    const record = d.record("REC", (r) => r.event("Seen", "NotificationEvent"), { max: 1 });
    const list = d.list("Waiters");
    const lock = d.fastMutex("Lock");
    const finisher = d.workItem("Finisher", (w) => {
      const mine = w.context("Mine", record);
      w.ExAcquireFastMutex(lock);
      w.KeSetEvent(mine.field("Seen"));
      w.ExReleaseFastMutex(lock);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const p = a.pointer("P", record);
      a.ExAllocateFromLookasideListEx(p);
      a.ExAcquireFastMutex(lock);
      a.InsertTailList(list, p);
      a.ExReleaseFastMutex(lock);
      a.IoQueueWorkItem(finisher, "DelayedWorkQueue", { Context: p });
    });
    d.onProcessExit("OnExit", (a) => {
      const at = a.pointer("At", record);
      const wait = () => a.KeWaitForSingleObject(at.field("Seen"));
      a.ExAcquireFastMutex(lock);
      if (holdsLock) a.walk(list, at, wait);
      else {
        // A snapshot of what there is, under the lock; the waits come behind it.
        const got = a.RemoveHeadList(list, at);
        a.ExReleaseFastMutex(lock);
        a.when(got.succeeded(), wait);
        a.return();
      }
      a.ExReleaseFastMutex(lock);
    });
  });
const createThenExit = { workload: users(["create", "exit"]) };

test("a walk that waits under the lock that each entry's finisher needs hangs with it in a circle", () => {
  expect(hang(releasing(true), createThenExit)).toContain("(circle)");
});

test("what takes its snapshot under the lock and waits outside of it comes back", () => {
  expect(look(releasing(false), createThenExit).outcomes).toEqual([]);
});

test("a walk goes by the links that an entry has kept when somebody else takes it off meanwhile", () => {
  const driver = defineDriver("meanwhile", (d) => {
    const record = d.record("REC", (r) => r.variable("Id"), { max: 2 });
    const list = d.list("List");
    const at = d.event("At", "NotificationEvent");
    const taken = d.event("Taken", "NotificationEvent");
    const seen = d.variable("Seen", 0);
    d.onProcessCreate("OnCreate", (a) => {
      const p = a.pointer("P", record);
      a.repeat(2, () => {
        a.ExAllocateFromLookasideListEx(p);
        a.InsertTailList(list, p);
      });
      a.walk(list, p, () => {
        a.InterlockedIncrement(seen);
        a.KeSetEvent(at);
        a.KeWaitForSingleObject(taken);
      });
    });
    d.onProcessExit("OnExit", (a) => {
      const p = a.pointer("Head", record);
      a.KeWaitForSingleObject(at);
      a.RemoveHeadList(list, p);
      a.KeSetEvent(taken);
    });
  });
  const seen = look(driver, { workload: users(["create"], ["exit"]) });
  expect(seen.outcomes).toEqual([]);
  expect(seen.finals("Seen")).toEqual([[2]]);
});

test("who comes to an entry goes on no earlier than it was queued", () => {
  const driver = defineDriver("at-once", (d) => {
    const record = d.record("REC", (r) => r.variable("Id"));
    const list = d.list("List");
    const done = d.event("Done", "NotificationEvent");
    const queuer = d.systemThread("Queuer", (t) => {
      const p = t.pointer("P", record);
      t.KeDelayExecutionThread("1.05ms");
      t.ExAllocateFromLookasideListEx(p);
      t.InsertTailList(list, p);
    });
    const walker = d.systemThread("Walker", (t) => {
      const at = t.pointer("At", record);
      t.KeDelayExecutionThread("1ms");
      t.Flink(list, at);
      t.KeSetEvent(done);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(queuer);
      a.PsCreateSystemThread(walker);
    });
  });
  const times = timedRuns(compile(driver), 60).flatMap(({ steps }) => {
    const at = (api: string) => steps.find((step) => step.api === api);
    const walk = at("Flink");
    const next = at("KeSetEvent");
    if (walk === undefined || walk.came.some(({ kind }) => kind === "findsNone")) return [];
    // Nobody is owed what the thread does next: a run can end before that.
    if (next === undefined) return [];
    return [[at("InsertTailList")?.timeUs, walk.timeUs, next.timeUs].map(Number)];
  });
  // It can have gone to the list a little earlier: within the skew the order is open.
  expect(times.some(([queued, walked]) => walked < queued)).toBe(true);
  for (const [queued, , next] of times) expect(next).toBeGreaterThanOrEqual(queued);
});
