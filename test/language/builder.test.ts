import { expect, test } from "vitest";
import type { DriverModel, Statement } from "../../src/language/model.ts";
import { validateDriver } from "../../src/language/validate.ts";
import { everything } from "./support/everything.ts";
import { defineDriver, type KernelActivation, language } from "./support/tables.ts";

/** The same driver, out of its own JSON text. */
const reread = (driver: DriverModel): DriverModel =>
  validateDriver(JSON.parse(JSON.stringify(driver)), "acme.json", language);

const bodyOf = (driver: DriverModel, routine: string): readonly Statement[] =>
  driver.routines.find(({ name }) => name === routine)?.body ?? [];

/** What a callback's body records. */
const recorded = (body: (a: KernelActivation) => void): readonly Statement[] =>
  bodyOf(
    defineDriver("acme", (d) => {
      d.onProcess("Callback", body);
    }),
    "Callback",
  );

const queueAndWait = defineDriver("acme", (d) => {
  d.onProcessCreate("AcmeCreateProcess", (a) => {
    const done = a.event("ScanDone", "NotificationEvent"); // a KEVENT on this activation's stack
    const scan = a.workItem("Scan", (w) => {
      w.ZwReadFile();
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(scan, "DelayedWorkQueue").at("acme.c:120"); // where this stands in the C source
    a.KeWaitForSingleObject(done);
  });
});

test("a callback that queues work and waits for it is written as in C", () => {
  expect(queueAndWait).toEqual({
    loophole: "driver",
    version: 1,
    name: "acme",
    objects: [],
    perProcess: [],
    records: [],
    settings: [],
    conditions: [],
    routines: [
      {
        name: "AcmeCreateProcess",
        role: "callback",
        locals: [{ name: "ScanDone", kind: "NotificationEvent" }],
        body: [
          {
            kind: "call",
            api: "IoQueueWorkItem",
            args: { WorkItem: { routine: "Scan" }, QueueType: "DelayedWorkQueue" },
            at: "acme.c:120",
          },
          { kind: "call", api: "KeWaitForSingleObject", args: { Object: { ref: "ScanDone" } } },
        ],
      },
      {
        name: "Scan",
        role: "workItem",
        within: "AcmeCreateProcess",
        locals: [],
        body: [
          { kind: "call", api: "ZwReadFile", args: {} },
          { kind: "call", api: "KeSetEvent", args: { Event: { ref: "ScanDone" } } },
        ],
      },
    ],
    registrations: [{ family: "process-create", routine: "AcmeCreateProcess" }],
    services: [],
  });
});

test.each([
  ["of a queue-and-wait callback", queueAndWait],
  ["of a driver that uses every word of the language", everything],
])("the JSON text %s says the same, and reads back as the same text", (_, driver) => {
  expect(reread(driver)).toStrictEqual(driver);
  expect(JSON.stringify(reread(driver))).toBe(JSON.stringify(driver));
});

test("a recorded driver is frozen through and through", () => {
  const isFrozen = (value: unknown): boolean =>
    typeof value !== "object" ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  expect(isFrozen(everything)).toBe(true);
});

test("each form of registration names its family and its events", () => {
  expect(everything.registrations).toEqual([
    { family: "process", routine: "OnProcess" },
    { family: "thread-exit", routine: "OnThreadExit" },
    { family: "image", routine: "OnImage" },
    { family: "object-open", routine: "OnObjectOpen" },
  ]);
});

test("a work item of the driver is an object and a routine of one name", () => {
  expect(everything.objects).toContainEqual({ name: "Scan", kind: "WORK_ITEM", routine: "Scan" });
  expect(bodyOf(everything, "DriverUnload")).toEqual([
    { kind: "call", api: "WdfWorkItemFlush", args: { WorkItem: { ref: "Scan" } } },
  ]);
  expect(bodyOf(everything, "Scan")[1]).toMatchObject({ args: { WorkItem: { routine: "Scan" } } });
});

test("routines declared in a body stand in the frame of that body", () => {
  const frames = everything.routines.map(({ name, within }) => [name, within]);
  expect(frames).toContainEqual(["Inner", "OnThreadExit"]);
  expect(frames).toContainEqual(["Scan", undefined]);
});

test("services have their objects and threads", () => {
  expect(everything.services).toEqual([
    {
      name: "Agent",
      objects: [
        { name: "Section", kind: "CRITICAL_SECTION" },
        { name: "Inbox", kind: "KQUEUE" },
        { name: "Ready", kind: "NotificationEvent" },
        { name: "Seen", kind: "variable", initial: 0 },
      ],
      threads: [{ routine: "Worker", count: 2 }],
    },
  ]);
});

test("fields and processes are part of a reference", () => {
  expect(bodyOf(everything, "OnProcess")[1]).toMatchObject({
    args: { Record: { record: "Entry" }, Entry: { ref: "Mine", of: "creator" } },
  });
  expect(bodyOf(everything, "Scan")[0]).toMatchObject({
    args: { Event: { ref: "First", field: "Done" } },
  });
});

test("testing a call's result keeps it under a name that says which call it was", () => {
  const body = recorded((a) => {
    a.ZwReadFile();
    const second = a.ZwReadFile();
    a.when(second.failed(), () => a.return());
  });
  expect(body.slice(0, 2)).toEqual([
    { kind: "call", api: "ZwReadFile", args: {} },
    { kind: "call", api: "ZwReadFile", args: {}, result: "ZwReadFile#2" },
  ]);
  expect(body[2]).toMatchObject({ test: { kind: "result", of: "ZwReadFile#2", is: "failure" } });
});

test("a poll may test a call of its own body, by a function", () => {
  const [poll] = recorded((a) => {
    let read: ReturnType<typeof a.ZwReadFile>;
    a.poll({ until: () => read.succeeded(), limit: "forever" }, () => {
      read = a.ZwReadFile();
    });
  });
  expect(poll).toEqual({
    kind: "poll",
    until: { kind: "result", of: "ZwReadFile#1", is: "success" },
    body: [{ kind: "call", api: "ZwReadFile", args: {}, result: "ZwReadFile#1" }],
    limit: null,
  });
});

test.each([
  [0, 0],
  [1500, 1500],
  ["40us", 40],
  ["500ms", 500_000],
  ["0.7ms", 700],
  ["2s", 2_000_000],
] as const)("the time %s is %d microseconds", (written, us) => {
  const [delay] = recorded((a) => {
    a.KeDelayExecutionThread(written);
  });
  expect(delay).toMatchObject({ args: { Interval: { timeout: us } } });
});

test("saying a default outright is the same driver as leaving it out", () => {
  const [said, left] = recorded((a) => {
    const process = a.process("subject");
    a.KeWaitForSingleObject(process, { Timeout: "none", WaitMode: "KernelMode" });
    a.KeWaitForSingleObject(process);
  });
  expect(said).toEqual(left);
});

test("loops and decisions of JavaScript over host values unroll into the driver", () => {
  const options = { guard: true, rounds: 2 };
  const body = recorded((a) => {
    const done = options.guard ? a.event("Done", "NotificationEvent") : undefined;
    for (let i = 0; i < options.rounds; i++) a.ZwReadFile();
    if (options.guard && done !== undefined) a.KeSetEvent(done);
    for (const one of done === undefined ? [] : [done]) a.KeWaitForSingleObject(one);
  });
  expect(body.map((statement) => statement.kind === "call" && statement.api)).toEqual([
    "ZwReadFile",
    "ZwReadFile",
    "KeSetEvent",
    "KeWaitForSingleObject",
  ]);
});

test("a helper of the author's records into whichever body calls it", () => {
  const readTwice = (a: KernelActivation) => {
    a.ZwReadFile();
    a.ZwReadFile();
  };
  expect(recorded((a) => readTwice(a))).toHaveLength(2);
});
