/** Beliefs about the calls that thread and image callbacks make. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { hang } from "./support/hang.ts";
import { compile, longestUs, look, timedRun, users } from "./support/look.ts";

const thread: Partial<World> = { workload: users(["create a thread"]) };
const dll: Partial<World> = { workload: users(["load a DLL"]) };
const families = ["onThreadCreate", "onImageDll"] as const;
const worldOf = { onThreadCreate: thread, onImageDll: dll };

/** Queues an item and waits for it. */
const queueAndWait = (family: "onThreadCreate" | "onNonSystemThreadCreate" | "onImageDll") =>
  defineDriver("waits", (d) => {
    d[family]("OnEvent", (a) => {
      const done = a.event("Done", "NotificationEvent");
      const item = a.workItem("Item", (w) => {
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done);
    });
  });

/** Asks a service that works before it answers. */
const asks = (family: (typeof families)[number]) =>
  defineDriver("asks", (d) => {
    const port = d.port("Port");
    d[family]("OnEvent", (a) => {
      a.FltSendMessage(port, "reply");
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

test.each(families)(
  "T13, SY-15: %s that reads under a push lock twice hangs if a writer comes between",
  (family) => {
    const driver = (twice: boolean) =>
      defineDriver("reads", (d) => {
        const lock = d.pushLock("Lock");
        d[family]("OnEvent", (a) => {
          a.ExAcquirePushLockShared(lock);
          if (twice) a.ExAcquirePushLockShared(lock);
          if (twice) a.ExReleasePushLockShared(lock);
          a.ExReleasePushLockShared(lock);
        });
        d.onProcessCreate("OnProcessCreate", (a) => {
          a.ExAcquirePushLockExclusive(lock);
          a.ExReleasePushLockExclusive(lock);
        });
      });
    const action = family === "onThreadCreate" ? "create a thread" : "load a DLL";
    const both = { workload: users([action], ["create"]) };
    expect(hang(driver(true), both)).not.toBe("");
    expect(hang(driver(false), both)).toBe("");
  },
);

test.each(families)(
  "T17, SV-8: in %s a message without a reply still waits for its fetcher",
  (family) => {
    const tells = (fetched: boolean) =>
      defineDriver("tells", (d) => {
        const port = d.port("Port");
        d[family]("OnEvent", (a) => {
          a.FltSendMessage(port, "no reply");
        });
        d.service("Agent", (s) => {
          const never = s.event("Never", "NotificationEvent");
          s.thread("Reads", (t) => {
            const message = t.pointer("Message");
            if (fetched) t.FilterGetMessage(port, message);
            t.WaitForSingleObject(never);
          });
        });
      });
    expect(hang(tells(false), worldOf[family])).not.toBe("");
    expect(hang(tells(true), worldOf[family])).toBe("");
  },
);

test("T18, W3: a driver load on the Delayed queue leaves Critical alone in nt5, and shares its pool in modern", () => {
  const driver = (type: "CriticalWorkQueue" | "DelayedWorkQueue") =>
    defineDriver("types", (d) => {
      d.onImageDriver("OnDriver", (a) => {
        const done = a.event("Done", "NotificationEvent");
        const item = a.workItem("Item", (w) => {
          w.KeSetEvent(done);
        });
        a.IoQueueWorkItem(item, type);
        a.KeWaitForSingleObject(done);
      });
    });
  const loads = { workload: users(["load a driver"], ["load a driver"]) };
  expect(hang(driver("DelayedWorkQueue"), loads)).not.toBe("");
  expect(hang(driver("CriticalWorkQueue"), loads)).toBe("");
});

test.each(["onThreadCreate", "onNonSystemThreadCreate", "onImageDll"] as const)(
  "T19, R7: to await queued work in %s breaks the rule, with an idle pool too, and is not yet a hang",
  (family) => {
    const seen = look(queueAndWait(family), family === "onImageDll" ? dll : thread);
    expect(seen.outcomes).toEqual([]);
    expect(seen.broken).toEqual(["R5", "R6b", "R7"]);
  },
);

test.each(families)(
  "T20, SY-18: a wait at DISPATCH_LEVEL in %s is a crash and no deadlock",
  (family) => {
    const driver = (raised: boolean) =>
      defineDriver("raised", (d) => {
        const done = d.event("Done", "NotificationEvent", { signalled: true });
        d[family]("OnEvent", (a) => {
          if (raised) a.KeRaiseIrql("DISPATCH_LEVEL");
          a.KeWaitForSingleObject(done);
          if (raised) a.KeLowerIrql("PASSIVE_LEVEL");
        });
      });
    expect(look(driver(true), worldOf[family]).outcomes).toEqual(["crash"]);
    expect(look(driver(false), worldOf[family]).outcomes).toEqual([]);
  },
);

test.each(families)(
  "R1, R2: what %s asks a service is late by what the service takes",
  (family) => {
    const slow = { ...worldOf[family], service: { condition: "slow" } } as const;
    expect(longestUs(timedRun(compile(asks(family), slow)))).toBeGreaterThan(1_000_000);
    expect(look(asks(family), worldOf[family]).broken).toContain("R2");
  },
);
