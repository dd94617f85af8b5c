/** Services: ports of every kind, requests, threads that start others, in every condition. */
import type { Routine, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to } from "./draft.ts";

const sends: readonly [api: string, param: string, more: object][] = [
  ["FltSendMessage", "Port", { Reply: "reply" }],
  ["FltSendMessage", "Port", { Reply: "no reply" }],
  ["ZwAlpcSendWaitReceivePort", "Port", {}],
  ["LpcRequestWaitReplyPort", "Port", {}],
  ["LpcRequestPort", "Port", {}],
  ["SecLookupAccountSid", "Port", {}],
  ["ZwFsControlFile", "Pipe", {}],
];
const timed = ["FltSendMessage", "ZwAlpcSendWaitReceivePort", "ZwFsControlFile"];
const fetches: readonly [fetch: string, param: string, into: string, reply: string][] = [
  ["FilterGetMessage", "Port", "Message", "FilterReplyMessage"],
  ["ReadFile", "Pipe", "Message", "WriteFile"],
  ["NtAlpcSendWaitReceivePort", "Port", "ReceiveMessage", "FilterReplyMessage"],
];

export function services(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const port = to("Port");
  const sent = (): Statement => {
    const [api, param, more] = of(roll, sends);
    const timeout = timed.includes(api) && roll(3) === 0 ? { Timeout: after(50_000) } : {};
    return call(api, { [param]: port, ...more, ...timeout }, result());
  };
  const inKernel = (): Statement =>
    of(roll, [
      sent,
      sent,
      sent,
      () =>
        call(
          "ZwWaitForSingleObject",
          {
            Handle: { process: of(roll, ["service", "subject"] as const) },
            ...(roll(2) === 0 ? { Timeout: after(1000) } : {}),
          },
          result(),
        ),
      () =>
        call("ZwTerminateProcess", {
          Process: { process: of(roll, ["service", "subject", "current"] as const) },
        }),
      () => call("PsSuspendProcess", { Process: { process: "service" } }),
      () => call("FltCloseClientPort", { Port: port }),
      () => call("KeSetEvent", { Event: to("Wake") }),
    ])();
  const work = (): Statement =>
    of(roll, [
      () => call("Compute", { Time: after(1000) }),
      () => call("Sleep", { Time: after(1000) }),
      () => call("CreateProcess"),
      () => call("LoadLibrary"),
      () => call("CreateFile"),
      () => call("RegOpenKey"),
      () => call("SetEvent", { Event: to("Wake") }),
      () => call("ResetEvent", { Event: to("Wake") }),
      () =>
        call(
          "WaitForSingleObject",
          { Handle: to("Wake"), ...(roll(2) === 0 ? { Timeout: after(1000) } : {}) },
          result(),
        ),
      () =>
        call(
          "WaitForMultipleObjects",
          {
            Handles: { objects: [to("Wake"), to("Gate")] },
            WaitType: of(roll, ["WaitAny", "WaitAll"]),
            ...(roll(2) === 0 ? { Timeout: after(1000) } : {}),
          },
          result(),
        ),
      () => call("EnterCriticalSection", { Section: to("Section") }),
      () => call("LeaveCriticalSection", { Section: to("Section") }),
      () => call("PostThreadMessage", { Inbox: to("Inbox") }),
      () =>
        call(
          "GetMessage",
          { Inbox: to("Inbox"), ...(roll(2) === 0 ? { Timeout: after(1000) } : {}) },
          result(),
        ),
      () => call("CreateThread", { StartAddress: { routine: "Extra" } }),
      () => call("DeviceIoControl", { Request: { routine: "OnControl" } }, result()),
      () => call("NtRequestWaitReplyPort", { Port: port }, result()),
      () => call("ExitProcess"),
      () =>
        call("TerminateProcess", {
          Process: { process: of(roll, ["service", "current"] as const) },
        }),
    ])();
  const [fetch, param, into, replies] = of(roll, fetches);
  const message = to("Message");
  const patience = (): object => (roll(4) === 0 ? { Timeout: after(1000) } : {});
  const once: Statement[] = [
    call(fetch, { [param]: port, [into]: message, ...patience() }, result()),
    ...(roll(2) === 0 ? [work()] : []),
    call(replies, { Message: message }, result()),
  ];
  const asServer: Statement[] = [call("NtReplyWaitReceivePort", { Port: port, Message: message })];
  const server = [
    call("NtAlpcSendWaitReceivePort", { Port: port, ReceiveMessage: message }),
    ...asServer,
  ];
  const loop = roll(3);
  const answers: Statement[] =
    loop === 0
      ? once
      : loop === 1
        ? [{ kind: "forever", body: once }]
        : roll(2) === 0
          ? server
          : [...once, work()];
  const routines: Routine[] = [
    routine("callback", "OnEvent", Array.from({ length: 1 + roll(2) }, inKernel)),
    routine("userThread", "Answer", answers, { locals: [object("Message", "pointer")] }),
    routine(
      "userThread",
      "Extra",
      roll(2) === 0 ? [work()] : [call("SetEvent", { Event: to("Wake") })],
    ),
    routine("userThread", "Worker", Array.from({ length: 1 + roll(2) }, work)),
    routine(
      "request",
      "OnControl",
      roll(2) === 0 ? [call("IoCsqInsertIrp", { Csq: to("Pending") })] : [inKernel()],
    ),
    routine(
      "function",
      "Complete",
      [
        call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, "irp"),
        {
          kind: "if",
          test: { kind: "result", of: "irp", is: "success" },
          then: [call("IoCompleteRequest", { Irp: to("Irp") })],
        },
      ],
      { locals: [object("Irp", "pointer")] },
    ),
    ...(roll(4) === 0
      ? [
          routine("cleanup", "OnCleanup", [
            of(roll, [
              call("KeSetEvent", { Event: to("Wake") }),
              { kind: "invoke", routine: "Complete" },
            ]),
          ]),
        ]
      : []),
  ];
  if (roll(2) === 0)
    routines[0] = {
      ...routines[0],
      body: [{ kind: "invoke", routine: "Complete" }, ...routines[0].body],
    };
  return drafted(
    seed,
    {
      objects: [object("Port", "FLT_PORT"), object("Pending", "IO_CSQ")],
      routines,
      registrations: [
        {
          family: of(roll, [
            "process-create",
            "process-exit",
            "thread-create",
            "non-system-thread-create",
            "image-exe",
            "image-dll",
            "thread-exit",
          ]),
          routine: "OnEvent",
        },
      ],
      services: [
        {
          name: "Service",
          objects: [
            object("Wake", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
            object("Gate", "SynchronizationEvent", { initial: 1 }),
            object("Section", "CRITICAL_SECTION"),
            object("Inbox", "KQUEUE"),
          ],
          threads: [
            { routine: "Answer", count: 1 },
            ...(roll(2) === 0 ? [{ routine: "Worker", count: 1 }] : []),
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    [
      [
        of(roll, [
          "create",
          "create",
          "create and exit",
          "create a thread",
          "load a DLL",
          "create a daemon and wait",
        ]),
      ],
    ],
    {
      service: {
        condition: of(roll, ["well", "well", "hung", "slow", "target", "suspended", "restarted"]),
      },
      removal: roll(5) === 0 ? "racing" : "none",
      ...(roll(6) === 0 ? { neighbour: "creates a thread" } : {}),
    },
  );
}
