/** Messages by the calls that are rarely drawn, either way; and IRPs that wait until somebody takes them. */
import type { Statement } from "../../../src/language/model.ts";
import { after, call, object, of, type Roll, routine, to, when } from "./draft.ts";
import { aService, onProcess, type RareSketch } from "./rare-parts.ts";

const conditions = ["well", "well", "target", "hung", "restarted"] as const;

/** One message, and perhaps one more, from a callback or from another thread of the service. */
export function messages(roll: Roll): RareSketch {
  const message = to("Message");
  const [send, fetch, reply] = of(roll, [
    ["LpcRequestPort", "NtAlpcSendWaitReceivePort", "FilterReplyMessage"],
    ["LpcRequestWaitReplyPort", "NtAlpcSendWaitReceivePort", "NtReplyWaitReceivePort"],
    ["LpcRequestWaitReplyPort", "FilterGetMessage", "NtReplyWaitReceivePort"],
    ["ZwAlpcSendWaitReceivePort", "NtAlpcSendWaitReceivePort", "NtReplyWaitReceivePort"],
    ["ZwAlpcSendWaitReceivePort", "FilterGetMessage", "NtReplyWaitReceivePort"],
    ["LpcRequestPort", "FilterGetMessage", "FilterReplyMessage"],
    ["SecLookupAccountSid", "FilterGetMessage", "FilterReplyMessage"],
    ["SecLookupAccountSid", "NtAlpcSendWaitReceivePort", "FilterReplyMessage"],
    ["ZwFsControlFile", "ReadFile", "WriteFile"],
    ["ZwFsControlFile", "ReadFile", "WriteFile"],
    ["NtReadFile", "NtWriteFile", ""],
    ["NtReadFile", "NtWriteFile", ""],
    ["NtRequestWaitReplyPort", "NtAlpcSendWaitReceivePort", "FilterReplyMessage"],
    ["NtRequestWaitReplyPort", "FilterGetMessage", "NtReplyWaitReceivePort"],
  ] as const);
  const isPipe = /File$/.test(send);
  const by = isPipe ? { Pipe: to("Port") } : { Port: to("Port") };
  const isPatient = !/^(Zw|NtRead)/.test(send) || roll(2) === 0;
  const sends = call(send, { ...by, ...(isPatient ? {} : { Timeout: after(1000) }) }, "sent");
  const into = fetch.startsWith("NtAlpc") ? { ReceiveMessage: message } : { Message: message };
  const replies: Statement[] =
    reply === ""
      ? []
      : [
          reply === "NtReplyWaitReceivePort"
            ? call(reply, { ...by, Message: message })
            : call(reply, { Message: message }, "replied"),
        ];
  const body = [call(fetch, { ...by, ...(reply === "" ? {} : into) }, "got"), ...replies];
  const isAsked = send === "NtRequestWaitReplyPort";
  return {
    driver: {
      objects: [object("Port", "FLT_PORT", isPipe ? of(roll, [{}, { room: 0 }]) : {})],
      routines: [
        ...(isAsked
          ? []
          : [
              routine("callback", "OnEvent", [
                sends,
                ...(roll(6) === 0 ? [call("FltCloseClientPort", { Port: to("Port") })] : []),
              ]),
            ]),
        routine("userThread", "Server", roll(3) === 0 ? [{ kind: "forever", body }] : body, {
          locals: [object("Message", "pointer")],
        }),
        ...(isAsked ? [routine("userThread", "Client", [sends])] : []),
      ],
      registrations: isAsked ? [] : onProcess(roll),
      services: aService("Server", ...(isAsked ? ["Client"] : [])),
    },
    does: isAsked ? [] : [["create"]],
    world: { service: { condition: of(roll, conditions) } },
  };
}

/** A request whose IRP waits for a callback, which completes it, or for the end of its process. */
export function pended(roll: Roll): RareSketch {
  const into = { Csq: to("Pending"), Irp: to("Irp") };
  const completes = [
    call("IoCsqRemoveNextIrp", into, "next"),
    when({ kind: "result", of: "next", is: "success" }, [
      call("IoCompleteRequest", { Irp: to("Irp") }),
    ]),
  ];
  const isEx = roll(3) === 0;
  const pends = isEx
    ? call("IoCsqInsertIrpEx", { Csq: to("Pending"), Stopped: to("Stopped") }, "in")
    : call("IoCsqInsertIrp", { Csq: to("Pending") });
  return {
    driver: {
      objects: [
        object("Pending", "IO_CSQ"),
        ...(isEx ? [object("Stopped", "variable", { initial: roll(3) === 0 ? 1 : 0 })] : []),
      ],
      routines: [
        routine("callback", "OnEvent", completes, { locals: [object("Irp", "pointer")] }),
        routine("request", "OnControl", [pends]),
        routine("userThread", "Asker", [
          call(
            of(roll, ["DeviceIoControl", "FilterSendMessage"]),
            { Request: { routine: "OnControl" } },
            "asked",
          ),
        ]),
      ],
      registrations: onProcess(roll),
      services: aService("Asker"),
    },
    does: [["create"]],
    world: { service: { condition: of(roll, conditions) } },
  };
}
