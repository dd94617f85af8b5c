/** Who comes later, and whether that ends a hang: the model is asked. */
import { expect, test } from "vitest";
import { bounds } from "../../src/base/bounds.ts";
import { check } from "../../src/campaign/check.ts";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { headline } from "../../src/report/story.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const one = worldWith({ workload: users(1, "create") });

const hangOf = (driver: DriverModel, world: World = one): Finding | undefined =>
  deadlockIn(driver, world, "later");

const laterOf = (found: Finding | undefined): unknown => found?.chain.map(({ later }) => later);

type Recorder = Parameters<Parameters<typeof defineDriver>[1]>[0];
type Callback = Parameters<Parameters<Recorder["onProcessCreate"]>[1]>[0];

/** A callback in which one way signals, and the other waits for that, behind what both `enter`. */
const behind = (
  enter: (d: Recorder) => { enters: (a: Callback) => unknown; leaves?: (a: Callback) => unknown },
) =>
  defineDriver("behind", (d) => {
    const done = d.event("Done", "SynchronizationEvent");
    const { enters, leaves = () => {} } = enter(d);
    d.onProcessCreate("OnCreate", (a) => {
      enters(a);
      a.when(a.opaque("IsSecond"), () => a.KeSetEvent(done)).otherwise(() => {
        a.KeWaitForSingleObject(done);
      });
      leaves(a);
    });
  });

const behindUnits = (units: number) =>
  behind((d) => {
    const all = d.semaphore("Units", units, units);
    return {
      enters: (a) => a.KeWaitForSingleObject(all),
      leaves: (a) => a.KeReleaseSemaphore(all, 1),
    };
  });

const behindTry = (gives: boolean) =>
  behind((d) => {
    const mutex = d.mutex("Mutex");
    return {
      enters: (a) => {
        const got = a.KeWaitForSingleObject(mutex, { Timeout: 0 });
        if (gives) a.when(got.succeeded(), () => a.KeReleaseMutex(mutex));
        else a.when(got.is("timeout"), () => a.return());
      },
      ...(gives ? {} : { leaves: (a: Callback) => a.KeReleaseMutex(mutex) }),
    };
  });

const behindResource = (how: "shared" | "exclusive") =>
  behind((d) => {
    const resource = d.resource("Resource");
    return {
      enters: (a) => {
        a.KeEnterCriticalRegion();
        if (how === "shared") a.ExAcquireResourceSharedLite(resource);
        else a.ExAcquireResourceExclusiveLite(resource);
      },
      leaves: (a) => {
        a.ExReleaseResourceLite(resource);
        a.KeLeaveCriticalRegion();
      },
    };
  });

test("whether newcomers get past what is kept is asked of the model: units, tries, locks that are shared", () => {
  expect(laterOf(hangOf(behindUnits(1)))).toEqual([undefined]);
  expect(laterOf(hangOf(behindUnits(2)))).toEqual([["OnCreate"]]);
  expect(laterOf(hangOf(behindTry(false)))).toEqual([undefined]);
  expect(laterOf(hangOf(behindTry(true)))).toEqual([["OnCreate"]]);
  expect(laterOf(hangOf(behindResource("exclusive")))).toEqual([undefined]);
  expect(laterOf(hangOf(behindResource("shared")))).toEqual([["OnCreate"]]);
});

/** One condition says who signals and who waits, drawn once for the driver or for each process. */
const decided = (once: "driver" | "process") =>
  defineDriver("decided", (d) => {
    const done = d.event("Done", "NotificationEvent");
    const signals = d.opaque("Signals", once);
    d.onProcessCreate("OnCreate", (a) => {
      a.when(signals, () => a.KeSetEvent(done)).otherwise(() => a.KeWaitForSingleObject(done));
    });
  });

test("a condition that has fallen for the driver falls no other way for newcomers", () => {
  expect(laterOf(hangOf(decided("driver")))).toEqual([undefined]);
  expect(laterOf(hangOf(decided("process")))).toEqual([["OnCreate"]]);
});

/** The event of a number waits, the next one signals: `from` says how many have been there. */
const counting = (from: number) =>
  defineDriver("counting", (d) => {
    const count = d.variable("Count", from);
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      const now = a.InterlockedIncrement(count);
      a.when(now.is(2), () => a.KeSetEvent(done)).otherwise(() => a.KeWaitForSingleObject(done));
    });
  });

test("who counts is followed to the numbers that newcomers come to", () => {
  expect(laterOf(hangOf(counting(0)))).toEqual([["OnCreate"]]);
  expect(laterOf(hangOf(counting(2)))).toEqual([undefined]);
});

/** Waits until so many processes have ended. */
const countingExits = (needed: number) =>
  defineDriver("exits", (d) => {
    const count = d.variable("Exits");
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(done));
    d.onProcessExit("OnExit", (a) => {
      const now = a.InterlockedIncrement(count);
      a.when(now.is(needed), () => a.KeSetEvent(done));
    });
  });

test("as many newcomers come as the driver counts to; beyond their bound nobody knows", () => {
  expect(laterOf(hangOf(countingExits(3)))).toEqual([["OnExit"]]);
  const beyond = hangOf(countingExits(bounds.newcomersAlike.max + 1));
  expect(beyond?.isLaterUnknown).toBe(true);
  expect(hangOf(countingExits(0))?.isLaterUnknown).toBeUndefined();
  expect(laterOf(hangOf(countingExits(0)))).toEqual([undefined]);
});

/** A DLL arms what a thread then sets off, or does not. */
const armed = (byDll: boolean) =>
  defineDriver("armed", (d) => {
    const isArmed = d.variable("IsArmed");
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(done));
    d.onImageDll("OnImage", (a) => {
      a.WriteNoFence(isArmed, byDll ? 1 : 0);
    });
    d.onThreadCreate("OnThread", (a) => {
      a.when(isArmed.equals(1), () => a.KeSetEvent(done));
    });
  });

test("two newcomers of different kinds are asked for, too: one can bring about what the other needs", () => {
  expect(laterOf(hangOf(armed(true)))).toEqual([["OnThread"]]);
  expect(laterOf(hangOf(armed(false)))).toEqual([undefined]);
});

/** One process at a time: the creation takes a slot, and the exit of that process gives it back. */
const throttled = (givesBack: boolean) =>
  defineDriver("throttled", (d) => {
    const slot = d.semaphore("Slot", 1, 1);
    const has = d.perProcess.variable("Has");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(slot);
      a.WriteNoFence(has, 1);
    });
    d.onProcessExit("OnExit", (a) => {
      if (givesBack) a.when(has.equals(1), () => a.KeReleaseSemaphore(slot, 1));
    });
  });

test("a process that is there can leave, and that ends what waits for it", () => {
  const two = worldWith({ workload: users(2, "create") });
  expect(laterOf(hangOf(throttled(true), two))).toEqual([["OnExit"]]);
  expect(laterOf(hangOf(throttled(false), two))).toEqual([undefined]);
});

/** A wait for two objects; one event signals both, or one of them alone. */
const forBoth = (signalsBoth: boolean) =>
  defineDriver("both", (d) => {
    const first = d.event("First", "NotificationEvent");
    const second = d.event("Second", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.when(a.opaque("IsSecond"), () => {
        a.KeSetEvent(first);
        if (signalsBoth) a.KeSetEvent(second);
      }).otherwise(() => a.KeWaitForMultipleObjects([first, second], "WaitAll"));
    });
  });

test("a wait for all of several objects ends if newcomers signal them all", () => {
  const found = hangOf(forBoth(true));
  expect(laterOf(found)).toEqual([["OnCreate"]]);
  expect(storyOf(found)).toContain("would set event First and event Second");
  expect(laterOf(hangOf(forBoth(false)))).toEqual([undefined]);
});

/** A hang for good beside a thread that does nothing, or counts for ever. */
const besideCounter = (counts: boolean, whose: "the call's" | "the driver's" = "the call's") =>
  defineDriver("counter", (d) => {
    const ticks = d.variable("Ticks");
    const never = d.event("Never", "NotificationEvent");
    const thread = d.systemThread("Tick", (t) => {
      if (counts) t.forever(() => t.InterlockedIncrement(ticks));
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(thread);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const own = a.event("Own", "NotificationEvent");
      a.KeWaitForSingleObject(whose === "the driver's" ? never : own);
    });
  });

test("what no code at all would set is for good, however much goes on beside it", () => {
  const found = hangOf(besideCounter(true, "the driver's"));
  expect(found?.isLaterUnknown).toBeUndefined();
  expect(laterOf(found)).toEqual([undefined]);
  expect(storyOf(found)).toContain("can hang the machine, for good");
});

test("where what newcomers can do is not searched to its end, the story says so", () => {
  const words = "Whether a later event would end that was not searched to its end.";
  const cut = hangOf(besideCounter(true));
  expect(cut?.isLaterUnknown).toBe(true);
  expect(storyOf(cut).replaceAll(/\s+/g, " ")).toContain(words);
  const whole = hangOf(besideCounter(false));
  expect(whole?.isLaterUnknown).toBeUndefined();
  expect(storyOf(whole)).not.toContain("searched to its end.");
});

/** Each creation waits, behind those who read, for an exit that reads: whom a writer in line keeps out. */
const behindReaders = (isWriter: boolean) =>
  defineDriver("readers", (d) => {
    const cache = d.resource("Cache");
    const read = d.event("Read", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeEnterCriticalRegion();
      if (isWriter) {
        a.ExAcquireResourceExclusiveLite(cache);
        a.ExConvertExclusiveToSharedLite(cache);
      } else {
        a.ExAcquireResourceSharedLite(cache);
      }
      a.KeWaitForSingleObject(read);
      a.ExReleaseResourceLite(cache);
      a.KeLeaveCriticalRegion();
    });
    d.onProcessExit("OnExit", (a) => {
      a.KeEnterCriticalRegion();
      a.ExAcquireResourceSharedLite(cache);
      a.KeSetEvent(read);
      a.ExReleaseResourceLite(cache);
      a.KeLeaveCriticalRegion();
    });
  });

test("a hang that a later event ends is told as one for good, too, where more come at once and it is", () => {
  const worlds = [
    { ...one, name: "one" },
    { ...worldWith({ workload: users(2, "create") }), name: "two" },
  ];
  const hangsIn = (driver: DriverModel) =>
    check({ drivers: [driver], worlds }, { scope: "small", budget: 40_000, seed: "more" })
      .findings.map(({ finding }) => finding)
      .filter(({ outcome }) => outcome === "deadlock");
  const [found] = hangsIn(behindReaders(true));
  expect(found.forGoodIn).toBe("two");
  expect(headline(found)).toContain("until a later event ends it, and for good in another world");
  expect(storyOf(found)).toContain("In the world “two” none ends it: there it is for good.");
  const [other] = hangsIn(behindReaders(false));
  expect(other.forGoodIn).toBeUndefined();
  expect(headline(other)).toMatch(/until a later event ends it$/);
});
