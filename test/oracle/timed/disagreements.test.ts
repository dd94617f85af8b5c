/** What the two interpreters once disagreed about in time, each settled by the fact that its title names. */
import { expect, it } from "vitest";
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, routine, to, when } from "../draw/draft.ts";
import type { Scenario, World } from "../scenario.ts";
import { agreed } from "./agreed.ts";

const scenario = (
  family: string,
  body: Statement[],
  does: readonly string[] | readonly (readonly string[])[],
  driver: Partial<DriverModel> = {},
  world: Partial<World> = {},
): Scenario =>
  drafted(
    1,
    {
      ...driver,
      routines: [routine("callback", "OnEvent", body), ...(driver.routines ?? [])],
      registrations: [{ family, routine: "OnEvent" }],
    },
    does.every((one) => typeof one === "string") ? [does as readonly string[]] : does,
    world,
  );

const service = {
  objects: [object("Inbox", "KQUEUE")],
  services: [{ name: "Service", objects: [], threads: [{ routine: "First", count: 1 }] }],
};
const idle = routine("userThread", "First", [call("GetMessage", { Inbox: to("Inbox") })]);

it("a driver is unloaded in the timed reading, too, when the service that it waits for ends last of all (section 13)", () => {
  const unload = routine("unload", "DriverUnload", [
    call("KeDelayExecutionThread", { Interval: after(5_000) }),
    call("PsSetCreateProcessNotifyRoutineEx", {
      NotifyRoutine: { routine: "OnEvent" },
      Remove: "TRUE",
    }),
  ]);
  const one = scenario(
    "process-create",
    [],
    [],
    { ...service, routines: [idle, unload] },
    { removal: "racing" },
  );
  expect(agreed(one, "lifecycle").at(-1)).toBe(5_003);
});

it("a launch is counted from the call that creates the process on (section 9)", () => {
  expect(agreed(scenario("image-exe", [], ["create"]), "launch")).toEqual([2_000]);
});

it("images of a new process take no time where nobody listens to them (section 9)", () => {
  const one = scenario("non-system-thread-create", [call("DbgPrint")], ["create"]);
  expect(agreed(one, "launch")).toEqual([1_001]);
});

it("somebody who shares a lock is not earlier than the last who gave it back, but can ask before (section 15)", () => {
  const share = [
    call("KeEnterCriticalRegion"),
    call("ExAcquirePushLockShared", { PushLock: to("Lock") }),
    call("ExReleasePushLockShared", { PushLock: to("Lock") }),
    call("KeLeaveCriticalRegion"),
  ];
  const one = scenario(
    "process-exit",
    [call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }), ...share],
    ["create and exit"],
    {
      objects: [object("Lock", "EX_PUSH_LOCK"), object("Done", "SynchronizationEvent")],
      routines: [
        routine("systemThread", "Thread", [
          call("FltAcquirePushLockShared", { PushLock: to("Lock") }),
          call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(0) }),
        ]),
      ],
    },
  );
  // Who asks at 3 us holds back the earliest step, whoever gives the lock back at 5 us: 506 us less 6 of skew.
  expect(agreed(one, "operation")[0]).toBe(500);
});

it("a wait that outlasts all is as long as its timeout, and what others do meanwhile adds nothing (section 15)", () => {
  const one = scenario(
    "process-create",
    [call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(300_000) })],
    ["create"],
    { objects: [object("Done", "NotificationEvent")] },
  );
  expect(agreed(one, "callback")).toEqual([300_001]);
});

it("a reply that comes before its sender waits for it is no earlier than it was made (section 15)", () => {
  const one = scenario(
    "image-exe",
    [call("ZwAlpcSendWaitReceivePort", { Port: to("Port") })],
    ["create"],
    {
      objects: [object("Port", "FLT_PORT")],
      services: service.services,
      routines: [
        routine(
          "userThread",
          "First",
          [
            call("ReadFile", { Pipe: to("Port"), Message: to("Message") }),
            call("WriteFile", { Message: to("Message") }),
          ],
          { locals: [object("Message", "pointer")] },
        ),
      ],
    },
  );
  expect(agreed(one, "callback").at(-1)).toBe(7);
});

const answers = (body: readonly Statement[], service_ = service): Partial<DriverModel> => ({
  objects: [object("Port", "FLT_PORT"), object("Wake", "SynchronizationEvent")],
  services: service_.services,
  routines: [routine("userThread", "First", body, { locals: [object("Message", "pointer")] })],
});
const ends = call("ZwTerminateProcess", { Process: { process: "service" } });

it("who leaves a process last is no earlier than those who left before, whatever the skew (section 15)", () => {
  const sets = call("SetEvent", { Event: to("Wake") });
  const waits = call("WaitForSingleObject", { Handle: to("Wake"), Timeout: after(0) });
  const one = scenario(
    "process-create",
    [],
    [],
    {
      objects: [object("Wake", "SynchronizationEvent")],
      services: [
        {
          name: "Service",
          objects: [],
          threads: ["First", "Second"].map((name) => ({ routine: name, count: 1 })),
        },
      ],
      routines: [
        routine("userThread", "First", [waits]),
        routine("userThread", "Second", [sets, sets]),
      ],
    },
    { service: { condition: "target" } },
  );
  expect(agreed(one, "operation")).toEqual([475, 480, 485, 490, 495, 500]);
});

it("a fetch can be broken with a message on the port, since it need not have begun (section 7)", () => {
  const sends = call("FltSendMessage", { Port: to("Port"), Reply: "reply" });
  const fetches = call("NtAlpcSendWaitReceivePort", {
    Port: to("Port"),
    ReceiveMessage: to("Message"),
  });
  const one = scenario("image-exe", [ends, sends], ["create"], answers([fetches]));
  expect(agreed(one, "callback")).toEqual([498, 500, 502]);
});

it("a fetch from a port that was disconnected is no earlier than that (section 15)", () => {
  const closes = call("FltCloseClientPort", { Port: to("Port") });
  const one = scenario(
    "image-exe",
    [closes, closes],
    ["create"],
    answers([
      {
        kind: "forever",
        body: [
          call("FilterGetMessage", { Port: to("Port"), Message: to("Message") }),
          call("WaitForSingleObject", { Handle: to("Wake") }),
        ],
      },
    ]),
  );
  expect(agreed(one, "callback")).toEqual([1, 2, 4]);
});

it("a mere try for a lock keeps no newcomer from having come later (section 15)", () => {
  const tries = call(
    "ExAcquireResourceExclusiveLite",
    { Resource: to("Lock"), Wait: "FALSE" },
    "got",
  );
  const one = scenario(
    "thread-create",
    [
      call("FltGetFileNameInformationUnsafe"),
      tries,
      when({ kind: "result", of: "got", is: "success" }, [
        call("ExConvertExclusiveToSharedLite", { Resource: to("Lock") }),
      ]),
    ],
    [["create"], ["create"]],
    { objects: [object("Lock", "ERESOURCE")] },
  );
  expect(agreed(one, "operation")).toEqual([6002, 6003, 6004]);
});

it("unloading is over when the driver's code has gone, and never where that is a crash (section 9)", () => {
  const runsDown = call("ExWaitForRundownProtectionRelease", { RunRef: to("Rundown") });
  const removes = call("PsSetCreateProcessNotifyRoutineEx", {
    NotifyRoutine: { routine: "OnEvent" },
    Remove: "TRUE",
  });
  const one = scenario(
    "process",
    [removes],
    ["create and exit"],
    {
      objects: [object("Rundown", "EX_RUNDOWN_REF")],
      routines: [routine("unload", "DriverUnload", [runsDown, runsDown])],
    },
    { removal: "racing" },
  );
  expect(agreed(one, "lifecycle")).toEqual([0, 2]);
});

it("an item's count is given back in a step of its own wherever a registration can change (section 10)", () => {
  const queues = call("IoQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const one = scenario(
    "process-create",
    [queues],
    ["create"],
    { routines: [routine("workItem", "Item", [call("DbgPrint")])] },
    { startup: "failing" },
  );
  expect(agreed(one, "event")).toEqual([0, 1]);
});

it("of idle workers the one that has been so for longest can take an item first (section 15)", () => {
  const one = drafted(1, { routines: [] }, [["load a driver"]], {
    pool: { profile: "modern", load: "busy", items: 2 },
  });
  expect(agreed({ ...one, drivers: [] }, "operation")).toEqual([500]);
});

it("a suspension begins with a step of the thread that is suspended (section 7)", () => {
  const suspends = call("PsSuspendProcess", { Process: { process: "service" } });
  const one = scenario("thread-create", [suspends, suspends], ["create"], answers([]), {
    service: { condition: "hung" },
  });
  expect(agreed(one, "callback")).toEqual([2, 4]);
});

it("a pointer that others reach is read in a step ahead of what is done with it (section 3)", () => {
  const one = scenario(
    "process-create",
    [
      call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, "next"),
      when({ kind: "result", of: "next", is: "success" }, [
        call("IoCompleteRequest", { Irp: to("Irp") }),
      ]),
    ],
    ["create"],
    {
      objects: [
        object("Pending", "IO_CSQ"),
        object("Stopped", "variable"),
        object("Irp", "pointer"),
        object("Spare", "NotificationEvent"),
      ],
      services: service.services,
      routines: [
        routine("request", "OnControl", [
          call("IoCsqInsertIrpEx", { Csq: to("Pending"), Stopped: to("Stopped") }),
        ]),
        routine("userThread", "First", [
          call("WaitForSingleObjectEx", {
            Handle: to("Spare"),
            Timeout: after(1_000),
            Alertable: "TRUE",
          }),
          call("DeviceIoControl", { Request: { routine: "OnControl" } }),
        ]),
      ],
    },
  );
  expect(agreed(one, "callback")).toEqual([0, 1, 2, 5, 6, 7, 10, 11, 12]);
});

/** A service's request that waits for an event, which a thread of its own sets, or somebody else's callback. */
const asking = (isOwn: boolean): Scenario => {
  const sets = call("KeSetEvent", { Event: to("Done") });
  const pauses = call("KeDelayExecutionThread", { Interval: after(50_000) });
  const starts = call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } });
  const waits = call("KeWaitForSingleObject", { Object: to("Done") });
  return drafted(
    1,
    {
      objects: [object("Done", "SynchronizationEvent")],
      services: service.services,
      routines: [
        routine("callback", "OnEvent", isOwn ? [] : [pauses, sets]),
        routine("systemThread", "Thread", [pauses, ...(isOwn ? [sets] : [])]),
        routine("request", "OnControl", isOwn ? [starts, waits] : [waits]),
        routine("userThread", "First", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }),
        ]),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    [["create"]],
  );
};

it("no time passes for a request that waits for what others do (section 12)", () => {
  expect(agreed(asking(false), "request").at(-1)).toBeLessThan(1_000);
});

it("what a request waits for that it caused itself is its own time (section 12)", () => {
  expect(agreed(asking(true), "request").at(-1)).toBeGreaterThan(50_000);
});

/** A service's thread, perhaps another that moves at the same time, and what a user does beside them. */
const beside = (
  condition: string,
  body: Statement[],
  more: Partial<DriverModel> = {},
  { second, does = [] }: { second?: Statement[]; does?: readonly string[] } = {},
): Scenario =>
  drafted(
    1,
    {
      ...more,
      objects: [object("Wake", "SynchronizationEvent"), ...(more.objects ?? [])],
      services: [
        {
          name: "Service",
          objects: [],
          threads: ["First", ...(second === undefined ? [] : ["Second"])].map((one) => ({
            routine: one,
            count: 1,
          })),
        },
      ],
      routines: [
        routine("userThread", "First", body),
        ...(second === undefined ? [] : [routine("userThread", "Second", second)]),
        ...(more.routines ?? []),
      ],
    },
    does.length === 0 ? [] : [does],
    { service: { condition } },
  );

const asks = call("DeviceIoControl", { Request: { routine: "OnControl" } });
const sets = call("SetEvent", { Event: to("Wake") });

it("an APC is delivered in the step that queues it, which books no skew of its own (section 7)", () => {
  agreed(beside("suspended", [sets], {}, { does: ["create"] }), "operation");
});

it("a thread comes to user mode, where it may keep no KMUTEX, before its end can stop (section 10)", () => {
  const takes = call("KeWaitForSingleObject", { Object: to("Mutex") });
  const driver = {
    objects: [object("Mutex", "KMUTEX")],
    routines: [routine("request", "OnControl", [takes])],
  };
  const one = beside("hung", [asks], driver, { second: [], does: ["create a thread"] });
  agreed(one, "operation");
});

it("an IRP that nobody completes is at rest (section 12)", () => {
  const driver = {
    objects: [object("Pending", "IO_CSQ")],
    routines: [routine("request", "OnControl", [call("IoCsqInsertIrp", { Csq: to("Pending") })])],
  };
  const one = beside("target", [asks], driver, { does: ["create"] });
  expect(agreed(one, "request").at(-1)).toBeLessThan(10);
});

it("skew that is booked while a request looks at what it rests for takes nothing off (section 12)", () => {
  const waits = call("KeWaitForSingleObject", { Object: to("Wake") });
  const one = beside(
    "target",
    [asks],
    { routines: [routine("request", "OnControl", [call("ZwReadFile"), waits])] },
    { second: [sets] },
  );
  agreed(one, "request");
});

it("to hand over where a field is, is one step, that reads the pointer to it (section 3)", () => {
  const queues = (context: object): Statement =>
    call("ExQueueWorkItem", {
      WorkItem: { routine: "Taker" },
      QueueType: "DelayedWorkQueue",
      Context: context,
    });
  const got = { kind: "result" as const, of: "got", is: "success" as const };
  const allocates = call("ExAllocatePool2", { Entry: to("Shared") }, "got");
  const body = [
    allocates,
    when(got, [queues(to("Wake")), queues({ ref: "Shared", field: "Ready" })]),
  ];
  const one = scenario("process-create", body, ["create"], {
    objects: [
      object("Wake", "NotificationEvent"),
      object("Shared", "pointer", { record: "Entry" }),
    ],
    records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")] }],
    routines: [routine("workItem", "Taker", [])],
  });
  agreed(one, "operation");
});
