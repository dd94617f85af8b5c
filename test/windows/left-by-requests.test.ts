/** What requests, cleanup routines and callbacks of any family leave behind (SY-26, SY-5, APC-2). */
import { defineApi, defineDriverWith, defineFamily } from "loophole-fuzz";
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";
import { leftBy } from "./support/left.ts";
import { users } from "./support/look.ts";

type Definition = Parameters<typeof defineDriver>[1];

const shows = (definition: Definition, change: Partial<World> = {}) =>
  leftBy(defineDriver("leaves", definition), change);

const raised = "a routine returns at a raised IRQL";

/** A service's thread asks the driver once, by a request that does this. */
const request =
  (body: (r: Handler, locks: Locks) => void): Definition =>
  (d) => {
    const locks = { fast: d.fastMutex("Fast"), spin: d.spinLock("Spin"), mutex: d.mutex("Mutex") };
    d.onProcessCreate("OnCreate", () => {});
    const asks = d.request("Asks", (r) => body(r, locks));
    d.service("Agent", (s) => {
      s.thread("Ask", (t) => {
        t.DeviceIoControl(asks);
      });
    });
  };
type Recorder = Parameters<Definition>[0];
type Handler = Parameters<Parameters<Recorder["request"]>[1]>[0];
interface Locks {
  readonly fast: ReturnType<Recorder["fastMutex"]>;
  readonly spin: ReturnType<Recorder["spinLock"]>;
  readonly mutex: ReturnType<Recorder["mutex"]>;
}

test("SY-26: a request that keeps a lock which raises the IRQL leaves it behind, and does not come back to user mode", () => {
  for (const lock of ["fast", "spin"] as const) {
    const keeps = (gives: boolean) =>
      shows(
        request((r, { fast, spin }) => {
          if (lock === "fast") r.ExAcquireFastMutex(fast);
          else r.KeAcquireSpinLock(spin);
          if (!gives) return;
          if (lock === "fast") r.ExReleaseFastMutex(fast);
          else r.KeReleaseSpinLock(spin);
        }),
      );
    expect(keeps(false)).toEqual({ broken: ["LEAK"], crash: raised, at: "Asks/end" });
    expect(keeps(true)).toEqual({ broken: [], crash: "", at: "" });
  }
});

test("SY-26, SY-5: neither a region nor a mutex goes back to user mode, and LEAK is told at the return", () => {
  const region = shows(
    request((r) => {
      r.KeEnterCriticalRegion();
      r.when(r.opaque("Empty"), () => r.return());
      r.KeLeaveCriticalRegion();
    }),
  );
  expect(region).toEqual({
    broken: ["LEAK"],
    crash: "a thread goes back to user mode in a region",
    at: "Asks/return(Empty)",
  });
  const mutex = shows(
    request((r, locks) => {
      r.KeWaitForSingleObject(locks.mutex);
    }),
  );
  expect(mutex.broken).toEqual(["LEAK"]);
  expect(mutex.crash).toBe("a thread goes back to user mode with a KMUTEX");
  const left = shows(
    request((r, locks) => {
      r.KeEnterCriticalRegion();
      r.KeWaitForSingleObject(locks.mutex);
      r.KeReleaseMutex(locks.mutex);
      r.KeLeaveCriticalRegion();
    }),
  );
  expect(left).toEqual({ broken: [], crash: "", at: "" });
});

test("SY-26: a request that pends its IRP is looked at before anybody completes that", () => {
  const pends =
    (raises: boolean): Definition =>
    (d) => {
      const csq = d.csq("Pending");
      d.onProcessCreate("OnCreate", () => {});
      const asks = d.request("Asks", (r) => {
        if (raises) r.KeRaiseIrql("APC_LEVEL");
        r.IoCsqInsertIrp(csq);
        r.return();
      });
      d.service("Agent", (s) => {
        s.thread("Ask", (t) => {
          t.DeviceIoControl(asks);
        });
      });
    };
  expect(shows(pends(true))).toEqual({ broken: ["LEAK"], crash: raised, at: "Asks/return" });
  expect(shows(pends(false))).toEqual({ broken: [], crash: "", at: "" });
});

test("APC-2: a cleanup routine leaves nothing behind", () => {
  const cleans =
    (gives: boolean): Definition =>
    (d) => {
      const fast = d.fastMutex("Fast");
      const port = d.port("Port");
      d.onProcessCreate("OnCreate", () => {});
      d.onCleanup("OnCleanup", (c) => {
        c.ExAcquireFastMutex(fast);
        if (gives) c.ExReleaseFastMutex(fast);
      });
      d.service("Agent", (s) => {
        s.thread("Answer", (t) => {
          const message = t.pointer("Message");
          t.FilterGetMessage(port, message);
        });
      });
    };
  const ended = { service: { condition: "target" } } as const;
  expect(shows(cleans(false), ended)).toEqual({ broken: ["LEAK"], crash: "", at: "OnCleanup/end" });
  expect(shows(cleans(true), ended)).toEqual({ broken: [], crash: "", at: "" });
});

test("APC-2: image callbacks leave nothing behind, nor do those of a family that a driver brings", () => {
  const image =
    (gives: boolean): Definition =>
    (d) => {
      const fast = d.fastMutex("Fast");
      d.onImageDll("OnDll", (a) => {
        a.ExAcquireFastMutex(fast);
        if (gives) a.ExReleaseFastMutex(fast);
      });
    };
  const dll = { workload: users(["load a DLL"]) };
  expect(shows(image(false), dll)).toEqual({ broken: ["LEAK"], crash: "", at: "OnDll/end" });
  expect(shows(image(true), dll)).toEqual({ broken: [], crash: "", at: "" });

  const paths = [{ action: "opens a key", routine: "NtOpenKey", raises: "opening" }] as const;
  const family = defineFamily({
    name: "registry",
    events: ["opening"],
    context: "the thread that opens",
    registers: "CmRegisterCallbackEx",
    removes: "CmUnRegisterCallback",
    paths,
  });
  const registration = (name: string, remove: "TRUE" | "FALSE") =>
    defineApi({
      name,
      params: [{ name: "Function", kind: { type: "routine", role: "callback" } }],
      does: [{ op: "register", routine: { param: "Function" }, remove }],
      summary: "Registers, or removes.",
    });
  const apis = [
    registration("CmRegisterCallbackEx", "FALSE"),
    registration("CmUnRegisterCallback", "TRUE"),
  ];
  const own = (gives: boolean) =>
    defineDriverWith({ apis, families: [family], rules: [] })("leaves", (d) => {
      const fast = d.fastMutex("Fast");
      d.onRegistry("OnKey", (a) => {
        a.ExAcquireFastMutex(fast);
        if (gives) a.ExReleaseFastMutex(fast);
      });
    });
  const opens = { workload: [{ name: "user1", does: ["opens a key"] }] };
  expect(leftBy(own(false), opens)).toEqual({ broken: ["LEAK"], crash: "", at: "OnKey/end" });
  expect(leftBy(own(true), opens)).toEqual({ broken: [], crash: "", at: "" });
});
