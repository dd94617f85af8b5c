import { expect, it } from "vitest";
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { after, call, object, routine, to, when } from "../draw/draft.ts";
import type { World } from "../scenario.ts";
import { called, met } from "./meet.ts";

type Body = readonly Statement[];
const counts = call("InterlockedIncrement", { Target: to("Count") });
const objects = [
  object("Count", "variable"),
  object("Event", "NotificationEvent"),
  object("Port", "FLT_PORT"),
  object("Pending", "IO_CSQ"),
  object("Irp", "pointer"),
];
const sets = call("KeSetEvent", { Event: to("Event") });
const waits = (more: object = {}): Statement =>
  call("KeWaitForSingleObject", { Object: to("Event"), ...more }, "w");
const late = (us: number): Statement => call("KeDelayExecutionThread", { Interval: after(us) });
const sends = (more: object = {}): Statement =>
  call("FltSendMessage", { Port: to("Port"), Reply: "reply", ...more }, "s");
const fetches = call("FilterGetMessage", { Port: to("Port"), Message: to("Message") }, "f");
const replies = call("FilterReplyMessage", { Message: to("Message") }, "p");
const asks = call("DeviceIoControl", { Request: { routine: "OnControl" } }, "d");

/** A service with one thread of this, a callback of that, and a request. */
const served = (
  user: Body,
  body: Body,
  request: Body = [],
  world: Partial<World> = {},
  more: Partial<DriverModel> = {},
) =>
  called(
    "process-create",
    body,
    [["create"]],
    {
      ...more,
      objects,
      routines: [
        routine("userThread", "First", user, { locals: [object("Message", "pointer")] }),
        ...(request.length === 0 ? [] : [routine("request", "OnControl", request)]),
        ...(more.routines ?? []),
      ],
      services: [{ name: "Service", objects: [], threads: [{ routine: "First", count: 1 }] }],
    },
    world,
  );
const service = { process: "service" };
const suspends = call("PsSuspendProcess", { Process: service });
const resumes = call("PsResumeProcess", { Process: service });

it.each([
  ["once", [suspends, resumes]],
  ["twice, and resumed once", [suspends, suspends, resumes]],
  ["twice, and resumed twice", [suspends, suspends, resumes, resumes]],
  ["only resumed", [resumes]],
  ["and told to end", [suspends, call("ZwTerminateProcess", { Process: service }), resumes]],
])("a process that is suspended %s (APC-6, SV-41)", (_, body) => {
  met(
    served([call("SetEvent", { Event: to("Event") })], [...body, waits({ Timeout: after(1_000) })]),
  );
  met(served([asks], body, [waits({ Timeout: after(1_000) }), counts]));
});

it.each([0, 60, 3_000])("a request is at work behind a rest, too (section 12): %s us", (us) => {
  const ahead = us === 0 ? [] : [late(us)];
  const work = call("ZwReadFile");
  met(served([asks], [...ahead, sets], [waits(), work]));
  met(served([asks], [...ahead, sets], [waits({ Timeout: after(2_000) }), work]));
  met(served([asks, asks], [...ahead, sets], [work, waits(), counts]));
});

it("a request that looks once at what nobody sets is at work, and one that waits for it is not (section 12)", () => {
  const work = call("ZwReadFile");
  for (const us of [0, 2_000]) met(served([asks], [], [waits({ Timeout: after(us) }), work]));
  met(served([asks], [], [waits(), work]));
  met(served([asks], [sets], [waits({ Timeout: after(0) }), work]));
});

it("a request that pends its IRP is at rest until somebody completes it (section 12)", () => {
  const pends = call("IoCsqInsertIrp", { Csq: to("Pending") }, "q");
  const completes = [
    call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, "x"),
    when({ kind: "result", of: "x", is: "success" }, [
      call("IoCompleteRequest", { Irp: to("Irp") }, "y"),
    ]),
  ];
  met(served([asks], [late(70), ...completes], [pends, call("ZwReadFile")]));
  met(served([asks], completes, [pends]));
  met(served([asks], completes, [pends], { service: { condition: "target" } }));
});

it.each(["well", "hung", "slow", "target", "suspended"])(
  "a message, its answer, and a sender's patience, with a service that is %s (SV-5, SV-6)",
  (condition) => {
    const world = { service: { condition } };
    met(served([fetches, replies], [sends()], [], world));
    met(served([fetches, replies], [sends({ Timeout: after(1_000) })], [], world));
    met(served([fetches], [sends({ Timeout: after(1_000) })], [], world));
    met(served([fetches, replies, replies], [late(60), sends()], [], world));
  },
);

it("an APC that comes while its thread waits leaves the wait as it was (SY-4)", () => {
  const queues = (Kind: string): Statement =>
    call("KeInsertQueueApc", { Apc: { routine: "Apc" }, Thread: { thread: "subject" }, Kind }, "k");
  const of = (kind: string, body: Body, other: Body) =>
    called("thread-create", [queues(kind), ...body], [["create"]], {
      objects,
      routines: [
        routine("apc", "Apc", other),
        routine("callback", "OnStart", [waits({ Timeout: after(100) }), counts]),
      ],
      registrations: [{ family: "image-exe", routine: "OnStart" }],
    });
  for (const kind of ["Special", "Normal"]) {
    met(of(kind, [], [counts]));
    met(of(kind, [late(70), queues(kind)], [call("KeReadStateEvent", { Event: to("Event") })]));
    met(of(kind, [late(2_000), queues(kind), sets], [late(50)]));
  }
});

it("a DPC runs at its time, and who flushes waits for it (SY-24)", () => {
  const inserts = call("KeInsertQueueDpc", { Dpc: { routine: "Dpc" } }, "i");
  const removes = call("KeRemoveQueueDpc", { Dpc: { routine: "Dpc" } }, "o");
  const flushes = call("KeFlushQueuedDpcs");
  const of = (body: Body) =>
    called("process-create", body, [["create"]], {
      objects,
      routines: [routine("dpc", "Dpc", [counts, sets])],
    });
  for (const body of [
    [inserts, flushes, counts],
    [inserts, inserts, removes],
    [inserts, late(60), flushes],
    [inserts, waits(), removes, inserts],
  ])
    met(of(body));
});

it("an item that two threads wait for is owed to both, and counts till it has run (W4)", () => {
  const queues = call("IoQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const of = (body: Body, item: Body, world: Partial<World> = {}) =>
    called(
      "process-create",
      body,
      [["create"]],
      {
        objects,
        routines: [routine("workItem", "Item", item)],
      },
      world,
    );
  met(of([queues, waits()], [late(60), sets]));
  met(of([queues, queues, late(60), waits()], [sets, counts]));
  met(of([queues, waits()], [sets], { pool: { profile: "tiny", load: "busy" } }));
  expect(met(of([queues, waits()], [])).hangs.length).toBe(1);
});

it.each(["process", "thread"])(
  "who ends is waited for by a %s's handle, from when he has ended (section 9)",
  (what) => {
    const handle = what === "process" ? { process: "subject" } : { thread: "subject" };
    const waitsFor = (more: object = {}): Statement =>
      call("KeWaitForSingleObject", { Object: handle, ...more }, "w");
    const item = routine("workItem", "Item", [waitsFor(), counts], { within: "OnEvent" });
    const queues = call("IoQueueWorkItem", {
      WorkItem: { routine: "Item" },
      QueueType: "DelayedWorkQueue",
    });
    for (const body of [[queues], [waitsFor({ Timeout: after(1_000) })], [queues, late(60)]])
      met(called("process-create", body, [["create and exit"]], { objects, routines: [item] }));
  },
);
