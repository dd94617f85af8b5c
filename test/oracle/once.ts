/** Small scenarios of which the two interpreters once said different things. */
import { expect } from "vitest";
import type { DriverModel, ResultName, Statement } from "../../src/language/model.ts";
import { searched } from "./adapter.ts";
import { differences } from "./compare.ts";
import { explored } from "./explore.ts";
import type { Scenario, World } from "./scenario.ts";

export const driver = (
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

export const scenario = (one: DriverModel, does: string, world: Partial<World> = {}): Scenario => ({
  drivers: [one],
  world: {
    name: "once",
    workload: [{ name: "user1", does: [does] }],
    pool: { profile: "tiny", load: "idle" },
    service: { condition: "well" },
    startup: "before",
    removal: "none",
    ...world,
  },
});

export const call = (api: string, args = {}): Statement => ({ kind: "call", api, args });

export function agreed(one: Scenario): ReturnType<typeof searched> {
  const oracle = explored(one, 1_000);
  const loophole = searched(one);
  expect(oracle.unanswered).toBeUndefined();
  expect(loophole.complete).toBe(true);
  expect(differences(oracle, loophole)).toEqual([]);
  return loophole;
}

/** A driver whose service has one thread, of these calls. */
export const served = (family: string, body: Statement[], thread: Statement[]): DriverModel => {
  const one = driver(family, body, { objects: [{ name: "Port", kind: "FLT_PORT" }] });
  const answer = {
    name: "Answer",
    role: "userThread" as const,
    locals: [{ name: "Message", kind: "pointer" as const }],
    body: thread,
  };
  return {
    ...one,
    routines: [...one.routines, answer],
    services: [{ name: "Service", objects: [], threads: [{ routine: "Answer", count: 1 }] }],
  };
};
export const inCondition = (condition: string): Partial<World> => ({ service: { condition } });

/** A call that is reached where the call of this result came back so. */
export const asked = (name: string, is: ResultName): Statement => ({
  kind: "if",
  test: { kind: "result", of: name, is },
  then: [call("DbgPrint")],
});
