/** What a thread is doing, in a word: the kind of code that it runs, with names erased. */
import { F } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import { framesOf, routineOfFrame } from "./objects.ts";

export type Activity =
  | "callback"
  | "work item"
  | "foreign work item"
  | "driver thread"
  | "kernel APC"
  | "DPC"
  | "service"
  | "DriverEntry"
  | "DriverUnload"
  | "request"
  | "pool manager"
  | "worker"
  | "Windows"
  | "user";

/** The innermost activation on the thread's stack. */
export function activityOf(m: Machine, thread: number): Activity {
  for (const frame of framesOf(m, thread)) {
    const routine = routineOfFrame(m, frame);
    switch (routine.role) {
      case "callback":
        return "callback";
      case "workItem":
        return routine.owner === "another driver" ? "foreign work item" : "work item";
      case "apc":
        return "kernel APC";
      case "systemThread":
        return "driver thread";
      case "dpc":
        return "DPC";
      case "userThread":
        return "service";
      case "request":
      case "cleanup":
        return "request";
      case "entry":
        return "DriverEntry";
      case "unload":
        return "DriverUnload";
      case "worker":
        return "worker";
      case "poolManager":
        return "pool manager";
      default:
    }
  }
  return m.program.threads[thread].owner === "user" ? "user" : "Windows";
}

/** The callback activation that the thread is in, 0 if it is in none. */
export function callbackFrame(m: Machine, thread: number): number {
  return framesOf(m, thread).find((f) => routineOfFrame(m, f).role === "callback") ?? 0;
}

/** Name of the routine of the innermost activation of a user's driver. */
export function routineName(m: Machine, thread: number): string {
  const frame = framesOf(m, thread).find(
    (f) => !["path", "base"].includes(routineOfFrame(m, f).role),
  );
  return frame === undefined ? "" : m.program.routines[m.words[frame + F.routine] - 1].name;
}

/** Depth of the call stack, without what starts a thread. */
export const depthOf = (m: Machine, thread: number): number =>
  framesOf(m, thread).filter((f) => routineOfFrame(m, f).role !== "base").length;

/** Name of the callback that the thread is in, "" for none. */
export function callbackName(m: Machine, thread: number): string {
  const frame = callbackFrame(m, thread);
  return frame === 0 ? "" : m.program.routines[m.words[frame] - 1].name;
}

/** Name of the work item that the thread runs, "" for none. */
export function itemName(m: Machine, thread: number): string {
  const frame = framesOf(m, thread).find((f) => routineOfFrame(m, f).role === "workItem") ?? 0;
  return frame === 0 ? "" : m.program.routines[m.words[frame + F.routine] - 1].name;
}

/** Thread and callback or item, for people: "user1 in callback AcmeCreateProcess". */
export function describe(m: Machine, thread: number): string {
  const { name } = m.program.threads[thread];
  const frame = callbackFrame(m, thread);
  if (frame !== 0) return `${name}, in callback ${m.program.routines[m.words[frame] - 1].name}`;
  return name;
}
