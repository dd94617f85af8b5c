import fc from "fast-check";
import { expect, test } from "vitest";
import { RootKind } from "../../src/machine/opcodes.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { usualTimes } from "../../src/windows/profiles.ts";
import type { UserAction } from "../../src/windows/scenario.ts";
import { compile, longestUs, look, timedRun, users } from "./support/look.ts";

const leaving = { workload: users(["create and exit"], ["create and exit"]) };

test("CB-Q2: the create callbacks are over before the new process's thread does anything", () => {
  const driver = defineDriver("order", (d) => {
    const isCreated = d.perProcess.variable("IsCreated");
    const early = d.variable("Early");
    const exits = d.variable("Exits");
    d.onProcessCreate("Creates", (a) => {
      a.KeDelayExecutionThread("1ms");
      a.InterlockedExchange(isCreated, 1);
    });
    d.onProcessExit("Leaves", (a) => {
      a.InterlockedIncrement(exits);
      a.when(isCreated.equals(0), () => a.InterlockedIncrement(early));
    });
  });
  const seen = look(driver, leaving);
  expect(seen.ever("Early")).toEqual([0]);
  expect(seen.finals("Exits")).toEqual([[2]]);
});

test("CB-Q2, P30: a create callback that waits for its new process or thread waits for itself", () => {
  const waits = (what: "process" | "thread", timeout: "none" | "1s") =>
    defineDriver("waits", (d) => {
      d.onProcessCreate("OnProcessCreate", (a) => {
        const object = what === "process" ? a.process("subject") : a.thread("subject");
        a.KeWaitForSingleObject(object, { Timeout: timeout });
      });
    });
  for (const what of ["process", "thread"] as const) {
    expect(look(waits(what, "none"), leaving).outcomes).toEqual(["deadlock"]);
    expect(look(waits(what, "1s"), leaving).outcomes).toEqual([]);
  }
});

test("CB-P1, CB-P3, T7: a create is announced in the process that asks for it, an exit in the one that goes", () => {
  const driver = defineDriver("context", (d) => {
    const inCreator = d.variable("InCreator");
    const inSubject = d.variable("InSubject");
    const elsewhere = d.variable("Elsewhere");
    d.onProcessCreate("Creates", (a) => {
      a.when(a.currentIs("service").and(a.currentIs("subject").not()), () =>
        a.InterlockedIncrement(inCreator),
      ).otherwise(() => a.InterlockedIncrement(elsewhere));
    });
    d.onProcessExit("Exits", (a) => {
      a.when(a.currentIs("subject"), () => a.InterlockedIncrement(inSubject)).otherwise(() =>
        a.InterlockedIncrement(elsewhere),
      );
    });
    d.service("Agent", (s) => {
      s.thread("Starts", (t) => {
        t.CreateProcess();
        t.ExitProcess();
      });
    });
  });
  expect(look(driver, { workload: [] }).finals("InCreator", "InSubject", "Elsewhere")).toEqual([
    [1, 1, 0],
  ]);
});

test("a child ends or stays as its own creator's action says, whatever others do", () => {
  const driver = defineDriver("counts", (d) => {
    const creates = d.variable("Creates");
    const exits = d.variable("Exits");
    d.onProcessCreate("OnProcessCreate", (a) => a.InterlockedIncrement(creates));
    d.onProcessExit("OnProcessExit", (a) => a.InterlockedIncrement(exits));
  });
  const ends = (...does: UserAction[][]) =>
    look(driver, { workload: users(...does) }).finals("Creates", "Exits");
  expect(ends(["create"], ["create"])).toEqual([[2, 0]]);
  expect(ends(["create and exit"], ["create and exit"])).toEqual([[2, 2]]);
  expect(ends(["create"], ["create and exit"])).toEqual([[2, 1]]);
  expect(ends(["create", "create and wait"])).toEqual([[2, 1]]);
  expect(ends(["create a daemon and wait"], ["create and exit"])).toEqual([[2, 1]]);
});

test("CB-Q5, T14: who waits for a process has it after the last exit callback, not before", () => {
  const driver = defineDriver("shell", (d) => {
    const creates = d.variable("Creates");
    const exits = d.variable("Exits");
    const early = d.variable("Early");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.InterlockedIncrement(creates);
      a.when(creates.equals(2).and(exits.equals(0)), () => a.InterlockedIncrement(early));
    });
    d.onProcessExit("OnProcessExit", (a) => {
      a.KeDelayExecutionThread("1ms");
      a.InterlockedIncrement(exits);
    });
  });
  const waiting = look(driver, { workload: users(["create and wait", "create"]) });
  expect(waiting.ever("Early")).toEqual([0]);
  expect(waiting.finals("Creates")).toEqual([[2]]);
  // One that does not wait can well be earlier.
  expect(look(driver, { workload: users(["create and exit", "create"]) }).ever("Early")).toEqual([
    0, 1,
  ]);
});

test.each(["process", "thread"] as const)(
  "CB-Q6, P32: an exit callback that waits for the end of its own %s never returns",
  (what) => {
    const driver = (timeout: "none" | "1s") =>
      defineDriver("self", (d) => {
        d.onProcessExit("OnProcessExit", (a) => {
          const own = what === "process" ? a.process("current") : a.thread("current");
          a.KeWaitForSingleObject(own, { Timeout: timeout });
        });
      });
    expect(look(driver("none"), { workload: users(["exit"]) }).outcomes).toEqual(["deadlock"]);
    expect(look(driver("none"), leaving).outcomes).toEqual(["deadlock"]);
    expect(look(driver("1s"), leaving).outcomes).toEqual([]);
  },
);

/** A service, one of whose threads ends the process while another is in the driver. */
const twoThreads = (stuck: boolean) =>
  defineDriver("siblings", (d) => {
    const hold = d.event("Hold", "NotificationEvent", { signalled: !stuck });
    const inside = d.variable("Inside");
    const early = d.variable("Early");
    const exits = d.variable("Exits");
    d.onProcessExit("OnProcessExit", (a) => {
      a.InterlockedIncrement(exits);
      a.when(inside.notEquals(0), () => a.InterlockedIncrement(early));
    });
    const request = d.request("Request", (r) => {
      r.InterlockedIncrement(inside);
      r.KeWaitForSingleObject(hold);
      r.InterlockedDecrement(inside);
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(request);
        t.Sleep("1s");
      });
      s.thread("Ends", (t) => {
        t.ExitProcess();
      });
    });
  });

test("CB-Q5, T14: the exit of a process waits for every sibling to come out of the kernel", () => {
  const free = look(twoThreads(false), { workload: [] });
  expect(free.ever("Early")).toEqual([0]);
  expect(free.finals("Exits")).toEqual([[1]]);
  const stuck = look(twoThreads(true), { workload: [] });
  expect(stuck.ever("Exits")).toEqual([0]);
});

test("CB-Q5, SY-20: a thread that ends its process is not back in user mode again, nor are its siblings", () => {
  const driver = (ends: boolean) =>
    defineDriver("ends", (d) => {
      const after = d.variable("After");
      const exits = d.variable("Exits");
      const note = d.request("Note", (r) => {
        r.InterlockedIncrement(after);
      });
      d.onProcessExit("OnProcessExit", (a) => {
        a.InterlockedIncrement(exits);
      });
      d.service("Agent", (s) => {
        s.thread("Ends", (t) => {
          if (ends) t.ExitProcess();
          t.DeviceIoControl(note);
        });
        s.thread("Sleeps", (t) => {
          t.Sleep("1s");
          t.forever(() => t.Sleep("1s"));
        });
      });
    });
  expect(look(driver(true), { workload: [] }).finals("After", "Exits")).toEqual([[0, 1]]);
  expect(look(driver(false), { workload: [] }).ever("After")).toEqual([0, 1]);
  expect(look(driver(false), { workload: [] }).ever("Exits")).toEqual([0]);
});

test("CB-P3: a process exits once, with the last of its threads, however many return", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), (count) => {
      const driver = defineDriver("returns", (d) => {
        const exits = d.variable("Exits");
        const inside = d.variable("Inside", count);
        const early = d.variable("Early");
        const leave = d.request("Leave", (r) => {
          r.InterlockedDecrement(inside);
        });
        d.onProcessExit("OnProcessExit", (a) => {
          a.InterlockedIncrement(exits);
          a.when(inside.notEquals(0), () => a.InterlockedIncrement(early));
        });
        d.service("Agent", (s) => {
          s.thread("Returns", (t) => t.DeviceIoControl(leave), { count });
        });
      });
      expect(look(driver, { workload: [] }).finals("Exits", "Early")).toEqual([[1, 0]]);
    }),
    { numRuns: 3 },
  );
});

test("CB-Q5: a dying service's port is still there for its exit callback, and closes behind it", () => {
  const driver = (asks: "the dying" | "others") =>
    defineDriver("ask", (d) => {
      const port = d.port("Port");
      const cutOff = d.variable("CutOff");
      d.onProcess("OnProcess", (a) => {
        if (asks === "others") {
          a.when(a.subjectIs("service").or(a.isExit()), () => a.return());
        } else a.when(a.isCreate(), () => a.return());
        const reply = a.FltSendMessage(port, "reply");
        a.when(reply.is("disconnected"), () => a.InterlockedIncrement(cutOff));
      });
      d.service("Agent", (s) => {
        s.thread("Answer", (t) => {
          const message = t.pointer("Message");
          t.FilterGetMessage(port, message);
          t.FilterReplyMessage(message);
          t.forever(() => {
            t.FilterGetMessage(port, message);
            t.Sleep("1s");
            t.FilterReplyMessage(message);
          });
        });
      });
    });
  const ended = { service: { condition: "target" } } as const;
  expect(look(driver("the dying"), { ...ended, workload: [] }).outcomes).toEqual(["deadlock"]);
  const others = look(driver("others"), ended);
  expect(others.outcomes).toEqual([]);
  expect(others.finals("CutOff")).toEqual([[0], [1]]);
});

/** Counts its calls, and refuses the creation if it is told to. */
const verdict = (name: string, veto: boolean) =>
  defineDriver(name, (d) => {
    const creates = d.variable(`${name}Creates`);
    const exits = d.variable(`${name}Exits`);
    d.onProcessCreate(`${name}OnCreate`, (a) => {
      a.InterlockedIncrement(creates);
      if (veto) a.veto();
      a.KeDelayExecutionThread("100ms");
    });
    d.onProcessExit(`${name}OnExit`, (a) => {
      a.InterlockedIncrement(exits);
    });
  });

test("CB-P2, T16: a veto is read after all callbacks, of later drivers too, and the process never runs", () => {
  const one = { workload: users(["create and exit"]) };
  const counts = ["FirstCreates", "SecondCreates", "SecondExits"] as const;
  const pair = (first: boolean, second: boolean) =>
    look([verdict("First", first), verdict("Second", second)], one).finals(...counts);
  expect(pair(true, false)).toEqual([[1, 1, 0]]);
  expect(pair(false, true)).toEqual([[1, 1, 0]]);
  expect(pair(false, false)).toEqual([[1, 1, 1]]);
});

test("T16: a veto saves its creator nothing of the callbacks' time", () => {
  const took = (veto: boolean): number =>
    longestUs(
      timedRun(compile([verdict("First", veto), verdict("Second", false)])),
      RootKind.operation,
    );
  expect(took(true)).toBe(took(false));
  expect(took(true)).toBeGreaterThan(200_000);
});

test("CB-P2: a vetoed creation fails for who asked, and its waiter is not left waiting", () => {
  const driver = (veto: boolean) =>
    defineDriver("refuses", (d) => {
      const failed = d.variable("Failed");
      const note = d.request("NoteFailure", (r) => {
        r.InterlockedIncrement(failed);
      });
      d.onProcessCreate("OnProcessCreate", (a) => {
        if (veto) a.veto();
      });
      d.service("Agent", (s) => {
        s.thread("Starts", (t) => {
          const made = t.CreateProcess();
          t.when(made.failed(), () => {
            t.DeviceIoControl(note);
          });
        });
      });
    });
  expect(look(driver(true), { workload: [] }).finals("Failed")).toEqual([[1]]);
  expect(look(driver(false), { workload: [] }).finals("Failed")).toEqual([[0]]);
  expect(look(driver(true), { workload: users(["create and wait"]) }).outcomes).toEqual([]);
});

test("CB-Q8, T11: an event takes the sum of what its callbacks take; other events overlap", () => {
  const delays = fc.integer({ min: 10_000, max: 400_000 });
  const delaying = (name: string, us: number) =>
    defineDriver(name, (d) => {
      d.onProcessCreate(`On${name}`, (a) => {
        a.KeDelayExecutionThread(us);
      });
    });
  fc.assert(
    fc.property(delays, delays, delays, (one, two, three) => {
      const drivers = [delaying("A", one), delaying("B", two), delaying("C", three)];
      for (const workload of [users(["create"]), users(["create"], ["create"])]) {
        const run = timedRun(compile(drivers, { workload }));
        expect(Math.abs(longestUs(run, RootKind.event) - one - two - three)).toBeLessThan(10);
        expect(Math.abs(longestUs(run) - Math.max(one, two, three))).toBeLessThan(10);
        const whole = longestUs(run, RootKind.operation);
        expect(whole - usualTimes.createProcessUs - one - two - three).toBeLessThan(10);
      }
    }),
    { numRuns: 20 },
  );
});

test("CB-Q7: callbacks are called in the order in which they were registered", () => {
  const driver = defineDriver("order", (d) => {
    const turn = d.variable("Turn");
    const wrong = d.variable("Wrong");
    for (let place = 0; place < 3; place++) {
      d.onProcessCreate(`Callback${place}`, (a) => {
        a.when(turn.notEquals(place), () => a.InterlockedIncrement(wrong));
        a.InterlockedIncrement(turn);
      });
    }
  });
  expect(look(driver).finals("Turn", "Wrong")).toEqual([[3, 0]]);
});

test("CB-E1, P22: a callback that creates a process is entered again on the same stack", () => {
  const driver = (limit: number, lock: boolean) =>
    defineDriver("nested", (d) => {
      const calls = d.variable("Calls");
      const lockOf = d.fastMutex("Lock");
      d.onProcessCreate("OnProcessCreate", (a) => {
        a.InterlockedIncrement(calls);
        if (lock) a.ExAcquireFastMutex(lockOf);
        if (limit > 0) {
          a.when(calls.below(limit), () => {
            a.ZwCreateUserProcess();
          });
        } else a.ZwCreateUserProcess();
        if (lock) a.ExReleaseFastMutex(lockOf);
      });
    });
  expect(look(driver(2, false)).finals("Calls")).toEqual([[2]]);
  expect(look(driver(2, true)).outcomes).toEqual(["deadlock"]);
  const [endless] = look(driver(0, false)).observations;
  expect(endless.target.mechanism).toContain("recursion");
  // Each level stands on the same stack (R8).
  expect(endless.rules).toEqual(["R8"]);
});

test("T9: a guard by cause holds where an item carries the creation to another thread", () => {
  const driver = (guard: "by cause" | "by thread") =>
    defineDriver("carried", (d) => {
      d.onProcessCreate("OnProcessCreate", (a) => {
        const item = a.workItem("Helper", (w) => {
          w.ZwCreateUserProcess();
        });
        const guarded = guard === "by cause" ? a.causedByOwnWork() : a.currentIs("service");
        a.when(guarded, () => a.return());
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
      });
      d.service("Agent", (s) => {
        s.thread("Idle", (t) => {
          t.Sleep("1ms");
        });
      });
    });
  // Without it helpers go on creating each other, to the last process that there is room for.
  expect(look(driver("by cause")).boundHits).toBe(0);
  expect(look(driver("by thread")).boundHits).toBeGreaterThan(0);
  // Each callback has returned before the next: nobody waits, so nothing hangs.
  expect(look(driver("by thread")).outcomes).toEqual([]);
});

test("CB-Q6: an exit callback can ask after the initial thread of any process that exits", () => {
  const driver = defineDriver("asks", (d) => {
    d.onProcessExit("OnProcessExit", (a) => {
      a.KeWaitForSingleObject(a.thread("subject"), { Timeout: 0 });
    });
  });
  expect(look(driver, { workload: users(["exit"]) }).outcomes).toEqual([]);
});

test("SY-20, CB-Q5: a driver that terminates a process ends its threads wherever they are in user mode", () => {
  const driver = (ends: boolean) =>
    defineDriver("ends", (d) => {
      const exits = d.variable("Exits");
      d.onProcess("OnProcess", (a) => {
        a.when(a.isExit(), () => a.InterlockedIncrement(exits)).otherwise(() => {
          if (ends) a.ZwTerminateProcess(a.process("creator"));
        });
      });
    });
  // The creator's process; its child stays.
  expect(look(driver(true)).finals("Exits")).toEqual([[1]]);
  expect(look(driver(true), { workload: users(["create", "create"]) }).finals("Exits")).toEqual([
    [1],
  ]);
  expect(look(driver(false)).finals("Exits")).toEqual([[0]]);
});

test("W17, W18: nobody ends System: no wait of its threads is broken, as one of a service's thread is", () => {
  const ends = defineDriver("ends", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const system = d.variable("OfSystem");
    const service = d.variable("OfService");
    const waiter = d.systemThread("Waiter", (t) => {
      const waited = t.KeWaitForSingleObject(never, { WaitMode: "UserMode" });
      t.when(waited.is("terminated"), () => t.InterlockedIncrement(system));
    });
    const item = d.workItem("Item", (w) => w.ZwTerminateProcess(w.process("current")));
    d.onProcessCreate("OnCreate", (a) => {
      a.PsCreateSystemThread(waiter);
      a.ExQueueWorkItem(item, "DelayedWorkQueue");
      a.ZwTerminateProcess(a.process("service"));
    });
    const ask = d.request("Ask", (r) => {
      const waited = r.KeWaitForSingleObject(never, { WaitMode: "UserMode" });
      r.when(waited.is("terminated"), () => r.InterlockedIncrement(service));
    });
    d.service("Agent", (s) => {
      s.thread("Main", (t) => t.DeviceIoControl(ask));
    });
  });
  expect(look(ends).ever("OfSystem")).toEqual([0]);
  expect(look(ends).ever("OfService")).toEqual([0, 1]);
});
