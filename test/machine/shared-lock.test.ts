import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel, Recorder } from "../windows/support/locks.ts";
import { inTurn, look, users } from "../windows/support/look.ts";

type Does = (a: Kernel) => void;
interface SharedLock {
  readonly read: Does;
  readonly write: Does;
  readonly doneReading: Does;
  readonly doneWriting: Does;
}

const kinds: Readonly<Record<string, (d: Recorder) => SharedLock>> = {
  ERESOURCE: (d) => {
    const lock = d.resource("Lock");
    return {
      read: (a) => a.ExAcquireResourceSharedLite(lock),
      write: (a) => a.ExAcquireResourceExclusiveLite(lock),
      doneReading: (a) => a.ExReleaseResourceLite(lock),
      doneWriting: (a) => a.ExReleaseResourceLite(lock),
    };
  },
  "push lock": (d) => {
    const lock = d.pushLock("Lock");
    return {
      read: (a) => a.ExAcquirePushLockShared(lock),
      write: (a) => a.ExAcquirePushLockExclusive(lock),
      doneReading: (a) => a.ExReleasePushLockShared(lock),
      doneWriting: (a) => a.ExReleasePushLockExclusive(lock),
    };
  },
};
const names = Object.keys(kinds);

/** A thread of the driver's that takes the lock exclusively, once. */
function startWriter(d: Recorder, lock: SharedLock): void {
  const writer = d.systemThread("Writer", (a) => {
    lock.write(a);
    lock.doneWriting(a);
  });
  d.driverEntry((a) => {
    a.PsCreateSystemThread(writer);
  });
}

/** What a create's callback does, an exit's, and a writer of the driver's own, if there is one. */
function driverOf(
  name: string,
  create: (a: Kernel, lock: SharedLock) => void,
  exit: (a: Kernel, lock: SharedLock) => void = () => {},
  withWriter = false,
) {
  return defineDriver("shared", (d) => {
    const lock = kinds[name](d);
    d.onProcessCreate("Creates", (a) => create(a, lock));
    d.onProcessExit("Exits", (a) => exit(a, lock));
    if (withWriter) startWriter(d, lock);
  });
}
const both = { workload: users(["create"], ["exit"]) };

test.each(names)("SY-11, SY-15: readers of %s are in together, a writer alone", (name) => {
  const driver = (writes: boolean) =>
    defineDriver("inside", (d) => {
      const lock = kinds[name](d);
      const inside = d.variable("Inside");
      d.onProcess("OnProcess", (a) => {
        a.when(a.isExit(), () => {
          if (writes) lock.write(a);
          else lock.read(a);
        }).otherwise(() => {
          lock.read(a);
        });
        a.InterlockedIncrement(inside);
        a.InterlockedDecrement(inside);
        lock.doneReading(a);
      });
    });
  const readers = look(driver(false), both);
  expect(readers.outcomes).toEqual([]);
  expect(readers.ever("Inside")).toEqual([0, 1, 2]);
  const mixed = look(driver(true), both);
  expect(mixed.outcomes).toEqual([]);
  expect(mixed.ever("Inside")).toEqual([0, 1]);
});

/** One reader waits, with the lock, for what another reader does with it. */
const handshake = (name: string, withWriter: boolean) =>
  defineDriver("handshake", (d) => {
    const lock = kinds[name](d);
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("Waits", (a) => {
      lock.read(a);
      a.KeWaitForSingleObject(done);
      lock.doneReading(a);
    });
    d.onProcessExit("Signals", (a) => {
      lock.read(a);
      a.KeSetEvent(done);
      lock.doneReading(a);
    });
    if (withWriter) startWriter(d, lock);
  });

test.each(names)("SY-11, SY-15: a new reader of %s waits behind a writer in line", (name) => {
  expect(look(handshake(name, true), both).outcomes).toEqual(["deadlock"]);
  expect(look(handshake(name, false), both).outcomes).toEqual([]);
});

/** Reads so many times over. */
const reads = (times: number) => (a: Kernel, lock: SharedLock) => {
  for (let i = 0; i < times; i++) lock.read(a);
  for (let i = 0; i < times; i++) lock.doneReading(a);
};

test("SY-11, T13: a reader of an ERESOURCE may read again past any writer", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.boolean(), (times, writer) => {
      expect(
        look(driverOf("ERESOURCE", reads(times), reads(times), writer), both).outcomes,
      ).toEqual([]);
    }),
    { numRuns: 6 },
  );
});

test("SY-15, T13: a reader of a push lock that reads again hangs if a writer came between", () => {
  expect(look(driverOf("push lock", reads(2), reads(1), true), both).outcomes).toEqual([
    "deadlock",
  ]);
  expect(look(driverOf("push lock", reads(2), reads(2), false), both).outcomes).toEqual([]);
  expect(look(driverOf("push lock", reads(1), reads(1), true), both).outcomes).toEqual([]);
});

test.each(names)("SY-12, SY-15: a reader of %s that asks to write waits for itself", (name) => {
  const upgrades = (givesUpFirst: boolean) => (a: Kernel, lock: SharedLock) => {
    lock.read(a);
    if (givesUpFirst) lock.doneReading(a);
    lock.write(a);
    lock.doneWriting(a);
    if (!givesUpFirst) lock.doneReading(a);
  };
  expect(look(driverOf(name, upgrades(false))).outcomes).toEqual(["deadlock"]);
  expect(look(driverOf(name, upgrades(true), upgrades(true)), both).outcomes).toEqual([]);
});

test.each(names)(
  "SY-11, SY-15: a writer that asks to read has an ERESOURCE, and no push lock (%s)",
  (name) => {
    const readsToo = (a: Kernel, lock: SharedLock): void => {
      lock.write(a);
      lock.read(a);
      lock.doneReading(a);
      lock.doneWriting(a);
    };
    const seen = look(driverOf(name, readsToo, reads(1)), both);
    expect(seen.outcomes).toEqual(name === "ERESOURCE" ? [] : ["deadlock"]);
  },
);

test.each(names)(
  "SY-12: a writer of %s has its turn once the readers before it are done",
  (name) => {
    const seen = look(driverOf(name, reads(1), reads(1), true), both);
    expect(seen.outcomes).toEqual([]);
  },
);

test.each(names)(
  "SY-11: readers of %s that stand behind a writer go together, once it is done",
  (name) => {
    const driver = defineDriver("behind", (d) => {
      const lock = kinds[name](d);
      const go = d.event("Go", "NotificationEvent");
      const writer = d.systemThread("Writer", (a) => {
        lock.write(a);
        a.KeWaitForSingleObject(go);
        lock.doneWriting(a);
      });
      const reader = d.systemThread("Reader", (a) => {
        lock.read(a);
        lock.doneReading(a);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(writer);
        a.PsCreateSystemThread(reader);
        a.PsCreateSystemThread(reader);
      });
      d.onProcessCreate("Releases", (a) => {
        a.KeSetEvent(go);
      });
    });
    const behind = ["start-up", "Writer", "Reader", "Reader 2", "user1"];
    const held = inTurn(driver, {}, behind);
    expect([held.ways("Reader"), held.ways("Reader 2")]).toEqual([0, 0]);
    const freed = inTurn(driver, {}, [...behind, "Writer"]);
    expect([freed.ways("Reader"), freed.ways("Reader 2")]).toEqual([1, 1]);
  },
);
