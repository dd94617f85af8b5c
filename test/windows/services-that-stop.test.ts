/** A hung or a slow service stops in user mode ahead of any of its calls, the fetch included. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { hang } from "./support/hang.ts";
import { compile, longestUs, look, timedRuns } from "./support/look.ts";

const hung = { service: { condition: "hung" } } as const;
const slow = { service: { condition: "slow" } } as const;

/** A callback sends a message, and a service fetches it and perhaps replies; it never computes. */
const sending = (
  wants: "reply" | "no reply",
  timeout?: "200ms" | "10s",
  threads = 1,
): DriverModel =>
  defineDriver("sending", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => {
      if (timeout === undefined) a.FltSendMessage(port, wants);
      else a.FltSendMessage(port, wants, { Timeout: timeout });
    });
    d.service("Agent", (s) => {
      s.thread(
        "Answer",
        (t) => {
          const message = t.pointer("Message");
          t.forever(() => {
            t.FilterGetMessage(port, message);
            if (wants === "reply") t.FilterReplyMessage(message);
          });
        },
        { count: threads },
      );
    });
  });

test.each(["reply", "no reply"] as const)(
  'a message with "%s" waits for ever behind a service that hangs ahead of its fetch',
  (wants) => {
    expect(hang(sending(wants), hung)).toContain("service waits for nothing: it is hung");
    expect(look(sending(wants)).outcomes).toEqual([]);
    // It waits as long as it was told to, and no longer.
    expect(look(sending(wants, "200ms"), hung).outcomes).toEqual([]);
  },
);

test("a service that hangs hangs with all its threads", () => {
  expect(look(sending("no reply", undefined, 2), hung).outcomes).toEqual(["deadlock"]);
  expect(look(sending("no reply", undefined, 2)).outcomes).toEqual([]);
});

/** A callback waits for what a service does second, by a request; or nobody waits for that. */
const second = (waits: boolean): DriverModel =>
  defineDriver("second", (d) => {
    const first = d.event("First", "NotificationEvent");
    const done = d.event("Done", "NotificationEvent");
    const begin = d.request("Begin", (r) => {
      r.KeSetEvent(first);
    });
    const end = d.request("End", (r) => {
      r.KeSetEvent(done);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const now = a.KeWaitForSingleObject(first, { Timeout: 0 });
      a.when(now.succeeded(), () => {
        if (waits) a.KeWaitForSingleObject(done);
      });
    });
    d.service("Agent", (s) => {
      s.thread("Works", (t) => {
        t.DeviceIoControl(begin);
        t.DeviceIoControl(end);
      });
    });
  });

test("a service that hangs between two of its requests keeps whoever waits for the second", () => {
  expect(look(second(true), hung).outcomes).toEqual(["deadlock"]);
  expect(look(second(true)).outcomes).toEqual([]);
  expect(look(second(false), hung).outcomes).toEqual([]);
});

/** One thread of a service holds a lock of its own that the one which answers needs. */
const locking = (asks: boolean): DriverModel =>
  defineDriver("locking", (d) => {
    const port = d.port("Port");
    d.onProcessCreate("OnCreate", (a) => {
      if (asks) a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      const lock = s.criticalSection("Lock");
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
        t.EnterCriticalSection(lock);
        t.FilterReplyMessage(message);
        t.LeaveCriticalSection(lock);
      });
      s.thread("Works", (t) => {
        t.EnterCriticalSection(lock);
        t.LeaveCriticalSection(lock);
      });
    });
  });

test("a service that hangs with a lock of its own is no hang of anybody who does not ask it", () => {
  expect(look(locking(true), hung).outcomes).toEqual(["deadlock"]);
  expect(look(locking(true)).outcomes).toEqual([]);
  expect(look(locking(false), hung).outcomes).toEqual([]);
});

/** A callback waits for the end of a service that has nothing to do. */
const ending = (waits: boolean): DriverModel =>
  defineDriver("ending", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      if (waits) a.KeWaitForSingleObject(a.process("service"));
    });
    d.service("Agent", (s) => {
      s.thread("Leaves", (t) => {
        t.Compute("1ms");
      });
    });
  });

test("a service that hangs ahead of leaving never ends", () => {
  expect(look(ending(true), hung).outcomes).toEqual(["deadlock"]);
  expect(look(ending(true)).outcomes).toEqual([]);
  expect(look(ending(false), hung).outcomes).toEqual([]);
});

test("a service that hangs ends when it is told to, so that the driver is unloaded", () => {
  const driver = sending("no reply");
  expect(look(driver, { ...hung, removal: "racing" }).outcomes).toEqual([]);
});

const worstUs = (driver: DriverModel, world: Parameters<typeof compile>[1]): number =>
  Math.max(...timedRuns(compile(driver, world), 40).map((trace) => longestUs(trace)));

test("a slow service that never computes is slow once, ahead of one of its calls", () => {
  const us = worstUs(sending("reply", "10s"), slow);
  expect(us).toBeGreaterThan(2_000_000);
  expect(us).toBeLessThan(2_001_000);
  expect(worstUs(sending("reply", "10s"), {})).toBeLessThan(1_000);
});

/** It works on what it has fetched. */
const computing = defineDriver("computing", (d) => {
  const port = d.port("Port");
  d.onProcessCreate("OnCreate", (a) => {
    a.FltSendMessage(port, "reply", { Timeout: "10s" });
  });
  d.service("Agent", (s) => {
    s.thread("Answer", (t) => {
      const message = t.pointer("Message");
      t.forever(() => {
        t.FilterGetMessage(port, message);
        t.Compute("100ms");
        t.FilterReplyMessage(message);
      });
    });
  });
});

test("where a slow service computes it is slow, and not ahead of the calls around it as well", () => {
  const us = worstUs(computing, slow);
  expect(us).toBeGreaterThan(2_000_000);
  expect(us).toBeLessThan(2_001_000);
});
