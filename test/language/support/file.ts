/** A driver in the form of a file, and how its faults are refused. */
import { expect, test } from "vitest";
import type { DriverModel } from "../../../src/language/model.ts";
import { validateDriver } from "../../../src/language/validate.ts";
import { refused } from "./refused.ts";
import { language } from "./tables.ts";

/** Files that are wrong have no type. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = any;

export const place = "drivers/acme.json";
export const validate = (value: unknown): DriverModel => validateDriver(value, place, language);

export const call = (api: string, args: Json): Json => ({ kind: "call", api, args });
export const branch = (condition: Json, yes: Json, no?: Json): Json => ({
  kind: "if",
  test: condition,
  then: yes,
  ...(no === undefined ? {} : { else: no }),
});

/** With something in every list. */
export const file = (): Json => ({
  loophole: "driver",
  version: 1,
  name: "acme",
  objects: [
    { name: "Lock", kind: "FAST_MUTEX" },
    { name: "Reply", kind: "SynchronizationEvent", initial: 1 },
    { name: "Flush", kind: "WORK_ITEM", routine: "Flush" },
    { name: "First", kind: "pointer", record: "Entry" },
    { name: "Count", kind: "variable", initial: 2 },
  ],
  perProcess: [{ name: "Creates", kind: "variable" }],
  records: [{ name: "Entry", fields: [{ name: "Done", kind: "NotificationEvent" }], max: 2 }],
  settings: [{ name: "ReplyTimeout", value: 3_000_000 }],
  conditions: [{ name: "IsProtected", scope: "process" }],
  routines: [
    {
      name: "Callback",
      role: "callback",
      locals: [{ name: "ScanDone", kind: "NotificationEvent" }],
      body: [
        call("IoQueueWorkItem", { WorkItem: { routine: "Scan" }, QueueType: "DelayedWorkQueue" }),
        {
          ...call("KeWaitForSingleObject", {
            Object: { ref: "ScanDone" },
            Timeout: { timeout: { setting: "ReplyTimeout" } },
          }),
          result: "wait",
        },
        branch(
          {
            kind: "and",
            tests: [
              { kind: "result", of: "wait", is: "timeout" },
              { kind: "compare", variable: { ref: "Count" }, op: "<", value: 3 },
              { kind: "opaque", name: "IsProtected" },
              { kind: "role", who: "current", is: "service", service: "Agent" },
            ],
          },
          [{ kind: "invoke", routine: "Helper" }],
          [{ kind: "veto" }],
        ),
        call("KeSetEvent", { Event: { ref: "First", field: "Done" } }),
        call("KeWaitForSingleObject", { Object: { process: "service" } }),
      ],
    },
    {
      name: "Scan",
      role: "workItem",
      within: "Callback",
      locals: [],
      body: [call("KeSetEvent", { Event: { ref: "ScanDone" } })],
    },
    {
      name: "Flush",
      role: "workItem",
      locals: [],
      body: [call("InterlockedExchange", { Target: { ref: "Creates", of: "subject" }, Value: 1 })],
    },
    {
      name: "Helper",
      role: "function",
      locals: [],
      body: [
        call("IoQueueWorkItem", { WorkItem: { routine: "Flush" }, QueueType: "CriticalWorkQueue" }),
        { kind: "repeat", times: 2, body: [call("ZwReadFile", {})] },
        {
          kind: "poll",
          until: { kind: "kernelHandle" },
          limit: 10,
          body: [call("KeDelayExecutionThread", { Interval: { timeout: 1000 } })],
        },
        { kind: "other", name: "FltFoo", costUs: 10, waitsFor: { ref: "Reply" }, raises: "thread" },
      ],
    },
    {
      name: "Worker",
      role: "userThread",
      locals: [],
      body: [
        call("EnterCriticalSection", { Section: { ref: "Section" } }),
        call("SetEvent", { Event: { ref: "Reply" } }),
      ],
    },
  ],
  registrations: [{ family: "process-create", routine: "Callback" }],
  services: [
    {
      name: "Agent",
      objects: [{ name: "Section", kind: "CRITICAL_SECTION" }],
      threads: [{ routine: "Worker", count: 2 }],
    },
  ],
});

/** What is done to the file, where it is refused then, and why. */
export type Fault = readonly [
  what: string,
  spoil: (driver: Json) => void,
  where: string,
  why: string,
];

/** One test for each fault. */
export function testFaults(faults: readonly Fault[]): void {
  test.each(faults)("a driver is refused, at its place, for %s", (_, spoil, where, why) => {
    const driver = file();
    spoil(driver);
    const error = refused(() => validate(driver));
    expect(error.place).toBe(`${place}: ${where}`);
    expect(error.reason).toBe(why);
  });
}
