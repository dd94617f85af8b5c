/** Loops whose way out is what a call of theirs comes back with: a flag used as a lock, an event's state. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { actorName } from "../../src/report/story-words.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { findingsIn } from "./support/findings.ts";

const hangs = (driver: DriverModel): Finding[] =>
  findingsIn(driver, worldWith({}), "polls").filter(
    ({ property }) => property === "deadlock-freedom",
  );

/** What each link waits for, and who could end that. */
const told = ({ chain }: Finding): string[] =>
  chain.map(
    ({ who, wait, enders }) =>
      `${actorName(who)}: ${wait.kind} ${wait.objects.map(({ name }) => name)} < ${enders.map((one) => actorName(one.who))}`,
  );

/** A callback that spins until the exchange gives it the flag, which OnCreate may hold. */
const flagAsLock = (isGivenBackFirst: boolean): DriverModel =>
  defineDriver("flag", (d) => {
    const busy = d.variable("Busy", 0);
    d.onProcessCreate("OnCreate", (a) => {
      a.InterlockedExchange(busy, 1);
      if (isGivenBackFirst) a.WriteNoFence(busy, 0);
      a.RtlCreateUserThread();
      a.WriteNoFence(busy, 0);
    });
    d.onThreadCreate("OnThread", (a) => {
      let was: ReturnType<typeof a.InterlockedExchange>;
      a.poll({ until: () => was.is(0), limit: "forever" }, () => {
        was = a.InterlockedExchange(busy, 1);
        a.KeDelayExecutionThread("10ms");
      });
      a.WriteNoFence(busy, 0);
    });
  });

test("a flag that its own holder spins on is one hang: of the flag, and of who would clear it", () => {
  const found = hangs(flagAsLock(false));
  expect(found.map(({ outcome }) => outcome)).toEqual(["livelock"]);
  expect(told(found[0])).toEqual(["user1: variable Busy < user1"]);
  expect(hangs(flagAsLock(true))).toEqual([]);
});

/** A thread that would clear the flag by an exchange, once the callback is over. */
const clearedBy = (clears: "InterlockedCompareExchange" | "InterlockedExchange" | "nothing") =>
  defineDriver("cleared", (d) => {
    const busy = d.variable("Busy", 1);
    const seen = d.variable("Seen", 0);
    const over = d.event("Over", "NotificationEvent");
    const cleaner = d.systemThread("Cleaner", (t) => {
      t.KeWaitForSingleObject(over);
      if (clears === "nothing") return;
      const was =
        clears === "InterlockedExchange"
          ? t.InterlockedExchange(busy, 0)
          : t.InterlockedCompareExchange(busy, 0, 1);
      t.when(was.is(1), () => {
        t.WriteNoFence(seen, 1);
      });
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(cleaner);
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.poll({ until: busy.equals(0), limit: "forever" }, () => {
        a.KeDelayExecutionThread("10ms");
      });
      a.KeSetEvent(over);
    });
  });

test("who would clear a flag by an exchange whose result it asks for is named", () => {
  for (const call of ["InterlockedExchange", "InterlockedCompareExchange"] as const) {
    const [found] = hangs(clearedBy(call));
    expect(told(found)).toEqual(["user1: variable Busy < Cleaner", "Cleaner: event Over < user1"]);
    expect(found.closesAt).toBe(0);
  }
  const [alone] = hangs(clearedBy("nothing"));
  expect(told(alone)).toEqual(["user1: variable Busy < "]);
});

/** At most one inside: who counts himself in as another goes out again, and tries once more. */
const counts = (inside: number): DriverModel =>
  defineDriver("counts", (d) => {
    const users = d.variable("Users", inside);
    d.onProcessCreate("OnCreate", (a) => {
      let now: ReturnType<typeof a.InterlockedIncrement>;
      a.poll({ until: () => now.is(1), limit: "forever" }, () => {
        now = a.InterlockedIncrement(users);
        a.when(now.is(1).not(), () => {
          a.InterlockedDecrement(users);
        });
        a.KeDelayExecutionThread("10ms");
      });
      a.WriteNoFence(users, 0);
    });
  });

test("of a count the value behind the call is asked for", () => {
  expect(hangs(counts(1)).map(told)).toEqual([["user1: variable Users < user1"]]);
  expect(hangs(counts(0))).toEqual([]);
});

const asksEvent = (sets: boolean): DriverModel =>
  defineDriver("asks", (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      let state: ReturnType<typeof a.KeReadStateEvent>;
      if (sets) a.KeSetEvent(ready);
      a.poll({ until: () => state.is(1), limit: "forever" }, () => {
        state = a.KeReadStateEvent(ready);
        a.KeDelayExecutionThread("10ms");
      });
    });
  });

test("a loop that reads an event's state waits for that event", () => {
  const found = hangs(asksEvent(false));
  expect(found.map(told)).toEqual([["user1: event Ready < "]]);
  expect(hangs(asksEvent(true))).toEqual([]);
});

test("a loop that looks at nothing is one hang, wherever in it the search stops", () => {
  const rests = defineDriver("rests", (d) => {
    const rounds = d.variable("Rounds", 0);
    d.onProcessCreate("OnCreate", (a) => {
      a.forever(() => {
        a.WriteNoFence(rounds, 1);
        a.KeDelayExecutionThread("10ms");
      });
    });
  });
  expect(hangs(rests).map(({ outcome, mechanism }) => [outcome, mechanism])).toEqual([
    ["livelock", "callback goes round for ever"],
  ]);
});

test("a loop that does I/O goes round; only where the completion is held off it is waited for (APC-4)", () => {
  const reads = (heldOff: boolean) =>
    defineDriver("reads", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        if (heldOff) a.KeEnterGuardedRegion();
        a.forever(() => a.ZwReadFile());
      });
    });
  expect(hangs(reads(false)).map(({ mechanism }) => mechanism)).toEqual([
    "callback goes round for ever",
  ]);
  expect(hangs(reads(true)).map(({ mechanism }) => mechanism)).toEqual([
    "callback waits for a completion",
  ]);
});
