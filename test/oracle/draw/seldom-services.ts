/** Small scenarios for what two of the other ideas would have to come together for, in services. */
import type { Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, routine, to } from "./draft.ts";
import { onEvent, type Sketch, starts, user } from "./sketch.ts";

const adds = call("InterlockedIncrement", { Target: to("Count") });
const count = object("Count", "variable");

/** An alertable wait for what is signalled already, with an alert or a user APC that may have come first. */
export const alerted: Sketch = (roll, seed) => {
  const wait = (result: string): Statement =>
    call(
      "WaitForSingleObjectEx",
      { Handle: to("Gate"), Alertable: "TRUE", Timeout: after(of(roll, [0, 1000])) },
      result,
    );
  return drafted(
    seed,
    {
      routines: [
        routine("userThread", "Waiter", [wait("first"), ...(roll(2) === 0 ? [wait("then")] : [])]),
        routine("userThread", "Caller", [
          call(of(roll, ["QueueUserAPC", "NtAlertThread"]), { Thread: { routine: "Waiter" } }, "c"),
          ...(roll(2) === 0 ? [call("SetEvent", { Event: to("Gate") })] : []),
        ]),
      ],
      services: [
        {
          name: "Service",
          objects: [
            object("Gate", of(roll, ["SynchronizationEvent", "NotificationEvent"] as const), {
              initial: roll(3) === 0 ? 0 : 1,
            }),
          ],
          threads: [
            { routine: "Waiter", count: 1 },
            { routine: "Caller", count: 1 },
          ],
        },
      ],
    },
    [],
  );
};

/** Two messages that a server has at once, which it answers in either order; one of them may want no reply. */
export const twoMessages: Sketch = (roll, seed) => {
  const gets = (name: string): Statement =>
    call("FilterGetMessage", { Port: to("Port"), Message: to(name) }, `got${name}`);
  const answers = (name: string): Statement =>
    call("FilterReplyMessage", { Message: to(name) }, `answered${name}`);
  const sends = call(
    "FltSendMessage",
    {
      Port: to("Port"),
      Reply: roll(3) === 0 ? "no reply" : "reply",
      ...(roll(2) === 0 ? { Timeout: after(1000) } : {}),
    },
    "sent",
  );
  const isShared = roll(3) === 0;
  const pointers = [object("One", "pointer"), object("Other", "pointer")];
  return drafted(
    seed,
    {
      objects: [object("Port", "FLT_PORT"), ...(isShared ? pointers : [])],
      routines: [
        routine("callback", "OnEvent", [sends]),
        routine(
          "userThread",
          "Server",
          of(roll, [
            [gets("One"), gets("Other"), answers("One"), answers("Other")],
            [gets("One"), gets("Other"), answers("Other"), answers("One")],
            [gets("One"), answers("One"), answers("One")],
          ]),
          { locals: isShared ? [] : pointers },
        ),
      ],
      registrations: onEvent(roll),
      services: [{ name: "Service", objects: [], threads: [{ routine: "Server", count: 1 }] }],
    },
    roll(2) === 0 ? [["create"], ["create"]] : user(roll),
    { service: { condition: of(roll, ["well", "well", "target"]) } },
  );
};

/** A request that waits for what its own work, or somebody else's, brings about: in time it rests, or does not. */
export const resting: Sketch = (roll, seed) => {
  const signals = of(roll, [
    call("KeSetEvent", { Event: to("Done") }),
    call("KeReleaseSemaphore", { Semaphore: to("Few"), Adjustment: 1 }),
  ]);
  const hasEvent = JSON.stringify(signals).includes("Done");
  const begins = of(roll, [
    call("ZwCreateUserProcess"),
    starts("Thread"),
    call("IoQueueWorkItem", { WorkItem: { routine: "Item" }, QueueType: "DelayedWorkQueue" }),
    call("InterlockedIncrement", { Target: to("Count") }),
  ]);
  const waits = call(
    "KeWaitForSingleObject",
    {
      Object: to(hasEvent ? "Done" : "Few"),
      ...(roll(2) === 0 ? { Timeout: after(of(roll, [20_000, 1_000])) } : {}),
    },
    "got",
  );
  const where = of(roll, ["OnEvent", "Thread", "Item"]);
  const body = (name: string): Statement[] => (name === where ? [signals] : []);
  return drafted(
    seed,
    {
      objects: [
        count,
        object("Done", "SynchronizationEvent"),
        object("Few", "KSEMAPHORE", { initial: 0, limit: 4 }),
      ],
      routines: [
        routine("callback", "OnEvent", body("OnEvent")),
        routine("request", "OnControl", [begins, waits]),
        routine("systemThread", "Thread", body("Thread")),
        routine("workItem", "Item", body("Item")),
        routine("userThread", "First", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }),
        ]),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
      services: [{ name: "Service", objects: [], threads: [{ routine: "First", count: 1 }] }],
    },
    roll(2) === 0 ? [] : [["create"]],
  );
};

/** A service that computes, and is slow, or hangs and is told to end. */
export const computing: Sketch = (roll, seed) => {
  const sets = call("SetEvent", { Event: to("Gate") });
  const computes = call("Compute", { Time: after(1000) });
  const resets = call("ResetEvent", { Event: to("Gate") });
  return drafted(
    seed,
    {
      routines: [
        routine(
          "userThread",
          "Worker",
          of(roll, [
            [sets, computes, resets],
            [computes, sets, resets],
            [sets, resets, computes],
            [sets, resets],
            [sets, computes, resets, sets],
          ]),
        ),
        routine("userThread", "Other", [sets]),
        routine("callback", "OnEvent", [call("DbgPrint")]),
      ],
      registrations: [{ family: "process-exit", routine: "OnEvent" }],
      services: [
        {
          name: "Service",
          objects: [object("Gate", "NotificationEvent")],
          threads: [
            { routine: "Worker", count: 1 },
            ...(roll(3) === 0 ? [{ routine: "Other", count: 1 }] : []),
          ],
        },
      ],
    },
    [],
    {
      service: { condition: of(roll, ["slow", "slow", "hung", "target"]) },
      removal: of(roll, ["none", "racing", "racing"]),
    },
  );
};

/** A service's thread that starts others while its process is told to end. */
export const starting: Sketch = (roll, seed) =>
  drafted(
    seed,
    {
      objects: [count],
      routines: [
        routine("callback", "OnEvent", roll(2) === 0 ? [adds] : [call("DbgPrint")]),
        routine("userThread", "First", [
          call("CreateThread", { StartAddress: { routine: "Extra" } }),
          ...(roll(2) === 0 ? [call("CreateThread", { StartAddress: { routine: "Extra" } })] : []),
        ]),
        routine("userThread", "Extra", [call("SetEvent", { Event: to("Gate") })]),
      ],
      registrations: [
        {
          family: of(roll, ["thread-create", "non-system-thread-create", "thread-exit"]),
          routine: "OnEvent",
        },
      ],
      services: [
        {
          name: "Service",
          objects: [object("Gate", "NotificationEvent")],
          threads: [
            { routine: "First", count: 1 },
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    [],
    { service: { condition: of(roll, ["target", "target", "suspended", "well"]) } },
  );
