/** The open arrival, as the two interpreters once disagreed about it (section 15). */
import { expect, it } from "vitest";
import { call, drafted, object, routine, to } from "../draw/draft.ts";
import type { Scenario } from "../scenario.ts";
import { timedTold } from "./adapter.ts";
import { timedDifferences } from "./compare.ts";
import { exploredInTime } from "./explore.ts";
import type { RootKind } from "./times.ts";

/** What roots of a kind take, if both say the same of all kinds. */
function agreed(one: Scenario, kind: RootKind): number[] {
  const oracle = exploredInTime(one, 2_000);
  const loophole = timedTold(one, 20_000);
  expect(oracle.unanswered).toBeUndefined();
  expect(loophole.complete).toBe(true);
  expect(timedDifferences(oracle, loophole)).toEqual([]);
  return [...(loophole.took.get(kind) ?? [])].sort((a, b) => a - b);
}

it("who asks for a lock later than the skew has not asked in vain: the arrival can be put there", () => {
  const body = [
    call("ZwReadFile"),
    call("KeAcquireSpinLock", { SpinLock: to("Lock") }),
    call("KeReleaseSpinLock", { SpinLock: to("Lock") }),
  ];
  const one = drafted(
    1,
    {
      objects: [object("Lock", "KSPIN_LOCK")],
      routines: [routine("callback", "OnEvent", body)],
      registrations: [{ family: "image-exe", routine: "OnEvent" }],
    },
    [["create"], ["create"]],
  );
  // The second one is put next to where the first one's process takes the lock: some of its time is skew.
  expect(agreed(one, "operation")).toContain(999);
});

it("what a request took that rests until a late arrival ends it is whole microseconds", () => {
  const one = drafted(
    1,
    {
      objects: [object("Pending", "IO_CSQ"), object("Irp", "pointer")],
      routines: [
        routine("callback", "OnEvent", []),
        routine("request", "OnControl", [call("IoCsqInsertIrp", { Csq: to("Pending") })]),
        routine("userThread", "First", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }),
        ]),
        routine("cleanup", "OnCleanup", [
          call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }),
          call("IoCompleteRequest", { Irp: to("Irp") }),
        ]),
      ],
      registrations: [{ family: "process-exit", routine: "OnEvent" }],
      services: [{ name: "Service", objects: [], threads: [{ routine: "First", count: 1 }] }],
    },
    [],
    { removal: "racing" },
  );
  const took = agreed(one, "request");
  expect(took).not.toEqual([]);
  expect(took.every(Number.isInteger)).toBe(true);
});
