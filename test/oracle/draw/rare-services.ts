/** What services and their requests do rarely: alerts, LPC, IRPs that are refused. */
import { after, call, object, of, type Roll, routine, to, when } from "./draft.ts";
import { aService, onEvent, oneUser, type RareSketch } from "./rare-parts.ts";

/** Alerts and user APCs for a thread that waits alertably, in user mode or in a request. */
export function alerts(roll: Roll): RareSketch {
  const alertable = { Alertable: "TRUE", ...(roll(2) === 0 ? { Timeout: after(1000) } : {}) };
  const waits = of(roll, [
    () => call("SleepEx", { Time: after(1000), Alertable: "TRUE" }, "got"),
    () => call("WaitForSingleObjectEx", { Handle: to("Gate"), ...alertable }, "got"),
    () => call("DeviceIoControl", { Request: { routine: "OnControl" } }),
  ])();
  const inKernel = call(
    "KeWaitForSingleObject",
    { Object: to("Done"), WaitMode: of(roll, ["UserMode", "KernelMode"]), ...alertable },
    "got",
  );
  const calls = Array.from({ length: 1 + roll(2) }, (_, i) =>
    call(of(roll, ["QueueUserAPC", "NtAlertThread"]), { Thread: { routine: "Waiter" } }, `c${i}`),
  );
  return {
    driver: {
      objects: [object("Done", "NotificationEvent")],
      routines: [
        routine("userThread", "Waiter", roll(3) === 0 ? [waits, waits] : [waits]),
        routine("userThread", "Caller", calls),
        routine("request", "OnControl", [inKernel]),
      ],
      services: aService("Waiter", "Caller"),
    },
    does: [],
    world: { service: { condition: of(roll, ["well", "well", "target", "hung"]) } },
  };
}

/** Requests and posts by LPC, and a server of them. */
export function lpc(roll: Roll): RareSketch {
  const port = { Port: to("Port") };
  const send = call(
    of(roll, [
      "LpcRequestPort",
      "LpcRequestWaitReplyPort",
      "ZwAlpcSendWaitReceivePort",
      "SecLookupAccountSid",
    ]),
    port,
    "sent",
  );
  const serve = call("NtReplyWaitReceivePort", { ...port, Message: to("Message") }, "got");
  const first = call("NtAlpcSendWaitReceivePort", { ...port, ReceiveMessage: to("Message") }, "g0");
  const asks = call("NtRequestWaitReplyPort", port, "asked");
  const isAsked = roll(2) === 0;
  return {
    driver: {
      objects: [object("Port", "FLT_PORT")],
      routines: [
        routine("callback", "OnEvent", isAsked ? [] : [send]),
        routine(
          "userThread",
          "Server",
          of(roll, [[first, serve], [serve], [{ kind: "forever", body: [serve] }]]),
          { locals: [object("Message", "pointer")] },
        ),
        ...(isAsked ? [routine("userThread", "Client", [asks])] : []),
      ],
      registrations: onEvent(roll),
      services: aService("Server", ...(isAsked ? ["Client"] : [])),
    },
    does: isAsked ? [] : oneUser(roll),
    world: { service: { condition: of(roll, ["well", "well", "target", "restarted", "hung"]) } },
  };
}

/** IRPs that are pended unless somebody has stopped, and threads that services start. */
export function stopping(roll: Roll): RareSketch {
  const insert = { Csq: to("Pending"), Stopped: to("Stopped") };
  const next = call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, "next");
  const complete = when({ kind: "result", of: "next", is: "success" }, [
    call("IoCompleteRequest", { Irp: to("Irp") }),
  ]);
  const stop = call("WriteNoFence", { Target: to("Stopped"), Value: 1 });
  return {
    driver: {
      objects: [
        object("Pending", "IO_CSQ"),
        object("Stopped", "variable"),
        object("Irp", "pointer"),
      ],
      routines: [
        routine("callback", "OnEvent", roll(2) === 0 ? [stop, next, complete] : [next, complete]),
        routine("request", "OnControl", [call("IoCsqInsertIrpEx", insert, "in")]),
        routine("userThread", "Asker", [
          ...(roll(2) === 0 ? [call("CreateThread", { StartAddress: { routine: "Extra" } })] : []),
          call("DeviceIoControl", { Request: { routine: "OnControl" } }, "asked"),
        ]),
        routine("userThread", "Extra", [call("SetEvent", { Event: to("Gate") })]),
      ],
      registrations: onEvent(roll),
      services: [
        {
          ...aService("Asker")[0],
          threads: [
            { routine: "Asker", count: 1 },
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    world: { service: { condition: of(roll, ["well", "target", "hung"]) } },
  };
}
