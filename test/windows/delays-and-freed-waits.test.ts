/** What ends a delay (SY-20), and what it is to free what somebody waits for. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look } from "./support/look.ts";

test("SY-20: a KernelMode delay runs to its end in a thread that is told to end; a UserMode one can be broken", () => {
  const ends = (WaitMode: "KernelMode" | "UserMode") => {
    const driver = defineDriver("delays", (d) => {
      const broken = d.variable("Broken", 0);
      d.onProcessCreate("OnCreate", () => {});
      const asks = d.request("Asks", (r) => {
        const slept = r.KeDelayExecutionThread("1s", { WaitMode });
        r.when(slept.is("terminated"), () => {
          r.WriteNoFence(broken, 1);
        });
      });
      d.service("Agent", (s) => {
        s.thread("Ask", (t) => {
          t.DeviceIoControl(asks);
        });
      });
    });
    return look(driver, { service: { condition: "target" } }).ever("Broken").length;
  };
  expect(ends("KernelMode")).toBe(1);
  expect(ends("UserMode")).toBe(2);
});

test("a record that is freed while somebody waits for what is in it is used after it was freed", () => {
  const frees = (isHeld: boolean) =>
    defineDriver("frees", (d) => {
      const request = d.record("REQUEST", (r) => r.event("Done", "NotificationEvent"));
      const current = d.pointer("Current", request);
      d.driverEntry((a) => {
        a.ExAllocateFromLookasideListEx(current);
      });
      const waits = d.systemThread("Waits", (t) => {
        if (isHeld) t.ObReferenceObject(current);
        t.KeWaitForSingleObject(current.field("Done"), { Timeout: "1s" });
      });
      d.onProcessCreate("OnCreate", (a) => {
        if (isHeld) a.ObReferenceObject(current);
        a.PsCreateSystemThread(waits);
        a.KeDelayExecutionThread("1ms");
        a.ObDereferenceObject(current);
      });
    });
  const crashes = (isHeld: boolean) =>
    look(frees(isHeld))
      .observations.filter(({ target }) => target.outcome === "crash")
      .map(({ target }) => target.mechanism)
      .join();
  expect(crashes(false)).toContain("use after free");
  expect(crashes(false)).not.toContain("use after return");
  expect(crashes(true)).toBe("");
});
