/** What no pair of the parts of a world shows: one user more than there is room for, one event alone, a fault and what it meets. */
import { expect, test } from "vitest";
import type { BoundName } from "../../src/base/bounds.ts";
import { check } from "../../src/campaign/check.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { worldsBeside } from "../../src/worlds/beside.ts";
import { boundsOf, worldsFor } from "../../src/worlds/worlds.ts";

/** How the driver hangs in those of its worlds. */
function hangs(driver: DriverModel, of: (world: World) => boolean, budget = 60_000): string[] {
  const worlds = worldsFor([driver], "default").filter(of);
  expect(worlds.length, driver.name).toBeGreaterThan(0);
  const { findings } = check(
    { drivers: [driver], worlds },
    { scope: "default", budget, seed: "beside" },
  );
  return findings
    .map(({ finding }) => finding)
    .filter(({ outcome }) => outcome === "deadlock" || outcome === "livelock")
    .map(({ outcome, mechanism }) => `${outcome}: ${mechanism}`);
}

/** Worlds in which nothing but events comes, of so many users; of those who do this. */
const isPlain = ({ startup, removal }: World): boolean =>
  startup === "before" && removal === "none";
const users = (count: number) => (world: World) =>
  isPlain(world) && world.workload.length === count;
const does =
  (...actions: readonly string[]) =>
  (world: World) =>
    isPlain(world) && world.workload.flatMap((user) => user.does).join() === actions.join();

/** So many slots, of which each creation takes so many, one by one. */
const slotted = (units: number, each: number) =>
  defineDriver("slotted", (d) => {
    const slots = d.semaphore("Slots", units, units);
    d.onProcessCreate("OnCreate", (a) => {
      for (let i = 0; i < each; i++) a.KeWaitForSingleObject(slots);
      a.KeReleaseSemaphore(slots, each);
    });
  });

test("a semaphore is asked for by one user more than it has units", () => {
  for (const units of [2, 3, 4, 5]) {
    const most = worldsFor([slotted(units, 1)], "default").map(({ workload }) => workload.length);
    expect(Math.max(...most)).toBe(units + 1);
  }
  expect(hangs(slotted(3, 2), users(4))).toHaveLength(1);
  expect(hangs(slotted(3, 2), users(2))).toEqual([]);
  expect(hangs(slotted(3, 1), users(4))).toEqual([]);
});

/** Threads of the driver's own that do its jobs, of which each has a smaller one done: by another of them, or by itself. */
const pooled = (threads: number, hands: "on" | "nothing") =>
  defineDriver("pooled", (d) => {
    const jobs = d.queue("Jobs");
    const job = d.record("JOB", (r) => r.event("Done", "NotificationEvent").variable("Kind"), {
      max: 8,
    });
    const pump = d.systemThread("Pump", (t) => {
      const mine = t.pointer("Job", job);
      const sub = t.pointer("Sub", job);
      t.forever(() => {
        t.KeRemoveQueue(jobs, mine);
        if (hands === "on") {
          t.when(mine.field("Kind").equals(0), () => {
            const got = t.ExAllocateFromLookasideListEx(sub);
            t.when(got.succeeded(), () => {
              t.WriteNoFence(sub.field("Kind"), 1);
              t.KeInsertQueue(jobs, sub);
              t.KeWaitForSingleObject(sub.field("Done"));
              t.ObDereferenceObject(sub);
            });
          });
        }
        t.KeSetEvent(mine.field("Done"));
      });
    });
    d.onProcessCreate("OnCreate", (a) => {
      const own = a.pointer("Own", job);
      const got = a.ExAllocateFromLookasideListEx(own);
      a.when(got.failed(), () => a.return());
      a.KeInsertQueue(jobs, own);
      a.KeWaitForSingleObject(own.field("Done"));
    });
    d.driverEntry((a) => {
      a.repeat(threads, () => {
        a.PsCreateSystemThread(pump);
      });
    });
  });

test("threads of the driver's own on one queue are asked by one user more than there are", () => {
  expect(hangs(pooled(3, "on"), users(4)).length).toBeGreaterThan(0);
  expect(hangs(pooled(3, "on"), users(2))).toEqual([]);
  expect(hangs(pooled(3, "nothing"), users(4))).toEqual([]);
});

test("what has more room than there are users makes the claims bounded, by name", () => {
  const claimed = (driver: DriverModel): readonly BoundName[] =>
    check({ drivers: [driver] }, { scope: "default", budget: 20_000, seed: "s" }).results.flatMap(
      (result) => result.bounds,
    );
  expect(boundsOf([slotted(5, 1)], "default")).toEqual([]);
  expect(boundsOf([slotted(6, 1)], "default")).toEqual(["users"]);
  expect(claimed(slotted(64, 1))).toContain("users");
  expect(claimed(slotted(2, 1))).not.toContain("users");
  // Nobody asks for these, and of those that count work there are none to begin with.
  const idle = defineDriver("idle", (d) => {
    d.semaphore("Unused", 64, 64);
    const work = d.semaphore("Work", 0, 64);
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(work, { Timeout: 0 }));
  });
  expect(boundsOf([idle], "default")).toEqual([]);
});

/** What threads wait for is set by a process that is created, or from the beginning. */
const readied = (by: "create" | "entry") =>
  defineDriver("readied", (d) => {
    const ready = d.event("Ready", "NotificationEvent", { signalled: by === "entry" });
    d.onProcessCreate("OnCreate", (a) => a.KeSetEvent(ready));
    d.onThreadCreate("OnThread", (a) => a.KeWaitForSingleObject(ready));
  });

test("each kind of event that a driver listens to comes alone", () => {
  expect(hangs(readied("create"), does("create a thread"))).toHaveLength(1);
  expect(hangs(readied("create"), does("create", "create a thread"))).toEqual([]);
  expect(hangs(readied("entry"), does("create a thread"))).toEqual([]);
  const all = defineDriver("all", (d) => {
    d.onProcess("OnProcess", () => {});
    d.onThread("OnThread", () => {});
    d.onImage("OnImage", () => {});
  });
  for (const kind of ["create", "exit", "create a thread", "load a DLL", "load a driver"]) {
    const alone = worldsFor([all], "default").filter(does(kind));
    expect(alone, kind).toHaveLength(1);
    expect(worldsFor([all], "default").filter(does(kind, kind)).length, kind).toBeGreaterThan(0);
  }
});

/** The end of a process waits for what its beginning has set going, of those that it has seen begin or of all. */
const scanned = (of: "all" | "those it knows") =>
  defineDriver("scanned", (d) => {
    const done = d.perProcess.event("Done", "NotificationEvent");
    const known = d.perProcess.variable("Known", 0);
    d.onProcessCreate("OnCreate", (a) => {
      a.WriteNoFence(known, 1);
      a.KeSetEvent(done);
    });
    d.onProcessExit("OnExit", (a) => {
      if (of === "those it knows") a.when(known.equals(0), () => a.return());
      a.KeWaitForSingleObject(done);
    });
  });

test("a process that was there before the driver exits", () => {
  expect(hangs(scanned("all"), does("exit"))).toHaveLength(1);
  expect(hangs(scanned("all"), does("create and exit"))).toHaveLength(0);
  expect(hangs(scanned("those it knows"), () => true)).toEqual([]);
  const creates = defineDriver("creates", (d) => d.onProcessCreate("OnCreate", () => {}));
  expect(worldsFor([creates], "default").filter(does("exit"))).toEqual([]);
});

/** A start-up that fails removes the callback, in which an event beside it waits for what start-up sets: never, or ahead of that. */
const givesUp = (lets: "go" | "wait") =>
  defineDriver("givesUp", (d) => {
    const ready = d.event("Ready", "NotificationEvent");
    const onCreate = d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(ready));
    d.driverEntry((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
      const got = a.ExAllocatePool2();
      a.when(got.failed(), () => {
        if (lets === "go") a.KeSetEvent(ready);
        a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
        a.return();
      });
      a.KeSetEvent(ready);
    });
  });

/** Unloading tells a thread to end by what it allocates, and waits for that whether or not it could. */
const stops = (waits: "always" | "if told") =>
  defineDriver("stops", (d) => {
    const stop = d.event("Stop", "NotificationEvent");
    const gone = d.event("Gone", "NotificationEvent");
    const made = d.variable("Made", 0);
    const pump = d.systemThread("Pump", (t) => {
      t.KeWaitForSingleObject(stop);
      t.KeSetEvent(gone);
    });
    const onCreate = d.onProcessCreate("OnCreate", () => {});
    d.driverEntry((a) => {
      const started = a.PsCreateSystemThread(pump);
      a.when(started.succeeded(), () => a.WriteNoFence(made, 1));
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      a.when(made.equals(1), () => {
        const got = a.ExAllocatePool2();
        if (waits === "if told") a.when(got.failed(), () => a.KeSetEvent(stop));
        a.when(got.succeeded(), () => a.KeSetEvent(stop));
        a.KeWaitForSingleObject(gone);
      });
    });
  });

test("a call that fails meets events beside start-up, and unloading", () => {
  expect(hangs(givesUp("wait"), () => true)).toHaveLength(1);
  expect(hangs(givesUp("go"), () => true)).toEqual([]);
  expect(hangs(stops("always"), () => true)).toHaveLength(1);
  expect(hangs(stops("if told"), () => true)).toEqual([]);
});

test("few worlds stand beside: four for each kind of event at most, and seven", () => {
  const families = [
    (d: Parameters<Parameters<typeof defineDriver>[1]>[0]) => d.onProcess("OnProcess", () => {}),
    (d: Parameters<Parameters<typeof defineDriver>[1]>[0]) => d.onThread("OnThread", () => {}),
    (d: Parameters<Parameters<typeof defineDriver>[1]>[0]) => d.onImage("OnImage", () => {}),
  ];
  for (let chosen = 1; chosen < 1 << families.length; chosen++) {
    for (const served of [false, true]) {
      const driver = defineDriver("some", (d) => {
        for (const [i, listen] of families.entries()) if (chosen & (1 << i)) listen(d);
        const slots = d.semaphore("Slots", 3, 3);
        const asks = d.systemThread("Asks", (t) => t.KeWaitForSingleObject(slots));
        d.driverEntry((a) => a.PsCreateSystemThread(asks));
        if (served) d.service("Agent", (s) => s.thread("Idle", (t) => t.Sleep("1s")));
      });
      const beside = worldsBeside([driver]);
      const kinds = new Set(beside.map(({ workload }) => workload?.[0]?.does.join()));
      expect(beside.length).toBeLessThanOrEqual(4 * kinds.size + 7);
      const names = worldsFor([driver], "default").map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  }
});

test("what is told in a world with a fault needs one only where a call has failed", () => {
  const leaves = defineDriver("leaves", (d) => {
    const log = d.workItem("Log", (w) => w.ZwWriteFile());
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.ExQueueWorkItem(log, "DelayedWorkQueue");
    });
    d.driverUnload((a) => a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE"));
  });
  const needed = (driver: DriverModel, outcome: string): string[] => {
    const worlds = worldsFor([driver], "default").filter(
      ({ startup, removal }) => startup === "failing" && removal === "racing",
    );
    const { findings } = check(
      { drivers: [driver], worlds },
      { scope: "default", budget: 60_000, seed: "needs" },
    );
    const own = findings.filter(({ finding }) => finding.outcome === outcome);
    expect(own.length).toBeGreaterThan(0);
    return own.map(({ finding }) => finding.needs);
  };
  expect(needed(leaves, "crash")).not.toContain("fault");
  expect(needed(stops("always"), "deadlock")).toContain("fault");
});
