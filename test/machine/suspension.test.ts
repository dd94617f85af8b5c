import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look } from "../windows/support/look.ts";

const suspended = { service: { condition: "suspended" } } as const;

/** A request takes something in a service's thread, and the callback takes it too. */
const holds = (what: "rundown" | "push lock", region: boolean) =>
  defineDriver("holds", (d) => {
    const rundown = d.rundown("Rundown");
    const lock = d.pushLock("Lock");
    const count = d.variable("Count");
    const request = d.request("Request", (r) => {
      if (region) r.KeEnterCriticalRegion();
      if (what === "rundown") {
        const held = r.ExAcquireRundownProtection(rundown);
        r.when(held.succeeded(), () => {
          r.InterlockedIncrement(count);
          r.ExReleaseRundownProtection(rundown);
        });
      } else {
        r.ExAcquirePushLockExclusive(lock);
        r.InterlockedIncrement(count);
        r.ExReleasePushLockExclusive(lock);
      }
      if (region) r.KeLeaveCriticalRegion();
    });
    d.onProcessCreate("OnProcessCreate", (a) => {
      if (what === "rundown") a.ExWaitForRundownProtectionRelease(rundown);
      else {
        a.ExAcquirePushLockExclusive(lock);
        a.ExReleasePushLockExclusive(lock);
      }
    });
    d.service("Agent", (s) => {
      s.thread("Asks", (t) => {
        t.DeviceIoControl(request);
        t.Sleep("1s");
      });
    });
  });

test.each(["rundown", "push lock"] as const)(
  "P35, B16, APC-6: who is suspended while it holds a %s outside of a critical region keeps others waiting for ever",
  (what) => {
    expect(look(holds(what, false), suspended).outcomes).toEqual(["deadlock"]);
    expect(look(holds(what, false)).outcomes).toEqual([]);
    expect(look(holds(what, true), suspended).outcomes).toEqual([]);
  },
);

test("APC-6: a process that is suspended while it is created never runs, and its creator goes on", () => {
  const driver = (suspends: boolean) =>
    defineDriver("suspends", (d) => {
      const exits = d.variable("Exits");
      d.onProcess("OnProcess", (a) => {
        a.when(a.isExit(), () => a.InterlockedIncrement(exits));
        if (suspends) a.when(a.isCreate(), () => a.PsSuspendProcess(a.process("subject")));
      });
    });
  const world = { workload: [{ name: "user1", does: ["create and exit"] }] } as const;
  expect(look(driver(true), world).finals("Exits")).toEqual([[0]]);
  expect(look(driver(true), world).outcomes).toEqual([]);
  expect(look(driver(false), world).finals("Exits")).toEqual([[1]]);
});
