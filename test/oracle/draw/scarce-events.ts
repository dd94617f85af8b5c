/** Scarce events: images, processes that drivers make, messages of every kind, services that end, registrations. */
import type { Routine, Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, of, routine, to, when } from "./draft.ts";
import { onEvent, type Sketch, succeeded, user } from "./sketch.ts";

/** One message of any kind, to somebody who fetches one and, perhaps, replies. */
export const message: Sketch = (roll, seed) => {
  const port = to("Port");
  const [send, param] = of(roll, [
    ["ZwFsControlFile", "Pipe"],
    ["LpcRequestPort", "Port"],
    ["LpcRequestWaitReplyPort", "Port"],
    ["SecLookupAccountSid", "Port"],
    ["ZwAlpcSendWaitReceivePort", "Port"],
  ] as const);
  const [fetch, from, into, replies] = of(roll, [
    ["ReadFile", "Pipe", "Message", "WriteFile"],
    ["FilterGetMessage", "Port", "Message", "FilterReplyMessage"],
    ["NtAlpcSendWaitReceivePort", "Port", "ReceiveMessage", "NtReplyWaitReceivePort"],
  ] as const);
  const fetched = call(fetch, { [from]: port, [into]: to("Message") }, "got");
  const isLpc = replies === "NtReplyWaitReceivePort";
  const replied = call(replies, { ...(isLpc ? { Port: port } : {}), Message: to("Message") }, "r");
  return drafted(
    seed,
    {
      objects: [object("Port", "FLT_PORT")],
      routines: [
        routine("callback", "OnEvent", [call(send, { [param]: port }, "sent")]),
        routine("userThread", "Server", roll(5) === 0 ? [fetched] : [fetched, replied], {
          locals: [object("Message", "pointer")],
        }),
      ],
      registrations: onEvent(roll),
      services: [{ name: "Service", objects: [], threads: [{ routine: "Server", count: 1 }] }],
    },
    user(roll),
    { service: { condition: of(roll, ["well", "well", "target", "restarted"]) } },
  );
};

/** Images of every form. */
export const images: Sketch = (roll, seed) => {
  const form = of(roll, ["image-driver", "image-driver", "image-dll", "image-ntdll", "image"]);
  const body = Array.from({ length: 1 + roll(2) }, () =>
    of(roll, [
      call("ExFreePool"),
      call("KeEnterCriticalRegion"),
      call("ZwReadFile"),
      call("InterlockedIncrement", { Target: to("Count") }, "n"),
      call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(0) }, "got"),
      call("ExAllocatePool2", { Flags: "POOL_FLAG_NON_PAGED" }),
    ]),
  );
  return drafted(
    seed,
    {
      objects: [object("Count", "variable"), object("Done", "SynchronizationEvent")],
      routines: [routine("callback", "OnEvent", body)],
      registrations: [{ family: form, routine: "OnEvent" }],
    },
    [[form === "image-driver" ? "load a driver" : of(roll, ["load a DLL", "create"])]],
    { ...(roll(3) === 0 ? { specialApcs: "off" } : {}), ...(roll(3) === 0 ? { images: 1 } : {}) },
  );
};

/** Files that are opened where a neighbour makes threads of its own. */
export const neighbours: Sketch = (roll, seed) => {
  const opens = call(
    of(roll, ["ZwCreateFile", "ZwReadFile", "FltCreateFile", "ZwQueryInformationFile"]),
  );
  const once = when({ kind: "causedByOwnWork" }, [{ kind: "return" }]);
  return drafted(
    seed,
    {
      objects: [object("Count", "variable")],
      routines: [
        routine("callback", "OnEvent", [
          ...(roll(2) === 0 ? [once] : []),
          opens,
          call("InterlockedIncrement", { Target: to("Count") }, "n"),
        ]),
      ],
      registrations: [
        {
          family: of(roll, ["process-create", "thread-create", "thread-exit", "image-exe"]),
          routine: "OnEvent",
        },
      ],
    },
    [[of(roll, ["create", "create a thread", "exit"])]],
    { neighbour: "creates a thread" },
  );
};

/** Processes that drivers make, or do not let be. */
export const makers: Sketch = (roll, seed) => {
  const count = { Target: to("Count") };
  const body = of(roll, [
    (): Statement[] => [
      when({ kind: "causedByOwnWork" }, [{ kind: "return" }]),
      call("ZwCreateUserProcess", {}, "made"),
    ],
    (): Statement[] => [
      when({ kind: "causedByOwnWork" }, [{ kind: "veto" }], [call("ZwCreateUserProcess", {}, "m")]),
    ],
    (): Statement[] => [
      call("InterlockedIncrement", count, "n"),
      when({ kind: "returned", of: "n", op: ">=", value: 2 }, [{ kind: "veto" }]),
    ],
    (): Statement[] => [{ kind: "veto" }, call("InterlockedIncrement", count, "n")],
  ])();
  const family = of(roll, ["process-create", "process-create", "image-exe"]);
  return drafted(
    seed,
    {
      objects: [object("Count", "variable")],
      routines: [routine("callback", "OnEvent", body)],
      registrations: [{ family, routine: "OnEvent" }],
    },
    [[of(roll, ["create", "create and exit", "create and wait"])]],
  );
};

/** Callbacks for images and threads that DriverEntry registers and somebody removes. */
export const removing: Sketch = (roll, seed) => {
  const [family, set, remove] = of(roll, [
    ["image-exe", "PsSetLoadImageNotifyRoutine", "PsRemoveLoadImageNotifyRoutine"],
    ["image-exe", "PsSetLoadImageNotifyRoutine", "PsRemoveLoadImageNotifyRoutine"],
    ["thread-create", "PsSetCreateThreadNotifyRoutine", "PsRemoveCreateThreadNotifyRoutine"],
    [
      "non-system-thread-create",
      "PsSetCreateThreadNotifyRoutineEx",
      "PsRemoveCreateThreadNotifyRoutine",
    ],
  ] as const);
  const named = { NotifyRoutine: { routine: "OnEvent" } };
  const filter = roll(2) === 0 ? [call("FltUnregisterFilter", { Filter: to("Port") })] : [];
  return drafted(
    seed,
    {
      objects: [object("Count", "variable"), object("Port", "FLT_PORT")],
      routines: [
        routine("callback", "OnEvent", [
          call("InterlockedDecrement", { Target: to("Count") }, "n"),
        ]),
        routine("entry", "DriverEntry", [call(set, named, "set")]),
        routine("unload", "DriverUnload", [
          ...filter,
          ...(roll(5) === 0 ? [] : [call(remove, named, "removed")]),
        ]),
      ],
      registrations: [{ family, routine: "OnEvent" }],
    },
    user(roll),
    {
      removal: roll(4) === 0 ? "none" : "racing",
      startup: of(roll, ["before", "before", "failing"]),
    },
  );
};

/** A service that starts again, and may be told to end before it has opened the driver. */
export const reopening: Sketch = (roll, seed) => {
  const tells = call("ZwTerminateProcess", { Process: { process: "subject" } });
  const counts = call("InterlockedIncrement", { Target: to("Count") }, "n");
  const family = of(roll, ["non-system-thread-create", "image-exe", "process-create"]);
  const isRaced = roll(3) === 0;
  return drafted(
    seed,
    {
      objects: [object("Count", "variable"), object("Port", "FLT_PORT")],
      routines: [
        routine("callback", "OnEvent", isRaced || roll(3) === 0 ? [counts] : [tells]),
        routine(
          "userThread",
          "Server",
          [
            call("FilterGetMessage", {
              Port: to("Port"),
              Message: to("Message"),
              Timeout: after(1000),
            }),
          ],
          { locals: [object("Message", "pointer")] },
        ),
        routine("cleanup", "OnCleanup", [counts]),
      ],
      registrations: [{ family, routine: "OnEvent" }],
      services: [{ name: "Service", objects: [], threads: [{ routine: "Server", count: 1 }] }],
    },
    user(roll),
    { service: { condition: "restarted" }, removal: isRaced ? "racing" : "none" },
  );
};

/** What threads of a service do to themselves and each other. */
export const inService: Sketch = (roll, seed) => {
  const one = (n: number): Statement =>
    of(roll, [
      () => call("TerminateProcess", { Process: { process: of(roll, ["current", "service"]) } }),
      () => call("CreateThread", { StartAddress: { routine: "Extra" } }, `made${n}`),
      () => call("ResetEvent", { Event: to("Wake") }),
      () => call("SetEvent", { Event: to("Wake") }),
      () => call("LoadLibrary"),
      () => call("ExitProcess"),
      () => call("CreateProcess", {}, `made${n}`),
      () => call("EnterCriticalSection", { Section: to("Section") }),
      () => call("LeaveCriticalSection", { Section: to("Section") }),
      () => call("PostThreadMessage", { Inbox: to("Inbox") }),
      () => call("GetMessage", { Inbox: to("Inbox") }, `got${n}`),
    ])();
  const request: Statement[] = [
    call("IoCsqInsertIrp", { Csq: to("Pending") }),
    ...(roll(2) === 0
      ? [
          call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, "next"),
          succeeded("next", [call("IoCompleteRequest", { Irp: to("Irp") })]),
        ]
      : []),
  ];
  const asks = call("DeviceIoControl", { Request: { routine: "OnControl" } }, "asked");
  const routines: Routine[] = [
    routine("userThread", "Worker", roll(2) === 0 ? [one(1), one(2)] : [asks, one(1)]),
    routine("userThread", "Extra", [call("SetEvent", { Event: to("Wake") })]),
    routine("request", "OnControl", request, { locals: [object("Irp", "pointer")] }),
  ];
  return drafted(
    seed,
    {
      objects: [object("Pending", "IO_CSQ")],
      routines,
      services: [
        {
          name: "Service",
          objects: [
            object("Wake", "NotificationEvent"),
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
    [],
    { service: { condition: of(roll, ["well", "target", "hung"]) } },
  );
};
