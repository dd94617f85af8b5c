/** A system thread's end, waited for by its object: PsCreateSystemThread, KeWaitForSingleObject (W25). */
import { expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { latenciesOf } from "../../src/explore/latency-findings.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel } from "./support/locks.ts";
import { compile, look, timedRuns, users } from "./support/look.ts";

const racing = { removal: "racing" } as const;

/** A worker that waits for work, and for being told to end; DriverUnload does `ends`. */
const withWorker = (
  ends: (a: Kernel, worker: { thread: never; stop: never; done: never }) => void,
  lastCalls: "sets done" | "" = "",
) =>
  defineDriver("worker", (d) => {
    const thread = d.threadObject("Thread");
    const stop = d.event("Stop", "NotificationEvent");
    const done = d.event("Done", "NotificationEvent");
    const work = d.event("Work", "SynchronizationEvent");
    const pump = d.systemThread("Pump", (t) => {
      t.forever(() => {
        const woken = t.KeWaitForMultipleObjects([stop, work], "WaitAny");
        t.when(woken.is("object0"), () => {
          if (lastCalls === "sets done") t.KeSetEvent(done);
          t.PsTerminateSystemThread();
        });
        t.DbgPrint();
      });
    });
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.KeSetEvent(work);
    });
    d.driverEntry((a) => {
      const made = a.PsCreateSystemThread(pump, { ThreadHandle: thread });
      a.when(made.failed(), () => a.return());
      a.ObReferenceObjectByHandle();
      a.ZwClose();
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "FALSE");
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      ends(a, { thread, stop, done } as never);
    });
  });

test("W25: an unloading that tells its worker to end and waits for its thread is clean", () => {
  const joins = withWorker((a, { thread, stop }) => {
    a.KeSetEvent(stop);
    a.KeWaitForSingleObject(thread);
    a.ObDereferenceObject(thread);
  });
  const seen = look(joins, racing);
  expect(seen.outcomes).toEqual([]);
  expect(seen.broken).toEqual([]);
  const failing = look(joins, { ...racing, startup: "failing" });
  expect(failing.outcomes).toEqual([]);
});

test("W25: one that does not tell it hangs, one that does not wait loses the code under it", () => {
  const forgets = withWorker((a, { thread }) => a.KeWaitForSingleObject(thread));
  const hangs = look(forgets, racing);
  expect(hangs.outcomes).toEqual(["deadlock"]);
  expect(hangs.observations[0].target.mechanism).toContain("a thread's end");
  const leaves = withWorker((a, { stop }) => a.KeSetEvent(stop));
  expect(look(leaves, racing).outcomes).toEqual(["crash"]);
});

test("W25: to wait for an event that it sets ahead of PsTerminateSystemThread is too early", () => {
  const early = withWorker((a, { stop, done }) => {
    a.KeSetEvent(stop);
    a.KeWaitForSingleObject(done);
  }, "sets done");
  expect(look(early, racing).outcomes).toEqual(["crash"]);
  const both = withWorker((a, { stop, done, thread }) => {
    a.KeSetEvent(stop);
    a.KeWaitForSingleObject(done);
    a.KeWaitForSingleObject(thread);
  }, "sets done");
  expect(look(both, racing).outcomes).toEqual([]);
});

test("W25: under a lock that the thread needs to come to its end, its end is waited for in vain", () => {
  const join = (isReleased: boolean) =>
    defineDriver("joins", (d) => {
      const thread = d.threadObject("Thread");
      const lock = d.mutex("Lock");
      const pump = d.systemThread("Pump", (t) => {
        t.KeWaitForSingleObject(lock);
        t.KeReleaseMutex(lock);
        t.PsTerminateSystemThread();
      });
      d.onProcessCreate("OnCreate", (a) => {
        a.KeWaitForSingleObject(lock);
        const made = a.PsCreateSystemThread(pump, { ThreadHandle: thread });
        if (isReleased) a.KeReleaseMutex(lock);
        a.when(made.succeeded(), () => a.ZwWaitForSingleObject(thread));
        if (!isReleased) a.KeReleaseMutex(lock);
      });
    });
  expect(look(join(false)).outcomes).toEqual(["deadlock"]);
  const good = look(join(true));
  expect(good.outcomes).toEqual([]);
  expect(good.broken).toContain("R5");
});

test("W25: each thread has its own object, and a later one of the same routine is another", () => {
  const twice = (waitsFor: "first" | "second" | "both") =>
    defineDriver("twice", (d) => {
      const first = d.threadObject("First");
      const second = d.threadObject("Second");
      const ended = d.variable("Ended");
      const pump = d.systemThread("Pump", (t) => t.InterlockedIncrement(ended));
      const seen = d.variable("Seen", 9);
      d.onProcessCreate("OnCreate", (a) => {
        a.PsCreateSystemThread(pump, { ThreadHandle: first });
        a.PsCreateSystemThread(pump, { ThreadHandle: second });
        if (waitsFor !== "second") a.KeWaitForSingleObject(first);
        if (waitsFor !== "first") a.KeWaitForSingleObject(second);
        const now = a.InterlockedCompareExchange(ended, 2, 2);
        for (const n of [1, 2]) a.when(now.is(n), () => a.WriteNoFence(seen, n));
      });
    });
  expect(look(twice("first")).finals("Seen")).toEqual([[1], [2]]);
  expect(look(twice("second")).finals("Seen")).toEqual([[1], [2]]);
  expect(look(twice("both")).finals("Seen")).toEqual([[2]]);
});

test("W25: a pointer that no thread was kept in is empty, as one whose thread did not start", () => {
  const checks = (isChecked: boolean) =>
    defineDriver("checks", (d) => {
      const thread = d.threadObject("Thread");
      const pump = d.systemThread("Pump", (t) => t.DbgPrint());
      d.onProcessCreate("OnCreate", (a) => {
        const made = a.PsCreateSystemThread(pump, { ThreadHandle: thread });
        if (isChecked) a.when(made.failed(), () => a.return());
        a.KeWaitForSingleObject(thread);
      });
    });
  const failing = { startup: "failing" } as const;
  expect(look(checks(false), failing).outcomes).toEqual(["crash"]);
  expect(look(checks(true), failing).outcomes).toEqual([]);
});

test("CB-T5: callbacks that the creation raises do not change which thread is kept", () => {
  const told = defineDriver("told", (d) => {
    const thread = d.threadObject("Thread");
    const other = d.threadObject("Other");
    const started = d.variable("Started");
    const never = d.event("Never", "NotificationEvent");
    const stays = d.systemThread("Stays", (t) => t.KeWaitForSingleObject(never));
    const ends = d.systemThread("Ends", (t) => t.DbgPrint());
    d.onThreadCreate("OnThread", (a) => {
      const was = a.InterlockedExchange(started, 1);
      a.when(was.is(0), () => {
        a.PsCreateSystemThread(stays, { ThreadHandle: other });
      });
    });
    d.onProcessCreate("OnCreate", (a) => {
      a.PsCreateSystemThread(ends, { ThreadHandle: thread });
      a.KeWaitForSingleObject(thread);
    });
  });
  expect(look(told, { workload: users(["create"]) }).outcomes).toEqual([]);
});

test("W25: a request that waits for a thread that it has told to end is at work, for another's it is at rest", () => {
  const flushes = (tells: boolean) =>
    defineDriver("flushes", (d) => {
      const thread = d.threadObject("Thread");
      const stop = d.event("Stop", "NotificationEvent");
      const pump = d.systemThread("Pump", (t) => {
        t.KeWaitForSingleObject(stop);
        t.other("FlushCaches", { cost: "20s" });
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(pump, { ThreadHandle: thread });
      });
      d.onProcessCreate("OnCreate", (a) => {
        if (!tells) a.KeSetEvent(stop);
      });
      const flush = d.request("Flush", (r) => {
        if (tells) r.KeSetEvent(stop);
        r.KeWaitForSingleObject(thread);
      });
      d.service("Agent", (s) => {
        s.thread("Asks", (t) => t.DeviceIoControl(flush));
      });
    });
  const late = (tells: boolean): number => {
    const program = compile(flushes(tells), {});
    return timedRuns(program, 20)
      .flatMap((trace) => latenciesOf(program, trace))
      .filter(({ target }) => target.of === "request").length;
  };
  expect(late(true)).toBeGreaterThan(0);
  expect(late(false)).toBe(0);
});

test("who writes what cannot be gets one line", () => {
  const refused = (body: (a: Kernel) => void): string => {
    try {
      defineDriver("refused", (d) => {
        d.onProcessCreate("OnCreate", (a) => body(a));
      });
    } catch (error) {
      if (error instanceof InputError) return error.reason;
      throw error;
    }
    return "";
  };
  expect(refused((a) => a.PsTerminateSystemThread())).toContain(
    "PsTerminateSystemThread ends a system thread, and is called in its own routine: return from OnCreate first",
  );
});
