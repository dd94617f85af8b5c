import { expect, it } from "vitest";
import type { DriverModel, Statement } from "../../src/language/model.ts";
import { agreed, call, driver, scenario } from "./once.ts";
import type { World } from "./scenario.ts";

/** Callbacks that return while an APC is pending: the release of the registration comes first, or second (section 8). */
const removed = { removal: "racing" } as const;

const queues = (kind: "Normal" | "Special"): Statement =>
  call("KeInsertQueueApc", {
    Apc: { routine: "Later" },
    Thread: { thread: "current" },
    Kind: kind,
  });

/** The APC waits for what DriverUnload sets behind the removal, or does not wait. */
function leaving(family: string, kind: "Normal" | "Special", waits: boolean): DriverModel {
  const go = { ref: "Go" };
  const removal =
    family === "process-create"
      ? call("PsSetCreateProcessNotifyRoutineEx", {
          NotifyRoutine: { routine: "OnEvent" },
          Remove: "TRUE",
        })
      : call("PsRemoveLoadImageNotifyRoutine", { NotifyRoutine: { routine: "OnEvent" } });
  const one = driver(family, [queues(kind)], {
    objects: [{ name: "Go", kind: "NotificationEvent" }],
  });
  const body = [waits ? call("KeWaitForSingleObject", { Object: go }) : call("DbgPrint")];
  const unload = [removal, call("KeSetEvent", { Event: go })];
  return {
    ...one,
    routines: [
      ...one.routines,
      { name: "Later", role: "apc", locals: [], body },
      { name: "DriverUnload", role: "unload", locals: [], body: unload },
    ],
  };
}

const ends = (one: DriverModel, world: Partial<World> = {}): [number, string[]] => {
  const { crashes, hangs } = agreed(scenario(one, "create", { ...removed, ...world }));
  return [crashes.length, [...new Set(hangs.map(({ outcome }) => outcome))]];
};

it("a normal APC comes behind the release, and its code can be gone, or ahead of it, and keeps the removal waiting", () => {
  const [crashes, hangs] = ends(leaving("process-create", "Normal", true));
  expect(crashes).toBeGreaterThan(0);
  expect(hangs).toEqual(["deadlock"]);
  expect(ends(leaving("process-create", "Normal", false))[1]).toEqual([]);
});

it("a special one has run before, but where the family keeps it off, too (CB-I1)", () => {
  expect(ends(leaving("image-exe", "Special", false))).toEqual([0, []]);
  const [crashes] = ends(leaving("image-exe", "Special", false), { specialApcs: "off" });
  expect(crashes).toBeGreaterThan(0);
});

it("nothing is open for one who stands in a region of his own, or whose region somebody else's APC finds left", () => {
  const one = leaving("process-create", "Normal", false);
  const suspends = call("PsSuspendProcess", { Process: { process: "subject" } });
  const [callback, ...others] = one.routines;
  const leaves = { ...callback, body: [call("KeLeaveCriticalRegion"), queues("Normal"), suspends] };
  const enters = { ...callback, body: [queues("Normal"), call("KeEnterCriticalRegion")] };
  for (const changed of [leaves, enters])
    agreed(scenario({ ...one, routines: [changed, ...others] }, "create", removed));
});

it("a special APC that is queued while another runs is special still when that has ended (APC-2)", () => {
  const one = leaving("process-create", "Special", false);
  const [callback, later, unload] = one.routines;
  const first = { ...later, name: "First", body: [queues("Special")] };
  const starts = call("KeInsertQueueApc", {
    Apc: { routine: "First" },
    Thread: { thread: "current" },
    Kind: "Special",
  });
  const routines = [{ ...callback, body: [starts] }, later, first, unload];
  expect(ends({ ...one, routines })).toEqual([0, []]);
});

it("an APC that another thread queues while one runs comes in behind the callback's return, or ahead of it (section 8)", () => {
  const apcs = (kind: "Normal" | "Special", family: string): void => {
    const one = leaving(family, kind, false);
    const queue = call("KeInsertQueueApc", {
      Apc: { routine: "Later" },
      Thread: { thread: "subject" },
      Kind: kind,
    });
    const starts = call("PsCreateSystemThread", { StartRoutine: { routine: "Beside" } });
    const [callback, ...others] = one.routines;
    const beside = {
      ...callback,
      name: "Beside",
      role: "systemThread" as const,
      within: "OnEvent",
    };
    const routines = [
      { ...callback, body: [starts, queue] },
      { ...beside, body: [queue] },
      ...others,
    ];
    agreed(scenario({ ...one, routines }, "create and exit", removed));
  };
  apcs("Special", "image-exe");
  apcs("Normal", "image-exe");
});
