import { expect, it } from "vitest";
import type { DriverModel, Statement } from "../../src/language/model.ts";
import { told } from "./adapter.ts";
import { differences } from "./compare.ts";
import { explored } from "./explore.ts";
import type { Scenario } from "./scenario.ts";

/** What the two interpreters once disagreed about, each settled by the fact that its title names. */
const driver = (
  family: string,
  body: Statement[],
  more: Partial<DriverModel> = {},
): DriverModel => ({
  loophole: "driver",
  version: 1,
  name: "once",
  objects: [{ name: "Lock", kind: "ERESOURCE" }],
  perProcess: [],
  records: [],
  settings: [],
  conditions: [],
  routines: [{ name: "OnEvent", role: "callback", locals: [], body }],
  registrations: [{ family, routine: "OnEvent" }],
  services: [],
  ...more,
});

const scenario = (one: DriverModel, does: string): Scenario => ({
  drivers: [one],
  world: {
    name: "once",
    workload: [{ name: "user1", does: [does] }],
    pool: { profile: "tiny", load: "idle" },
    service: { condition: "well" },
    startup: "before",
    removal: "none",
  },
});

const call = (api: string, args = {}): Statement => ({ kind: "call", api, args });

function agreed(one: Scenario): { crashes: readonly string[]; hangs: readonly unknown[] } {
  const oracle = explored(one, 1_000);
  const loophole = told(one, 50_000);
  expect(oracle.unanswered).toBeUndefined();
  expect(loophole.complete).toBe(true);
  expect(differences(oracle, loophole)).toEqual([]);
  return loophole;
}

it("a region that was not entered is left, and crashes, at the call that leaves it (APC-2)", () => {
  const body = [call("KeLeaveGuardedRegion"), call("ZwReadFile")];
  const { crashes } = agreed(scenario(driver("thread-exit", body), "create and exit"));
  expect(crashes.map((one) => one.split(" ").pop())).toEqual(["OnEvent/s1"]);
});

it("a region that was entered is left without a crash (APC-2)", () => {
  const body = [call("KeEnterGuardedRegion"), call("KeLeaveGuardedRegion"), call("ZwReadFile")];
  expect(agreed(scenario(driver("thread-exit", body), "create and exit")).crashes).toEqual([]);
});

it("the threads of a service raise non-system-thread create in themselves as they begin (CB-T2)", () => {
  const body = [call("ExAcquireResourceExclusiveLite", { Resource: { ref: "Lock" } })];
  const of = driver("non-system-thread-create", body);
  const answer = { name: "Answer", role: "userThread" as const, locals: [], body: [] };
  const service = { name: "Service", objects: [], threads: [{ routine: "Answer", count: 1 }] };
  const served = { ...of, routines: [...of.routines, answer], services: [service] };
  expect(agreed(scenario(served, "create")).hangs).toContainEqual({
    outcome: "deadlock",
    operations: ["OnEvent/s1"],
  });
  expect(agreed(scenario(of, "create")).hangs).toEqual([]);
});

const later: Statement = { kind: "call", api: "DbgPrint", args: {} };
const afterDelay = (is: "success" | "timeout"): Statement[] => [
  {
    ...call("KeDelayExecutionThread", { Interval: { timeout: 1_000 } }),
    result: "slept",
  } as Statement,
  { kind: "if", test: { kind: "result", of: "slept", is }, then: [later] },
];

it("an interval that is over comes back with success (SV-25)", () => {
  agreed(scenario(driver("process-create", afterDelay("success")), "create"));
  agreed(scenario(driver("process-create", afterDelay("timeout")), "create"));
});

it("completing an IRP that is not there is a crash (section 2)", () => {
  const complete = [call("IoCompleteRequest", { Irp: { ref: "Irp" } })];
  const without = driver("process-create", complete, {
    objects: [{ name: "Irp", kind: "pointer" }],
  });
  const { crashes } = agreed(scenario(without, "create"));
  expect(crashes.map((one) => one.split(" ").pop())).toEqual(["OnEvent/s1"]);
});

it("a routine hands on what it captured, gone or not, and crashes only if it is used (section 2)", () => {
  const queue = (item: string): Statement =>
    call("ExQueueWorkItem", { WorkItem: { routine: item }, QueueType: "DelayedWorkQueue" });
  const of = driver("process-create", [queue("Inner")]);
  const inner = { name: "Inner", role: "workItem" as const, within: "OnEvent", locals: [] };
  const last = { ...inner, name: "Last", body: [] };
  const routines = [...of.routines, { ...inner, body: [queue("Last")] }, last];
  expect(agreed(scenario({ ...of, routines }, "create")).crashes).toEqual([]);
});
