/** Messages to a service, and what its threads do: each beside somebody who feels it. */
import type { Operand } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, routine, to } from "./draft.ts";
import { few, one } from "./few.ts";
import { onEvent, type Sketch, starts, succeeded, user } from "./sketch.ts";

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
export const sent: Sketch = (roll, seed) => {
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
export const served: Sketch = (roll, seed) => {
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

/** What a service writes to a pipe, and a callback or a thread of the driver's that reads it. */
export const read: Sketch = (roll, seed) => {
  const pipe = { Pipe: port };
  const patience = (): object =>
    roll(2) === 0 ? { Timeout: after(of(roll, [0, 1000, 50_000])) } : {};
  const reads = call("NtReadFile", { ...pipe, ...patience() }, "read");
  const behind = of(roll, [
    [],
    [succeeded("read", [call("FltCloseClientPort", { Port: port })])],
    [call("NtReadFile", { ...pipe, ...patience() }, "again")],
  ]);
  const writes = call("NtWriteFile", { ...pipe, ...patience() }, "written");
  const inThread = roll(2) === 0;
  return drafted(
    seed,
    {
      objects: [object("Port", "FLT_PORT", of(roll, [{}, { room: 0 }]))],
      routines: [
        routine("callback", "OnEvent", inThread ? [starts("Reader")] : [reads, ...behind]),
        routine("systemThread", "Reader", [reads, ...behind]),
        routine("userThread", "Writer", [writes, ...(roll(3) === 0 ? [writes] : [])]),
      ],
      registrations: onEvent(roll),
      services: [{ name: "Service", objects: [], threads: [{ routine: "Writer", count: 1 }] }],
    },
    user(roll),
    { service: { condition: of(roll, ["well", "well", "target", "hung", "restarted"]) } },
  );
};
