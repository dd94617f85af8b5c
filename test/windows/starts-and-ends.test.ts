/** Threads that have not begun or are on their way out, and what is left of what they asked for. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look, users } from "./support/look.ts";

test("nothing that stands behind an exit in a user's list is done", () => {
  const counts = defineDriver("counts", (d) => {
    const creates = d.variable("Creates");
    const exits = d.variable("Exits");
    d.onProcessCreate("OnCreate", (a) => a.InterlockedIncrement(creates));
    d.onProcessExit("OnExit", (a) => a.InterlockedIncrement(exits));
  });
  const finals = (...does: ("create" | "exit")[]) =>
    look(counts, { workload: users(does) }).finals("Creates", "Exits");
  expect(finals("exit", "create")).toEqual([[0, 1]]);
  expect(finals("create", "exit")).toEqual([[1, 1]]);
});

test("an APC for a thread that has not begun runs in it first, be it its process's first or another", () => {
  const early = defineDriver("early", (d) => {
    const accepted = d.variable("Accepted");
    const ran = d.variable("Ran");
    d.onThreadCreate("OnThread", (a) => {
      const apc = a.apc("Apc", (p) => p.InterlockedIncrement(ran));
      const queued = a.KeInsertQueueApc(apc, a.thread("subject"), "Normal");
      a.when(queued.succeeded(), () => a.InterlockedIncrement(accepted));
    });
  });
  for (const does of ["create", "create a thread"] as const) {
    expect(look(early, { workload: users([does]) }).finals("Accepted", "Ran")).toEqual([[1, 1]]);
  }
});

test("an APC for the first thread of a process whose creation is vetoed never runs", () => {
  const vetoes = defineDriver("vetoes", (d) => {
    const ran = d.variable("Ran");
    d.onProcessCreate("OnCreate", (a) => {
      const apc = a.apc("Apc", (p) => p.InterlockedIncrement(ran));
      a.KeInsertQueueApc(apc, a.thread("subject"), "Normal");
      a.veto();
    });
  });
  expect(look(vetoes).ever("Ran")).toEqual([0]);
});

test("outside of any event the thread that is spoken of is the first of the running process", () => {
  const asks = defineDriver("asks", (d) => {
    const ran = d.variable("Ran");
    d.onProcessCreate("OnCreate", () => {});
    const ask = d.request("Ask", (r) => {
      const apc = r.apc("Apc", (p) => p.InterlockedIncrement(ran));
      r.KeInsertQueueApc(apc, r.thread("subject"), "Normal");
    });
    d.service("Agent", (s) => {
      s.thread("Main", (t) => t.DeviceIoControl(ask));
    });
  });
  expect(look(asks).finals("Ran")).toEqual([[1]]);
});

test("SV-8: a reply to a message whose sender wants none fails, one to another gets there", () => {
  const sends = (wanted: "reply" | "no reply") =>
    defineDriver("sends", (d) => {
      const port = d.port("Port");
      const answered = d.variable("Answered");
      const refused = d.variable("Refused");
      d.onProcessCreate("OnCreate", (a) => a.FltSendMessage(port, wanted));
      const note = d.request("Note", (r) => r.InterlockedIncrement(answered));
      const noteRefusal = d.request("NoteRefusal", (r) => r.InterlockedIncrement(refused));
      d.service("Agent", (s) => {
        s.thread("Main", (t) => {
          const message = t.pointer("Message");
          t.FilterGetMessage(port, message);
          const replied = t.FilterReplyMessage(message);
          t.when(replied.succeeded(), () => t.DeviceIoControl(note));
          t.when(replied.failed(), () => t.DeviceIoControl(noteRefusal));
        });
      });
    });
  expect(look(sends("reply")).finals("Answered", "Refused")).toEqual([[1, 0]]);
  expect(look(sends("no reply")).finals("Answered", "Refused")).toEqual([[0, 1]]);
});

test("SV-6: what lies on a port that closes is gone, also what nobody waits for", () => {
  const posts = (closes: boolean) =>
    defineDriver("posts", (d) => {
      const port = d.port("Port");
      const posted = d.event("Posted", "NotificationEvent");
      const read = d.variable("Read");
      d.onProcessCreate("OnCreate", (a) => {
        a.LpcRequestPort(port);
        if (closes) a.FltCloseClientPort(port);
        a.KeSetEvent(posted);
      });
      const wait = d.request("Wait", (r) => r.KeWaitForSingleObject(posted));
      const note = d.request("Note", (r) => r.InterlockedIncrement(read));
      d.service("Agent", (s) => {
        s.thread("Main", (t) => {
          const message = t.pointer("Message");
          t.DeviceIoControl(wait);
          const got = t.FilterGetMessage(port, message);
          t.when(got.succeeded(), () => t.DeviceIoControl(note));
        });
      });
    });
  expect(look(posts(true)).finals("Read")).toEqual([[0]]);
  expect(look(posts(false)).finals("Read")).toEqual([[1]]);
});

test("a request comes back with a result of its own, not with that of a call inside of it", () => {
  const asks = defineDriver("asks", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const other = d.variable("Other");
    d.onProcessCreate("OnCreate", () => {});
    const ask = d.request("Ask", (r) => r.KeWaitForSingleObject(never, { Timeout: "1ms" }));
    const note = d.request("Note", (r) => r.InterlockedIncrement(other));
    d.service("Agent", (s) => {
      s.thread("Main", (t) => {
        const came = t.DeviceIoControl(ask);
        t.when(came.succeeded().not(), () => t.DeviceIoControl(note));
      });
    });
  });
  expect(look(asks).finals("Other")).toEqual([[0]]);
});

test("APC-6: a thread that is on its way out of its process is not suspended any more", () => {
  const suspends = (when: "create" | "exit") =>
    defineDriver("suspends", (d) => {
      const over = d.variable("Over");
      if (when === "create")
        d.onProcessCreate("OnCreate", (a) => a.PsSuspendProcess(a.process("current")));
      else d.onThreadExit("OnThreadExit", (a) => a.PsSuspendProcess(a.process("subject")));
      d.onProcessExit("OnExit", (a) => a.InterlockedIncrement(over));
    });
  const after = (when: "create" | "exit", ...does: ("create" | "exit")[]) =>
    look(suspends(when), { workload: users(does) }).finals("Over");
  expect(after("exit", "exit")).toEqual([[1]]);
  expect(after("create", "create", "exit")).toEqual([[0]]);
});

test("the parent of a process that nobody of the run created never ends, and nobody can end it", () => {
  const waits = (act: "waits" | "ends" | "suspends") =>
    defineDriver("waits", (d) => {
      const behind = d.variable("Behind");
      d.onProcessExit("OnExit", (a) => {
        const creator = a.process("creator");
        if (act === "waits") a.KeWaitForSingleObject(creator);
        else if (act === "ends") a.ZwTerminateProcess(creator);
        else a.PsSuspendProcess(creator);
        a.InterlockedIncrement(behind);
      });
    });
  const exits = { workload: users(["exit"]) };
  expect(look(waits("waits"), exits).outcomes).toEqual(["deadlock"]);
  for (const act of ["ends", "suspends"] as const) {
    expect(look(waits(act), exits).finals("Behind")).toEqual([[1]]);
  }
});

test("SY-5: a new thread that keeps a KMUTEX of a callback does not get to user mode, and one that gave it back does", () => {
  const takes = (gives: boolean) =>
    defineDriver("takes", (d) => {
      const mutex = d.mutex("Mutex");
      d.onNonSystemThreadCreate("OnThread", (a) => {
        a.KeWaitForSingleObject(mutex);
        if (gives) a.KeReleaseMutex(mutex);
      });
    });
  const outcomes = (gives: boolean) =>
    look(takes(gives), { workload: users(["create a thread"]) }).outcomes;
  expect(outcomes(false)).toContain("crash");
  expect(outcomes(true)).toEqual([]);
});

test("SY-26: a region that an image callback leaves behind in a worker of Windows is told once, there", () => {
  const leaks = defineDriver("leaks", (d) => {
    d.onImage("OnImage", (a) => a.KeEnterCriticalRegion());
  });
  const seen = look(leaks, { workload: users(["load a driver"]) });
  expect(seen.broken).toContain("LEAK");
  expect(seen.observations.map(({ target }) => target.identity)).toEqual(["OnImage/end"]);
});

test("SY-5: a creator that waits for its child comes to user mode before, and not with a KMUTEX", () => {
  const keeps = defineDriver("keeps", (d) => {
    const mutex = d.mutex("Mutex");
    d.onProcessCreate("OnCreate", (a) => a.KeWaitForSingleObject(mutex));
  });
  const waiting = { workload: users(["create a daemon and wait"]) };
  expect(look(keeps, waiting).outcomes).toEqual(["crash"]);
});

test("an APC that a thread runs before it has begun is about the process that it runs in", () => {
  const early = defineDriver("early", (d) => {
    const same = d.variable("Same");
    d.onThreadCreate("OnThread", (a) => {
      const apc = a.apc("Apc", (p) =>
        p.when(p.currentIs("subject"), () => p.InterlockedIncrement(same)),
      );
      a.KeInsertQueueApc(apc, a.thread("subject"), "Normal");
    });
  });
  expect(look(early, { workload: users(["create a thread"]) }).finals("Same")).toEqual([[1]]);
});

test("a DriverEntry that only takes a registration back leaves it to the model to make them all", () => {
  const removes = defineDriver("removes", (d) => {
    const called = d.variable("Called");
    const onCreate = d.onProcessCreate("OnCreate", (a) => a.InterlockedIncrement(called));
    d.driverEntry((a) => a.PsRemoveCreateThreadNotifyRoutine(onCreate));
  });
  expect(look(removes).finals("Called")).toEqual([[1]]);
});

test("a callback that DriverEntry leaves to others is called only once they have registered it", () => {
  const later = (asks: boolean) =>
    defineDriver("later", (d) => {
      const called = d.variable("Called");
      const onExit = d.onProcessExit("OnExit", () => {});
      const onCreate = d.onThreadCreate("OnThread", (a) => a.InterlockedIncrement(called));
      d.driverEntry((a) => a.PsSetCreateProcessNotifyRoutineEx(onExit, "FALSE"));
      const start = d.request("Start", (r) => r.PsSetCreateThreadNotifyRoutine(onCreate));
      d.service("Agent", (s) => {
        s.thread("Main", (t) => {
          if (asks) t.DeviceIoControl(start);
        });
      });
    });
  expect(look(later(false)).ever("Called")).toEqual([0]);
  expect(look(later(true)).ever("Called")).toEqual([0, 1]);
});
