/** Beliefs under which a model of thread and image callbacks goes wrong; process callbacks and locks have theirs beside them. */
import { expect, test } from "vitest";
import { RootKind } from "../../src/machine/opcodes.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { hang } from "./support/hang.ts";
import { compile, longestUs, look, timedRun, timedRuns, users } from "./support/look.ts";

const thread: Partial<World> = { workload: users(["create a thread"]) };
const dll: Partial<World> = { workload: users(["load a DLL"]) };
const families = ["onThreadCreate", "onImageDll"] as const;
const worldOf = { onThreadCreate: thread, onImageDll: dll };

/** Asks a service that works before it answers. */
const asks = (family: (typeof families)[number], timeout: "none" | "300ms") =>
  defineDriver("asks", (d) => {
    const port = d.port("Port");
    d[family]("OnEvent", (a) => {
      a.FltSendMessage(port, "reply", { Timeout: timeout });
    });
    d.service("Agent", (s) => {
      s.thread("Answers", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.Compute("20ms");
          t.FilterReplyMessage(message);
        });
      });
    });
  });
const hung: Partial<World> = { service: { condition: "hung" } };

test.each(families)(
  "T1, SY-3: in %s a circle through an event is found as one of locks is",
  (family) => {
    const driver = (released: boolean) =>
      defineDriver("event", (d) => {
        const lock = d.mutex("Lock");
        d[family]("OnEvent", (a) => {
          const done = a.event("Done", "NotificationEvent");
          const item = a.workItem("Item", (w) => {
            w.KeWaitForMutexObject(lock);
            w.KeSetEvent(done);
            w.KeReleaseMutex(lock);
          });
          a.KeWaitForMutexObject(lock);
          a.IoQueueWorkItem(item, "DelayedWorkQueue");
          if (released) a.KeReleaseMutex(lock);
          a.KeWaitForSingleObject(done);
          if (!released) a.KeReleaseMutex(lock);
        });
      });
    expect(hang(driver(false), worldOf[family])).toBe(
      "callback waits for an event > work item waits for a KMUTEX (circle)",
    );
    expect(hang(driver(true), worldOf[family])).toBe("");
  },
);

test("T2, W10: relief raises thread callbacks in its own thread, and where they ask nobody it comes", () => {
  const driver = defineDriver("relief", (d) => {
    const told = d.variable("Told");
    d.onThreadCreate("OnThread", (a) => {
      a.InterlockedIncrement(told);
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
    });
  });
  const exhausted = {
    workload: [],
    pool: { profile: "tiny", load: "exhausted", items: 1 },
  } as const;
  expect(look(driver, exhausted).outcomes).toEqual([]);
  // Of the foreign item's process, and of the worker that relief added.
  expect(look(driver, exhausted).finals("Told")).toEqual([[2]]);
});

test("T3, P44: a timeout on each image makes a launch slow where it was stuck", () => {
  const images = 20;
  const world = { ...hung, images };
  expect(hang(asks("onImageDll", "none"), { ...hung, ...dll })).not.toBe("");
  // The service stops at some moment: in some run before it has answered at all.
  const traces = timedRuns(compile(asks("onImageDll", "300ms"), world), 20);
  const longest = (kind?: number) => Math.max(...traces.map((trace) => longestUs(trace, kind)));
  expect(longest()).toBeLessThan(301_000);
  expect(longest(RootKind.launch)).toBeGreaterThan(images * 300_000);
});

test("T4, CB-I1: special kernel APCs are off in image callbacks alone, and only in some worlds", () => {
  const reads = (family: (typeof families)[number]) =>
    defineDriver("reads", (d) => {
      d[family]("OnEvent", (a) => {
        a.ZwReadFile();
      });
    });
  const off = { specialApcs: "off" } as const;
  expect(hang(reads("onImageDll"), { ...dll, ...off })).toBe("callback waits for a completion");
  expect(hang(reads("onImageDll"), dll)).toBe("");
  expect(hang(reads("onThreadCreate"), { ...thread, ...off })).toBe("");
});

test.each(families)(
  "T5, APC-5: ending the process frees nobody in %s, whatever its wait mode",
  (family) => {
    const driver = (region: boolean) =>
      defineDriver("killed", (d) => {
        const go = d.event("Go", "NotificationEvent");
        d[family]("OnEvent", (a) => {
          // What the family adds is left for a moment: then termination gets through.
          if (!region) a.KeLeaveCriticalRegion();
          a.KeWaitForSingleObject(go, { WaitMode: "UserMode" });
          if (!region) a.KeEnterCriticalRegion();
        });
        d.service("Agent", (s) => {
          const other =
            family === "onThreadCreate" ? s.thread("Other", () => {}, { count: 0 }) : undefined;
          s.thread("Enters", (t) => {
            if (other !== undefined) t.CreateThread(other);
            else t.LoadLibrary();
          });
        });
      });
    const target = { workload: [], service: { condition: "target" } } as const;
    expect(hang(driver(true), target)).not.toBe("");
    expect(hang(driver(false), target)).toBe("");
  },
);

test("T6, CB-T2: of a queue-and-wait in the new thread the creator feels nothing, and the process starts late", () => {
  const slow = (family: "onThreadCreate" | "onNonSystemThreadCreate") =>
    defineDriver("slow", (d) => {
      d[family]("OnThread", (a) => {
        a.KeDelayExecutionThread("200ms");
      });
    });
  const roots = (family: "onThreadCreate" | "onNonSystemThreadCreate") => {
    const trace = timedRun(compile(slow(family)));
    const of = (kind: number, who: string): number =>
      Math.max(
        0,
        ...trace.roots.filter((r) => r.kind === kind && r.who.name === who).map((r) => r.took),
      );
    return { creator: of(RootKind.operation, "user1"), launch: longestUs(trace, RootKind.launch) };
  };
  expect(roots("onThreadCreate").creator).toBeGreaterThan(200_000);
  expect(roots("onNonSystemThreadCreate").creator).toBeLessThan(10_000);
  expect(roots("onNonSystemThreadCreate").launch).toBeGreaterThan(200_000);
});

test("T7, CB-T1, CB-P1: a thread callback runs in the creator, and the new thread is another's", () => {
  const driver = defineDriver("context", (d) => {
    const inCreator = d.variable("InCreator");
    const inSubject = d.variable("InSubject");
    d.onThreadCreate("OnCreate", (a) => {
      a.when(a.currentIs("subject").not(), () => a.InterlockedIncrement(inCreator));
    });
    d.onNonSystemThreadCreate("OnStart", (a) => {
      a.when(a.currentIs("subject"), () => a.InterlockedIncrement(inSubject));
    });
  });
  expect(look(driver).finals("InCreator", "InSubject")).toEqual([[1, 1]]);
});

test("T8, CB-E4: an exit can be all that is heard of a process, of its threads and of its images", () => {
  const driver = defineDriver("hears", (d) => {
    const creates = d.variable("Creates");
    const exits = d.variable("Exits");
    d.onProcess("OnProcess", (a) => {
      a.when(a.isCreate(), () => a.InterlockedIncrement(creates)).otherwise(() =>
        a.InterlockedIncrement(exits),
      );
    });
    d.onThread("OnThread", (a) => {
      a.when(a.isCreate(), () => a.InterlockedIncrement(creates)).otherwise(() =>
        a.InterlockedIncrement(exits),
      );
    });
    d.onImage("OnImage", (a) => {
      a.InterlockedIncrement(creates);
    });
  });
  // It was there before the driver.
  expect(look(driver, { workload: users(["exit"]) }).finals("Creates", "Exits")).toEqual([[0, 2]]);
});

test("T9, SV-27: a guard that knows the thread does not know the item that creates the next one", () => {
  const driver = (guard: "cause" | "thread") =>
    defineDriver("carried", (d) => {
      const own = d.systemThread("Own", () => {});
      d.onThreadCreate("OnThread", (a) => {
        const item = a.workItem("Helper", (w) => {
          w.PsCreateSystemThread(own);
        });
        a.when(guard === "cause" ? a.causedByOwnWork() : a.currentIs("service"), () => a.return());
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
      });
      d.service("Agent", (s) => {
        s.thread("Idle", (t) => t.Sleep("1ms"));
      });
    });
  expect(look(driver("cause"), thread)).toMatchObject({ outcomes: [], boundHits: 0 });
  // Nobody waits for the next item, so nothing hangs: the chain ends where the model's room does.
  const endless = look(driver("thread"), thread);
  expect(endless.outcomes).toEqual([]);
  expect(endless.boundHits).toBeGreaterThan(0);
});

test.each(["thread", "image"] as const)(
  "T10, CB-U2, CB-U5: removing a %s callback lets no new call in, and returns when none is left",
  (family) => {
    const driver = defineDriver("unloading", (d) => {
      const inside = d.variable("Inside");
      const isGone = d.variable("IsGone");
      const left = d.variable("Left");
      const late = d.variable("Late");
      const register = family === "thread" ? d.onThreadCreate : d.onImageDll;
      const callback = register("OnEvent", (a) => {
        a.when(isGone.equals(1), () => a.InterlockedIncrement(late));
        a.InterlockedIncrement(inside);
        a.KeDelayExecutionThread("1ms");
        a.InterlockedDecrement(inside);
      });
      d.driverUnload((a) => {
        if (family === "thread") a.PsRemoveCreateThreadNotifyRoutine(callback);
        else a.PsRemoveLoadImageNotifyRoutine(callback);
        a.when(inside.notEquals(0), () => a.InterlockedIncrement(left));
        a.InterlockedExchange(isGone, 1);
      });
    });
    const event = family === "thread" ? "create a thread" : "load a DLL";
    const seen = look(driver, { removal: "racing", workload: users([event], [event]) });
    expect(seen.outcomes).toEqual([]);
    expect(seen.ever("Left")).toEqual([0]);
    expect(seen.ever("Late")).toEqual([0]);
  },
);

test.each(families)(
  "T11, CB-Q8: two drivers' %s add up in one event, two events overlap",
  (family) => {
    const delaying = (name: string) =>
      defineDriver(name, (d) => {
        d[family](`On${name}`, (a) => {
          a.KeDelayExecutionThread("100ms");
        });
      });
    const drivers = [delaying("A"), delaying("B")];
    const action = family === "onThreadCreate" ? "create a thread" : "load a DLL";
    for (const workload of [users([action]), users([action], [action])]) {
      const trace = timedRun(compile(drivers, { workload }));
      expect(Math.abs(longestUs(trace, RootKind.event) - 200_000)).toBeLessThan(100);
      expect(longestUs(trace, RootKind.operation)).toBeLessThan(220_000);
    }
  },
);

test("T14, CB-Q5, CB-T4: the process's exit comes after every sibling's own exit callback", () => {
  const driver = defineDriver("exits", (d) => {
    const threads = d.variable("Threads");
    const early = d.variable("Early");
    d.onThreadExit("OnThreadExit", (a) => {
      a.KeDelayExecutionThread("1ms");
      a.InterlockedIncrement(threads);
    });
    d.onProcessExit("OnProcessExit", (a) => {
      a.when(threads.below(3), () => a.InterlockedIncrement(early));
    });
    d.service("Agent", (s) => {
      s.thread("Leaves", (t) => {
        t.Sleep("1ms");
      });
      s.thread("Idles", (t) => t.Sleep("2ms"), { count: 2 });
    });
  });
  const seen = look(driver, { workload: [] });
  expect(seen.ever("Early")).toEqual([0]);
  expect(seen.finals("Threads")).toEqual([[3]]);
});

test("T15, CB-I2, CB-I3, CB-L3: a DLL is told of in the thread that maps it, under the loader lock; a driver on a worker", () => {
  const driver = defineDriver("where", (d) => {
    const inMapper = d.variable("InMapper");
    const onWorker = d.variable("OnWorker");
    d.onImageDll("OnDll", (a) => {
      a.when(a.currentIs("service"), () => a.InterlockedIncrement(inMapper));
    });
    d.onImageDriver("OnDriver", (a) => {
      a.when(a.currentIs("system"), () => a.InterlockedIncrement(onWorker));
    });
    d.service("Agent", (s) => {
      s.thread("Loads", (t) => {
        t.LoadLibrary();
      });
    });
  });
  const seen = look(driver, { workload: users(["load a driver"]) });
  expect(seen.finals("InMapper", "OnWorker")).toEqual([[1, 1]]);
  // Two threads of a process map one DLL after the other.
  const held = defineDriver("held", (d) => {
    const inside = d.variable("Inside");
    const both = d.variable("Both");
    d.onImageDll("OnDll", (a) => {
      a.InterlockedIncrement(inside);
      a.when(inside.equals(2), () => a.InterlockedIncrement(both));
      a.InterlockedDecrement(inside);
    });
    d.service("Agent", (s) => {
      s.thread("Loads", (t) => t.LoadLibrary(), { count: 2 });
    });
  });
  expect(look(held, { workload: [] }).ever("Both")).toEqual([0]);
  // Threads of different processes do not wait for each other.
  const free = { workload: users(["load a DLL"], ["load a DLL"]) };
  expect(look(held, free).ever("Both")).toContain(1);
});
