import { expect, it } from "vitest";
import type { Statement } from "../../src/language/model.ts";
import { searched } from "./adapter.ts";
import { differences } from "./compare.ts";
import { explored } from "./explore.ts";
import { agreed, call, driver, inCondition, scenario, served } from "./once.ts";
import type { Scenario } from "./scenario.ts";

/** What the two once disagreed about where single states are compared, each settled by the page. */
const port = { ref: "Port" };
const message = { ref: "Message" };
const send = (reply: string): Statement => call("FltSendMessage", { Port: port, Reply: reply });
const fetch = call("FilterGetMessage", { Port: port, Message: message });

it("a sender comes to its wait in a step of its own, and may find there that the port has gone (section 7)", () => {
  const ends = served("process-create", [send("reply")], [fetch, call("ExitProcess")]);
  agreed(scenario(ends, "create"));
  const replies = [fetch, call("FilterReplyMessage", { Message: message })];
  agreed(scenario(served("process-create", [send("reply")], replies), "create"));
});

it("a request waits for its IRP in a step of its own, also for one that it has completed (section 7)", () => {
  const pend = call("IoCsqInsertIrp", { Csq: { ref: "Pending" } });
  const complete = [
    call("IoCsqRemoveNextIrp", { Csq: { ref: "Pending" }, Irp: { ref: "Irp" } }),
    call("IoCompleteRequest", { Irp: { ref: "Irp" } }),
  ];
  const asking = (body: Statement[]): Scenario => {
    const asks = call("DeviceIoControl", { Request: { routine: "OnControl" } });
    const one = served("process-create", [], [asks]);
    const irp = { name: "Irp", kind: "pointer" as const };
    const onControl = { name: "OnControl", role: "request" as const, locals: [irp], body };
    return scenario(
      {
        ...one,
        objects: [...one.objects, { name: "Pending", kind: "IO_CSQ" }],
        routines: [...one.routines, onControl],
      },
      "create",
    );
  };
  agreed(asking([pend, ...complete]));
  agreed(asking([pend]));
});

it("a process that is vetoed is dead in a step that others can come before (sections 3 and 9)", () => {
  const counts = call("InterlockedIncrement", { Target: { ref: "Count" } });
  const vetoes = (body: Statement[]): void => {
    const one = driver("process-create", body, {
      objects: [{ name: "Count", kind: "variable" }],
    });
    agreed(scenario(one, "create and wait"));
  };
  vetoes([counts, { kind: "veto" }]);
  vetoes([counts]);
});

it("a driver's creation of a process is owed from where it begins (sections 9 and 12)", () => {
  agreed(scenario(served("process-exit", [], [call("CreateProcess")]), "load a DLL"));
});

it("who has no root owes while he waits for one KMUTEX, and hangs where it is never given back (section 12)", () => {
  const take = call("KeWaitForSingleObject", { Object: { ref: "Mutex" } });
  const keeps = [take, call("KeWaitForSingleObject", { Object: { ref: "Done" } })];
  const thread = (name: string, body: Statement[]) => ({
    name,
    role: "systemThread" as const,
    locals: [],
    body,
  });
  const started = ["Keeper", "Waiter"].map((routine) =>
    call("PsCreateSystemThread", { StartRoutine: { routine } }),
  );
  const of = (waits: Statement[]) => {
    const one = driver("process-create", started, {
      objects: [
        { name: "Mutex", kind: "KMUTEX" },
        { name: "Done", kind: "NotificationEvent" },
      ],
    });
    const routines = [...one.routines, thread("Keeper", keeps), thread("Waiter", waits)];
    return agreed(scenario({ ...one, routines }, "create")).hangs;
  };
  expect(of([take])).toContainEqual({ outcome: "deadlock", operations: ["Waiter/s5"] });
  expect(of([])).toEqual([]);
});

it("a pointer that others can reach is written in a step behind the allocation (section 3)", () => {
  const entry = { name: "Mine", kind: "pointer" as const, record: "Entry" };
  const allocate = call("ExAllocateFromLookasideListEx", { Entry: { ref: "Mine" } });
  const of = (isShared: boolean) => {
    const one = driver("process-create", [], {
      objects: isShared ? [entry] : [],
      records: [{ name: "Entry", fields: [], max: 2 }],
    });
    const [routine] = one.routines;
    const callback = { ...routine, locals: isShared ? [] : [entry], body: [allocate] };
    return agreed(scenario({ ...one, routines: [callback] }, "create"));
  };
  of(true);
  of(false);
});

it("a service that starts again connects each port in a step, and owes no launch (section 9)", () => {
  const other = { ref: "Other" };
  const fetches = [fetch, call("FilterGetMessage", { Port: other, Message: message })];
  const one = served("non-system-thread-create", [send("no reply")], fetches);
  const objects = [...one.objects, { name: "Other", kind: "FLT_PORT" as const }];
  const again = inCondition("restarted");
  agreed(scenario({ ...one, objects }, "create", again));
  const cleanup = {
    name: "OnCleanup",
    role: "cleanup" as const,
    locals: [],
    body: [call("KeSetEvent", { Event: { ref: "Closed" } })],
  };
  const ends = call("ZwTerminateProcess", { Process: { process: "subject" } });
  const closing = served("non-system-thread-create", [ends], [fetch]);
  const closed = { name: "Closed", kind: "NotificationEvent" as const };
  const whole = {
    ...closing,
    objects: [...closing.objects, closed],
    routines: [...closing.routines, cleanup],
  };
  agreed(scenario(whole, "create", again));
});

it("a hung service can stop ahead of a fetch from a port that is gone, not of one that is empty (section 10)", () => {
  const closes = served("process-create", [call("FltCloseClientPort", { Port: port })], [fetch]);
  agreed(scenario(closes, "create", inCondition("hung")));
  agreed(scenario(served("process-create", [], [fetch]), "create", inCondition("hung")));
});

it("a posted message is there, with nothing in it (section 7)", () => {
  agreed(
    scenario(served("process-create", [call("LpcRequestPort", { Port: port })], [fetch]), "create"),
  );
});

it("where DriverEntry registers every callback nobody counts who is inside of one (section 8)", () => {
  const register = call("PsSetCreateThreadNotifyRoutineEx", {
    NotifyRoutine: { routine: "OnEvent" },
  });
  const of = (body: Statement[]) => {
    const one = driver("non-system-thread-create", [call("DbgPrint")]);
    const entry = { name: "DriverEntry", role: "entry" as const, locals: [], body };
    agreed(scenario({ ...one, routines: [...one.routines, entry] }, "create"));
  };
  of([register]);
  of([]);
});

it("an item that never ends counts for both where nobody is owed anything (B6)", () => {
  const queue = call("IoQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const waiting = (initial: 0 | 1): Scenario => {
    const one = driver("process-create", [queue], {
      objects: [{ name: "Done", kind: "NotificationEvent", initial }],
    });
    const wait = call("KeWaitForSingleObject", { Object: { ref: "Done" } });
    const item = { name: "Item", role: "workItem" as const, locals: [], body: [wait] };
    return scenario({ ...one, routines: [...one.routines, item] }, "create");
  };
  agreed(waiting(0));
  agreed(waiting(1));
  const oracle = explored(waiting(0), 1_000);
  const without = { ...searched(waiting(0)), endless: [] };
  expect(differences(oracle, without)).toEqual(["endless item only the oracle sees: Item/s2"]);
  expect(searched(waiting(1)).endless).toEqual([]);
});

it("of those who wait for a mutex that is left behind any gets it (SY-4, SY-6)", () => {
  const start = call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } });
  const wait = (api: string) => call(api, { [api.includes("Mutex") ? "Mutex" : "Object"]: mutex });
  const mutex = { ref: "Mutant" };
  const one = driver("thread-exit", [start, wait("KeWaitForMutexObject")], {
    objects: [{ name: "Mutant", kind: "KMUTEX" }],
  });
  const body = [wait("KeWaitForSingleObject")];
  const thread = { name: "Thread", role: "systemThread" as const, locals: [], body };
  agreed(scenario({ ...one, routines: [...one.routines, thread] }, "create and exit"));
});

it("who waits for a child waits for his own, not for one that a callback makes meanwhile (section 10)", () => {
  const body: Statement[] = [
    { kind: "if", test: { kind: "causedByOwnWork" }, then: [{ kind: "return" }] },
    call("ZwCreateUserProcess"),
  ];
  agreed(scenario(driver("process-create", body), "create and wait"));
});

it("who waits for a child waits for the service, where the child that he made is that (section 10)", () => {
  const service = { name: "Service", objects: [], threads: [] };
  const one = scenario(driver("process-create", [], { services: [service] }), "create and wait");
  agreed({
    ...one,
    world: { ...one.world, service: { condition: "restarted" }, removal: "racing" },
  });
});

it("a processor that a DPC left with a lock is not like one without (SY-24)", () => {
  const insert = call("KeInsertQueueDpc", { Dpc: { routine: "Dpc" } });
  const one = driver("process-create", [insert], {
    objects: [{ name: "Spin", kind: "KSPIN_LOCK" }],
  });
  const body = [call("DbgPrint"), call("KeAcquireSpinLock", { SpinLock: { ref: "Spin" } })];
  const dpc = { name: "Dpc", role: "dpc" as const, locals: [], body };
  const twice = scenario({ ...one, routines: [...one.routines, dpc] }, "create");
  agreed({
    ...twice,
    world: {
      ...twice.world,
      workload: [...twice.world.workload, { name: "user2", does: ["create"] }],
    },
  });
});

it("the pool's manager adds a worker in a step of its own, behind its look (section 9)", () => {
  const queue = call("IoQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const one = driver("thread-create", [queue]);
  const item = { name: "Item", role: "workItem" as const, locals: [], body: [call("DbgPrint")] };
  const of = scenario({ ...one, routines: [...one.routines, item] }, "create");
  const users = ["user1", "user2"].map((name) => ({ name, does: ["create"] }));
  agreed({ ...of, world: { ...of.world, workload: users } });
  agreed(of);
});

it("a system thread is about the thread that its starter is about, System's, too (section 2)", () => {
  const start = (routine: string): Statement =>
    call("PsCreateSystemThread", { StartRoutine: { routine } });
  const waits = (object: object): Statement => call("KeWaitForSingleObject", { Object: object });
  const first: Statement = {
    kind: "if",
    test: { kind: "compare", variable: { ref: "Count" }, op: "==", value: 0 },
    then: [call("InterlockedIncrement", { Target: { ref: "Count" } }), start("Waits")],
  };
  const once: Statement = {
    kind: "if",
    test: { kind: "role", who: "subject", is: "system" },
    then: [first],
  };
  const thread = (name: string, body: Statement[]) =>
    ({ name, role: "systemThread", locals: [], body }) as const;
  const callback = (name: string, body: Statement[]) =>
    ({ name, role: "callback", locals: [], body }) as const;
  const hangsOf = (awaited: "subject" | "current", more: object = {}): number => {
    const one = driver("process-create", [start("Stays"), start("Ends")], {
      objects: [
        { name: "Done", kind: "NotificationEvent" },
        { name: "Never", kind: "NotificationEvent" },
        { name: "Count", kind: "variable" },
      ],
    });
    const routines = [
      ...one.routines,
      thread("Stays", [waits({ ref: "Never" })]),
      thread("Ends", []),
      {
        ...thread("Waits", [
          waits({ thread: awaited }),
          call("KeSetEvent", { Event: { ref: "Done" } }),
        ]),
        ...more,
      },
      callback("OnThread", [once]),
      callback("OnProcess", [waits({ ref: "Done" })]),
    ];
    const registrations = [
      ...one.registrations,
      { family: "thread-exit", routine: "OnThread" },
      { family: "process-exit", routine: "OnProcess" },
    ];
    return agreed(scenario({ ...one, routines, registrations }, "create and exit")).hangs.length;
  };
  expect(hangsOf("subject")).toBe(0);
  expect(hangsOf("current")).toBe(1);
  // What it captured is about the same thread.
  expect(hangsOf("subject", { within: "OnThread" })).toBe(0);
  expect(hangsOf("current", { within: "OnThread" })).toBe(1);
});

it("who is told to end before a CRITICAL_SECTION goes on where a wait could be broken, too (APC-5)", () => {
  const told = (body: Statement[]): void => {
    const one = served("process-create", [], [call("LoadLibrary")]);
    const mutex = { name: "Mutex", kind: "FAST_MUTEX" as const };
    const routines = one.routines.map((it) => (it.name === "OnEvent" ? { ...it, body } : it));
    const registrations = [{ family: "non-system-thread-create", routine: "OnEvent" }];
    const of = { ...one, objects: [mutex], routines, registrations };
    const { drivers, world } = scenario(of, "create", inCondition("target"));
    agreed({ drivers, world: { ...world, workload: [] } });
  };
  told([call("ExAcquireFastMutex", { FastMutex: { ref: "Mutex" } })]);
  told([]);
});

it("a run has four processes for drivers' code beside those of the workload, and whoever comes first has them (section 10)", () => {
  const creates = call("CreateProcess");
  const endless: Statement[] = [{ kind: "forever", body: [creates] }];
  const bounded = explored(scenario(served("process-exit", [], endless), "create"), 1_000);
  expect(bounded.bounds).toEqual(["processes"]);
  agreed(scenario(served("process-exit", [], endless), "create"));
  const twice = served("process-exit", [], [creates, creates]);
  expect(explored(scenario(twice, "create"), 1_000).bounds).toEqual([]);
  agreed(scenario(twice, "create"));
});

it("a thread that suspends itself in its last call is taken out of that routine (section 7)", () => {
  const entry = (body: Statement[]): void => {
    const one = driver("process-create", [], { objects: [], registrations: [] });
    const routines = [{ name: "DriverEntry", role: "entry" as const, locals: [], body }];
    const of = scenario({ ...one, routines }, "create");
    agreed({ ...of, world: { ...of.world, workload: [] } });
  };
  const suspends = call("PsSuspendProcess", { Process: { process: "current" } });
  entry([suspends]);
  entry([suspends, call("DbgPrint")]);
});

it("a run in time that an APC took from where a slow service can stop is no state without times (section 10)", () => {
  const suspends = call("PsSuspendProcess", { Process: { process: "service" } });
  const one = served("thread-create", [suspends], [call("RegOpenKey")]);
  agreed(scenario(one, "create", inCondition("slow")));
  agreed(scenario(one, "create", inCondition("well")));
});

it("an APC is about the thread that its thread's callback is about, where it comes in there (section 2)", () => {
  const queues = (family: string, does: string): string[] => {
    const queue = call("KeInsertQueueApc", {
      Apc: { routine: "Apc" },
      Thread: { thread: "current" },
      Kind: "Special",
    });
    const one = driver(family, [queue, call("DbgPrint")]);
    const apc = {
      name: "Apc",
      role: "apc" as const,
      locals: [],
      body: [call("KeSetEvent", { Event: { ref: "Done" } })],
    };
    const objects = [{ name: "Done", kind: "NotificationEvent" as const }];
    const of = scenario({ ...one, objects, routines: [...one.routines, apc] }, does);
    agreed(of);
    const { views } = explored(of, 1_000).endings;
    const about = views.flatMap(
      (view) => view.match(/Apc of its own process and \w+ thread/g) ?? [],
    );
    return [...new Set(about)];
  };
  expect(queues("thread-create", "create a thread")).toEqual([
    "Apc of its own process and other thread",
  ]);
  expect(queues("image-dll", "load a DLL")).toEqual(["Apc of its own process and own thread"]);
});

it("the initial thread of a process that is there is the one that starts others, not one of these (section 2)", () => {
  const about = (family: string): readonly string[] => {
    const waits = call("KeWaitForSingleObject", {
      Object: { thread: "subject" },
      Timeout: { timeout: 0 },
    });
    const of = scenario(driver(family, [waits]), "create a thread");
    agreed(of);
    const { views } = explored(of, 1_000).endings;
    const told = views.flatMap(
      (view) => view.match(/OnEvent of its own process and \w+ thread/g) ?? [],
    );
    return [...new Set(told)];
  };
  expect(about("thread-create")).toEqual(["OnEvent of its own process and other thread"]);
  expect(about("non-system-thread-create")).toEqual(["OnEvent of its own process and own thread"]);
});
