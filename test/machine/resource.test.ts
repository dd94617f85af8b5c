import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel, Recorder } from "../windows/support/locks.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

type Resource = ReturnType<Recorder["resource"]>;
const shares = {
  ExAcquireResourceSharedLite: (a: Kernel, r: Resource) => a.ExAcquireResourceSharedLite(r),
  ExAcquireSharedStarveExclusive: (a: Kernel, r: Resource) => a.ExAcquireSharedStarveExclusive(r),
  ExAcquireSharedWaitForExclusive: (a: Kernel, r: Resource) => a.ExAcquireSharedWaitForExclusive(r),
} as const;
type Share = keyof typeof shares;
const shareNames = Object.keys(shares) as Share[];
const both = { workload: users(["create"], ["exit"]) };

/** A create's callback reads, in each of these ways one inside the other; an exit's writes. */
const nested = (ways: readonly Share[], writes: boolean) =>
  defineDriver("nested", (d) => {
    const lock = d.resource("Lock");
    d.onProcessCreate("Reads", (a) => {
      for (const way of ways) shares[way](a, lock);
      for (const _ of ways) a.ExReleaseResourceLite(lock);
    });
    d.onProcessExit("Writes", (a) => {
      if (!writes) return;
      a.ExAcquireResourceExclusiveLite(lock);
      a.ExReleaseResourceLite(lock);
    });
  });

test("SY-11, SY-13: reading again deadlocks only if it yields to a writer that came between", () => {
  const ways = fc.array(fc.constantFrom(...shareNames), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(ways, fc.boolean(), (nest, writes) => {
      const again = nest.slice(1).includes("ExAcquireSharedWaitForExclusive");
      expect(look(nested(nest, writes), both).outcomes).toEqual(
        writes && again ? ["deadlock"] : [],
      );
    }),
    { numRuns: 20 },
  );
});

test("SY-13: one who owns it exclusively has it again by any of the three, writers or not", () => {
  for (const way of shareNames) {
    const driver = defineDriver("owner", (d) => {
      const lock = d.resource("Lock");
      d.onProcess("Writes", (a) => {
        a.ExAcquireResourceExclusiveLite(lock);
        shares[way](a, lock);
        a.ExReleaseResourceLite(lock);
        a.ExReleaseResourceLite(lock);
      });
    });
    expect(look(driver, both).outcomes).toEqual([]);
  }
});

/** One reader waits, with the lock, for what another reader does with it; a writer stands between. */
const handshake = (way: Share) =>
  defineDriver("handshake", (d) => {
    const lock = d.resource("Lock");
    const done = d.event("Done", "NotificationEvent");
    const writer = d.systemThread("Writer", (a) => {
      a.KeEnterCriticalRegion();
      a.ExAcquireResourceExclusiveLite(lock);
      a.ExReleaseResourceLite(lock);
      a.KeLeaveCriticalRegion();
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(writer);
    });
    d.onProcessCreate("Waits", (a) => {
      a.ExAcquireResourceSharedLite(lock);
      a.KeWaitForSingleObject(done);
      a.ExReleaseResourceLite(lock);
    });
    d.onProcessExit("Signals", (a) => {
      shares[way](a, lock);
      a.KeSetEvent(done);
      a.ExReleaseResourceLite(lock);
    });
  });

test.each(shareNames)("SY-11, SY-13: whether a new reader passes a writer in line: %s", (way) => {
  const passes = way === "ExAcquireSharedStarveExclusive";
  expect(look(handshake(way), both).outcomes).toEqual(passes ? [] : ["deadlock"]);
});

test.each(shareNames)(
  "SY-13: behind one who owns it exclusively, %s waits like any other",
  (way) => {
    const driver = defineDriver("behind", (d) => {
      const lock = d.resource("Lock");
      const inside = d.variable("Inside");
      d.onProcess("OnProcess", (a) => {
        a.when(a.isCreate(), () => a.ExAcquireResourceExclusiveLite(lock)).otherwise(() =>
          shares[way](a, lock),
        );
        a.InterlockedIncrement(inside);
        a.InterlockedDecrement(inside);
        a.ExReleaseResourceLite(lock);
      });
    });
    const seen = look(driver, both);
    expect(seen.outcomes).toEqual([]);
    expect(seen.ever("Inside")).toEqual([0, 1]);
  },
);

type Take = (a: Kernel, r: Resource, wait: "TRUE" | "FALSE") => { succeeded(): never } | object;
const takes: Readonly<Record<string, Take>> = {
  ExAcquireResourceExclusiveLite: (a, r, Wait) => a.ExAcquireResourceExclusiveLite(r, { Wait }),
  ExAcquireResourceSharedLite: (a, r, Wait) => a.ExAcquireResourceSharedLite(r, { Wait }),
  ExAcquireSharedStarveExclusive: (a, r, Wait) => a.ExAcquireSharedStarveExclusive(r, { Wait }),
  ExAcquireSharedWaitForExclusive: (a, r, Wait) => a.ExAcquireSharedWaitForExclusive(r, { Wait }),
};

test.each(Object.keys(takes))(
  "SY-12, SY-13: %s with Wait FALSE fails where it would have waited",
  (name) => {
    const tries = (wait: "TRUE" | "FALSE") =>
      defineDriver("tries", (d) => {
        const lock = d.resource("Lock");
        const hold = d.event("Hold", "NotificationEvent");
        d.onProcessCreate("Holds", (a) => {
          a.ExAcquireResourceExclusiveLite(lock);
          a.KeWaitForSingleObject(hold);
          a.ExReleaseResourceLite(lock);
        });
        d.onProcessExit("Tries", (a) => {
          const got = takes[name](a, lock, wait) as ReturnType<
            Kernel["ExAcquireResourceSharedLite"]
          >;
          a.when(got.succeeded(), () => a.ExReleaseResourceLite(lock));
          a.KeSetEvent(hold);
        });
      });
    expect(look(tries("TRUE"), both).outcomes).toEqual(["deadlock"]);
    expect(look(tries("FALSE"), both).outcomes).toEqual([]);
  },
);

test("SY-12: an upgrade waits for itself, and two for each other; one that only tries gives up", () => {
  const upgrades = (wait: "TRUE" | "FALSE") =>
    defineDriver("upgrades", (d) => {
      const lock = d.resource("Lock");
      const failed = d.variable("Failed");
      d.onProcess("Upgrades", (a) => {
        a.ExAcquireResourceSharedLite(lock);
        const got = a.ExAcquireResourceExclusiveLite(lock, { Wait: wait });
        a.when(got.succeeded(), () => a.ExReleaseResourceLite(lock)).otherwise(() =>
          a.InterlockedIncrement(failed),
        );
        a.ExReleaseResourceLite(lock);
      });
    });
  const alone = look(upgrades("TRUE"));
  expect(alone.outcomes).toEqual(["deadlock"]);
  expect(alone.observations[0].target.mechanism).toMatch(/waits for an ERESOURCE \(circle\)$/);
  expect(look(upgrades("TRUE"), both).outcomes).toEqual(["deadlock"]);
  const tried = look(upgrades("FALSE"), both);
  expect(tried.outcomes).toEqual([]);
  expect(tried.finals("Failed")).toEqual([[2]]);
});

/** A writer goes on as a reader, and waits for what another reader does; a second writer comes. */
const converts = (converting: boolean, secondWriter: boolean) =>
  defineDriver("converts", (d) => {
    const lock = d.resource("Lock");
    const done = d.event("Done", "NotificationEvent");
    if (secondWriter) {
      const writer = d.systemThread("Writer", (a) => {
        a.ExEnterCriticalRegionAndAcquireResourceExclusive(lock);
        a.ExReleaseResourceAndLeaveCriticalRegion(lock);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(writer);
      });
    }
    d.onProcessCreate("Converts", (a) => {
      a.ExAcquireResourceExclusiveLite(lock);
      if (converting) a.ExConvertExclusiveToSharedLite(lock);
      a.KeWaitForSingleObject(done);
      a.ExReleaseResourceLite(lock);
    });
    d.onProcessExit("Reads", (a) => {
      a.ExAcquireResourceSharedLite(lock);
      a.KeSetEvent(done);
      a.ExReleaseResourceLite(lock);
    });
  });

test("SY-12: converted to shared, others can read beside the former owner, unless a writer stands between", () => {
  expect(look(converts(false, false), both).outcomes).toEqual(["deadlock"]);
  expect(look(converts(true, false), both).outcomes).toEqual([]);
  expect(look(converts(true, true), both).outcomes).toEqual(["deadlock"]);
});

test("SY-12: the conversion lets in all who wait to read by then, past a writer that came before them", () => {
  const order = ["start-up", "user1 up to ExConvertExclusiveToSharedLite", "Writer", "user2"];
  const before = inTurn(converts(true, true), both, order);
  expect([before.ways("Writer"), before.ways("user2")]).toEqual([0, 0]);
  const after = inTurn(converts(true, true), both, [...order, "user1"]);
  expect([after.ways("Writer"), after.ways("user2")]).toEqual([0, 1]);
});

test("SY-12: only its exclusive owner can convert a resource", () => {
  const wrong = (share: boolean) =>
    defineDriver("wrong", (d) => {
      const lock = d.resource("Lock");
      d.onProcessCreate("Converts", (a) => {
        if (share) a.ExAcquireResourceSharedLite(lock);
        else a.ExAcquireResourceExclusiveLite(lock);
        a.ExConvertExclusiveToSharedLite(lock);
        a.ExReleaseResourceLite(lock);
      });
    });
  expect(look(wrong(true)).outcomes).toEqual(["crash"]);
  expect(look(wrong(false), { workload: users(["create"], ["create"]) }).outcomes).toEqual([]);
});

test("SY-14, SY-15, APC-2: the Flt forms enter a critical region themselves, the Ex forms have to be in one", () => {
  const outside = (flt: boolean) =>
    defineDriver("outside", (d) => {
      const lock = d.resource("Lock");
      const push = d.pushLock("Push");
      const request = d.request("Request", (r) => {
        if (flt) {
          r.FltAcquireResourceShared(lock);
          r.FltAcquirePushLockShared(push);
          r.FltReleasePushLock(push);
          r.FltReleaseResource(lock);
        } else {
          r.ExAcquireResourceSharedLite(lock);
          r.ExAcquirePushLockShared(push);
          r.ExReleasePushLockShared(push);
          r.ExReleaseResourceLite(lock);
        }
      });
      d.service("Agent", (s) => {
        s.thread("Asks", (t) => {
          t.DeviceIoControl(request);
        });
      });
    });
  expect(look(outside(true), { workload: [] }).broken).toEqual([]);
  expect(look(outside(false), { workload: [] }).broken).toEqual(["LOCK"]);
});
