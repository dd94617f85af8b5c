import { expect, it } from "vitest";
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import { after, call, object, routine, to, when } from "../draw/draft.ts";
import { called, met, metAsIs } from "./meet.ts";

const done: Statement = { kind: "return" };
const waits = (what: object, more: object = {}): Statement =>
  call("KeWaitForSingleObject", { Object: what, ...more }, "w");
const queues = (name: string, more: object = {}): Statement =>
  call("IoQueueWorkItem", { WorkItem: { routine: name }, QueueType: "DelayedWorkQueue", ...more });
const counts = call("InterlockedIncrement", { Target: to("Count") });
const count = object("Count", "variable");
const serving = (name: string, ...threads: readonly (readonly [string, number])[]) => ({
  name,
  objects: [],
  threads: threads.map(([routine, count]) => ({ routine, count })),
});

it("an item knows the thread that its callback was about, also once that has returned (section 2)", () => {
  const item = (of: "thread" | "subject", body: readonly Statement[]): Partial<DriverModel> => ({
    routines: [routine("workItem", "Item", body, of === "thread" ? { within: "OnEvent" } : {})],
  });
  const waitsFor = waits({ thread: "subject" });
  const does = [["create a thread"]];
  expect(
    met(called("thread-create", [queues("Item")], does, item("thread", [waitsFor]))).crashes,
  ).toEqual([]);
  met(called("thread-exit", [queues("Item")], does, item("thread", [waitsFor])));
  met(called("thread-create", [queues("Item")], [["create and exit"]], item("thread", [waitsFor])));
});

it("a thread that is started in a process which was told to end is told, too (section 11)", () => {
  const starts = call("CreateThread", { StartAddress: { routine: "Second" } });
  const driver = {
    objects: [count],
    routines: [routine("userThread", "First", [starts]), routine("userThread", "Second", [counts])],
    services: [serving("Service", ["First", 1], ["Second", 0])],
  };
  for (const condition of ["target", "well"])
    met(called("process-exit", [], [], driver, { service: { condition } }));
});

it("a user thread that is created comes back with success, whatever was before (section 9)", () => {
  const fails = waits(to("Never"), { Timeout: after(0) });
  const creates = call("RtlCreateUserThread", {}, "t");
  const never = object("Never", "NotificationEvent");
  const of = (family: string, listening: readonly Statement[]) =>
    called(family, listening, [["create"]], {
      objects: [never],
      routines: [routine("callback", "OnOther", [fails, creates])],
      registrations: [{ family: "process-create", routine: "OnOther" }],
    });
  met(of("image-driver", []));
  met(of("thread-create", [fails]));
  met(
    called("process-exit", [], [["create"]], {
      objects: [never],
      routines: [
        routine("callback", "OnThread", [fails]),
        routine("workItem", "Item", [fails, creates]),
      ],
      registrations: [{ family: "thread-create", routine: "OnThread" }],
    }),
  );
});

it("an event of start-up's thread is about that, also once its callback has returned (CB-I2)", () => {
  const raises: Statement = { kind: "other", name: "Raises", raises: "image", costUs: 0 } as never;
  const item = routine(
    "workItem",
    "Item",
    [
      when({ kind: "role", who: "subject", is: "system" }, [counts]),
      waits({ thread: "subject" }, { Timeout: after(1_000) }),
    ],
    { within: "OnEvent" },
  );
  met(
    called("image", [queues("Item")], [], {
      objects: [count],
      routines: [
        routine("entry", "DriverEntry", [
          call("PsSetLoadImageNotifyRoutine", { NotifyRoutine: { routine: "OnEvent" } }),
          raises,
        ]),
        item,
      ],
    }),
  );
});

it("an event that code raises is about the thread that raises it (section 9)", () => {
  const raises: Statement = { kind: "other", name: "Raises", raises: "image", costUs: 0 } as never;
  const onImage = routine("callback", "OnImage", [
    when({ kind: "role", who: "subject", is: "system" }, [call("DbgPrint")], [counts]),
  ]);
  const more = {
    objects: [count],
    routines: [onImage, routine("workItem", "Item", [raises])],
    registrations: [{ family: "image", routine: "OnImage" }],
  };
  met(called("process-create", [raises], [["create"]], more));
  met(called("process-create", [queues("Item")], [["create"]], more));
  met(called("process-exit", [raises], [["create and exit"]], more));
});

const fails = call("ExAllocateFromLookasideListEx", { Entry: to("Mine") }, "a");
const entry = (...before: readonly Statement[]) =>
  routine("entry", "DriverEntry", [
    ...before,
    fails,
    when({ kind: "result", of: "a", is: "failure" }, [done]),
    counts,
  ]);
const mine = {
  objects: [object("Mine", "pointer", { record: "Entry" }), count],
  records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
};
const registers = (NotifyRoutine: string): Statement =>
  call("PsSetCreateProcessNotifyRoutineEx", {
    NotifyRoutine: { routine: NotifyRoutine },
    Remove: "FALSE",
  });

it.each(["failing", "failing beside"])(
  "a DriverEntry that fails behind a registration has not failed: startup %s (section 9)",
  (startup) => {
    const two = (...before: readonly Statement[]) =>
      called(
        "process-create",
        [counts],
        [["create"]],
        {
          ...mine,
          routines: [entry(...before), routine("callback", "OnOther", [counts])],
          registrations: [{ family: "process-exit", routine: "OnOther" }],
        },
        { startup },
      );
    met(two());
    met(two(registers("OnEvent")));
    met(two(registers("OnOther")));
  },
);

it("code goes with the last of two items that DriverUnload has queued (W4)", () => {
  const removes = call("PsSetCreateProcessNotifyRoutineEx", {
    NotifyRoutine: { routine: "OnEvent" },
    Remove: "TRUE",
  });
  const starts = call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } });
  const of = (unload: readonly Statement[], body: readonly Statement[]) =>
    called(
      "process-create",
      [],
      [],
      {
        objects: [object("Never", "NotificationEvent"), count],
        routines: [
          routine("entry", "DriverEntry", [registers("OnEvent"), ...body]),
          routine("systemThread", "Thread", [waits(to("Never"))]),
          routine("workItem", "Item", [counts]),
          routine("workItem", "Later", [counts]),
          routine("unload", "DriverUnload", [removes, ...unload]),
        ],
      },
      { removal: "racing" },
    );
  const both = [queues("Item"), queues("Later")];
  expect(met(of(both, [starts])).crashes.length).toBe(1);
  expect(met(of(both, [])).crashes).toEqual([]);
  expect(met(of([queues("Item")], [starts])).crashes.length).toBe(1);
});

it("of two services each has its own process, ports and role (section 5)", () => {
  const asks = (service: string): Statement =>
    when(
      { kind: "role", who: "current", is: "service", service } as never,
      [call("DbgPrint")],
      [counts],
    );
  const body = [
    asks("One"),
    asks("Two"),
    waits({ process: "service", service: "Two" }, { Timeout: after(1_000) }),
  ];
  const driver = {
    objects: [
      count,
      object("PortOne", "FLT_PORT"),
      object("PortTwo", "FLT_PORT"),
      object("Message", "pointer"),
    ],
    routines: ["One", "Two"].map((name) =>
      routine("userThread", `In${name}`, [
        call("FilterGetMessage", { Port: to(`Port${name}`), Message: to("Message") }),
      ]),
    ),
    services: [serving("One", ["InOne", 1]), serving("Two", ["InTwo", 1])],
  };
  for (const condition of ["well", "target"])
    met(called("thread-exit", body, [], driver, { service: { condition } }));
});

it("who ends his own process in a function does nothing behind it (section 11)", () => {
  const ends: Statement = { kind: "invoke", routine: "Ends" };
  const driver = {
    objects: [count],
    routines: [
      routine("function", "Ends", [call("ExitProcess"), counts]),
      routine("userThread", "First", [ends, counts]),
    ],
    services: [serving("Service", ["First", 1])],
  };
  metAsIs(called("process-exit", [], [], driver));
});

it("a service whose first kind of threads is only started later begins with the next one (section 10)", () => {
  const starts = call("CreateThread", { StartAddress: { routine: "Later" } });
  const driver = {
    objects: [count],
    routines: [routine("userThread", "Later", [counts]), routine("userThread", "First", [starts])],
    services: [serving("Service", ["Later", 0], ["First", 1])],
  };
  for (const condition of ["restarted", "well"])
    met(called("process-exit", [], [["create"]], driver, { service: { condition } }));
});

it("an entry that has been put into another list leads to nothing in the first (SY-27)", () => {
  const list = (name: string) => ({ ListHead: to(name) });
  const takes = (name: string): Statement =>
    call("ExAllocateFromLookasideListEx", { Entry: to(name) });
  const puts = (name: string, entry: string): Statement =>
    call("InsertTailList", { ...list(name), Entry: to(entry) });
  const from = call("Flink", { ...list("First"), Entry: to("At") }, "f");
  const of = (between: readonly Statement[]) =>
    called(
      "process-create",
      [
        takes("A"),
        takes("B"),
        puts("First", "A"),
        puts("First", "B"),
        call("Flink", { ...list("First"), Entry: to("At") }, "g"),
        ...between,
        from,
        when({ kind: "result", of: "f", is: "success" }, [call("DbgPrint")]),
      ],
      [["create"]],
      {
        objects: [
          ...["A", "B", "At"].map((name) => object(name, "pointer", { record: "Entry" })),
          object("First", "LIST_ENTRY"),
          object("Other", "LIST_ENTRY"),
        ],
        records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      },
    );
  const takesOff = call("RemoveEntryList", { ...list("First"), Entry: to("A") });
  met(of([]));
  met(of([takesOff]));
  met(of([takesOff, puts("Other", "A")]));
});

it("a process that is vetoed ends whoever waits for it, or for its thread (CB-P2)", () => {
  const vetoes: Statement = { kind: "veto" };
  const body = [call("PsCreateSystemThread", { StartRoutine: { routine: "Waits" } }), vetoes];
  met(
    called("process-create", body, [["create and wait"]], {
      routines: [routine("systemThread", "Waits", [waits({ process: "subject" }), counts])],
      objects: [count],
    }),
  );
});

it("three of a DPC that is inserted again while it runs are run by two processors (SY-24)", () => {
  const inserts = call("KeInsertQueueDpc", { Dpc: { routine: "Dpc" } });
  const driver = {
    objects: [count],
    routines: [routine("dpc", "Dpc", [counts])],
  };
  met(called("process-create", [inserts, inserts, inserts], [["create"]], driver));
});

it("a neighbour has two threads, however many files are opened (section 9)", () => {
  const opens = call("ZwCreateFile");
  met(
    called(
      "process-create",
      [opens, opens, opens],
      [["create"]],
      {},
      { neighbour: "creates a thread" },
    ),
  );
});
