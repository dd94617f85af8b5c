/** What users' programs call for what they do. Only stories use these names: nothing is decided by them. */
import type { UserAction } from "./scenario.ts";

export const callOfAction: Readonly<Record<UserAction, string>> = {
  create: "CreateProcess",
  "create and exit": "CreateProcess",
  "create and wait": "CreateProcess",
  "create a daemon and wait": "CreateProcess",
  exit: "ExitProcess",
  "create a thread": "CreateThread",
  "load a DLL": "LoadLibrary",
  "load a driver": "StartService",
};

/** What somebody calls to end a service's process, or to suspend it. */
export const callOfMeddler = { target: "TerminateProcess", suspended: "NtSuspendProcess" } as const;
