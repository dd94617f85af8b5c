/** Process and thread objects: finding, opening, asking, creating, ending them. */
import { arg, kernelApi, object, op } from "./define.ts";

/** Opens a handle, so that object callbacks are raised. */
const opens = {
  cost: "lock",
  does: [op("mayFail")],
  results: ["success", "failure"],
  raises: ["object"],
} as const;
const finds = { cost: "lock", does: [op("mayFail")], results: ["success", "failure"] } as const;

export const processApis = [
  kernelApi({
    name: "PsLookupProcessByProcessId",
    ...finds,
    facts: ["SV-15"],
    summary: "Finds and references a process object.",
  }),
  kernelApi({
    name: "PsLookupThreadByThreadId",
    ...finds,
    facts: ["SV-15"],
    summary: "Finds and references a thread object.",
  }),
  kernelApi({
    name: "ObReferenceObjectByHandle",
    ...finds,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-15"],
    summary: "Finds and references what a handle stands for.",
  }),
  kernelApi({
    name: "PsGetProcessImageFileName",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-16"],
    summary: "Reads the short image name.",
  }),
  kernelApi({
    name: "SeLocateProcessImageName",
    ...finds,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-17"],
    summary: "Allocates the image path of a process.",
  }),
  kernelApi({
    name: "ObOpenObjectByPointer",
    ...opens,
    facts: ["SV-14", "CB-E2"],
    summary: "Opens a handle to an object.",
  }),
  kernelApi({
    name: "ZwOpenProcess",
    ...opens,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-14"],
    summary: "Opens a process handle.",
  }),
  kernelApi({
    name: "ZwOpenThread",
    ...opens,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-14"],
    summary: "Opens a thread handle.",
  }),
  kernelApi({
    name: "ZwDuplicateObject",
    ...opens,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-14", "CB-O1"],
    summary: "Copies a handle into a process.",
  }),
  kernelApi({
    name: "ZwQueryInformationProcess",
    ...finds,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-15"],
    summary: "Asks for facts about a process.",
  }),
  kernelApi({
    name: "ZwQueryInformationThread",
    ...finds,
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-15"],
    summary: "Asks for facts about a thread.",
  }),
  kernelApi({
    name: "PsSuspendProcess",
    params: [object("Process", "process")],
    does: [op("suspend", { object: arg("Process") })],
    irqlMax: "PASSIVE_LEVEL",
    cost: "lock",
    effects: ["crossProcess"],
    facts: ["APC-6", "B16"],
    summary: "Suspends every thread of a process, where kernel APCs reach it; nobody resumes it.",
  }),
  kernelApi({
    name: "ZwTerminateProcess",
    params: [object("Process", "process")],
    does: [op("terminate", { object: arg("Process") })],
    irqlMax: "PASSIVE_LEVEL",
    cost: "lock",
    facts: ["SY-20", "APC-5"],
    summary: "Tells every thread of a process to end.",
  }),
  kernelApi({
    name: "ZwCreateUserProcess",
    irqlMax: "PASSIVE_LEVEL",
    cost: "io",
    does: [op("createProcess")],
    results: ["success", "failure"],
    effects: ["createsProcess"],
    raises: ["process"],
    facts: ["SV-12", "CB-E1"],
    summary: "Creates a process: raises every process callback in this thread.",
  }),
  kernelApi({
    name: "RtlCreateUserThread",
    irqlMax: "PASSIVE_LEVEL",
    cost: "lock",
    does: [op("createThread")],
    results: ["success", "failure"],
    effects: ["createsThread"],
    raises: ["thread"],
    facts: ["SV-36", "SV-12", "CB-E1", "CB-T2"],
    summary:
      "Creates a user thread in the running process, which is told of as any; what it does then is left out.",
  }),
] as const;
