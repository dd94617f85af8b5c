import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import type { CheckReport } from "../../src/campaign/report.ts";
import { tellSummary } from "../../src/report/summary.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Action, World } from "../../src/windows/scenario.ts";
import { worldWith } from "../explore/support/worlds.ts";

const worldOf = (...users: readonly (readonly Action[])[]): World => ({
  name: "the author's",
  workload: users.map((does, i) => ({ name: `user${i + 1}`, does })),
  pool: { profile: "tiny", load: "idle" },
  service: { condition: "well" },
  startup: "before",
  removal: "none",
});

const guarded = defineDriver("guarded", (d) => {
  const lock = d.fastMutex("Lock");
  d.onProcessCreate("OnCreate", (a) => {
    a.ExAcquireFastMutex(lock);
    a.ZwReadFile();
    a.ExReleaseFastMutex(lock);
  });
});

const judged = (driver: typeof guarded, world: World, budget = 20_000): CheckReport =>
  check({ drivers: [driver], worlds: [world] }, { scope: "default", budget, seed: "s" });

const told = (report: CheckReport): string =>
  tellSummary(report, { colours: false, subject: "it" }).replace(/\s+/g, " ");

test("a lock that two ask for at once is contended, one that only one user asks for never", () => {
  const alone = judged(guarded, worldOf(["create", "create"]));
  const [id] = alone.waits.never;
  expect(id).toMatch(/^guarded: OnCreate\/ExAcquireFastMutex/);
  expect(alone.waits).toEqual({ contended: 0, of: 1, never: [id] });
  expect(told(alone)).toContain("contended 0 of 1 wait ");
  expect(told(alone)).toContain("Look at: 1 wait never contended");
  const both = judged(guarded, worldOf(["create"], ["create"]));
  expect(both.waits).toEqual({ contended: 1, of: 1, never: [] });
  expect(told(both)).toContain("contended 1 of 1 wait ");
  expect(told(both)).not.toContain("never contended");
});

test("a wait counts where somebody has to wait for the object; delays, tries and a service's waits do not count", () => {
  const driver = defineDriver("waiting", (d) => {
    const port = d.port("Port");
    const set = d.event("Set", "NotificationEvent");
    const later = d.event("Later", "NotificationEvent");
    const item = d.workItem("Item", (w) => w.KeSetEvent(later));
    d.onProcessCreate("OnCreate", (a) => {
      a.KeDelayExecutionThread("1ms");
      a.KeSetEvent(set);
      a.KeWaitForSingleObject(set);
      a.IoQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(later);
    });
    d.service("Agent", (s) => {
      s.thread("Listen", (t) => {
        const message = t.pointer("Message");
        t.FilterGetMessage(port, message);
      });
    });
  });
  const { waits } = judged(driver, worldOf(["create"]));
  expect(waits.of).toBe(2);
  expect(waits.contended).toBe(1);
  expect(waits.never).toHaveLength(1);
  expect(waits.never[0]).toContain("Set");
});

test("what random runs had to wait for counts, where the budget leaves a search no room", () => {
  const many = worldOf(["create"], ["create"], ["create"], ["create"]);
  const driver = defineDriver("waiting", (d) => {
    const later = d.event("Later", "NotificationEvent");
    const item = d.workItem("Item", (w) => w.KeSetEvent(later));
    d.onProcessCreate("OnCreate", (a) => {
      a.ExQueueWorkItem(item, "DelayedWorkQueue");
      a.KeWaitForSingleObject(later);
    });
  });
  const report = judged(driver, many, 40);
  expect(report.complete).toBe(false);
  expect(report.waits.contended).toBe(1);
});

test("a wait that may not be called where it is asks for nothing, and is none that nobody held", () => {
  const ticks = (timeout: "0ms" | "1ms") =>
    defineDriver("ticks", (d) => {
      const ready = d.event("Ready", "NotificationEvent");
      const tick = d.dpc("Tick", (p) => {
        p.KeWaitForSingleObject(ready, { Timeout: timeout });
      });
      d.onProcessCreate("OnCreate", (a) => a.KeInsertQueueDpc(tick));
    });
  const { findings, waits } = check(
    { drivers: [ticks("1ms")], worlds: [worldWith({})] },
    { scope: "small", budget: 20_000, seed: "contended" },
  );
  expect(findings.map(({ finding }) => finding.crash)).toEqual(["irql"]);
  expect(waits).toEqual({ contended: 0, of: 0, never: [] });
  const well = check(
    { drivers: [ticks("0ms")], worlds: [worldWith({})] },
    { scope: "small", budget: 20_000, seed: "contended" },
  );
  expect(well.findings).toEqual([]);
  // What only looks may be called there, and is no wait.
  expect(well.waits).toEqual({ contended: 0, of: 0, never: [] });
});
