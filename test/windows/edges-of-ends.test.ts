/** Who waits for threads and processes to end, for callbacks to return, and what holds them up. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { hang } from "./support/hang.ts";
import { inTurn, look, users } from "./support/look.ts";

const nobody: Partial<World> = { workload: [] };
const thread: Partial<World> = { workload: users(["create a thread"]) };

/** A service's thread waits in UserMode, in a request or in a callback that it causes. */
const killed = (where: "request" | "onThreadCreate" | "onImageDll") =>
  defineDriver("killed", (d) => {
    const go = d.event("Go", "NotificationEvent");
    const back = d.variable("Back");
    const waits = d.routine("Waits", (r) => {
      r.KeWaitForSingleObject(go, { WaitMode: "UserMode" });
      r.InterlockedIncrement(back);
    });
    const request = where === "request" ? d.request("Request", (r) => r.call(waits)) : undefined;
    if (where !== "request") {
      d[where]("OnEvent", (a) => {
        a.when(a.currentIs("service"), () => a.call(waits));
      });
    }
    d.service("Agent", (s) => {
      const other =
        where === "onThreadCreate" ? s.thread("Other", () => {}, { count: 0 }) : undefined;
      s.thread("Enters", (t) => {
        if (request !== undefined) t.DeviceIoControl(request);
        else if (other !== undefined) t.CreateThread(other);
        else t.LoadLibrary();
      });
    });
  });

test.each(["onThreadCreate", "onImageDll"] as const)(
  "kill → kernel APCs enabled on the target, APC-5, T5, P48: a thread in %s does not hear of it",
  (where) => {
    const target = { ...nobody, service: { condition: "target" } } as const;
    expect(hang(killed(where), target)).not.toBe("");
    expect(hang(killed("request"), target)).toBe("");
    expect(look(killed("request"), target).ever("Back")).toEqual([0, 1]);
  },
);

test("suspend → kernel APCs enabled on the target, APC-6: a thread in a callback leaves it first", () => {
  const driver = (where: "callback" | "request") =>
    defineDriver("suspended", (d) => {
      const lock = d.pushLock("Lock");
      const use = d.routine("Use", (r) => {
        r.ExAcquirePushLockExclusive(lock);
        r.ExReleasePushLockExclusive(lock);
      });
      const request = where === "request" ? d.request("Request", (r) => r.call(use)) : undefined;
      d.onThreadCreate("OnThread", (a) => {
        a.call(use);
      });
      d.service("Agent", (s) => {
        const other = request === undefined ? s.thread("Other", () => {}, { count: 0 }) : undefined;
        s.thread("Enters", (t) => {
          if (request !== undefined) t.DeviceIoControl(request);
          if (other !== undefined) t.CreateThread(other);
          t.Sleep("1s");
        });
      });
    });
  const suspended = { ...thread, service: { condition: "suspended" } } as const;
  expect(hang(driver("request"), suspended)).not.toBe("");
  expect(hang(driver("callback"), suspended)).toBe("");
});

/** A service of two threads: one leaves the process, the other stands in a callback, or not. */
const siblings = (stuck: boolean) =>
  defineDriver("siblings", (d) => {
    const left = d.event("Left", "NotificationEvent");
    d.onThreadCreate("OnThread", (a) => {
      if (stuck) a.when(a.currentIs("service"), () => a.KeWaitForSingleObject(left));
    });
    d.onProcessExit("OnProcessExit", (a) => {
      a.KeSetEvent(left);
    });
    d.service("Agent", (s) => {
      const other = s.thread("Other", () => {}, { count: 0 });
      s.thread("Starts", (t) => {
        t.CreateThread(other);
      });
      s.thread("Leaves", (t) => {
        t.ExitProcess();
      });
    });
  });

test("last-thread exit → all siblings, CB-Q5, T14: the process's exit waits for the one that waits for it", () => {
  expect(hang(siblings(true), nobody)).not.toBe("");
  expect(hang(siblings(false), nobody)).toBe("");
});

test("process object signal → process-exit callbacks, CB-Q5, SV-24: a waiter has it when the last has returned", () => {
  const driver = (stuck: boolean) =>
    defineDriver("ends", (d) => {
      const go = d.event("Go", "NotificationEvent");
      d.onProcessExit("OnProcessExit", (a) => {
        if (stuck) a.KeWaitForSingleObject(go);
      });
    });
  const shell = { workload: users(["create and wait"]) };
  expect(hang(driver(true), shell)).toContain("callback waits for an event");
  expect(hang(driver(false), shell)).toBe("");
  const turn = inTurn(driver(true), shell, ["start-up", "user1"]);
  expect(turn.ways("user1")).toBe(0);
});

test("thread object signal → thread-exit callbacks, CB-Q6, P32: a routine that waits for its own thread waits for itself", () => {
  const driver = (waitsFor: "thread" | "nothing") =>
    defineDriver("leaves", (d) => {
      d.onThreadExit("OnThreadExit", (a) => {
        if (waitsFor === "thread") a.KeWaitForSingleObject(a.thread("current"));
      });
    });
  expect(hang(driver("thread"), thread)).toBe("callback waits for a thread's end (circle)");
  expect(hang(driver("nothing"), thread)).toBe("");
});

test.each(["thread", "image"] as const)(
  "unregister → in-flight callbacks, CB-U2, B1: removing a %s callback waits for a call that waits for the remover",
  (family) => {
    const driver = (waits: boolean, itself = false) =>
      defineDriver("removes", (d) => {
        const removed = d.event("Removed", "NotificationEvent");
        const remove =
          family === "thread"
            ? "PsRemoveCreateThreadNotifyRoutine"
            : "PsRemoveLoadImageNotifyRoutine";
        const register = family === "thread" ? d.onThreadCreate : d.onImageDll;
        const callback = register("OnEvent", (a) => {
          if (itself) a[remove](a.self);
          else if (waits) a.KeWaitForSingleObject(removed);
        });
        d.driverUnload((a) => {
          if (!itself) a[remove](callback);
          a.KeSetEvent(removed);
        });
      });
    const event = family === "thread" ? "create a thread" : "load a DLL";
    const racing: Partial<World> = { removal: "racing", workload: users([event]) };
    expect(hang(driver(true), racing)).toContain("rundown");
    expect(hang(driver(false), racing)).toBe("");
    const own = look(driver(false, true), { workload: users([event]) });
    expect(own.outcomes).toEqual(["deadlock"]);
    expect(own.broken).toContain("B1");
  },
);

test("SY-5, SY-6: a mutex that each process has of its own is not kept into user mode, nor lost with its owner", () => {
  const driver = (kept: "by a request" | "by a thread that ends" | "not at all") =>
    defineDriver("keeps", (d) => {
      const lock = d.perProcess.mutex("Lock");
      const told = d.variable("Told");
      const take = d.request("Take", (r) => {
        r.KeWaitForMutexObject(lock.of("current"));
        if (kept !== "by a request") r.KeReleaseMutex(lock.of("current"));
      });
      const owner = d.systemThread("Owner", (t) => {
        t.KeWaitForMutexObject(lock.of("current"));
        if (kept === "not at all") t.KeReleaseMutex(lock.of("current"));
      });
      const asks = d.systemThread("Asks", (t) => {
        const got = t.KeWaitForMutexObject(lock.of("current"));
        t.when(got.is("abandoned"), () => t.InterlockedIncrement(told));
        t.KeReleaseMutex(lock.of("current"));
      });
      d.driverEntry((a) => {
        a.PsCreateSystemThread(owner);
        a.PsCreateSystemThread(asks);
      });
      d.service("Agent", (s) => {
        s.thread("Enters", (t) => {
          t.DeviceIoControl(take);
        });
      });
    });
  expect(look(driver("by a request"), nobody).outcomes).toEqual(["crash"]);
  expect(look(driver("by a thread that ends"), nobody).ever("Told")).toEqual([0, 1]);
  expect(look(driver("not at all"), nobody).ever("Told")).toEqual([0]);
  expect(look(driver("not at all"), nobody).outcomes).toEqual([]);
});
