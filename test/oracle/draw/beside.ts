/**
 * Calls that the other ideas draw too seldom, each beside somebody who feels it: a thread of the driver's, or of a
 * service. Few steps each, so that both interpreters come to the end of them.
 */
import type { Operand, Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, type Roll, routine, to } from "./draft.ts";
import { heldOf, lockPairs } from "./lock-pairs.ts";
import { images, neighbours, removing } from "./scarce-events.ts";
import { onEvent, type Sketch, starts, succeeded, user } from "./sketch.ts";

type Steps = () => Statement[];

/** So many of a list, none twice. */
function few(roll: Roll, list: readonly Steps[], count: number): Statement[] {
  const left = [...list];
  return Array.from({ length: count }, () => left.splice(roll(left.length), 1)[0]()).flat();
}

const one = (api: string, args: object, result?: string): Steps => {
  return () => [call(api, args, result)];
};

/** Events, semaphores, timers, DPCs and numbers, which a thread changes meanwhile. */
const changed: Sketch = (roll, seed) => {
  const done = { Event: to("Done") };
  const dpc = { Dpc: { routine: "Dpc" } };
  const count = { Target: to("Count") };
  const rundown = { RunRef: to("Rundown") };
  const body = few(
    roll,
    [
      one("KeResetEvent", done),
      one("KeClearEvent", done),
      one("KeReadStateEvent", done, "event"),
      one("KeReadStateSemaphore", { Semaphore: to("Slots") }, "slots"),
      one("KeReadStateTimer", { Timer: to("Timer") }, "timer"),
      one("KeInsertQueueDpc", dpc, "in"),
      one("KeRemoveQueueDpc", dpc, "out"),
      one("KeDelayExecutionThread", { Interval: after(1000) }, "slept"),
      one("WriteNoFence", { ...count, Value: 2 }),
      one("InterlockedExchangePointer", { Target: to("There"), Value: to("Here") }),
      () => [
        call("ExAcquireRundownProtection", rundown, "protected"),
        succeeded("protected", [call("ExReleaseRundownProtection", rundown)]),
      ],
      one("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(0) }, "was"),
      one("FltQueueGenericWorkItem", {
        WorkItem: { routine: "Item" },
        QueueType: of(roll, ["DelayedWorkQueue", "CriticalWorkQueue"]),
      }),
    ],
    3,
  );
  const thread = few(
    roll,
    [
      one("KeSetEvent", done),
      one("KeResetEvent", done),
      one("KeReleaseSemaphore", { Semaphore: to("Slots"), Adjustment: 1 }),
      one("KeSetTimer", { Timer: to("Timer"), DueTime: after(1000) }),
      one("KeInsertQueueDpc", dpc, "queued"),
      one("InterlockedIncrement", count, "n"),
      one("ExWaitForRundownProtectionRelease", rundown),
    ],
    1,
  );
  const event = of(roll, ["NotificationEvent", "SynchronizationEvent"] as const);
  return drafted(
    seed,
    {
      objects: [
        object("Done", event, { initial: roll(2) }),
        object("Slots", "KSEMAPHORE", { initial: roll(2), limit: 3 }),
        object("Timer", of(roll, ["NotificationTimer", "SynchronizationTimer"] as const)),
        object("Rundown", "EX_RUNDOWN_REF"),
        object("Count", "variable"),
        object("Here", "pointer"),
        object("There", "pointer"),
      ],
      routines: [
        routine("callback", "OnEvent", [...(roll(3) > 0 ? [starts("Thread")] : []), ...body]),
        routine("systemThread", "Thread", thread),
        routine("dpc", "Dpc", [call("KeSetEvent", done)]),
        routine("workItem", "Item", [call("KeSetEvent", done)]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

const port = to("Port");
const sends: readonly (readonly [api: string, param: string, more?: object])[] = [
  ["FltSendMessage", "Port", { Reply: "reply" }],
  ["FltSendMessage", "Port", { Reply: "no reply" }],
  ["ZwFsControlFile", "Pipe"],
  ["ZwAlpcSendWaitReceivePort", "Port"],
  ["LpcRequestWaitReplyPort", "Port"],
  ["LpcRequestPort", "Port"],
  ["SecLookupAccountSid", "Port"],
];
const timed = ["FltSendMessage", "ZwAlpcSendWaitReceivePort", "ZwFsControlFile"];

/** A message, whoever fetches it and replies, and a thread that closes the port meanwhile. */
const sent: Sketch = (roll, seed) => {
  const [send, param, more] = of(roll, sends);
  const patience = timed.includes(send) && roll(3) === 0 ? { Timeout: after(1000) } : {};
  const [fetch, from, into, reply] = of(roll, [
    ["ReadFile", "Pipe", "Message", "WriteFile"],
    ["ReadFile", "Pipe", "Message", "WriteFile"],
    ["FilterGetMessage", "Port", "Message", "FilterReplyMessage"],
    ["NtAlpcSendWaitReceivePort", "Port", "ReceiveMessage", "NtReplyWaitReceivePort"],
  ] as const);
  const answers = [
    call(fetch, { [from]: port, [into]: to("Message") }, "got"),
    call(
      reply,
      { ...(reply === "NtReplyWaitReceivePort" ? { Port: port } : {}), Message: to("Message") },
      "replied",
    ),
  ];
  const closes = call("FltCloseClientPort", { Port: port });
  const how = roll(6);
  const sending = call(send, { [param]: port, ...more, ...patience }, "sent");
  return drafted(
    seed,
    {
      objects: [object("Port", "FLT_PORT")],
      routines: [
        routine("callback", "OnEvent", [
          ...(how === 0 ? [starts("Closer")] : []),
          sending,
          ...(how === 1 ? [closes] : []),
        ]),
        routine("systemThread", "Closer", [closes]),
        routine("userThread", "Server", roll(5) === 0 ? answers.slice(0, 1) : answers, {
          locals: [object("Message", "pointer")],
        }),
      ],
      registrations: onEvent(roll),
      services: [{ name: "Service", objects: [], threads: [{ routine: "Server", count: 1 }] }],
    },
    user(roll),
    { service: { condition: of(roll, ["well", "well", "well", "target", "hung"]) } },
  );
};

/** What a thread of a service does, and an IRP that it pends and a callback completes. */
const served: Sketch = (roll, seed) => {
  const section = { Section: to("Section") };
  const inbox = { Inbox: to("Inbox") };
  const objects: Operand = { objects: [to("Wake"), to("Gate")] };
  const patience = (): object => (roll(2) === 0 ? { Timeout: after(1000) } : {});
  const asks = one("DeviceIoControl", { Request: { routine: "OnControl" } }, "asked");
  const work = few(
    roll,
    [
      asks,
      asks,
      one("CreateThread", { StartAddress: { routine: "Extra" } }, "made"),
      one("CreateProcess", {}, "created"),
      one("LoadLibrary", {}),
      one("PostThreadMessage", inbox),
      one("GetMessage", { ...inbox, ...patience() }, "message"),
      one("WaitForSingleObject", { Handle: to("Wake"), ...patience() }, "woken"),
      one("WaitForMultipleObjects", { Handles: objects, WaitType: "WaitAny", ...patience() }, "w"),
      () => [call("EnterCriticalSection", section), call("LeaveCriticalSection", section)],
    ],
    2,
  );
  const completes = [
    call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, "next"),
    succeeded("next", [call("IoCompleteRequest", { Irp: to("Irp") })]),
  ];
  const stops = call("InterlockedExchange", { Target: to("Stopped"), Value: 1 }, "before");
  const callback = of(roll, [
    completes,
    [stops, ...completes],
    [call("PsSuspendProcess", { Process: { process: of(roll, ["service", "subject"]) } })],
    [call("ZwTerminateProcess", { Process: { process: "service" } })],
  ]);
  return drafted(
    seed,
    {
      objects: [
        object("Pending", "IO_CSQ"),
        object("Stopped", "variable"),
        object("Irp", "pointer"),
      ],
      routines: [
        routine("callback", "OnEvent", callback),
        routine("request", "OnControl", [
          call("IoCsqInsertIrpEx", { Csq: to("Pending"), Stopped: to("Stopped") }, "pended"),
        ]),
        routine("userThread", "Worker", [...work, ...(roll(3) === 0 ? [call("ExitProcess")] : [])]),
        routine("userThread", "Extra", [call("SetEvent", { Event: to("Wake") })]),
      ],
      registrations: [
        {
          family: of(roll, ["process-create", "process-exit", "image-dll", "thread-create"]),
          routine: "OnEvent",
        },
      ],
      services: [
        {
          name: "Service",
          objects: [
            object("Wake", "SynchronizationEvent"),
            object("Gate", "NotificationEvent", { initial: roll(2) }),
            object("Section", "CRITICAL_SECTION"),
            object("Inbox", "KQUEUE"),
          ],
          threads: [
            { routine: "Worker", count: 1 },
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    roll(3) === 0 ? [] : user(roll),
    { service: { condition: of(roll, ["well", "well", "target"]) } },
  );
};

/** A wait for three or four, of which a thread signals one while another may be signalled already. */
const chosen: Sketch = (roll, seed) => {
  const names = ["First", "Second", "Third", "Fourth"].slice(0, roll(4) === 0 ? 3 : 4);
  const last = names[names.length - 1];
  const isSet = roll(2) === 0;
  const already = of(roll, [...names, last]);
  const set = call("KeSetEvent", { Event: to(of(roll, [...names, last, last])) });
  const objects: Operand = { objects: names.map(to) };
  const wait = call("KeWaitForMultipleObjects", { Objects: objects, WaitType: "WaitAny" }, "got");
  return drafted(
    seed,
    {
      objects: names.map((name) =>
        object(name, of(roll, ["NotificationEvent", "SynchronizationEvent"] as const), {
          initial: isSet && name === already ? 1 : 0,
        }),
      ),
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), wait]),
        routine("systemThread", "Thread", [set]),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** An entry that one thread hands to the other by a queue or a list. */
const passed: Sketch = (roll, seed) => {
  const isList = roll(3) === 0;
  const line = isList ? { ListHead: to("Line") } : { Queue: to("Line") };
  const patience = isList || roll(2) === 0 ? {} : { Timeout: after(1000) };
  const put = call(isList ? "InsertTailList" : "KeInsertQueue", { ...line, Entry: to("Mine") });
  const taken = isList
    ? of(roll, [
        [call("RemoveHeadList", { ...line, Entry: to("Mine") }, "taken")],
        [call("RemoveEntryList", { ...line, Entry: to("Mine") })],
      ])
    : [call("KeRemoveQueue", { ...line, Entry: to("Theirs"), ...patience }, "taken")];
  const pointer = (name: string) => object(name, "pointer", { record: "Entry" });
  return drafted(
    seed,
    {
      objects: [object("Line", isList ? "LIST_ENTRY" : "KQUEUE"), pointer("Mine")],
      records: [{ name: "Entry", fields: [object("Ready", "NotificationEvent")], max: 2 }],
      routines: [
        routine("callback", "OnEvent", [
          call("ExAllocateFromLookasideListEx", { Entry: to("Mine") }, "got"),
          starts("Thread"),
          put,
        ]),
        routine("systemThread", "Thread", taken, { locals: [pointer("Theirs")] }),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

/** One lock, and two threads that ask for it in one way or two. */
const locked: Sketch = (roll, seed) => {
  const [first] = lockPairs.slice(2 + roll(lockPairs.length - 2));
  const others = lockPairs.filter(({ kind, give }) => kind === first.kind && give === first.give);
  return drafted(
    seed,
    {
      objects: [object(`${first.kind}0`, first.kind)],
      routines: [
        routine("callback", "OnEvent", [starts("Thread"), ...heldOf(roll, first, "0")]),
        routine("systemThread", "Thread", heldOf(roll, of(roll, others), "0")),
      ],
      registrations: onEvent(roll),
    },
    user(roll),
  );
};

const sketches: readonly Sketch[] = [
  changed,
  changed,
  changed,
  changed,
  sent,
  sent,
  sent,
  sent,
  served,
  served,
  served,
  served,
  chosen,
  chosen,
  chosen,
  passed,
  passed,
  locked,
  neighbours,
  images,
  removing,
];

export const beside: Sketch = (roll, seed) => of(roll, sketches)(roll, seed);
