/** Registering callbacks and removing them: removal waits for running calls (CB-U1, CB-U2, CB-U5). */
import { arg, kernelApi, op, param } from "./define.ts";

const routine = param("NotifyRoutine", { type: "routine", role: "callback" });
const registration = {
  irqlMax: "PASSIVE_LEVEL",
  cost: "lock",
} as const;

const registers = <const N extends string>(name: N, facts: readonly string[], what: string) =>
  kernelApi({
    name,
    params: [routine],
    does: [op("register", { routine: arg("NotifyRoutine"), remove: "FALSE" })],
    ...registration,
    results: ["success", "failure"],
    facts: ["B2", "CB-M1", ...facts],
    summary: `Registers ${what} callback.`,
  });

const removes = <const N extends string>(name: N, facts: readonly string[], what: string) =>
  kernelApi({
    name,
    params: [routine],
    does: [op("register", { routine: arg("NotifyRoutine"), remove: "TRUE" })],
    ...registration,
    results: ["success", "failure"],
    effects: ["unregisters"],
    facts: ["B1", "CB-U5", ...facts],
    summary: `Removes ${what} callback and waits for running calls.`,
  });

export const registrationApis = [
  kernelApi({
    name: "PsSetCreateProcessNotifyRoutineEx",
    params: [routine, param("Remove", { type: "oneOf", values: ["FALSE", "TRUE"] })],
    does: [op("register", { routine: arg("NotifyRoutine"), remove: arg("Remove") })],
    ...registration,
    results: ["success", "failure"],
    effects: ["unregisters"],
    facts: ["CB-U1", "CB-U5", "B1", "B2", "CB-M1"],
    summary: "Registers a process callback, or removes it and waits for running calls.",
  }),
  registers("PsSetCreateThreadNotifyRoutine", ["CB-T1"], "a thread"),
  registers("PsSetCreateThreadNotifyRoutineEx", ["CB-T2"], "a thread"),
  removes("PsRemoveCreateThreadNotifyRoutine", ["CB-U2"], "a thread"),
  registers("PsSetLoadImageNotifyRoutine", ["CB-I1"], "an image"),
  removes("PsRemoveLoadImageNotifyRoutine", ["CB-U2"], "an image"),
] as const;
