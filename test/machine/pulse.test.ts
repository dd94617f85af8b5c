import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

const kinds = ["NotificationEvent", "SynchronizationEvent"] as const;
type Kind = (typeof kinds)[number];

/** Exit callbacks wait for the event, perhaps with APCs off, and a create's callback pulses it. */
const pulsed = (kind: Kind, apcsOff: boolean) =>
  defineDriver("pulsed", (d) => {
    const changed = d.event("Changed", kind);
    const released = d.variable("Released");
    d.onProcessCreate("Signals", (a) => {
      a.KePulseEvent(changed);
    });
    d.onProcessExit("Waits", (a) => {
      if (apcsOff) a.KeEnterGuardedRegion();
      a.KeWaitForSingleObject(changed);
      if (apcsOff) a.KeLeaveGuardedRegion();
      a.InterlockedIncrement(released);
    });
  });

const besides = (waiters: number) => ({
  workload: users(["create"], ...Array.from({ length: waiters }, () => ["exit"] as const)),
});
const waiters = (n: number): string[] => Array.from({ length: n }, (_, i) => `user${i + 2}`);

/** Who goes on after each way that a pulse can go, all of them waiting by then. */
function releasedBy(kind: Kind, apcsOff: boolean, n: number): string[] {
  const order = ["start-up", ...waiters(n), "user1 up to KePulseEvent"];
  const ways = inTurn(pulsed(kind, apcsOff), besides(n), order).ways("user1");
  return Array.from({ length: ways }, (_, way) => {
    const run = inTurn(pulsed(kind, apcsOff), besides(n), [...order, `user1 by way ${way}`]);
    return waiters(n)
      .filter((name) => run.ways(name) > 0)
      .join();
  }).sort();
}

test("SY-4: with APCs off a pulse releases who waits: all, or one of them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), (n) => {
      expect(releasedBy("NotificationEvent", true, n)).toEqual([waiters(n).join()]);
      expect(releasedBy("SynchronizationEvent", true, n)).toEqual(waiters(n));
    }),
    { numRuns: 3 },
  );
});

test("SY-4: a waiter that a kernel APC takes out of its wait for a moment misses the pulse", () => {
  expect(releasedBy("NotificationEvent", false, 2)).toEqual(["", "user2", "user2,user3", "user3"]);
  expect(releasedBy("SynchronizationEvent", false, 2)).toEqual(["", "user2", "user3"]);
});

test.each(kinds)(
  "SY-4: a wait for a pulsed %s can always be missed, for one that is set it cannot",
  (kind) => {
    const handshake = (pulses: boolean) =>
      defineDriver("handshake", (d) => {
        const asked = d.event("Asked", "SynchronizationEvent");
        const answered = d.event("Answered", kind);
        const server = d.systemThread("Server", (a) => {
          a.KeWaitForSingleObject(asked);
          if (pulses) a.KePulseEvent(answered);
          else a.KeSetEvent(answered);
        });
        d.driverEntry((a) => {
          a.PsCreateSystemThread(server);
        });
        d.onProcessCreate("Asks", (a) => {
          a.KeSetEvent(asked);
          a.KeWaitForSingleObject(answered);
        });
      });
    expect(look(handshake(true)).outcomes).toEqual(["deadlock"]);
    expect(look(handshake(false)).outcomes).toEqual([]);
  },
);

test("SY-4: nobody who comes after a pulse finds anything of it", () => {
  for (const kind of kinds) {
    const late = inTurn(pulsed(kind, true), besides(1), ["start-up", "user1", "user2"]);
    expect(late.value("Released")).toBe(0);
  }
});

test("SY-2: a wake that another waiter eats leaves the right one waiting; one event for each does not", () => {
  const shared = (own: boolean) =>
    defineDriver("shared", (d) => {
      const filled = d.event("Filled", "SynchronizationEvent");
      const emptied = own ? d.event("Emptied", "SynchronizationEvent") : filled;
      const ready = d.variable("Ready");
      const idle = d.systemThread("Idle", (a) => {
        // Waits for room that nobody makes.
        a.KeWaitForSingleObject(emptied);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(idle);
      });
      d.onProcessCreate("Waits", (a) => {
        a.KeWaitForSingleObject(filled);
      });
      d.onProcessExit("Fills", (a) => {
        a.InterlockedIncrement(ready);
        a.KeSetEvent(filled);
      });
    });
  const both = { workload: users(["create"], ["exit"]) };
  expect(look(shared(false), both).outcomes).toEqual(["deadlock"]);
  expect(look(shared(true), both).outcomes).toEqual([]);
});

test("SY-1, SY-2: with two waiters one set of a synchronization event is one too few, of the other kind enough", () => {
  const driver = (kind: Kind) =>
    defineDriver("two", (d) => {
      const done = d.event("Done", kind);
      d.onProcessCreate("Waits", (a) => {
        a.KeWaitForSingleObject(done);
      });
      d.onProcessExit("Signals", (a) => {
        a.KeSetEvent(done);
      });
    });
  const world = { workload: users(["create"], ["create"], ["exit"]) };
  expect(look(driver("SynchronizationEvent"), world).outcomes).toEqual(["deadlock"]);
  expect(look(driver("NotificationEvent"), world).outcomes).toEqual([]);
});
