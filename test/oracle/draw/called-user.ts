/** Of each call in user mode that is rarely drawn: a few statements that it makes sense in. */
import type { ObjectDecl, Statement } from "../../../src/language/model.ts";
import { after, call, object, of, type Roll, to, when } from "./draft.ts";

type Called = (roll: Roll, n: string) => Statement[];

export const userObjects: readonly ObjectDecl[] = [
  object("Gate", "SynchronizationEvent", { initial: 1 }),
  object("Wake", "NotificationEvent"),
  object("Section", "CRITICAL_SECTION"),
  object("Inbox", "KQUEUE"),
];

const wake = to("Wake");
const section = { Section: to("Section") };

const names: Called = (roll, n) => [
  call(of(roll, ["CreateEvent", "OpenEvent"]), {}, `event${n}`),
  ...(roll(2) === 0
    ? [when({ kind: "result", of: `event${n}`, is: "failure" }, [{ kind: "return" }])]
    : []),
];
const asks: Called = (roll, n) => [
  call(
    of(roll, ["FilterSendMessage", "FilterSendMessage", "DeviceIoControl"]),
    {
      Request: { routine: "OnControl" },
    },
    `asked${n}`,
  ),
];
const posts: Called = (roll, n) => [
  call("PostThreadMessage", { Inbox: to("Inbox") }),
  call(
    "GetMessage",
    { Inbox: to("Inbox"), ...(roll(2) === 0 ? { Timeout: after(1000) } : {}) },
    `got${n}`,
  ),
];
const enters: Called = () => [
  call("EnterCriticalSection", section),
  call("LeaveCriticalSection", section),
];
const signals: Called = (roll) => [call(of(roll, ["SetEvent", "ResetEvent"]), { Event: wake })];
const waits: Called = (roll, n) => [
  of(roll, [
    call("SleepEx", { Time: after(1000), Alertable: of(roll, ["TRUE", "FALSE"]) }),
    call("WaitForSingleObject", { Handle: wake, Timeout: after(1000) }, `one${n}`),
    call(
      "WaitForMultipleObjects",
      {
        Handles: { objects: [wake, to("Gate")] },
        WaitType: of(roll, ["WaitAny", "WaitAll"]),
        Timeout: after(1000),
      },
      `many${n}`,
    ),
    call(
      "WaitForMultipleObjects",
      {
        Handles: { objects: [wake, to("Gate")] },
        WaitType: of(roll, ["WaitAny", "WaitAll"]),
        Timeout: after(0),
      },
      `many${n}`,
    ),
  ]),
];
const makes: Called = (roll) => [
  of(roll, [
    call("CreateThread", { StartAddress: { routine: "Extra" } }),
    call("CreateThread", { StartAddress: { routine: "Extra" } }),
    call("CreateProcess"),
    call("CreateProcess"),
    call("LoadLibrary"),
    call("CreateFile"),
    call("RegOpenKey"),
    call("Compute", { Time: after(1000) }),
  ]),
];
const leaves: Called = (roll) => [
  of(roll, [
    call("ExitProcess"),
    call("ExitProcess"),
    call("TerminateProcess", { Process: { process: "current" } }),
  ]),
];

/** As often in the list as it has names. */
export const callsInUserMode: readonly Called[] = [
  ...[
    names,
    names,
    names,
    names,
    names,
    names,
    asks,
    asks,
    asks,
    posts,
    posts,
    enters,
    enters,
    signals,
  ],
  ...[waits, waits, waits, waits, waits, makes, makes, makes, makes, makes, leaves, leaves, leaves],
];
