import fc from "fast-check";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look, users } from "../windows/support/look.ts";

/** Threads of the driver take entries, one for each that a create's callback puts in. */
const queueing = (entries: number, takers: number) =>
  defineDriver("queueing", (d) => {
    const request = d.record("REQUEST", (r) => r.variable("Number"), { max: 4 });
    const queue = d.queue("Queue");
    const taken = d.variable("Taken");
    const outOfOrder = d.variable("OutOfOrder");
    const taker = d.systemThread("Taker", (a) => {
      const mine = a.pointer("Mine", request);
      a.KeRemoveQueue(queue, mine);
      a.InterlockedIncrement(taken);
      if (takers > 1) return;
      for (let i = 1; i < entries; i++) {
        a.KeRemoveQueue(queue, mine);
        a.InterlockedIncrement(taken);
      }
      a.when(mine.field("Number").notEquals(entries), () => a.InterlockedIncrement(outOfOrder));
    });
    d.driverEntry((a) => {
      for (let i = 0; i < takers; i++) a.PsCreateSystemThread(taker);
    });
    d.onProcessCreate("Puts", (a) => {
      const next = a.pointer("Next", request);
      for (let i = 1; i <= entries; i++) {
        a.ExAllocateFromLookasideListEx(next);
        a.InterlockedExchange(next.field("Number"), i);
        a.KeInsertQueue(queue, next);
      }
    });
  });

test("SY-18: an entry of a KQUEUE goes to one thread, and a thread waits until there is one", () => {
  const size = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(size, fc.integer({ min: 2, max: 3 }), (entries, takers) => {
      const seen = look(queueing(entries, takers));
      expect(seen.finals("Taken")).toEqual([[Math.min(entries, takers)]]);
      // Threads of the driver that find nothing are at rest.
      expect(seen.outcomes).toEqual([]);
    }),
    { numRuns: 6 },
  );
});

test("W1: entries leave a KQUEUE in the order in which they came", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), (entries) => {
      expect(look(queueing(entries, 1)).finals("Taken", "OutOfOrder")).toEqual([[entries, 0]]);
    }),
    { numRuns: 4 },
  );
});

test("SY-18: taking from an empty KQUEUE with a timeout of zero does not wait", () => {
  const driver = defineDriver("polls", (d) => {
    const request = d.record("REQUEST", (r) => r.variable("Number"));
    const queue = d.queue("Queue");
    const result = d.variable("Result");
    d.onProcessCreate("Looks", (a) => {
      const mine = a.pointer("Mine", request);
      const got = a.KeRemoveQueue(queue, mine, { Timeout: 0 });
      a.when(got.timedOut(), () => a.InterlockedExchange(result, 1));
      a.when(got.succeeded(), () => a.InterlockedExchange(result, 2));
    });
    d.onProcessExit("Puts", (a) => {
      const mine = a.pointer("New", request);
      a.ExAllocateFromLookasideListEx(mine);
      a.KeInsertQueue(queue, mine);
    });
  });
  const seen = look(driver, { workload: users(["create"], ["exit"]) });
  expect(seen.finals("Result")).toEqual([[1], [2]]);
  expect(seen.outcomes).toEqual([]);
});

test("SY-18: a callback that takes from a KQUEUE which nobody fills hangs", () => {
  const driver = (fills: boolean) =>
    defineDriver("starves", (d) => {
      const request = d.record("REQUEST", (r) => r.variable("Number"));
      const queue = d.queue("Queue");
      d.onProcessCreate("Takes", (a) => {
        const mine = a.pointer("Mine", request);
        a.KeRemoveQueue(queue, mine);
      });
      d.onProcessExit("Puts", (a) => {
        const mine = a.pointer("New", request);
        a.ExAllocateFromLookasideListEx(mine);
        if (fills) a.KeInsertQueue(queue, mine);
      });
    });
  const both = { workload: users(["create"], ["exit"]) };
  expect(look(driver(true), both).outcomes).toEqual([]);
  expect(look(driver(false), both).outcomes).toEqual(["deadlock"]);
});

test("SV-31: an inbox of a service hands on as many messages as were posted", () => {
  const posting = (posts: number) =>
    defineDriver("inbox", (d) => {
      const served = d.variable("Served");
      const request = d.request("Serve", (r) => {
        r.InterlockedIncrement(served);
      });
      d.service("Agent", (s) => {
        const inbox = s.queue("Inbox");
        s.thread("Posts", (t) => {
          for (let i = 0; i < posts; i++) t.PostThreadMessage(inbox);
        });
        s.thread("Serves", (t) => {
          t.forever(() => {
            t.GetMessage(inbox);
            t.DeviceIoControl(request);
          });
        });
      });
    });
  for (const posts of [0, 1, 3]) {
    expect(look(posting(posts), { workload: [] }).finals("Served")).toEqual([[posts]]);
  }
});
