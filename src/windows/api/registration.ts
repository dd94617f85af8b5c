/** Registering callbacks and removing them: removal waits for running calls (CB-U1, CB-U2, CB-U5). */
import { anotherName, arg, kernelApi, op, param } from "./define.ts";

const routine = param("NotifyRoutine", { type: "routine", role: "callback" });
const registration = {
  irqlMax: "PASSIVE_LEVEL",
  cost: "lock",
} as const;

const registers = <const N extends string>(
  name: N,
  facts: readonly string[],
  what: string,
  more: { readonly weight?: number } = {},
) =>
  kernelApi({
    name,
    ...more,
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

/** Process callbacks have one call for both. */
const either = {
  params: [routine, param("Remove", { type: "oneOf", values: ["FALSE", "TRUE"] })],
  does: [op("register", { routine: arg("NotifyRoutine"), remove: arg("Remove") })],
  ...registration,
  results: ["success", "failure"],
  effects: ["unregisters"],
} as const;
const eitherFacts = ["CB-U1", "CB-U5", "B1", "B2", "CB-M1"];

export const registrationApis = [
  kernelApi({
    name: "PsSetCreateProcessNotifyRoutineEx",
    ...either,
    facts: eitherFacts,
    summary: "Registers a process callback, or removes it and waits for running calls.",
  }),
  kernelApi({
    name: "PsSetCreateProcessNotifyRoutine",
    ...either,
    ...anotherName,
    facts: ["CB-P1", ...eitherFacts],
    summary:
      "The same for a callback in the older form, which has no say in whether a process may start.",
  }),
  kernelApi({
    name: "PsSetCreateProcessNotifyRoutineEx2",
    ...either,
    ...anotherName,
    facts: ["CB-P2", ...eitherFacts],
    summary: "The same; processes of subsystems, which it can be told of besides, are left out.",
  }),
  registers("PsSetCreateThreadNotifyRoutine", ["CB-T1"], "a thread"),
  registers("PsSetCreateThreadNotifyRoutineEx", ["CB-T2"], "a thread"),
  removes("PsRemoveCreateThreadNotifyRoutine", ["CB-U2"], "a thread"),
  registers("PsSetLoadImageNotifyRoutine", ["CB-I1"], "an image"),
  registers("PsSetLoadImageNotifyRoutineEx", ["CB-I1"], "an image", anotherName),
  removes("PsRemoveLoadImageNotifyRoutine", ["CB-U2"], "an image"),
] as const;
