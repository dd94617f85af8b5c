import { expect, test } from "vitest";
import { RootKind } from "../../src/machine/opcodes.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { compile, longestUs, look, timedRun, users } from "./support/look.ts";

const thread = { workload: users(["create a thread"]) } as const;

test("CB-T1, CB-T5: a thread callback is told of every thread's creation: a process's, another, a system thread", () => {
  const driver = (starts: boolean) =>
    defineDriver("counts", (d) => {
      const count = d.variable("Count");
      const onThread = d.onThreadCreate("OnThread", (a) => {
        a.InterlockedIncrement(count);
      });
      d.driverEntry((a) => {
        a.PsSetCreateThreadNotifyRoutine(onThread);
        if (starts) a.PsCreateSystemThread(a.systemThread("Own", () => {}));
      });
    });
  expect(look(driver(false)).finals("Count")).toEqual([[1]]);
  expect(look(driver(false), thread).finals("Count")).toEqual([[1]]);
  expect(look(driver(true), { workload: [] }).finals("Count")).toEqual([[1]]);
  expect(look(driver(true)).finals("Count")).toEqual([[2]]);
});

test("CB-T2: a callback for threads that are not the system's is not told of a system thread", () => {
  const driver = defineDriver("counts", (d) => {
    const count = d.variable("Count");
    const own = d.systemThread("Own", () => {});
    d.onNonSystemThreadCreate("OnThread", (a) => {
      a.InterlockedIncrement(count);
    });
    d.driverEntry((a) => {
      a.PsCreateSystemThread(own);
    });
  });
  expect(look(driver, { workload: [] }).ever("Count")).toEqual([0]);
  expect(look(driver).finals("Count")).toEqual([[1]]);
});

test("CB-Q2, CB-T1: a new thread runs only after the callbacks of its creation have returned", () => {
  const driver = defineDriver("order", (d) => {
    const done = d.variable("Done");
    const early = d.variable("Early");
    d.onThreadCreate("OnCreate", (a) => {
      a.KeDelayExecutionThread("1ms");
      a.InterlockedExchange(done, 1);
    });
    d.onThreadExit("OnExit", (a) => {
      a.when(done.equals(0), () => a.InterlockedIncrement(early));
    });
  });
  expect(look(driver, thread).finals("Done", "Early")).toEqual([[1, 0]]);
});

test("CB-T2, T6: the creator waits for its own thread's callbacks, not for those in the new thread", () => {
  const driver = (inNewThread: boolean) =>
    defineDriver("slow", (d) => {
      const register = inNewThread ? d.onNonSystemThreadCreate : d.onThreadCreate;
      register("OnThread", (a) => {
        a.KeDelayExecutionThread("200ms");
      });
    });
  const creator = (inNewThread: boolean): number => {
    const trace = timedRun(compile(driver(inNewThread), thread));
    const took = trace.roots
      .filter(({ kind, who }) => kind === RootKind.operation && who.name === "user1")
      .map(({ took: us }) => us);
    return Math.max(0, ...took);
  };
  expect(creator(false)).toBeGreaterThan(200_000);
  expect(creator(true)).toBeLessThan(10_000);
});

test("CB-T4, CB-Q5: thread exit is told of in the thread that ends, before its process's exit", () => {
  const driver = defineDriver("exits", (d) => {
    const threads = d.variable("Threads");
    const before = d.variable("Before");
    const after = d.variable("After");
    d.onThreadExit("OnThreadExit", (a) => {
      a.InterlockedIncrement(threads);
    });
    d.onProcessExit("OnProcessExit", (a) => {
      a.when(threads.equals(1), () => a.InterlockedIncrement(before));
      a.when(threads.equals(0), () => a.InterlockedIncrement(after));
    });
  });
  expect(look(driver, { workload: users(["exit"]) }).finals("Threads", "Before", "After")).toEqual([
    [1, 1, 0],
  ]);
});

test("P30: to wait in a creation callback for the thread that is created never ends; to look does", () => {
  const driver = (waits: boolean) =>
    defineDriver("waits", (d) => {
      d.onThreadCreate("OnThread", (a) => {
        const thread = a.thread("subject");
        if (waits) a.KeWaitForSingleObject(thread);
        else a.KeWaitForSingleObject(thread, { Timeout: 0 });
      });
    });
  const seen = look(driver(true), thread);
  expect(seen.outcomes).toEqual(["deadlock"]);
  expect(seen.observations[0].target.mechanism).toBe("callback waits for a thread's end (circle)");
  expect(look(driver(false), thread).outcomes).toEqual([]);
});

const queueAndWait = (family: "thread" | "process") =>
  defineDriver("relief", (d) => {
    const register = family === "thread" ? d.onThreadCreate : d.onProcessCreate;
    register("OnEvent", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
    });
  });

test("W10, T2: where the thread callback waits for a work item, the pool's relief never comes", () => {
  // One worker, busy with an item that creates a process: the manager may add one more.
  const pool = { pool: { profile: "tiny", load: "exhausted", items: 1 } } as const;
  const seen = look(queueAndWait("thread"), { ...pool, workload: [] });
  expect(seen.outcomes).toEqual(["deadlock"]);
  expect(look(queueAndWait("process"), { ...pool, workload: [] }).outcomes).toEqual([]);
});

test("CB-U2: a thread callback is not called before it is registered or after it is removed", () => {
  const driver = (removes: boolean) =>
    defineDriver("registers", (d) => {
      const count = d.variable("Count");
      const own = d.systemThread("Own", () => {});
      const onThread = d.onThreadCreate("OnThread", (a) => {
        a.InterlockedIncrement(count);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(own);
        a.PsSetCreateThreadNotifyRoutine(onThread);
        if (removes) a.PsRemoveCreateThreadNotifyRoutine(onThread);
      });
    });
  expect(look(driver(false)).finals("Count")).toEqual([[1]]);
  expect(look(driver(true)).ever("Count")).toEqual([0]);
});

test("CB-L3, CB-T5: a neighbour's file filter creates a thread in whoever opens a file", () => {
  const driver = (waits: boolean) =>
    defineDriver("populates", (d) => {
      const populated = d.event("Populated", "NotificationEvent");
      const onThread = d.onThreadCreate("OnThread", (a) => {
        if (waits) a.KeWaitForSingleObject(populated);
      });
      const populate = d.systemThread("Populate", (a) => {
        a.ZwReadFile();
        a.KeSetEvent(populated);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(populate);
        a.PsSetCreateThreadNotifyRoutine(onThread);
      });
    });
  const beside = { neighbour: "creates a thread" } as const;
  expect(look(driver(true)).outcomes).toEqual([]);
  expect(look(driver(true), beside).outcomes).toEqual(["deadlock"]);
  expect(look(driver(false), beside).outcomes).toEqual([]);
});

test("CB-Q8: the callbacks of a thread's creation add to its creator's time", () => {
  const driver = defineDriver("two", (d) => {
    for (const name of ["First", "Second"]) {
      d.onThreadCreate(name, (a) => {
        a.KeDelayExecutionThread("30ms");
      });
    }
  });
  const trace = timedRun(compile(driver, thread));
  expect(longestUs(trace, RootKind.event)).toBeGreaterThanOrEqual(60_000);
  expect(longestUs(trace, RootKind.event)).toBeLessThan(61_000);
});
