import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel } from "../windows/support/locks.ts";
import { look } from "../windows/support/look.ts";

type Cut = "QueueUserAPC" | "NtAlertThread";
interface How {
  readonly Alertable: "TRUE" | "FALSE";
  readonly WaitMode: "UserMode" | "KernelMode";
}
const all: readonly How[] = (["TRUE", "FALSE"] as const).flatMap((Alertable) =>
  (["UserMode", "KernelMode"] as const).map((WaitMode) => ({ Alertable, WaitMode })),
);

/**
 * A service's thread waits in the driver for what nobody signals, while another thread of it alerts
 * it, or queues an APC to it. `around` is what the driver does before and behind the wait.
 */
const alerted = (cut: Cut, how: How, around: readonly [(a: Kernel) => void, (a: Kernel) => void]) =>
  defineDriver("alerted", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const result = d.variable("Result");
    const request = d.request("Request", (r) => {
      around[0](r);
      const wait = r.KeWaitForSingleObject(never, how);
      r.when(wait.is("alerted"), () => r.InterlockedExchange(result, 1));
      r.when(wait.is("userApc"), () => r.InterlockedExchange(result, 2));
      around[1](r);
    });
    d.service("Agent", (s) => {
      const waits = s.thread("Waits", (t) => {
        t.DeviceIoControl(request);
      });
      s.thread("Cuts", (t) => {
        if (cut === "NtAlertThread") t.NtAlertThread(waits);
        else t.QueueUserAPC(waits);
      });
    });
  });
const nothing = [() => {}, () => {}] as const;
const idle = { workload: [] };

test.each(all)(
  "SY-20: an alert ends the wait with a result of its own if it is alertable: %j",
  (how) => {
    const seen = look(alerted("NtAlertThread", how, nothing), idle).finals("Result");
    // The alert stays with the thread that it finds before the wait.
    expect(seen).toContainEqual([how.Alertable === "TRUE" ? 1 : 0]);
    if (how.Alertable === "FALSE") expect(seen).toEqual([[0]]);
  },
);

test.each(all)("SY-20: so does a user APC, with another: %j", (how) => {
  const seen = look(alerted("QueueUserAPC", how, nothing), idle).finals("Result");
  expect(seen).toContainEqual([how.Alertable === "TRUE" ? 2 : 0]);
  if (how.Alertable === "FALSE") expect(seen).toEqual([[0]]);
});

test("APC-2, APC-5: a region holds a user APC off, and no alert", () => {
  const how = { Alertable: "TRUE", WaitMode: "UserMode" } as const;
  const region = [
    (a: Kernel) => void a.KeEnterCriticalRegion(),
    (a: Kernel) => void a.KeLeaveCriticalRegion(),
  ] as const;
  expect(look(alerted("QueueUserAPC", how, region), idle).finals("Result")).toEqual([[0]]);
  expect(look(alerted("NtAlertThread", how, region), idle).ever("Result")).toEqual([0, 1]);
});

/** A callback waits for what a service's request signals, which first waits itself. */
const behind = (retries: boolean, how: How) =>
  defineDriver("behind", (d) => {
    const never = d.event("Never", "NotificationEvent");
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnProcessCreate", (a) => {
      a.KeWaitForSingleObject(done);
    });
    const request = d.request("Request", (r) => {
      const first = r.KeWaitForSingleObject(never, how);
      if (retries) {
        r.when(first.is("userApc"), () => {
          const again = r.KeWaitForSingleObject(never, how);
          r.when(again.is("userApc"), () => r.KeSetEvent(done));
        });
      } else r.KeSetEvent(done);
    });
    d.service("Agent", (s) => {
      const waits = s.thread("Waits", (t) => {
        t.DeviceIoControl(request);
      });
      s.thread("Cuts", (t) => {
        t.QueueUserAPC(waits);
      });
    });
  });

test("SY-20: a wait that ends for a user APC lets go who waits behind it, one that is not alertable does not", () => {
  const inTime = (how: How) => look(behind(false, how)).outcomes;
  expect(inTime({ Alertable: "FALSE", WaitMode: "UserMode" })).toEqual(["deadlock"]);
  expect(inTime({ Alertable: "TRUE", WaitMode: "UserMode" })).toEqual([]);
});

test("SY-20: until the thread is back in user mode its user APC ends every alertable wait at once", () => {
  expect(look(behind(true, { Alertable: "TRUE", WaitMode: "UserMode" })).outcomes).toEqual([]);
});

test("SY-20: an alert is gone with the wait that it ended", () => {
  const twice = (waits: number) =>
    defineDriver("twice", (d) => {
      const never = d.event("Never", "NotificationEvent");
      const ended = d.variable("Ended");
      const request = d.request("Request", (r) => {
        for (let i = 0; i < waits; i++) {
          r.KeWaitForSingleObject(never, { Alertable: "TRUE" });
          r.InterlockedIncrement(ended);
        }
      });
      d.service("Agent", (s) => {
        const thread = s.thread("Waits", (t) => {
          t.DeviceIoControl(request);
        });
        s.thread("Cuts", (t) => {
          t.NtAlertThread(thread);
        });
      });
    });
  expect(look(twice(2), idle).ever("Ended")).toEqual([0, 1]);
});

test("SY-20: SleepEx and WaitForSingleObjectEx run user APCs, Sleep and other waits do not", () => {
  const sleeps = (Alertable: "TRUE" | "FALSE") =>
    defineDriver("sleeps", (d) => {
      const never = d.event("Never", "NotificationEvent");
      const cut = d.variable("Cut");
      const tell = d.request("Tell", (r) => {
        r.InterlockedIncrement(cut);
      });
      d.service("Agent", (s) => {
        const waits = s.thread("Waits", (t) => {
          const wait = t.WaitForSingleObjectEx(never, { Alertable });
          t.when(wait.is("userApc"), () => t.DeviceIoControl(tell));
          const slept = t.SleepEx("1s", { Alertable });
          t.when(slept.is("userApc"), () => t.DeviceIoControl(tell));
        });
        s.thread("Cuts", (t) => {
          t.QueueUserAPC(waits);
        });
      });
    });
  // Queued once, it runs once.
  expect(look(sleeps("TRUE"), idle).ever("Cut")).toEqual([0, 1]);
  expect(look(sleeps("FALSE"), idle).ever("Cut")).toEqual([0]);
});

test("SY-20, APC-5: its end reaches an alertable thread in either mode", () => {
  const driver = (how: How) =>
    defineDriver("ended", (d) => {
      const never = d.event("Never", "NotificationEvent");
      const exited = d.variable("Exited");
      d.onProcessExit("OnProcessExit", (a) => {
        a.InterlockedIncrement(exited);
      });
      const request = d.request("Request", (r) => {
        r.KeWaitForSingleObject(never, how);
      });
      d.service("Agent", (s) => {
        s.thread("Asks", (t) => {
          t.DeviceIoControl(request);
        });
      });
    });
  const target = { workload: [], service: { condition: "target" } } as const;
  for (const how of all) {
    const held = how.Alertable === "FALSE" && how.WaitMode === "KernelMode";
    expect(look(driver(how), target).finals("Exited")).toEqual([[held ? 0 : 1]]);
  }
});
