/** The registry: hive locks, paging, and every registry filter. */
import { anotherName, kernelApi, op } from "./define.ts";

const key = {
  irqlMax: "PASSIVE_LEVEL",
  cost: "io",
  does: [op("mayFail")],
  results: ["success", "failure"],
  effects: ["registry"],
  raises: ["registry"],
} as const;

export const registryApis = [
  kernelApi({
    name: "ZwOpenKey",
    ...key,
    facts: ["SV-1"],
    summary: "Opens a registry key: hive locks, paging, every registry filter.",
  }),
  kernelApi({
    name: "ZwCreateKey",
    ...key,
    facts: ["SV-1"],
    summary: "Opens a registry key, or makes it.",
  }),
  kernelApi({
    name: "ZwQueryValueKey",
    ...key,
    facts: ["SV-1"],
    summary: "Reads a registry value.",
  }),
  kernelApi({
    name: "ZwSetValueKey",
    ...key,
    facts: ["SV-1"],
    summary: "Writes a registry value.",
  }),
  kernelApi({
    name: "ZwDeleteKey",
    ...key,
    facts: ["SV-1"],
    summary: "Deletes a registry key.",
  }),
  kernelApi({
    name: "ZwQueryKey",
    ...key,
    ...anotherName,
    facts: ["SV-1"],
    summary: "Asks about a registry key.",
  }),
  kernelApi({
    name: "ZwEnumerateKey",
    ...key,
    ...anotherName,
    facts: ["SV-1"],
    summary: "Tells the next key below a registry key.",
  }),
  kernelApi({
    name: "ZwEnumerateValueKey",
    ...key,
    ...anotherName,
    facts: ["SV-1"],
    summary: "Tells the next value of a registry key.",
  }),
  kernelApi({
    name: "ZwDeleteValueKey",
    ...key,
    ...anotherName,
    facts: ["SV-1"],
    summary: "Deletes a registry value.",
  }),
  kernelApi({
    name: "RtlQueryRegistryValues",
    ...key,
    ...anotherName,
    facts: ["SV-1"],
    summary: "Opens a registry key and reads values of it.",
  }),
  kernelApi({
    name: "ZwLoadKey",
    ...key,
    needsApcs: "special",
    does: [op("completion"), op("mayFail")],
    effects: ["registry", "fileIo", "needsSpecialApcs"],
    raises: ["registry", "file"],
    facts: ["SV-1", "SV-2", "APC-4"],
    summary: "Mounts a hive: reads its file.",
  }),
] as const;
