/** Each way in which one can wait for another: closed to a circle, and cut. */
import { describe, expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { hang } from "./support/hang.ts";
import { look, users } from "./support/look.ts";

const nobody: Partial<World> = { workload: [] };
const thread: Partial<World> = { workload: users(["create a thread"]) };
const dll: Partial<World> = { workload: users(["load a DLL"]) };

test("thread → lock owner, SY-5, SY-8: of two threads in opposite orders each waits for the other's lock", () => {
  const driver = (ordered: boolean) =>
    defineDriver("locks", (d) => {
      const first = d.mutex("First");
      const second = d.fastMutex("Second");
      d.onThreadCreate("OnThread", (a) => {
        a.KeWaitForMutexObject(first);
        a.ExAcquireFastMutex(second);
        a.ExReleaseFastMutex(second);
        a.KeReleaseMutex(first);
      });
      d.onImageDll("OnDll", (a) => {
        if (ordered) a.KeWaitForMutexObject(first);
        a.ExAcquireFastMutex(second);
        if (!ordered) a.KeWaitForMutexObject(first);
        a.ExReleaseFastMutex(second);
        a.KeReleaseMutex(first);
      });
    });
  const both = { workload: users(["create a thread"], ["load a DLL"]) };
  expect(hang(driver(false), both)).toMatch(/KMUTEX.*FAST_MUTEX|FAST_MUTEX.*KMUTEX/);
  expect(hang(driver(true), both)).toBe("");
});

test("thread → rundown count holders, SY-17: who waits for a rundown waits for whoever holds protection", () => {
  const driver = (released: boolean) =>
    defineDriver("runs-down", (d) => {
      const clients = d.rundown("Clients");
      const go = d.event("Go", "NotificationEvent");
      const holder = d.systemThread("Holder", (t) => {
        t.ExAcquireRundownProtection(clients);
        if (!released) t.KeWaitForSingleObject(go);
        t.ExReleaseRundownProtection(clients);
      });
      d.onImageDll("OnDll", (a) => {
        a.ExWaitForRundownProtectionRelease(clients);
        a.KeSetEvent(go);
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(holder);
      });
    });
  expect(hang(driver(false), dll)).toContain(
    "waits for rundown > driver thread waits for an event",
  );
  expect(hang(driver(true), dll)).toBe("");
});

describe("thread → event, SY-3", () => {
  test("satisfiable by a work item that is queued or runs, SV-27", () => {
    const driver = (sets: boolean) =>
      defineDriver("item", (d) => {
        d.onThreadCreate("OnThread", (a) => {
          const done = a.event("Done", "NotificationEvent");
          const item = a.workItem("Item", (w) => {
            w.KeDelayExecutionThread("1ms");
            if (sets) w.KeSetEvent(done);
          });
          a.IoQueueWorkItem(item, "DelayedWorkQueue");
          a.KeWaitForSingleObject(done);
        });
      });
    expect(hang(driver(true), thread)).toBe("");
    expect(hang(driver(false), thread)).toBe("callback waits for an event");
  });

  test("satisfiable by what a service does in reply, R2", () => {
    const driver = (answers: boolean) =>
      defineDriver("service", (d) => {
        const answered = d.event("Answered", "SynchronizationEvent");
        const answer = d.request("Answer", (r) => {
          r.KeSetEvent(answered);
        });
        d.onThreadCreate("OnThread", (a) => {
          a.KeWaitForSingleObject(answered);
        });
        d.service("Agent", (s) => {
          s.thread("Answers", (t) => {
            if (answers) t.DeviceIoControl(answer);
          });
        });
      });
    expect(hang(driver(true), thread)).toBe("");
    expect(hang(driver(false), thread)).not.toBe("");
  });

  test("satisfiable by another callback, R5", () => {
    const driver = defineDriver("callback", (d) => {
      const left = d.event("Left", "NotificationEvent");
      d.onThreadCreate("OnThread", (a) => {
        a.KeWaitForSingleObject(left);
      });
      d.onImageDll("OnDll", (a) => {
        a.KeSetEvent(left);
      });
    });
    expect(hang(driver, { workload: users(["create a thread"], ["load a DLL"]) })).toBe("");
    // In one thread the second event waits for the first.
    expect(hang(driver, { workload: users(["create a thread", "load a DLL"]) })).not.toBe("");
  });

  test("satisfiable by a timer, SY-18, or by its own timeout", () => {
    const driver = (how: "timer" | "timeout" | "neither") =>
      defineDriver("timer", (d) => {
        const due = d.event("Due", "NotificationEvent");
        const timer = d.timer("Timer", "NotificationTimer");
        d.onThreadCreate("OnThread", (a) => {
          if (how === "timeout") a.KeWaitForSingleObject(due, { Timeout: "10ms" });
          else if (how === "timer") {
            a.KeSetTimer(timer, "10ms");
            a.KeWaitForSingleObject(timer);
          } else a.KeWaitForSingleObject(due);
        });
      });
    expect(hang(driver("timer"), thread)).toBe("");
    expect(hang(driver("timeout"), thread)).toBe("");
    expect(hang(driver("neither"), thread)).toBe("callback waits for an event");
  });
});

/** A driver load pins a worker; the image callback there queues an item and waits, or not. */
const onWorkers = (waits: boolean) =>
  defineDriver("on-workers", (d) => {
    d.onImageDriver("OnDriver", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        if (waits) w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      if (waits) a.KeWaitForSingleObject(done);
      else a.KeSetEvent(done);
    });
  });
const loads = (count: number): Partial<World> => ({
  workload: users(...Array.from({ length: count }, () => ["load a driver"] as const)),
});

test("work item → free worker, W1, W15: an item waits for one, and all stand in callbacks that wait for items", () => {
  expect(hang(onWorkers(true), loads(2))).toContain("queued work item waits for a free worker");
  expect(hang(onWorkers(false), loads(2))).toBe("");
});

test("free worker → item finish, or manager tick, W8: either frees one, and where neither comes none is", () => {
  // One load: the manager's tick adds a worker for the item.
  expect(hang(onWorkers(true), loads(1))).toBe("");
  const behind = (ends: boolean) =>
    defineDriver("behind", (d) => {
      const go = d.event("Go", "NotificationEvent");
      const blocker = d.workItem("Blocker", (w) => {
        if (!ends) w.KeWaitForSingleObject(go);
      });
      const second = d.workItem("Second", (w) => {
        if (!ends) w.KeWaitForSingleObject(go);
      });
      const last = d.workItem("Last", (w) => {
        w.KeSetEvent(go);
      });
      d.onProcessCreate("OnProcessCreate", (a) => {
        for (const item of [blocker, second, last]) a.IoQueueWorkItem(item, "DelayedWorkQueue");
        a.KeWaitForSingleObject(go);
      });
    });
  // Two workers, with relief: they are freed by the items' ends or not at all.
  expect(hang(behind(true))).toBe("");
  expect(hang(behind(false))).toContain("queued work item waits for a free worker");
});

test("manager → thread-create callbacks, W10, P05: relief waits for the routine that waits for relief", () => {
  const driver = (family: "onThreadCreate" | "onNonSystemThreadCreate") =>
    defineDriver("relief", (d) => {
      d[family]("OnThread", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const item = a.workItem("Item", (w) => {
          w.KeSetEvent(done);
        });
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        a.KeWaitForSingleObject(done);
      });
    });
  // One foreign item on the one worker creates a process there.
  const exhausted = {
    ...nobody,
    pool: { profile: "tiny", load: "exhausted", items: 1 },
  } as const;
  expect(hang(driver("onThreadCreate"), exhausted)).toContain("waits for a free worker (circle)");
  expect(hang(driver("onNonSystemThreadCreate"), exhausted)).toBe("");
});

/** A callback asks a service; each of its threads does something before it answers. */
const asking = (options: {
  event?: "onThreadCreate" | "onImageDll" | "onNonSystemThreadCreate";
  fetches?: boolean;
  before?: "LoadLibrary" | "Wait";
  threads?: number;
}) =>
  defineDriver("asking", (d) => {
    const { event = "onThreadCreate", fetches = true, before, threads = 1 } = options;
    const port = d.port("Port");
    d[event]("OnEvent", (a) => {
      a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      const never = s.event("Never", "NotificationEvent");
      s.thread(
        "Answers",
        (t) => {
          const message = t.pointer("Message");
          if (!fetches) t.WaitForSingleObject(never);
          t.forever(() => {
            t.FilterGetMessage(port, message);
            if (before === "LoadLibrary") t.LoadLibrary();
            if (before === "Wait") t.WaitForSingleObject(never);
            t.FilterReplyMessage(message);
          });
        },
        { count: threads },
      );
    });
  });

test("message → fetching service thread, SV-5: a message waits for a thread that fetches, and there is none", () => {
  expect(hang(asking({}), thread)).toBe("");
  expect(hang(asking({ fetches: false }), thread)).toContain("waits for a reply");
});

test("reply → that thread's own waits, SV-31, P16: who has fetched waits for something itself", () => {
  expect(hang(asking({ before: "Wait" }), thread)).toContain("service waits for an event");
  expect(hang(asking({ before: "LoadLibrary" }), thread)).toBe("");
  expect(hang(asking({ before: "LoadLibrary", event: "onImageDll" }), dll)).toContain("(circle)");
  // Another thread answers for the load; its own load then asks the first.
  const two = asking({ before: "LoadLibrary", event: "onImageDll", threads: 2 });
  expect(hang(two, dll)).toContain("(circle)");
});

test("new thread start → all create callbacks, CB-Q2: what only the new thread does is not there for them", () => {
  const driver = (own: boolean) =>
    defineDriver("starts", (d) => {
      const ready = d.event("Ready", "NotificationEvent");
      const worker = d.systemThread("Worker", (t) => {
        t.KeSetEvent(ready);
      });
      const onThread = d.onThreadCreate("OnThread", (a) => {
        a.KeWaitForSingleObject(ready);
      });
      d.driverEntry((a) => {
        // Created before the routine is registered, it starts by itself.
        if (!own) a.PsCreateSystemThread(worker);
        a.PsSetCreateThreadNotifyRoutine(onThread);
        if (own) a.PsCreateSystemThread(worker);
      });
    });
  expect(hang(driver(true), nobody)).not.toBe("");
  expect(hang(driver(false), thread)).toBe("");
});

test("user code of new process → EXE and ntdll image callbacks, CB-Q3: a parent waits for a child that is stuck in them", () => {
  const driver = (waits: "exe" | "ntdll" | "dll") =>
    defineDriver("images", (d) => {
      const go = d.event("Go", "NotificationEvent");
      const exits = d.variable("Exits");
      d.onImage("OnImage", (a) => {
        a.when(a.isImage(waits), () => {
          a.KeWaitForSingleObject(go);
        });
      });
      d.onProcessExit("OnProcessExit", (a) => {
        a.InterlockedIncrement(exits);
        a.KeSetEvent(go);
      });
    });
  const child: Partial<World> = { workload: users(["create and exit"]) };
  for (const image of ["exe", "ntdll"] as const) {
    expect(hang(driver(image), child)).not.toBe("");
    expect(look(driver(image), child).ever("Exits")).toEqual([0]);
  }
  // It maps no DLL of its own.
  expect(hang(driver("dll"), child)).toBe("");
  expect(look(driver("dll"), child).finals("Exits")).toEqual([[1]]);
});

test("I/O completion → special APCs deliverable on the issuing thread, APC-4: whose APCs they are matters, not whose file", () => {
  const driver = (where: "callback" | "work item") =>
    defineDriver("completes", (d) => {
      d.onImageDll("OnDll", (a) => {
        if (where === "callback") {
          a.ZwReadFile();
          return;
        }
        const done = a.event("Done", "NotificationEvent");
        const item = a.workItem("Item", (w) => {
          w.ZwReadFile();
          w.KeSetEvent(done);
        });
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        a.KeWaitForSingleObject(done);
      });
    });
  const off: Partial<World> = { ...dll, specialApcs: "off" };
  expect(hang(driver("callback"), off)).toBe("callback waits for a completion");
  expect(hang(driver("work item"), off)).toBe("");
  expect(hang(driver("callback"), dll)).toBe("");
});
