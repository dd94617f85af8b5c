/** A crash is told at the operation that caused it, not at the one behind it. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel } from "./support/locks.ts";
import { look } from "./support/look.ts";

const brokenBy = (body: (a: Kernel) => void): readonly string[] =>
  look(defineDriver("breaking", (d) => d.onProcessCreate("OnCreate", (a) => body(a)))).broken;

const crashOf = (body: (a: Kernel) => void): readonly string[] =>
  look(
    defineDriver("crashing", (d) => {
      d.onProcessCreate("OnCreate", (a) => body(a));
    }),
  )
    .observations.filter(({ target }) => target.outcome === "crash")
    .map(({ target }) => target.identity);

test("APC-2: leaving a region that was not entered is told there, whatever is called next", () => {
  const guarded = crashOf((a) => {
    a.KeLeaveGuardedRegion();
    a.DbgPrint();
  });
  expect(guarded).toEqual(["OnCreate/KeLeaveGuardedRegion"]);
  const entered = crashOf((a) => {
    a.KeEnterGuardedRegion();
    a.KeLeaveGuardedRegion();
    a.DbgPrint();
  });
  expect(entered).toEqual([]);
});

test("B14: coming back from a process without having been there is told there", () => {
  const back = crashOf((a) => {
    a.KeUnstackDetachProcess();
    a.DbgPrint();
  });
  expect(back).toEqual(["OnCreate/KeUnstackDetachProcess"]);
});

test("a call above its IRQL that does nothing else is told there", () => {
  const high = crashOf((a) => {
    a.KeRaiseIrql("DISPATCH_LEVEL");
    a.PsLookupProcessByProcessId();
    a.KeLowerIrql("PASSIVE_LEVEL");
  });
  expect(high).toEqual(["OnCreate/PsLookupProcessByProcessId"]);
});

test("raising the IRQL to below where it stands is told there", () => {
  const lower = crashOf((a) => {
    a.KeRaiseIrql("DISPATCH_LEVEL");
    a.KeRaiseIrql("APC_LEVEL");
    a.DbgPrint();
  });
  expect(lower).toEqual(["OnCreate/KeRaiseIrql#2"]);
});

test("SY-18, SY-14: a call that crashes at DISPATCH_LEVEL breaks no rule beside, and one that goes on at APC_LEVEL does", () => {
  const at = (level: "DISPATCH_LEVEL" | "APC_LEVEL") => (a: Kernel) => {
    a.KeRaiseIrql(level);
    a.ZwReadFile();
    a.KeLowerIrql("PASSIVE_LEVEL");
  };
  expect(crashOf(at("DISPATCH_LEVEL"))).toEqual(["OnCreate/ZwReadFile"]);
  expect(brokenBy(at("DISPATCH_LEVEL"))).toEqual([]);
  expect(crashOf(at("APC_LEVEL"))).toEqual([]);
  expect(brokenBy(at("APC_LEVEL"))).toContain("B9");
});

test("SY-18, B11: a lock that is held is no breach of a call that crashes, and is of one that goes on", () => {
  const holding = (isRaised: boolean): readonly string[] => {
    const driver = defineDriver("holding", (d) => {
      const lock = d.fastMutex("Lock");
      d.onProcessCreate("OnCreate", (a) => {
        a.ExAcquireFastMutex(lock);
        if (isRaised) a.KeRaiseIrql("DISPATCH_LEVEL");
        a.ZwReadFile();
        if (isRaised) a.KeLowerIrql("APC_LEVEL");
        a.ExReleaseFastMutex(lock);
      });
    });
    const { broken, outcomes } = look(driver);
    return [...outcomes, ...broken];
  };
  expect(holding(true)).toEqual(["crash"]);
  expect(holding(false)).toEqual(expect.arrayContaining(["B11", "B9"]));
});
