/** What hardly any other scenario has: each shape is about one thing that the model does in one place only. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import type { Scenario, World } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";

interface Shape {
  readonly driver: Partial<DriverModel>;
  readonly does: readonly (readonly string[])[];
  readonly world?: Partial<World>;
}

const pointer = { locals: [object("Message", "pointer")] };
const serviceOf = (...routines: readonly string[]) => [
  {
    name: "Service",
    objects: [object("Wake", "SynchronizationEvent")],
    threads: routines.map((one) => ({ routine: one, count: 1 })),
  },
];
const onCreate = [{ family: "process-create", routine: "OnEvent" }];
const fetches = call("FilterGetMessage", { Port: to("Port"), Message: to("Message") }, "got");
const replies = call("FilterReplyMessage", { Message: to("Message") }, "told");
const sends = (more: object): Statement =>
  call("FltSendMessage", { Port: to("Port"), Reply: "reply", ...more }, "sent");

/** A service that computes, or not, between what others can feel; slow ones stop elsewhere alone. */
function computing(roll: Roll): Shape {
  const computes = call("Compute", { Time: after(of(roll, [10, 3_000_000])) });
  const steps = [fetches, call("SetEvent", { Event: to("Wake") }), replies];
  steps.splice(roll(4), 0, computes);
  return {
    driver: {
      objects: [object("Port", "FLT_PORT")],
      services: serviceOf("Answer"),
      routines: [
        routine("callback", "OnEvent", [sends({ Timeout: after(of(roll, [5_000, "none"])) })]),
        routine("userThread", "Answer", steps, pointer),
      ],
      registrations: onCreate,
    },
    does: [["create"]],
    world: { service: { condition: of(roll, ["slow", "slow", "well"]) } },
  };
}

/** Waits of hours, longer than a word holds, and of another length each. */
function long(roll: Roll): Shape {
  const hours = (): object => after(3_600_000_000 * (1 + roll(4)));
  return {
    driver: {
      objects: [object("Wake", "SynchronizationEvent")],
      routines: [
        routine("callback", "OnEvent", [
          call("KeDelayExecutionThread", { Interval: hours() }),
          call("KeWaitForSingleObject", { Object: to("Wake"), Timeout: hours() }, "waited"),
        ]),
      ],
      registrations: onCreate,
    },
    does: [["create"]],
  };
}

/** Several who wait for one KMUTEX, or for a lock in line, and do something else behind it each. */
function crowded(roll: Roll): Shape {
  const isMutex = roll(2) === 0;
  const lock = to("Lock");
  const taken = (behind: Statement): Statement[] =>
    isMutex
      ? [
          call("KeWaitForSingleObject", { Object: lock }),
          behind,
          call("KeReleaseMutex", { Mutex: lock }),
        ]
      : [
          call("KeEnterCriticalRegion"),
          call(
            of(roll, ["ExAcquireResourceExclusiveLite", "ExAcquireResourceSharedLite"]),
            { Resource: lock, Wait: of(roll, ["TRUE", "TRUE", "FALSE"]) },
            "got",
          ),
          when({ kind: "result", of: "got", is: "success" }, [
            behind,
            call("ExReleaseResourceLite", { Resource: lock }),
          ]),
          call("KeLeaveCriticalRegion"),
        ];
  const starts = (name: string) =>
    call("PsCreateSystemThread", { StartRoutine: { routine: name } });
  return {
    driver: {
      objects: [
        object("Lock", isMutex ? "KMUTEX" : "ERESOURCE"),
        object("Last", "variable"),
        object("Done", "SynchronizationEvent"),
      ],
      routines: [
        routine("callback", "OnEvent", [
          starts("One"),
          starts("Two"),
          ...taken(call("KeDelayExecutionThread", { Interval: after(1_000) })),
        ]),
        routine("systemThread", "One", taken(call("KeSetEvent", { Event: to("Done") }))),
        routine("systemThread", "Two", taken(call("KeClearEvent", { Event: to("Done") }))),
      ],
      registrations: onCreate,
    },
    does: [["create"]],
  };
}

/** Two messages on a port, of which the first, or the second, is taken back. */
function withdrawn(roll: Roll): Shape {
  const patience = (): object => ({ Timeout: after(of(roll, [1_000, 20_000])) });
  return {
    driver: {
      objects: [object("Port", "FLT_PORT")],
      services: serviceOf("Answer"),
      routines: [
        routine("callback", "OnEvent", [sends(patience())]),
        routine(
          "userThread",
          "Answer",
          [call("Sleep", { Time: after(2_000) }), fetches, replies],
          pointer,
        ),
      ],
      registrations: onCreate,
    },
    does: [["create"], ["create"]],
  };
}

/** User APCs and alerts, and one alertable wait behind another. */
function called(roll: Roll): Shape {
  const waits = (n: number): Statement =>
    call(
      "WaitForSingleObjectEx",
      { Handle: to("Wake"), Alertable: "TRUE", Timeout: after(of(roll, [0, 1_000])) },
      `w${n}`,
    );
  const calls = (): Statement =>
    call(of(roll, ["QueueUserAPC", "QueueUserAPC", "NtAlertThread"]), {
      Thread: { routine: "Waiter" },
    });
  return {
    driver: {
      objects: [],
      services: serviceOf("Waiter", "Caller"),
      routines: [
        routine("callback", "OnEvent", [call("DbgPrint")]),
        routine("userThread", "Waiter", [
          waits(1),
          ...(roll(2) === 0 ? [call("Sleep", { Time: after(1_000) })] : []),
          waits(2),
        ]),
        routine("userThread", "Caller", roll(2) === 0 ? [calls()] : [calls(), calls()]),
      ],
      registrations: onCreate,
    },
    does: [],
  };
}

/** A port that is closed while a message on it is answered. */
function closed(roll: Roll): Shape {
  const closes = call("FltCloseClientPort", { Port: to("Port") });
  return {
    driver: {
      objects: [object("Port", "FLT_PORT"), object("Wake", "SynchronizationEvent")],
      services: serviceOf("Answer"),
      routines: [
        routine("callback", "OnEvent", [
          call("PsCreateSystemThread", { StartRoutine: { routine: "Closer" } }),
          sends(roll(2) === 0 ? {} : { Timeout: after(1_000) }),
        ]),
        routine("systemThread", "Closer", [closes, ...(roll(2) === 0 ? [closes] : [])]),
        routine("userThread", "Answer", [fetches, replies], pointer),
      ],
      registrations: onCreate,
    },
    does: [["create"]],
  };
}

/** A service that starts again, and is told to end while it does. */
function startedAgain(roll: Roll): Shape {
  const ends = call("ZwTerminateProcess", { Process: { process: "service" } });
  const cleans = call("KeSetEvent", { Event: to("Done") });
  return {
    driver: {
      objects: [object("Port", "FLT_PORT"), object("Done", "NotificationEvent")],
      services: serviceOf("Answer", ...(roll(2) === 0 ? ["Second"] : [])),
      routines: [
        routine("callback", "OnEvent", [
          roll(2) === 0
            ? call("PsCreateSystemThread", { StartRoutine: { routine: "Ender" } })
            : ends,
        ]),
        routine("systemThread", "Ender", [ends]),
        routine(
          "userThread",
          "Answer",
          [call("SetEvent", { Event: to("Done") }), fetches],
          pointer,
        ),
        routine("userThread", "Second", [call("SetEvent", { Event: to("Done") })]),
        ...(roll(2) === 0 ? [routine("cleanup", "OnCleanup", [cleans])] : []),
      ],
      registrations: [
        { family: of(roll, ["process-create", "image-exe", "thread-create"]), routine: "OnEvent" },
      ],
    },
    does: [["create"]],
    world: { service: { condition: "restarted" }, removal: of(roll, ["racing", "none"]) },
  };
}

/** A timeout of 0, which is none by one account of the call's page, and no wait by the other (SV-7). */
function impatient(roll: Roll): Shape {
  const { driver, does } = closed(roll);
  const zero = roll(2) === 0 ? {} : { zeroMessageTimeout: "no wait" };
  const sent = (one: Statement): Statement =>
    one.kind === "call" && one.api === "FltSendMessage" ? sends({ Timeout: after(0) }) : one;
  const routines = driver.routines?.map((one) => ({ ...one, body: one.body.map(sent) }));
  return { driver: { ...driver, routines }, does, world: zero };
}

/** What ends again and again inside of what never does. */
function endless(roll: Roll): Shape {
  const inner = of(roll, ["RtlCreateUserThread", "ZwCreateUserProcess"]);
  const isThread = inner === "RtlCreateUserThread";
  const family = isThread ? of(roll, ["thread-create", "non-system-thread"]) : "image-exe";
  const body = [call(inner), call("KeDelayExecutionThread", { Interval: after(1_000) })];
  return {
    driver: {
      routines: [
        routine("callback", "OnEvent", [
          roll(2) === 0 ? { kind: "forever", body } : { kind: "repeat", times: 2, body },
        ]),
        routine("callback", "OnOther", [call("DbgPrint")]),
      ],
      registrations: [
        // In a process that ends no thread can be made.
        { family: isThread ? "process-create" : "process-exit", routine: "OnEvent" },
        { family, routine: "OnOther" },
      ],
    },
    does: [["create and exit"]],
  };
}

/** More protection given back than taken, before it is run down and after. */
function unprotected(roll: Roll): Shape {
  const rundown = { RunRef: to("Rundown") };
  const gives = call("ExReleaseRundownProtection", rundown);
  const takes = call("ExAcquireRundownProtection", rundown, "got");
  return {
    driver: {
      objects: [object("Rundown", "EX_RUNDOWN_REF")],
      routines: [
        routine("callback", "OnEvent", [
          ...(roll(2) === 0 ? [gives] : [takes]),
          gives,
          ...(roll(2) === 0 ? [takes] : []),
          call("ExWaitForRundownProtectionRelease", rundown),
        ]),
      ],
      registrations: onCreate,
    },
    does: [["create"]],
  };
}

/** Items, threads and functions of other routines: whose event it is, and whom it is about. */
function nested(roll: Roll): Shape {
  const asks: Statement[] = [
    when({ kind: "event", is: of(roll, ["create", "exit"]) }, [call("DbgPrint")]),
    when({ kind: "role", who: "subject", is: "system" }, [call("DbgPrint")]),
    when({ kind: "role", who: "current", is: "subject" }, [call("DbgPrint")]),
  ];
  const queues = call("IoQueueWorkItem", {
    WorkItem: { routine: "Item" },
    QueueType: "DelayedWorkQueue",
  });
  const within = of(roll, ["OnEvent", "Thread"]);
  const starts = call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } });
  const ends = call("KeDelayExecutionThread", { Interval: after(1_000) });
  const asked: Statement = { kind: "invoke", routine: "Ask" };
  return {
    driver: {
      routines: [
        routine("callback", "OnEvent", [
          asked,
          starts,
          ...(within === "OnEvent" ? [queues] : []),
          ends,
        ]),
        routine(
          "systemThread",
          "Thread",
          [...asks, ...(within === "Thread" ? [queues, ends] : [])],
          roll(2) === 0 ? {} : { within: "OnEvent" },
        ),
        routine("workItem", "Item", [...asks, asked], { within }),
        routine("function", "Ask", asks),
      ],
      registrations: [{ family: of(roll, ["process", "thread"]), routine: "OnEvent" }],
    },
    does: [["create and exit"]],
  };
}

const shapes = [
  ...[computing, long, crowded, crowded, withdrawn, called, closed, startedAgain, startedAgain],
  ...[impatient, endless, unprotected, nested, nested],
];

export function particular(roll: Roll, seed: number): Scenario {
  const { driver, does, world } = of(roll, shapes)(roll);
  return drafted(seed, driver, does, world);
}
