/** To stand before an entry, a rundown or DPCs is a wait as any, with a timeout, too; a look at once is none. */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { users, worldWith } from "../explore/support/worlds.ts";
import { look } from "../windows/support/look.ts";
import { findingsIn } from "./support/findings.ts";

type Timeout = 0 | "50ms" | undefined;
const timeouts = [undefined, "50ms"] as const;
const within = (timeout: Timeout) => (timeout === undefined ? {} : { Timeout: timeout });

/** A callback takes from a queue that another thread fills. */
const takes = (timeout: Timeout) =>
  defineDriver("takes", (d) => {
    const verdicts = d.queue("Verdicts");
    const verdict = d.record("Verdict", (r) => r.variable("Denied"));
    const fills = d.systemThread("Fills", (t) => {
      const one = t.pointer("One", verdict);
      t.ExAllocateFromLookasideListEx(one);
      t.KeInsertQueue(verdicts, one);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(fills);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const one = a.pointer("Mine", verdict);
      a.KeRemoveQueue(verdicts, one, within(timeout));
    });
  });

test.each(timeouts)(
  "R5, R6b: a callback that takes from a queue with timeout %s waits",
  (timeout) => {
    expect(look(takes(timeout)).broken).toEqual(["R5", "R6b"]);
    expect(look(takes(0)).broken).toEqual([]);
  },
);

/** A callback reads what a service writes to a pipe. */
const reads = (timeout: Timeout) =>
  defineDriver("reads", (d) => {
    const pipe = d.port("Pipe");
    d.onProcessCreate("OnCreate", (a) => {
      a.NtReadFile(pipe, within(timeout));
    });
    d.service("Svc", (s) => {
      s.thread("Writes", (t) => {
        t.NtWriteFile(pipe);
      });
    });
  });

test.each(timeouts)(
  "R2, R4, R5, R6b: a callback that reads from a pipe with timeout %s waits for a service",
  (timeout) => {
    expect(look(reads(timeout)).broken).toEqual(["R2", "R4", "R5", "R6b"]);
    expect(look(reads(0)).broken).toEqual([]);
  },
);

/** A callback waits until nobody has a rundown reference any more: a work item of its own has one, or nobody. */
const runsDown = (has: "an item" | "nobody") =>
  defineDriver("runsDown", (d) => {
    const protection = d.rundown("Users");
    d.onProcessCreate("OnCreate", (a) => {
      if (has === "an item") {
        const item = a.workItem("Scan", (w) => w.ExReleaseRundownProtection(protection));
        a.when(a.ExAcquireRundownProtection(protection).succeeded(), () =>
          a.IoQueueWorkItem(item, "DelayedWorkQueue"),
        );
      }
      a.ExWaitForRundownProtectionRelease(protection);
    });
  });

test("R5, R7: to wait for a rundown is to wait for whoever has protection", () => {
  expect(look(runsDown("an item")).broken).toEqual(["R5", "R6b", "R7"]);
  expect(look(runsDown("nobody")).broken).toEqual([]);
});

/** Rules broken by what harms nobody by itself: a hang breaks others, as every wait in a callback does. */
const rulesAlone = (driver: Parameters<typeof look>[0]): string[] =>
  look(driver).observations.flatMap(({ target, rules }) =>
    target.outcome === "rule" ? rules : [],
  );

test("B1, R5: who waits for himself, or for nobody who comes, waits for no other thread", () => {
  const removes = defineDriver("removes", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      a.PsSetCreateProcessNotifyRoutineEx(a.self, "TRUE");
    });
  });
  expect(rulesAlone(removes)).toEqual(["B1"]);
  const forgets = defineDriver("forgets", (d) => {
    const protection = d.rundown("Users");
    d.onProcessCreate("OnCreate", (a) => {
      a.ExAcquireRundownProtection(protection);
      a.ExWaitForRundownProtectionRelease(protection);
    });
  });
  expect(rulesAlone(forgets)).toEqual([]);
  expect(look(forgets).outcomes).toEqual(["deadlock"]);
});

const flushes = (queues: boolean) =>
  defineDriver("flushes", (d) => {
    const count = d.variable("Count");
    const counts = queues ? d.dpc("Dpc", (p) => p.InterlockedIncrement(count)) : undefined;
    d.onProcessCreate("OnCreate", (a) => {
      if (counts !== undefined) a.KeInsertQueueDpc(counts);
      a.KeFlushQueuedDpcs();
    });
  });

test("R5: to flush DPCs is to wait for those that are queued", () => {
  expect(look(flushes(true)).broken).toEqual(["R5", "R6b"]);
  expect(look(flushes(false)).broken).toEqual([]);
});

test("B14: while attached nobody waits for an entry either", () => {
  const attached = (timeout: Timeout) =>
    defineDriver("attached", (d) => {
      const pipe = d.port("Pipe");
      const reads = d.systemThread("Reads", (t) => {
        t.KeStackAttachProcess();
        t.NtReadFile(pipe, within(timeout));
        t.KeUnstackDetachProcess();
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(reads);
      });
    });
  expect(look(attached("50ms"), { workload: [] }).broken).toContain("B14");
});

test("the story of a broken rule has the callback stand at what it waits for", () => {
  const world = worldWith({ workload: users(1, "create") });
  for (const driver of [takes("50ms"), reads("50ms"), runsDown("an item"), flushes(true)]) {
    const [rule] = findingsIn(driver, world, "held up").filter(({ outcome }) => outcome === "rule");
    const waits = rule.steps.filter(({ came }) => came.some(({ kind }) => kind === "waits"));
    expect(waits.map(({ opId }) => opId)).toEqual([rule.identity]);
    expect(waits[0].routine).toBe("OnCreate");
  }
});

/** How many of the waits were had, of all that there are, with what is never had by name. */
function waitsOf(driver: Parameters<typeof look>[0]): object {
  const drivers = [driver].flat();
  const worlds = [worldWith({ workload: users(1, "create") })];
  return check({ drivers, worlds }, { scope: "small", budget: 20_000, seed: "held up" }).waits;
}

test("a wait that a timeout ends was contended; what only looks is no wait", () => {
  expect(waitsOf(takes("50ms"))).toEqual({ contended: 1, of: 1, never: [] });
  expect(waitsOf(reads("50ms"))).toEqual({ contended: 1, of: 1, never: [] });
  expect(waitsOf(takes(0))).toEqual({ contended: 0, of: 0, never: [] });
  const event = (timeout: Timeout) =>
    defineDriver("event", (d) => {
      const go = d.event("Go", "NotificationEvent");
      d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(go, within(timeout)));
    });
  expect(waitsOf(event("50ms"))).toEqual({ contended: 1, of: 1, never: [] });
  expect(waitsOf(event(0))).toEqual({ contended: 0, of: 0, never: [] });
});
