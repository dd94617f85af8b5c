/** A crash is told at the operation that caused it, not at the one behind it. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { Kernel } from "./support/locks.ts";
import { look } from "./support/look.ts";

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
