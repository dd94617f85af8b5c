/** Requests that a helper pends, and I/O that needs no APC to end. */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { look, users } from "./support/look.ts";

/** A request whose helper pends it; a create completes what is pended, or does not. */
const helped = (completes: boolean) =>
  defineDriver("helped", (d) => {
    const csq = d.csq("Requests");
    const waits = d.variable("Waits", 0);
    const back = d.variable("Back", 0);
    const pend = d.routine("Pend", (r) => {
      r.IoCsqInsertIrp(csq);
    });
    const inner = d.routine("Inner", (r) => r.call(pend));
    const ask = d.request("Ask", (r) => {
      r.call(inner);
      r.WriteNoFence(waits, 1);
    });
    d.onProcessCreate("OnCreate", (a) => {
      const irp = a.pointer("Irp");
      const next = a.IoCsqRemoveNextIrp(csq, irp);
      if (completes) a.when(next.succeeded(), () => a.IoCompleteRequest(irp));
    });
    d.service("Agent", (s) => {
      s.thread("Asker", (t) => {
        t.DeviceIoControl(ask);
        t.WriteNoFence(back, 1);
      });
    });
  });

test("an IRP that a function of the request pends keeps the request until it is completed", () => {
  const kept = look(helped(false));
  expect(kept.ever("Waits")).toContain(1);
  expect(kept.ever("Back")).toEqual([0]);
  expect(look(helped(true)).ever("Back")).toContain(1);
});

test("a request whose function pends it goes on with the reply, not with what is left of the function's frame", () => {
  expect(look(helped(true)).outcomes).toEqual([]);
  expect(look(helped(true), { workload: users() }).ever("Back")).toEqual([0]);
});

const reading = (name: "ZwReadFile" | "FltPerformSynchronousIo", underLock: boolean) =>
  defineDriver("reading", (d) => {
    const lock = d.fastMutex("Lock");
    d.onProcessCreate("OnCreate", (a) => {
      if (underLock) a.ExAcquireFastMutex(lock);
      a[name]();
      if (underLock) a.ExReleaseFastMutex(lock);
    });
  });

test("SV-32: FltPerformSynchronousIo ends at APC_LEVEL, where ZwReadFile never does (APC-4)", () => {
  expect(look(reading("ZwReadFile", true)).outcomes).toEqual(["deadlock"]);
  expect(look(reading("FltPerformSynchronousIo", true)).outcomes).toEqual([]);
  expect(look(reading("FltPerformSynchronousIo", false)).outcomes).toEqual([]);
});

test("SV-32: what FltPerformSynchronousIo asks a removed disk for waits for a dialog all the same (APC-7)", () => {
  const removed = { disk: "removed" } as const;
  expect(look(reading("FltPerformSynchronousIo", false), removed).outcomes).toEqual(["deadlock"]);
});
