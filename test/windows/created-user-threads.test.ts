/** SV-36, CB-T1, CB-T2: a user thread that a driver creates is told of as any other, and does what that brings. */
import { describe, expect, it } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look, users } from "./support/look.ts";

describe("a user thread that a driver creates", () => {
  it("is told of by the Ex form in itself, and by the plain one in its creator (CB-T1, CB-T2)", () => {
    const told = (family: "onThreadCreate" | "onNonSystemThreadCreate") =>
      defineDriver("told", (d) => {
        const seen = d.variable("Seen");
        const inside = d.variable("Inside");
        const creating = d.variable("Creating");
        d[family]("OnThread", (a) => {
          a.InterlockedIncrement(seen);
          a.when(creating.equals(1), () => a.InterlockedIncrement(inside));
        });
        d.onImageDll("OnImage", (a) => {
          a.InterlockedExchange(creating, 1);
          a.RtlCreateUserThread();
          a.InterlockedExchange(creating, 0);
        });
      });
    const finals = (family: "onThreadCreate" | "onNonSystemThreadCreate") =>
      look(told(family), { workload: users(["load a DLL"]) }).finals("Seen", "Inside");
    expect(finals("onThreadCreate")).toEqual([[1, 1]]);
    // The creator goes on, and may be back before the new thread looks.
    expect(finals("onNonSystemThreadCreate")).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it("tells of its end, too (CB-T4)", () => {
    const ends = defineDriver("ends", (d) => {
      const exits = d.variable("Exits");
      d.onThreadExit("OnExit", (a) => a.InterlockedIncrement(exits));
      d.onProcessCreate("OnCreate", (a) => a.RtlCreateUserThread());
    });
    expect(look(ends).finals("Exits")).toEqual([[1]]);
  });

  it("is not made in a process of which no thread is left, or that was told to end (CB-Q5)", () => {
    const late = (when: "exit" | "told" | "before") =>
      defineDriver("late", (d) => {
        const exits = d.variable("Exits");
        const failed = d.variable("Failed");
        d.onThreadExit("OnThread", (a) => a.InterlockedIncrement(exits));
        d[when === "exit" ? "onProcessExit" : "onImageDll"]("OnEvent", (a) => {
          if (when === "told") a.ZwTerminateProcess(a.process("current"));
          const made = a.RtlCreateUserThread();
          a.when(made.failed(), () => a.InterlockedIncrement(failed));
        });
      });
    const finals = (when: "exit" | "told" | "before") =>
      look(late(when), {
        workload: users([when === "exit" ? "exit" : "load a DLL"]),
      }).finals("Exits", "Failed");
    expect(finals("exit")).toEqual([[1, 1]]);
    expect(finals("told")).toEqual([[1, 1]]);
    expect(finals("before")).toEqual([[1, 0]]);
  });

  it("can need a lock that its creator holds while he waits for what it does", () => {
    const waits = (releases: boolean) =>
      defineDriver("waits", (d) => {
        const lock = d.mutex("Lock");
        const seen = d.event("Seen", "NotificationEvent");
        d.onNonSystemThreadCreate("OnThread", (a) => {
          a.KeWaitForSingleObject(lock);
          a.KeSetEvent(seen);
          a.KeReleaseMutex(lock);
        });
        d.onProcessCreate("OnCreate", (a) => {
          a.KeWaitForSingleObject(lock);
          a.RtlCreateUserThread();
          if (releases) a.KeReleaseMutex(lock);
          a.KeWaitForSingleObject(seen);
          if (!releases) a.KeReleaseMutex(lock);
        });
      });
    expect(look(waits(false)).outcomes).toEqual(["deadlock"]);
    expect(look(waits(true)).outcomes).toEqual([]);
  });

  it("is the subject of the plain callback, which waits for it in vain (R5, CB-Q2)", () => {
    const waits = (isCreated: boolean) =>
      defineDriver("waits", (d) => {
        const creating = d.variable("Creating");
        d.onThreadCreate("OnThread", (a) => {
          a.when(creating.equals(1), () => {
            if (isCreated) a.KeWaitForSingleObject(a.thread("subject"));
          });
        });
        d.onProcessCreate("OnCreate", (a) => {
          a.InterlockedExchange(creating, 1);
          a.RtlCreateUserThread();
        });
      });
    expect(look(waits(true)).outcomes).toEqual(["deadlock"]);
    expect(look(waits(false)).outcomes).toEqual([]);
  });
});

describe("a thread callback that creates a user thread", () => {
  const creates = (
    family: "onThreadCreate" | "onNonSystemThreadCreate",
    call: "RtlCreateUserThread" | "PsCreateSystemThread",
    isGuarded: boolean,
  ) =>
    defineDriver("creates", (d) => {
      d[family]("OnThread", (a) => {
        if (isGuarded) a.when(a.causedByOwnWork(), () => a.return());
        if (call === "RtlCreateUserThread") a.RtlCreateUserThread();
        else a.PsCreateSystemThread(a.systemThread("Thread", (t) => t.DbgPrint()));
      });
    });

  it("goes on for ever in the Ex form, a thread behind the other, beyond what the model has", () => {
    const seen = look(creates("onNonSystemThreadCreate", "RtlCreateUserThread", false));
    expect(seen.boundHits).toBeGreaterThan(0);
    const guarded = look(creates("onNonSystemThreadCreate", "RtlCreateUserThread", true));
    expect(guarded.boundHits).toBe(0);
    expect(guarded.outcomes).toEqual([]);
  });

  it.each(["RtlCreateUserThread", "PsCreateSystemThread"] as const)(
    "stands on itself in the plain form, without an end, by %s (R8)",
    (call) => {
      expect(look(creates("onThreadCreate", call, false)).outcomes).toEqual(["crash"]);
      expect(look(creates("onThreadCreate", call, true)).outcomes).toEqual([]);
    },
  );

  it("of system threads the Ex form is not told, so that nothing goes on", () => {
    const seen = look(creates("onNonSystemThreadCreate", "PsCreateSystemThread", false));
    expect(seen.boundHits).toBe(0);
    expect(seen.outcomes).toEqual([]);
  });
});
