/** The ends of processes whose threads, or who themselves, are still being created (CB-Q2, CB-Q5). */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { hang } from "./support/hang.ts";
import { look, users } from "./support/look.ts";

const restarted = (more: Partial<World> = {}): Partial<World> => ({
  service: { condition: "restarted" },
  removal: "racing",
  ...more,
});

/** Its DriverUnload waits for an event, which it sets itself or nobody does. */
const unloading = (waits: boolean) =>
  defineDriver("unloading", (d) => {
    const port = d.port("Port");
    const ended = d.event("Ended", "NotificationEvent");
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, "no reply", { Timeout: "10ms" });
    });
    d.driverUnload((a) => {
      a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE");
      if (!waits) a.KeSetEvent(ended);
      a.KeWaitForSingleObject(ended);
    });
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
        });
      });
    });
  });

test("CB-Q5: a service that starts in the run ends when it is told to, so that the driver is unloaded", () => {
  expect(hang(unloading(true), restarted())).not.toBe("");
  const seen = look(unloading(false), restarted());
  expect(seen.outcomes).toEqual([]);
});

/** A DLL callback asks the service and waits for its reply, without timeout. */
const asking = (answers: boolean) =>
  defineDriver("asking", (d) => {
    const port = d.port("Port");
    d.onImageDll("OnImage", (a) => {
      a.when(a.currentIs("service"), () => a.return());
      a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          if (answers) t.FilterReplyMessage(message);
        });
      });
    });
  });

test("CB-Q5, SV-6: the ports of a service that started in the run disconnect at its end", () => {
  const around = { workload: users(["create"], ["load a DLL"]) };
  expect(hang(asking(true), restarted(around))).toBe("");
  // Told to end it lets its senders go, answered or not; left alone it does not.
  expect(hang(asking(false), restarted({ ...around, removal: "none" }))).not.toBe("");
});

/** The service starts a thread for each message; thread callbacks of others ask it. */
const threading = (holdsUp: boolean) =>
  defineDriver("threading", (d) => {
    const port = d.port("Port");
    const never = d.event("Never", "NotificationEvent");
    d.onThreadCreate("OnThread", (a) => {
      a.when(a.currentIs("service"), () => {
        if (holdsUp) a.KeWaitForSingleObject(never);
        a.return();
      });
      a.FltSendMessage(port, "reply");
    });
    d.service("Agent", (s) => {
      const worker = s.thread("Worker", (t) => {
        t.Compute("1ms");
      });
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.forever(() => {
          t.FilterGetMessage(port, message);
          t.CreateThread(worker);
          t.FilterReplyMessage(message);
        });
      });
    });
  });

test("CB-Q2, APC-5: a thread that is being created while its process is told to end ends with it, unless a callback holds it up", () => {
  const world = { service: { condition: "hung" }, removal: "racing" } as const;
  expect(hang(threading(false), world)).toBe("");
  expect(hang(threading(true), world)).not.toBe("");
});

/** A callback tells the new process to end, and somebody waits for that. */
const ending = (tells: boolean) =>
  defineDriver("ending", (d) => {
    d.onProcessCreate("OnCreate", (a) => {
      if (tells) a.ZwTerminateProcess(a.process("subject"));
    });
    const gone = d.event("Gone", "NotificationEvent");
    d.onProcessExit("OnExit", (a) => {
      a.KeSetEvent(gone);
    });
    d.driverUnload((a) => {
      a.KeWaitForSingleObject(gone);
    });
  });

test("CB-Q3: a process that is told to end while it is being created ends before its first instruction", () => {
  const world = { workload: users(["create"]), removal: "racing" } as const;
  // It hangs before the process is created at all, but not for good.
  expect(hang(ending(true), world)).toBe("");
  expect(hang(ending(false), world)).not.toBe("");
});
