/** Ends of waits on ports, receivers of LPC, work items that are freed, queues by priority. */
import { expect, test } from "vitest";
import type { WorkQueue } from "../../src/language/shape.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel, Recorder } from "./support/locks.ts";
import { look, users } from "./support/look.ts";

type Port = ReturnType<Recorder["port"]>;

/**
 * A callback that asks without a timeout, beside a service that never answers; when another process
 * ends, the driver does what is given.
 */
const asking = (atExit: (a: Kernel, ports: Record<"Port" | "Other", Port>) => void) =>
  defineDriver("asking", (d) => {
    const ports = { Port: d.port("Port"), Other: d.port("Other") };
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(ports.Port, "reply");
    });
    d.onProcessExit("OnExit", (a) => atExit(a, ports));
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(ports.Port, message);
        t.WaitForSingleObject(never);
      });
    });
  });

const createBesideExit = { workload: users(["create"], ["exit"]) };

test("SV-6, CB-U6: FltUnregisterFilter ends a wait for a reply, on whichever port of the driver", () => {
  const hung = asking((a) => a.DbgPrint());
  const woken = asking((a) => a.FltUnregisterFilter());
  expect(look(hung, createBesideExit).outcomes).toEqual(["deadlock"]);
  expect(look(woken, createBesideExit).outcomes).toEqual([]);
});

test("SV-6: FltCloseClientPort wakes who waits on that port, and nobody on another", () => {
  const closing = (name: "Port" | "Other") =>
    asking((a, ports) => a.FltCloseClientPort(ports[name]));
  expect(look(closing("Port"), createBesideExit).outcomes).toEqual([]);
  expect(look(closing("Other"), createBesideExit).outcomes).toEqual(["deadlock"]);
});

test("a port that was closed stays closed when somebody fetches what still lies in it", () => {
  const driver = defineDriver("closed", (d) => {
    const port = d.port("Port");
    const refused = d.variable("Refused", 0);
    const never = d.event("Never", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.LpcRequestPort(port);
      a.FltCloseClientPort(port);
      a.KeDelayExecutionThread("1ms");
      const sent = a.FltSendMessage(port, "reply", { Timeout: "1ms" });
      a.when(sent.is("disconnected"), () => {
        a.WriteNoFence(refused, 1);
      });
    });
    d.service("Agent", (s) => {
      s.thread("Answer", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
        t.WaitForSingleObject(never);
      });
    });
  });
  expect(look(driver).finals("Refused")).toEqual([[1]]);
});

test("SV-11: an LPC server receives by NtAlpcSendWaitReceivePort, and replies by NtReplyWaitReceivePort", () => {
  const driver = (serves: "receives only" | "receives and replies" | "replies and receives") =>
    defineDriver("lpc", (d) => {
      const port = d.port("Port");
      d.onProcessCreate("OnCreate", (a) => {
        a.when(a.subjectIs("service"), () => a.return());
        a.LpcRequestWaitReplyPort(port);
      });
      d.service("Server", (s) => {
        s.thread("Serve", (t) => {
          const message = t.pointer("Message");
          t.forever(() => {
            if (serves === "replies and receives") t.NtReplyWaitReceivePort(port, message);
            else if (serves === "receives only") t.NtAlpcSendWaitReceivePort(port);
            else {
              t.NtAlpcSendWaitReceivePort(port, { ReceiveMessage: message });
              t.FilterReplyMessage(message);
            }
          });
        });
      });
    });
  expect(look(driver("receives and replies")).outcomes).toEqual([]);
  expect(look(driver("replies and receives")).outcomes).toEqual([]);
  expect(look(driver("receives only")).outcomes).toEqual(["deadlock"]);
});

test("W19: a driver's work item is not freed while it is queued; its own routine may free it", () => {
  const driver = (where: "behind the queuing" | "in its routine" | "instead of queuing") =>
    defineDriver("frees", (d) => {
      const item = d.workItem("Item", (w) => {
        if (where === "in its routine") w.IoFreeWorkItem(w.self);
      });
      d.onProcessCreate("OnCreate", (a) => {
        if (where !== "instead of queuing") a.IoQueueWorkItem(item, "DelayedWorkQueue");
        if (where !== "in its routine") a.IoFreeWorkItem(item);
      });
      // Whoever frees it without queuing it leaves an item that somebody else queues.
      d.onProcessExit("OnExit", (a) => {
        if (where === "instead of queuing") a.IoQueueWorkItem(item, "DelayedWorkQueue");
      });
    });
  expect(look(driver("behind the queuing")).outcomes).toEqual(["crash"]);
  expect(look(driver("in its routine")).outcomes).toEqual([]);
  expect(look(driver("instead of queuing")).outcomes).toEqual([]);
});

test("W19: a work item of an activation is not freed while it is queued; its own routine may free it", () => {
  const freeing = (where: "in its routine" | "behind the queuing" | "behind its end") =>
    defineDriver("frees", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const item = a.workItem("Item", (w) => {
          if (where === "in its routine") w.IoFreeWorkItem(w.self);
          w.KeSetEvent(done);
        });
        a.IoQueueWorkItem(item, "DelayedWorkQueue");
        if (where === "behind the queuing") a.IoFreeWorkItem(item);
        a.KeWaitForSingleObject(done);
        if (where === "behind its end") a.IoFreeWorkItem(item);
      });
    });
  expect(look(freeing("behind the queuing")).outcomes).toEqual(["crash"]);
  expect(look(freeing("in its routine")).outcomes).toEqual([]);
  expect(look(freeing("behind its end")).outcomes).toEqual([]);
});

test.each<WorkQueue>(["NormalWorkQueue", "BackgroundWorkQueue"])(
  "W2, W3: %s has workers of its own in the small pool, and shares those of the modern one",
  (queue) => {
    const driver = defineDriver("chain", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const child = a.workItem("Child", (w) => {
          w.KeSetEvent(done);
        });
        const item = a.workItem("Item", (w) => {
          w.IoQueueWorkItem(child, queue);
          w.KeWaitForSingleObject(done);
        });
        a.IoQueueWorkItem(item, queue);
      });
    });
    const pool = (load: "idle" | "exhausted") => ({ pool: { profile: "tiny", load } }) as const;
    expect(look(driver, pool("idle")).outcomes).not.toContain("deadlock");
    const apart = defineDriver("apart", (d) => {
      d.onProcessCreate("OnCreate", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const item = a.workItem("Item", (w) => {
          w.KeSetEvent(done);
        });
        a.IoQueueWorkItem(item, queue);
        a.KeWaitForSingleObject(done);
      });
    });
    expect(look(apart, pool("exhausted")).outcomes).toContain("deadlock");
    expect(look(apart, pool("idle")).outcomes).not.toContain("deadlock");
  },
);

/** A service's thread pends a request, perhaps when the driver has stopped and completed what was there. */
const stopping = (refuses: boolean) =>
  defineDriver("stopping", (d) => {
    const csq = d.csq("Pended");
    const stopped = d.variable("Stopped", 0);
    const answered = d.variable("Answered", 0);
    const refused = d.variable("Refused", 0);
    const listens = d.request("Listens", (r) => {
      if (!refuses) {
        r.when(stopped.equals(0), () => {
          r.IoCsqInsertIrp(csq);
        });
        return;
      }
      const pended = r.IoCsqInsertIrpEx(csq, stopped);
      r.when(pended.failed(), () => {
        r.WriteNoFence(refused, 1);
      });
    });
    d.onProcessCreate("OnCreate", (a) => {
      const irp = a.pointer("Irp");
      a.WriteNoFence(stopped, 1);
      a.drain(csq, irp, () => {
        a.IoCompleteRequest(irp);
      });
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(listens);
        t.InterlockedIncrement(answered);
      });
    });
  });

test("SV-31: a cancel-safe queue that refuses once its driver has stopped keeps nothing; one that is asked first can", () => {
  expect(look(stopping(true)).finals("Answered", "Refused")).toEqual([
    [1, 0],
    [1, 1],
  ]);
  expect(look(stopping(false)).finals("Answered")).toEqual([[0], [1]]);
});
