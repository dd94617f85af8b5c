import { expect, it } from "vitest";
import type { Statement } from "../../src/language/model.ts";
import { agreed, asked, call, driver, inCondition, scenario, served } from "./once.ts";
import type { Scenario } from "./scenario.ts";

/** What the two once disagreed about where callbacks, launches, APCs, conditions, unloading and ports meet. */
it("a call that hands back a number is a step of its own, on a private local, too (section 6)", () => {
  const count = [call("InterlockedIncrement", { Target: { ref: "Count" } })];
  const one = driver("process-create", count);
  const [routine] = one.routines;
  const locals = [{ name: "Count", kind: "variable" as const }];
  agreed(scenario({ ...one, routines: [{ ...routine, locals }] }, "create"));
});

const apc = (body: Statement[]) => ({ name: "Apc", role: "apc" as const, locals: [], body });
const queueApc = (thread: "current" | "subject", Kind = "Special"): Statement =>
  call("KeInsertQueueApc", { Apc: { routine: "Apc" }, Thread: { thread }, Kind });

it("no APC comes in between the regions that a callback was called in (CB-I1)", () => {
  const asks = call("KeReadStateEvent", { Event: { ref: "Event" } });
  const one = driver("image-exe", [queueApc("current")], {
    objects: [{ name: "Event", kind: "NotificationEvent" }],
  });
  const both = { ...one, routines: [...one.routines, apc([asks])] };
  agreed(scenario(both, "create", { specialApcs: "off" }));
  agreed(scenario(both, "create", { specialApcs: "on" }));
});

it("a launch is owed while an APC runs that came before the new thread's first step (section 9)", () => {
  const waits = (initial: 0 | 1): number => {
    const one = driver("thread-create", [queueApc("subject")], {
      objects: [{ name: "Event", kind: "NotificationEvent", initial }],
    });
    const wait = call("KeWaitForSingleObject", { Object: { ref: "Event" } });
    const listens = { name: "OnStart", role: "callback" as const, locals: [], body: [] };
    const all = {
      ...one,
      routines: [...one.routines, apc([wait]), listens],
      registrations: [
        ...one.registrations,
        { family: "non-system-thread-create", routine: "OnStart" },
      ],
    };
    return agreed(scenario(all, "create")).hangs.length;
  };
  expect(waits(0)).toBe(1);
  expect(waits(1)).toBe(0);
});

it("a thread that DriverUnload started is lost with the code, begun or not (W4, section 14)", () => {
  const start = call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } });
  const crashes = (unload: Statement[], thread: Statement[]): number => {
    const one = driver("process-create", []);
    const routines = [
      ...one.routines,
      { name: "DriverUnload", role: "unload" as const, locals: [], body: unload },
      { name: "Thread", role: "systemThread" as const, locals: [], body: thread },
    ];
    return agreed(scenario({ ...one, routines }, "create", { removal: "racing" })).crashes.length;
  };
  expect(crashes([start], [])).toBe(1);
  expect(crashes([start], [call("DbgPrint")])).toBe(1);
  expect(crashes([], [])).toBe(0);
});

it("an APC of a driver that is gone crashes the thread that it reaches (section 14)", () => {
  const crashes = (body: Statement[]): number => {
    const one = driver("process-create", body);
    const remove = (api: string, name: string, more = {}): Statement =>
      call(api, { NotifyRoutine: { routine: name }, ...more });
    const unload = [
      remove("PsSetCreateProcessNotifyRoutineEx", "OnEvent", { Remove: "TRUE" }),
      remove("PsRemoveCreateThreadNotifyRoutine", "OnThread"),
    ];
    const routines = [
      ...one.routines,
      apc([]),
      { name: "OnThread", role: "callback" as const, locals: [], body: [] },
      { name: "DriverUnload", role: "unload" as const, locals: [], body: unload },
    ];
    const registrations = [...one.registrations, { family: "thread-create", routine: "OnThread" }];
    const of = { ...one, routines, registrations };
    return agreed(scenario(of, "create", { removal: "racing" })).crashes.length;
  };
  expect(crashes([queueApc("subject", "Normal")])).toBe(1);
  expect(crashes([])).toBe(0);
});

it("a condition of the driver falls once, for those, too, who stand at its test already (section 5)", () => {
  const mutex = (api: string, name: string): Statement => call(api, { FastMutex: { ref: name } });
  const both = (first: string, second: string): Statement[] => [
    mutex("ExAcquireFastMutexUnsafe", first),
    mutex("ExAcquireFastMutexUnsafe", second),
    mutex("ExReleaseFastMutexUnsafe", second),
    mutex("ExReleaseFastMutexUnsafe", first),
  ];
  const hangs = (scope: "driver" | "activation"): number => {
    const test = { kind: "opaque" as const, name: "Swapped" };
    const body: Statement[] = [
      { kind: "if", test, then: both("First", "Second"), else: both("Second", "First") },
    ];
    const of = driver("process-create", body, {
      objects: ["First", "Second"].map((name) => ({ name, kind: "FAST_MUTEX" as const })),
      conditions: [{ name: "Swapped", scope }],
    });
    const workload = ["user1", "user2"].map((name) => ({ name, does: ["create"] }));
    return agreed(scenario(of, "", { workload })).hangs.length;
  };
  expect(hangs("activation")).toBe(1);
  expect(hangs("driver")).toBe(0);
});

it("who fetched a message of a port that is closed answers no later one of its sender (SV-6)", () => {
  const to = (Port: string): Statement =>
    call("FltSendMessage", { Port: { ref: Port }, Reply: "reply" });
  const sends = (second: string): unknown[] => {
    const closes = [call("FltCloseClientPort", { Port: { ref: "Port" } })];
    const start = call("PsCreateSystemThread", { StartRoutine: { routine: "Closer" } });
    const last = { ...to(second), result: "sent" } as Statement;
    const answers = [
      call("FilterGetMessage", { Port: { ref: "Port" }, Message: { ref: "Message" } }),
      call("FilterReplyMessage", { Message: { ref: "Message" } }),
    ];
    const one = served(
      "process-create",
      [start, to("Port"), last, asked("sent", "success")],
      answers,
    );
    const closer = { name: "Closer", role: "systemThread" as const, locals: [], body: closes };
    const objects = ["Port", "Other"].map((name) => ({ name, kind: "FLT_PORT" as const }));
    const all = { ...one, objects, routines: [...one.routines, closer] };
    return [...agreed(scenario(all, "create")).hangs];
  };
  expect(sends("Other")).not.toEqual([]);
  expect(sends("Port")).toEqual([]);
});

it("unloading waits for no call of a callback that somebody else has removed (CB-U5)", () => {
  const removing = (inside: Statement[]): Scenario => {
    const one = driver("thread-create", inside);
    const other = { name: "OnImage", role: "callback" as const, locals: [], body: [] };
    const all = {
      ...one,
      routines: [...one.routines, other],
      registrations: [...one.registrations, { family: "image-ntdll", routine: "OnImage" }],
    };
    return scenario(all, "create", { removal: "racing" });
  };
  const remove = call("PsRemoveCreateThreadNotifyRoutine", {
    NotifyRoutine: { routine: "OnEvent" },
  });
  expect(agreed(removing([remove])).hangs).not.toEqual([]);
  expect(agreed(removing([])).hangs).toEqual([]);
});

it("an image event is about the thread that maps the image, a worker for a driver (CB-I2, CB-I3)", () => {
  const reads = call("KeReadStateEvent", { Event: { ref: "Event" } });
  const one = driver("image", [queueApc("subject")], {
    objects: [{ name: "Event", kind: "NotificationEvent" }],
  });
  const both = { ...one, routines: [...one.routines, apc([reads])] };
  agreed(scenario(both, "load a driver"));
  agreed(scenario(both, "create"));
});

it("who leaves by himself is not told any more, and waits on behind the end of his process (section 11)", () => {
  const cleanup = (more: object): Scenario => {
    const one = served("process-create", [], []);
    const send = call("FltSendMessage", { Port: { ref: "Port" }, Reply: "reply", ...more });
    const routine = { name: "OnCleanup", role: "cleanup" as const, locals: [], body: [send] };
    return scenario({ ...one, routines: [...one.routines, routine] }, "create", {
      workload: [],
      ...inCondition("target"),
    });
  };
  expect(agreed(cleanup({})).hangs).not.toEqual([]);
  expect(agreed(cleanup({ Timeout: { timeout: 1_000 } })).hangs).toEqual([]);
});
