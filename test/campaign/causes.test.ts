/** Crashes of one cause are one finding, however many operations they were met at. */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { isAbout } from "../../src/corpus/baseline.ts";
import type { Finding } from "../../src/judge/finding.ts";
import type { DriverModel } from "../../src/language/model.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";
import { storyOf } from "../judge/support/findings.ts";

const crashes = (driver: DriverModel): Finding[] =>
  check(
    { drivers: [driver], worlds: [worldWith({ removal: "racing" })] },
    { scope: "small", budget: 60_000, seed: "causes" },
  ).findings.flatMap(({ finding }) => (finding.outcome === "crash" ? [finding] : []));

/** Items that nobody waits for, with three operations each. */
const undrained = (items: readonly string[]): DriverModel =>
  defineDriver("acme", (d) => {
    const count = d.variable("Count", 0);
    const scans = items.map((name) =>
      d.workItem(name, (w) => {
        w.InterlockedIncrement(count);
        w.ZwReadFile();
        w.InterlockedDecrement(count);
      }),
    );
    const onCreate = d.onProcessCreate("OnCreate", (a) => {
      for (const scan of scans) a.ExQueueWorkItem(scan, "DelayedWorkQueue");
    });
    d.driverUnload((a) => a.PsSetCreateProcessNotifyRoutineEx(onCreate, "TRUE"));
  });

test("code that goes while it is queued, at its first operation or at a later one is one finding", () => {
  const [found, ...others] = crashes(undrained(["Scan"]));
  expect(others).toEqual([]);
  expect(found.crash).toBe("codeIsGone");
  expect(found.moments?.map(({ identity }) => identity).sort()).toEqual([
    "Scan",
    "Scan/InterlockedDecrement(Count)",
  ]);
  expect(storyOf(found)).toContain("The same cause was seen at 3 moments: also at");
  const entry = { driver: "acme", outcome: "crash", identity: "Scan", reason: "known" } as const;
  expect(isAbout(entry, found, "acme")).toBe(true);
  expect(isAbout({ ...entry, identity: "Other" }, found, "acme")).toBe(false);
});

test("two items that nobody waits for are two causes", () => {
  const found = crashes(undrained(["Scan", "Send"]));
  expect(found.map(({ code }) => code).sort()).toEqual(["Scan", "Send"]);
});

/** A record that goes under an item that still uses it. */
const freed = (): DriverModel =>
  defineDriver("acme", (d) => {
    const rec = d.record("REC", (r) => r.variable("A").variable("B"));
    d.onProcessCreate("OnCreate", (a) => {
      const p = a.pointer("P", rec);
      const scan = a.workItem("Scan", (w) => {
        const mine = w.context("Mine", rec);
        w.WriteNoFence(mine.field("A"), 1);
        w.WriteNoFence(mine.field("B"), 1);
      });
      const got = a.ExAllocateFromLookasideListEx(p);
      a.when(got.failed(), () => a.return());
      a.IoQueueWorkItem(scan, "DelayedWorkQueue", { Context: p });
      a.ObDereferenceObject(p);
    });
  });

test("memory that goes under an item is one finding", () => {
  const [found, ...others] = crashes(freed());
  expect(others).toEqual([]);
  expect([found.crash, found.code, found.moments?.length]).toEqual(["useAfterFree", "Scan", 1]);
});
