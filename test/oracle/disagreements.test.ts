import { expect, it } from "vitest";
import type { DriverModel, ResultName, Statement } from "../../src/language/model.ts";
import { explored } from "./explore.ts";
import { agreed, asked, call, driver, inCondition, scenario, served } from "./once.ts";
import type { Scenario } from "./scenario.ts";

/** What the two interpreters once disagreed about, each settled by the fact that its title names. */
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
  const withService = { ...of, routines: [...of.routines, answer], services: [service] };
  expect(agreed(scenario(withService, "create")).hangs).toContainEqual({
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

it("a hung service stops ahead of its fetch, and hangs who waits for it without a timeout (SV-5, SV-6)", () => {
  const port = { ref: "Port" };
  const send = (more: object): Statement[] => [
    call("FltSendMessage", { Port: port, Reply: "reply", ...more }),
  ];
  const answers = [
    call("FilterGetMessage", { Port: port, Message: { ref: "Message" } }),
    call("FilterReplyMessage", { Message: { ref: "Message" } }),
  ];
  const hangsOf = (more: object, condition: string): number =>
    agreed(
      scenario(served("process-create", send(more), answers), "create", inCondition(condition)),
    ).hangs.length;
  expect(hangsOf({}, "hung")).toBeGreaterThan(0);
  expect(hangsOf({}, "well")).toBe(0);
  expect(hangsOf({ Timeout: { timeout: 1_000 } }, "hung")).toBe(0);
});

it("who is suspended owes nothing himself, but those whom he keeps waiting hang (APC-6)", () => {
  const suspends = [call("PsSuspendProcess", { Process: { process: "service" } })];
  const creates = served("thread-create", suspends, [call("CreateProcess")]);
  expect(agreed(scenario(creates, "create", inCondition("suspended"))).hangs).toEqual([]);
  const waits = served(
    "process-create",
    [call("ZwWaitForSingleObject", { Handle: { process: "service" } })],
    [call("Sleep", { Time: { timeout: 1_000 } })],
  );
  expect(agreed(scenario(waits, "create", inCondition("suspended"))).hangs).not.toEqual([]);
});

it("a file on a disk that is not there asks a person, whom no callback can hear (APC-7)", () => {
  const reads = driver("process-create", [call("ZwReadFile")]);
  expect(agreed(scenario(reads, "create", { disk: "removed" })).hangs).not.toEqual([]);
  expect(agreed(scenario(reads, "create")).hangs).toEqual([]);
});

it("a service that opens a file meets the neighbour as a driver does (section 6)", () => {
  const waits = [call("LpcRequestWaitReplyPort", { Port: { ref: "Port" } })];
  const opens = served("thread-create", waits, [call("CreateFile")]);
  const world = { workload: [], neighbour: "creates a thread" };
  expect(agreed(scenario(opens, "create", world)).hangs).not.toEqual([]);
  expect(agreed(scenario(opens, "create", { workload: [] })).hangs).toEqual([]);
});

it("an item without a captured frame is about nobody, a thread about what its starter is about (section 2)", () => {
  const asks = (start: Statement, routine: { name: string; role: "workItem" | "systemThread" }) => {
    const is: Statement = {
      kind: "if",
      test: { kind: "role", who: "current", is: "subject" },
      then: [later],
    };
    const of = driver("image-driver", [start]);
    const routines = [...of.routines, { ...routine, locals: [], body: [is] }];
    return scenario({ ...of, routines }, "load a driver");
  };
  const item = { WorkItem: { routine: "Other" }, QueueType: "DelayedWorkQueue" };
  agreed(asks(call("ExQueueWorkItem", item), { name: "Other", role: "workItem" }));
  const start = { StartRoutine: { routine: "Other" } };
  agreed(asks(call("PsCreateSystemThread", start), { name: "Other", role: "systemThread" }));
});

const kept = (api: string, result: string, args = {}): Statement =>
  ({ ...call(api, args), result }) as Statement;

it("a request comes back with success, whatever its calls came back with (section 7)", () => {
  const requests = (is: ResultName): Scenario => {
    const one = served(
      "process-create",
      [],
      [kept("DeviceIoControl", "r", { Request: { routine: "OnControl" } }), asked("r", is)],
    );
    const wait = call("ZwWaitForSingleObject", {
      Handle: { process: "subject" },
      Timeout: { timeout: 1_000 },
    });
    const onControl = { name: "OnControl", role: "request" as const, locals: [], body: [wait] };
    return scenario({ ...one, routines: [...one.routines, onControl] }, "create");
  };
  agreed(requests("success"));
  agreed(requests("timeout"));
});

it("what is fetched of a message that its sender takes back at once is a reply to nothing (SV-6)", () => {
  const twice = [1_000, 2_000].map((timeout) =>
    call("FltSendMessage", { Port: { ref: "Port" }, Reply: "reply", Timeout: { timeout } }),
  );
  const answers = [
    call("FilterGetMessage", { Port: { ref: "Port" }, Message: { ref: "Message" } }),
    kept("FilterReplyMessage", "r", { Message: { ref: "Message" } }),
    asked("r", "success"),
  ];
  agreed(scenario(served("process-create", twice, answers), "create"));
});

it("who leaves already has no suspension pending that would keep another APC out (section 7)", () => {
  const body = [
    call("PsSuspendProcess", { Process: { process: "subject" } }),
    kept("KeInsertQueueApc", "r", {
      Apc: { routine: "Apc" },
      Thread: { thread: "subject" },
      Kind: "Special",
    }),
  ];
  const one = driver("process-exit", body);
  const apc = { name: "Apc", role: "apc" as const, locals: [], body: [call("DbgPrint")] };
  agreed(scenario({ ...one, routines: [...one.routines, apc] }, "create and exit"));
});

it("where nobody wrote a DriverEntry no registration fails (section 9)", () => {
  const one = driver("process-create", [call("DbgPrint")]);
  const other = { name: "OnImage", role: "callback" as const, locals: [], body: [] };
  const both = {
    ...one,
    routines: [...one.routines, other],
    registrations: [{ family: "image", routine: "OnImage" }, ...one.registrations],
  };
  agreed(scenario(both, "create", { startup: "failing" }));
});

it("a worker that has loaded a driver is busy until it has told of it (W8, section 9)", () => {
  const one = driver("thread-create", [call("DbgPrint")]);
  const users = ["user1", "user2"].map((name) => ({ name, does: ["load a driver"] }));
  agreed(scenario(one, "", { workload: users }));
});

it("a callback is registered once: a second slot is beyond the model, or refused for processes (CB-Q7)", () => {
  const again = (api: string, family: string, more = {}): Scenario => {
    const register = kept(api, "r", { NotifyRoutine: { routine: "OnEvent" }, ...more });
    return scenario(driver(family, [register, asked("r", "failure")]), "create");
  };
  agreed(again("PsSetCreateProcessNotifyRoutineEx", "process-create", { Remove: "FALSE" }));
  const asThread = again("PsSetCreateThreadNotifyRoutine", "thread-create");
  expect(explored(asThread, 1_000).bounds).toEqual(["registrations"]);
  agreed(asThread);
});

it("no APC comes between the regions of a callback that has left one of its own accord (section 8)", () => {
  const suspends = call("PsSuspendProcess", { Process: { process: "current" } });
  const one = driver("image-exe", [call("KeLeaveGuardedRegion"), suspends]);
  const { crashes } = agreed(scenario(one, "create and exit", { specialApcs: "off" }));
  expect(crashes.length).toBe(1);
  const enters = driver("image-exe", [suspends]);
  expect(agreed(scenario(enters, "create and exit", { specialApcs: "off" })).crashes).toEqual([]);
});

it("nobody ends System: no thread of it leaves (W17)", () => {
  const ends = call("ZwTerminateProcess", { Process: { process: "subject" } });
  const one = driver("image-driver", [ends]);
  const exits = { name: "OnExit", role: "callback" as const, locals: [], body: [call("DbgPrint")] };
  const both = {
    ...one,
    routines: [...one.routines, exits],
    registrations: [...one.registrations, { family: "non-system-thread", routine: "OnExit" }],
  };
  agreed(scenario(both, "load a driver"));
});

it("the pipe that a driver reads in a service's thread stays open when the service ends (SV-35)", () => {
  for (const read of [
    call("DeviceIoControl", { Request: { routine: "Read" } }),
    call("ReadFile", { Pipe: { ref: "Port" }, Message: { ref: "Message" } }),
  ]) {
    const one = served("process-create", [], [read]);
    const reads = call("NtReadFile", { Pipe: { ref: "Port" }, Timeout: { timeout: 0 } });
    const request = { name: "Read", role: "request" as const, locals: [], body: [reads] };
    agreed(
      scenario({ ...one, routines: [...one.routines, request] }, "create", inCondition("target")),
    );
  }
});

it("a loop whose rounds do I/O goes round for ever, and polls no completion (APC-4)", () => {
  const one = driver("process-exit", [
    { kind: "forever", body: [call("RtlCreateUserThread")] } as Statement,
  ]);
  const other = {
    name: "OnOther",
    role: "callback" as const,
    locals: [],
    body: [call("ZwReadFile")],
  };
  const both = {
    ...one,
    routines: [...one.routines, other],
    registrations: [...one.registrations, { family: "thread-create", routine: "OnOther" }],
  };
  expect(agreed(scenario(both, "create and exit")).hangs.length).toBe(1);
});

it("what loads the pool is queued behind start-up, queue by queue as the page names them (section 10)", () => {
  const queue = (name: string): Statement =>
    call("IoQueueWorkItem", { WorkItem: { ref: "Item" }, QueueType: name });
  const one = driver("thread-exit", [queue("BackgroundWorkQueue")], {
    objects: [{ name: "Item", kind: "WORK_ITEM", routine: "Item" }],
  });
  const others = [
    { name: "Item", role: "workItem" as const, locals: [], body: [] },
    {
      name: "DriverEntry",
      role: "entry" as const,
      locals: [],
      body: [queue("HyperCriticalWorkQueue")],
    },
  ];
  const both = { ...one, routines: [...others, ...one.routines] };
  agreed(scenario(both, "", { workload: [], pool: { profile: "tiny", load: "busy" } }));
});

it("an item that never ends may be told beside a callback that goes round for ever (section 12)", () => {
  const wait = call("KeWaitForSingleObject", { Object: { ref: "Done" } });
  const polls = {
    kind: "poll",
    until: { kind: "compare", variable: { ref: "Seen" }, op: "==", value: 2 },
    body: [],
    limit: null,
  } as unknown as Statement;
  const queues = call("ExQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const one = driver("process", [queues, polls], {
    objects: [{ name: "Done", kind: "NotificationEvent" }],
    perProcess: [{ name: "Seen", kind: "variable" }],
  });
  const item = { name: "Item", role: "workItem" as const, locals: [], body: [wait] };
  agreed(scenario({ ...one, routines: [...one.routines, item] }, "create and wait"));
});

it("a random run that its length ends while somebody arrives says nothing of states without times (section 15)", () => {
  const timer = { Timer: { ref: "Timer" }, DueTime: { timeout: 1_000 }, Period: { timeout: 0 } };
  const set = call("KeSetTimerEx", { ...timer, Dpc: { routine: "Again" } });
  const wait = call("KeWaitForSingleObject", { Object: { ref: "Timer" } });
  const endless = (body: Statement[]): DriverModel => {
    const one = driver("image-exe", [set, wait], {
      objects: [{ name: "Timer", kind: "SynchronizationTimer" }],
    });
    const dpc = { name: "Again", role: "dpc" as const, locals: [], body };
    return { ...one, routines: [...one.routines, dpc] };
  };
  agreed(
    scenario(endless([call("KeInsertQueueDpc", { Dpc: { routine: "Again" } })]), "create and exit"),
  );
  agreed(scenario(endless([]), "create and exit"));
});

it("an item that is freed while it is queued crashes at the call, and not once a worker has taken it (W19)", () => {
  const queue = call("ExQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const free = call("IoFreeWorkItem", { WorkItem: { routine: "Item" } });
  const wait = call("KeWaitForSingleObject", { Object: { ref: "Taken" } });
  const crashesOf = (within: "OnEvent" | undefined, body: Statement[]): readonly string[] => {
    const item = {
      name: "Item",
      role: "workItem" as const,
      locals: [],
      body: [call("KeSetEvent", { Event: { ref: "Taken" } })],
      ...(within === undefined ? {} : { within }),
    };
    const objects = [{ name: "Taken", kind: "NotificationEvent" as const }];
    const wide = { name: "Item", kind: "WORK_ITEM" as const, routine: "Item" };
    const one = driver("process-create", body, {
      objects: within === undefined ? [...objects, wide] : objects,
    });
    return agreed(scenario({ ...one, routines: [...one.routines, item] }, "create")).crashes;
  };
  for (const within of [undefined, "OnEvent"] as const) {
    const crashes = crashesOf(within, [queue, free, wait]);
    expect(crashes.some((one) => one.endsWith("OnEvent/s2"))).toBe(true);
    expect(crashesOf(within, [queue, wait, free])).toEqual([]);
  }
});

const thread = { name: "Thread", role: "systemThread" as const, locals: [], body: [] };
const made = {
  ...call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }),
  result: "made",
} as Statement;
const isFailed = { kind: "result", of: "made", is: "failure" } as const;

it("a thread may not start, and is not there then (W17)", () => {
  const one = driver("process-create", [made, asked("made", "failure")]);
  const withThread = { ...one, routines: [...one.routines, thread] };
  agreed(scenario(withThread, "create", { startup: "failing" }));
  agreed(scenario(withThread, "create"));
});

it("a DriverEntry that returns early when the fault has struck has failed, and nobody is let go (section 9)", () => {
  const entry = (...behind: Statement[]) => {
    const one = driver("process-create", [call("DbgPrint")]);
    const own = {
      name: "DriverEntry",
      role: "entry" as const,
      locals: [],
      body: [made, ...behind],
    };
    return { ...one, routines: [...one.routines, thread, own] };
  };
  const back: Statement = { kind: "return" };
  const givesUp: Statement = { kind: "if", test: isFailed, then: [back] };
  agreed(scenario(entry(givesUp), "create", { startup: "failing" }));
  agreed(scenario(entry(back), "create", { startup: "failing" }));
  // Events beside, and a removal, meet the same fault.
  for (const one of [entry(givesUp), entry(back)]) {
    agreed(scenario(one, "create", { startup: "failing beside" }));
    agreed(scenario(one, "create", { startup: "failing", removal: "racing" }));
    agreed(scenario(one, "create", { startup: "failing beside", removal: "racing" }));
  }
  agreed(scenario(entry(givesUp), "create"));
});

it("a function that is declared within a callback captures its activation: the item that it frees is the one that is queued there (section 2, W19)", () => {
  const within = { within: "OnEvent", locals: [] };
  const frees = call("IoFreeWorkItem", { WorkItem: { routine: "Item" } });
  const queues = call("IoQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const invokes: Statement = { kind: "invoke", routine: "Helper" };
  const freeing = (body: Statement[]): Scenario => {
    const of = driver("image-exe", body);
    const helper = { name: "Helper", role: "function" as const, body: [frees], ...within };
    const item = { name: "Item", role: "workItem" as const, body: [], ...within };
    return scenario({ ...of, routines: [...of.routines, helper, item] }, "create");
  };
  expect(agreed(freeing([queues, invokes])).crashes).toHaveLength(1);
  expect(agreed(freeing([invokes, queues])).crashes).toEqual([]);
});
