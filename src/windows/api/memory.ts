/** Memory of the driver, and what neither waits nor wakes: traces, copies, yields. IRQL by hand. */
import { arg, kernelApi, op, param } from "./define.ts";

const irqls = ["PASSIVE_LEVEL", "APC_LEVEL", "DISPATCH_LEVEL"] as const;

export const memoryApis = [
  kernelApi({
    name: "ExAllocatePool2",
    params: [
      {
        ...param("Flags", {
          type: "oneOf",
          values: ["POOL_FLAG_PAGED", "POOL_FLAG_NON_PAGED"],
        }),
        default: "POOL_FLAG_PAGED",
      },
    ],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    does: [op("mayFail", { pool: arg("Flags") })],
    weight: 2,
    facts: ["SV-21"],
    summary: "Allocates a buffer that the model does not look into; paged, up to APC_LEVEL.",
  }),
  kernelApi({
    name: "ExAllocatePoolWithTag",
    params: [param("PoolType", { type: "oneOf", values: ["PagedPool", "NonPagedPool"] })],
    results: ["success", "failure"],
    irqlMax: "DISPATCH_LEVEL",
    does: [op("mayFail", { pool: arg("PoolType") })],
    facts: ["SV-21"],
    summary: "The same before Windows 10, 2004.",
  }),
  kernelApi({
    name: "ExFreePool",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Frees such a buffer.",
  }),
  kernelApi({
    name: "ExFreePoolWithTag",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Frees such a buffer.",
  }),
  kernelApi({
    name: "RtlCopyMemory",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-21"],
    summary: "Copies memory of the kernel.",
  }),
  kernelApi({
    name: "EtwWrite",
    irqlMax: "DISPATCH_LEVEL",
    weight: 2,
    facts: ["SV-23"],
    summary: "Writes a trace event: no lock, drops when buffers are full.",
  }),
  kernelApi({
    name: "DbgPrint",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-22"],
    summary: "Writes to the debugger.",
  }),
  kernelApi({
    name: "DbgPrintEx",
    irqlMax: "DISPATCH_LEVEL",
    facts: ["SV-22"],
    summary: "Writes to the debugger, by component and level.",
  }),
  kernelApi({
    name: "ZwYieldExecution",
    irqlMax: "PASSIVE_LEVEL",
    facts: ["SV-25"],
    summary: "Lets others run; whoever spins like this still spins.",
  }),
  kernelApi({
    name: "KeTestAlertThread",
    irqlMax: "APC_LEVEL",
    facts: ["SY-20"],
    summary: "Takes a pending alert; it waits for nothing.",
  }),
  kernelApi({
    name: "KeRaiseIrql",
    params: [param("NewIrql", { type: "oneOf", values: irqls })],
    does: [op("irql", { irql: arg("NewIrql"), raises: true })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["APC-2", "SY-18"],
    summary: "Raises the IRQL: from APC_LEVEL on no APC is delivered.",
  }),
  kernelApi({
    name: "KeLowerIrql",
    params: [param("NewIrql", { type: "oneOf", values: irqls })],
    does: [op("irql", { irql: arg("NewIrql") })],
    irqlMax: "DISPATCH_LEVEL",
    facts: ["APC-2"],
    summary: "Lowers the IRQL to what it was.",
  }),
] as const;
