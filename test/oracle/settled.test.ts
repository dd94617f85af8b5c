import { expect, it } from "vitest";
import type { Statement } from "../../src/language/model.ts";
import { agreed, call, driver, scenario, served } from "./once.ts";

/** More of what the two once disagreed about, each settled by the page: here the model or the oracle was wrong. */
const port = { ref: "Port" };

it("a writer gives up where the writing end closes, and takes back what was not written yet (section 9)", () => {
  const fill = call("NtWriteFile", { Pipe: port, Timeout: { timeout: 0 } });
  agreed(scenario(served("image-ntdll", [call("NtWriteFile", { Pipe: port })], [fill]), "create"));
});

it("an operation goes by the pointer as it was read ahead of it, whatever others write there meanwhile (section 7)", () => {
  const irp = { Irp: { ref: "Irp" } };
  const body = [
    call("IoCsqInsertIrp", { Csq: { ref: "Pending" } }),
    call("IoCsqRemoveNextIrp", { Csq: { ref: "Pending" }, ...irp }),
    call("IoCompleteRequest", irp),
  ];
  const asks = call("DeviceIoControl", { Request: { routine: "OnControl" } });
  const one = served("process-create", [], [asks]);
  const [service] = one.services;
  const twice = { ...service, threads: [{ routine: "Answer", count: 2 }] };
  agreed(
    scenario(
      {
        ...one,
        objects: [
          { name: "Pending", kind: "IO_CSQ" },
          { name: "Irp", kind: "pointer" },
        ],
        routines: [
          ...one.routines,
          { name: "OnControl", role: "request" as const, locals: [], body },
        ],
        services: [twice],
      },
      "create",
      { workload: [] },
    ),
  );
});

it("the code that set a timer in memory which has gone since is needed for it: unloading crashes (section 14)", () => {
  const set = call("KeSetTimer", { Timer: { ref: "Local" }, DueTime: { timeout: 1_000 } });
  const timer = { name: "Local", kind: "NotificationTimer" as const };
  const one = driver("process-create", [set]);
  const [routine, ...others] = one.routines;
  const unload = { name: "DriverUnload", role: "unload" as const, locals: [], body: [] };
  const { crashes } = agreed(
    scenario({ ...one, routines: [{ ...routine, locals: [timer] }, unload, ...others] }, "create", {
      removal: "racing",
    }),
  );
  expect(crashes.some((told) => told.includes("unloaded"))).toBe(true);
});

const queue = (routine: string) =>
  call("IoQueueWorkItem", { WorkItem: { routine }, QueueType: "DelayedWorkQueue" });
const entersRegion = call("KeEnterCriticalRegion");

it("of idle workers any takes the next item, and which one tells where an earlier item has left a region (section 9)", () => {
  const unregister = call("PsRemoveCreateThreadNotifyRoutine", {
    NotifyRoutine: { routine: "OnEvent" },
  });
  const item = {
    name: "Item",
    role: "workItem" as const,
    locals: [],
    body: [unregister, entersRegion],
  };
  const one = driver("thread-create", [queue("Item"), queue("Item")]);
  agreed(scenario({ ...one, routines: [...one.routines, item] }, "create"));
});

it("an APC that reaches a thread ahead of its first event is about that thread's process alone (section 4)", () => {
  const sends = call("KeInsertQueueApc", {
    Apc: { routine: "Apc" },
    Thread: { thread: "subject" },
    Kind: "Special",
  });
  const waits = call("KeWaitForSingleObject", { Object: { ref: "Done" }, Timeout: { timeout: 5 } });
  const one = driver("thread-create", [sends]);
  agreed(
    scenario(
      {
        ...one,
        objects: [{ name: "Done", kind: "SynchronizationEvent" }],
        routines: [
          ...one.routines,
          { name: "Apc", role: "apc" as const, locals: [], body: [waits] },
        ],
      },
      "create a thread",
    ),
  );
});

it("a delay in user mode can be broken, in whatever routine it is (section 7)", () => {
  const sleeps = call("KeDelayExecutionThread", {
    Interval: { timeout: 1_000 },
    WaitMode: "UserMode",
  });
  agreed(scenario(driver("process-create", [sleeps]), "create"));
});

it("a service that starts again leaves others no more processes than there are (section 10)", () => {
  const creates = driver("thread-create", [call("ZwCreateUserProcess")]);
  const { bounds } = agreed(
    scenario(creates, "create", { service: { condition: "restarted" }, removal: "racing" }),
  );
  expect(bounds).toContain("processes");
});

it("who waits behind a DPC that queues itself again is told with what that does, not with where it is entered (section 12)", () => {
  const queues = () => call("KeInsertQueueDpc", { Dpc: { routine: "Dpc" } });
  const routines = [
    { name: "Dpc", role: "dpc" as const, locals: [], body: [queues()] },
    {
      name: "DriverUnload",
      role: "unload" as const,
      locals: [],
      body: [call("KeFlushQueuedDpcs")],
    },
  ];
  const one = driver("process-create", [queues()]);
  const { hangs } = agreed(
    scenario({ ...one, routines: [...one.routines, ...routines] }, "create", { removal: "racing" }),
  );
  expect(hangs).not.toEqual([]);
});

it("an item of Windows' own that a callback has left raised is a crash at its end, not at the callback's (W13)", () => {
  const raise = call("KeRaiseIrql", { NewIrql: "APC_LEVEL" });
  const lower = call("KeLowerIrql", { NewIrql: "PASSIVE_LEVEL" });
  const crashesOf = (body: Statement[], more: object = {}): number =>
    agreed(scenario(driver("image-driver", body), "load a driver", more)).crashes.length;
  expect(crashesOf([raise])).toBe(1);
  expect(crashesOf([raise, lower])).toBe(0);
  // Of those that exhaust the pool another kind of item is one.
  const exhausted = { pool: { profile: "tiny", load: "exhausted", items: 1 } };
  expect(crashesOf([raise], exhausted)).toBe(2);
  expect(crashesOf([raise, lower], exhausted)).toBe(0);
});

it("DriverUnload begins beside items that count on the driver, where the world says so, or behind them (W26)", () => {
  const done = { name: "Done", kind: "NotificationEvent" as const };
  const waits = call("KeWaitForSingleObject", { Object: { ref: "Done" } });
  const sets = call("KeSetEvent", { Event: { ref: "Done" } });
  const hangsOf = (item: Statement[], unload: Statement[], more: object): number => {
    const one = driver("process-create", [], { objects: [done], registrations: [] });
    const routines = [
      { name: "DriverEntry", role: "entry" as const, locals: [], body: [queue("Item")] },
      { name: "Item", role: "workItem" as const, locals: [], body: item },
      { name: "DriverUnload", role: "unload" as const, locals: [], body: unload },
    ];
    const of = scenario({ ...one, routines }, "create", { removal: "racing", ...more });
    return agreed(of).hangs.length;
  };
  const runOn = { itemsAtUnload: "run on" };
  expect(hangsOf([waits], [sets], {})).toBeGreaterThan(0);
  expect(hangsOf([waits], [sets], runOn)).toBe(0);
  expect(hangsOf([sets], [], runOn)).toBe(0);
});

it("others come in ahead of a DriverUnload that waits for no items, whatever it does itself (W26)", () => {
  const removes = call("PsSetCreateProcessNotifyRoutineEx", {
    NotifyRoutine: { routine: "OnEvent" },
    Remove: "TRUE",
  });
  const crashesOf = (unload: Statement[]): number => {
    const one = driver("process-create", [call("DbgPrint")]);
    const routines = [
      ...one.routines,
      { name: "DriverUnload", role: "unload" as const, locals: [], body: unload },
    ];
    const world = { removal: "racing", itemsAtUnload: "run on" };
    return agreed(scenario({ ...one, routines }, "create", world)).crashes.length;
  };
  expect(crashesOf([])).toBeGreaterThan(0);
  expect(crashesOf([removes])).toBe(0);
});

it("a run that crashes before anything is chosen goes no further (section 14)", () => {
  const crashesOf = (level: string): number => {
    const body = [call("KeLowerIrql", { NewIrql: level }), call("DbgPrint")];
    const one = driver("process-create", []);
    const entry = { name: "DriverEntry", role: "entry" as const, locals: [], body };
    return agreed(scenario({ ...one, routines: [...one.routines, entry] }, "create")).crashes
      .length;
  };
  expect(crashesOf("APC_LEVEL")).toBe(1);
  expect(crashesOf("PASSIVE_LEVEL")).toBe(0);
});

it("what counts on a filter is never below 0: an item that drops what it has not taken drops its own count (section 7)", () => {
  const queue = call("FltQueueGenericWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const takes: Statement = { ...call("FltObjectReference"), result: "got" } as Statement;
  const leaves: Statement = {
    kind: "if",
    test: { kind: "result", of: "got", is: "failure" },
    then: [{ kind: "return" }],
  };
  const drops = call("FltObjectDereference");
  const one = driver("process-create", [takes, leaves, drops, queue]);
  const routines = [
    ...one.routines,
    {
      name: "Item",
      role: "workItem" as const,
      locals: [],
      body: [call("FltObjectDereference")],
    },
    {
      name: "DriverUnload",
      role: "unload" as const,
      locals: [],
      body: [call("FltUnregisterFilter")],
    },
  ];
  const of = scenario({ ...one, routines }, "create", { removal: "racing" });
  expect(agreed(of).hangs.length).toBe(0);
});
