/** The address spaces of processes: their memory, and going into them. */
import { kernelApi, op } from "./define.ts";

/** Takes the address-space lock of the process. */
const userVm = {
  irqlMax: "PASSIVE_LEVEL",
  cost: "lock",
  does: [op("mayFail")],
  results: ["success", "failure"],
  effects: ["userVm"],
} as const;

export const addressSpaceApis = [
  kernelApi({
    name: "ZwQueryVirtualMemory",
    ...userVm,
    facts: ["SV-19", "CB-L1", "B3"],
    summary: "Asks about memory of a process.",
  }),
  kernelApi({
    name: "ZwAllocateVirtualMemory",
    ...userVm,
    facts: ["SV-19", "CB-L1", "B3"],
    summary: "Allocates memory of a process.",
  }),
  kernelApi({
    name: "ZwFreeVirtualMemory",
    ...userVm,
    facts: ["SV-19", "CB-L1", "B3"],
    summary: "Frees memory of a process.",
  }),
  kernelApi({
    name: "ZwProtectVirtualMemory",
    ...userVm,
    facts: ["SV-19", "CB-L1", "B3"],
    summary: "Changes the protection of memory of a process.",
  }),
  kernelApi({
    name: "ZwMapViewOfSection",
    ...userVm,
    facts: ["SV-19", "CB-L1", "B3"],
    summary: "Maps a section of data into a process.",
  }),
  kernelApi({
    name: "ZwUnmapViewOfSection",
    ...userVm,
    facts: ["SV-19", "CB-L1", "B3"],
    summary: "Takes a view away from a process.",
  }),
  kernelApi({
    name: "MmCopyVirtualMemory",
    ...userVm,
    irqlMax: "APC_LEVEL",
    cost: "io",
    effects: ["userVm", "crossProcess"],
    facts: ["SV-18", "CB-L1"],
    summary: "Copies between two processes: pages, and takes address-space locks.",
  }),
  kernelApi({
    name: "KeStackAttachProcess",
    does: [op("attach", { delta: 1 })],
    effects: ["crossProcess"],
    facts: ["SV-20", "B14"],
    summary: "Borrows another process's address space.",
  }),
  kernelApi({
    name: "KeUnstackDetachProcess",
    does: [op("attach", { delta: -1 })],
    facts: ["SV-20", "B14"],
    summary: "Gives the address space back; without one it is a bug check.",
  }),
] as const;
