/** To user mode and back: filter ports, ALPC, accounts, dialogs, pended requests. */
import { anotherName, arg, intrinsic, kernelApi, object, op, param, timeout } from "./define.ts";

const port = object("Port", "FLT_PORT");
const pipe = object("Pipe", "FLT_PORT");
const irp = object("Irp", "pointer");
const csq = object("Csq", "IO_CSQ");

/** Asks a process and waits for its answer; in KernelMode nothing cuts that short. */
const asks = {
  irqlMax: "PASSIVE_LEVEL",
  cost: "lock",
  effects: ["asksUserMode", "ipc", "waits"],
} as const;

/** What a driver is made of as it starts: it may not be to be had. */
const makes = {
  does: [op("mayFail")],
  results: ["success", "failure"],
  irqlMax: "PASSIVE_LEVEL",
  cost: "lock",
  ...anotherName,
  facts: ["SV-38"],
} as const;

export const messageApis = [
  kernelApi({
    name: "FltSendMessage",
    params: [port, param("Reply", { type: "oneOf", values: ["reply", "no reply"] }), timeout],
    does: [
      op("send", {
        object: arg("Port"),
        reply: arg("Reply"),
        timeout: arg("Timeout"),
        zero: "of two accounts",
      }),
    ],
    results: ["success", "timeout", "disconnected", "terminated"],
    cost: "lock",
    effects: ["asksUserMode", "ipc", "waits"],
    weight: 2,
    facts: ["SV-5", "SV-6", "SV-7", "SV-8", "SY-20"],
    summary:
      "Sends to a service and waits until it fetches, and with a reply buffer until it replies.",
  }),
  kernelApi({
    name: "ZwAlpcSendWaitReceivePort",
    params: [port, timeout],
    does: [
      op("send", {
        object: arg("Port"),
        reply: "reply",
        timeout: arg("Timeout"),
        mode: "KernelMode",
      }),
    ],
    ...asks,
    results: ["success", "timeout", "disconnected"],
    facts: ["SV-11", "SY-20"],
    summary: "Calls a process through its port and waits for the answer; it cannot be killed.",
  }),
  kernelApi({
    name: "LpcRequestWaitReplyPort",
    params: [port],
    does: [
      op("send", {
        object: arg("Port"),
        reply: "reply",
        timeout: -1,
        mode: "KernelMode",
      }),
    ],
    ...asks,
    results: ["success", "disconnected"],
    facts: ["SV-11", "SY-20"],
    summary: "The same in its older form, without a timeout.",
  }),
  kernelApi({
    name: "LpcRequestPort",
    params: [port],
    does: [op("post", { object: arg("Port") })],
    irqlMax: "PASSIVE_LEVEL",
    cost: "lock",
    effects: ["wakes"],
    facts: ["SV-11"],
    summary: "Sends a datagram, and goes on: nobody has to fetch it, and nobody can answer.",
  }),
  intrinsic({
    name: "NtWriteFile",
    params: [pipe, timeout],
    does: [op("write", { object: arg("Pipe"), timeout: arg("Timeout") })],
    irqlMax: "PASSIVE_LEVEL",
    needsApcs: "special",
    results: ["success", "timeout", "disconnected"],
    cost: "lock",
    effects: ["ipc", "waits"],
    weight: 2,
    facts: ["SV-33", "SV-34", "SV-35", "SY-20"],
    summary: "Writes to a pipe, and waits while that has no room for it.",
  }),
  kernelApi({
    name: "NtReadFile",
    params: [pipe, timeout],
    does: [op("dequeue", { object: arg("Pipe"), timeout: arg("Timeout") })],
    irqlMax: "PASSIVE_LEVEL",
    needsApcs: "special",
    results: ["success", "timeout", "disconnected"],
    cost: "lock",
    effects: ["ipc", "waits"],
    facts: ["SV-33", "SV-35", "SY-20"],
    summary: "Reads what a service wrote to a pipe, waiting for it.",
  }),
  kernelApi({
    name: "SecLookupAccountSid",
    params: [port],
    does: [
      op("send", {
        object: arg("Port"),
        reply: "reply",
        timeout: -1,
        mode: "KernelMode",
      }),
    ],
    ...asks,
    results: ["success", "disconnected"],
    facts: ["SV-11", "R2"],
    summary: "Asks LSA, a service that the model of the driver declares, whose account that is.",
  }),
  kernelApi({
    name: "FltCloseClientPort",
    params: [port],
    does: [op("disconnect", { object: arg("Port") })],
    irqlMax: "PASSIVE_LEVEL",
    cost: "lock",
    effects: ["wakes"],
    facts: ["SV-6", "SV-31"],
    summary: "Closes the connection to a service: whoever waits for a reply is told so.",
  }),
  kernelApi({
    name: "FltRegisterFilter",
    ...makes,
    summary: "Registers a minifilter, whose callbacks are left out.",
  }),
  kernelApi({
    name: "FltStartFiltering",
    ...makes,
    summary: "Lets a minifilter see what it has registered for.",
  }),
  kernelApi({
    name: "FltCreateCommunicationPort",
    ...makes,
    summary: "Makes the port that a service connects to; the connection is what is declared.",
  }),
  kernelApi({
    name: "FltCloseCommunicationPort",
    irqlMax: "PASSIVE_LEVEL",
    cost: "lock",
    ...anotherName,
    facts: ["SV-38"],
    summary: "Closes it: nobody can connect any more, and connections stay.",
  }),
  kernelApi({
    name: "FltObjectReference",
    does: [op("protectFilter")],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["keptAcrossThreads"],
    ...anotherName,
    facts: ["SV-40", "W21"],
    summary: "Takes a rundown reference to the minifilter; fails once it is being unregistered.",
  }),
  kernelApi({
    name: "FltObjectDereference",
    does: [op("unprotectFilter")],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    ...anotherName,
    facts: ["SV-40", "W21"],
    summary: "Gives such a reference back, for which unregistering the minifilter waits.",
  }),
  kernelApi({
    name: "IoCreateDevice",
    ...makes,
    summary: "Makes a device object.",
  }),
  kernelApi({
    name: "IoCreateSymbolicLink",
    ...makes,
    summary: "Gives a device a name that user mode can open.",
  }),
  kernelApi({
    name: "IoRegisterShutdownNotification",
    ...makes,
    summary: "Asks to be told of a shutdown, which does not come in the model.",
  }),
  kernelApi({
    name: "FltUnregisterFilter",
    does: [op("disconnectAll"), op("runDownFilter")],
    irqlMax: "PASSIVE_LEVEL",
    cost: "lock",
    effects: ["wakes", "waits"],
    facts: ["SV-6", "CB-U6", "W21"],
    summary:
      "Unregisters a minifilter: closes all ports of the driver, which ends waits on them, and waits for its work items.",
  }),
  kernelApi({
    name: "IoRaiseHardError",
    does: [op("completion", { asks: "person" })],
    effects: ["asksUserMode", "waits"],
    facts: ["APC-7"],
    summary:
      "Has a person asked through a normal kernel APC; the request, and who waits for it, stands until the answer.",
  }),
  kernelApi({
    name: "IoCsqInsertIrp",
    params: [csq],
    does: [op("pend", { object: arg("Csq") })],
    irqlMax: "DISPATCH_LEVEL",
    weight: 2,
    facts: ["SV-31"],
    summary: "Pends the request being handled until somebody completes it or it is cancelled.",
  }),
  kernelApi({
    name: "IoCsqInsertIrpEx",
    params: [csq, object("Stopped", "variable")],
    does: [op("pend", { object: arg("Csq"), refuses: arg("Stopped") })],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    weight: 4,
    facts: ["SV-31"],
    summary:
      "The same, unless the driver's insert routine, under the queue's lock, sees that it has stopped.",
  }),
  kernelApi({
    name: "IoCsqRemoveNextIrp",
    params: [csq, irp],
    does: [op("pop", { object: arg("Csq"), pointer: arg("Irp") })],
    results: ["success", "empty"],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-31"],
    summary: "Takes a pended request, if there is one.",
  }),
  kernelApi({
    name: "IoCompleteRequest",
    params: [irp],
    does: [op("reply", { pointer: arg("Irp"), mode: "KernelMode" })],
    irqlMax: "DISPATCH_LEVEL",
    effects: ["wakes"],
    facts: ["SV-31"],
    summary: "Completes a request: its sender goes on.",
  }),
] as const;
