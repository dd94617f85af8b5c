/** What a thread is doing, in a word: the kind of code that it runs, with names erased. */
import { memo } from "../base/memo.ts";
import { frameOf, frameOfRole } from "../machine/frames.ts";
import { F } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import type { Program } from "../machine/program.ts";
import { stoppedAt } from "../machine/stops.ts";
import type { Activity } from "./activity-kinds.ts";
import type { Actor } from "./finding.ts";
import { callerOf, framesOf, routineOfFrame } from "./objects.ts";

export type ThreadActor = Extract<Actor, { kind: "thread" }>;

/** By the role of a routine, what its thread is doing; other roles say nothing by themselves. */
const activities: Readonly<Record<string, Activity>> = {
  callback: "callback",
  workItem: "workItem",
  apc: "apc",
  systemThread: "systemThread",
  dpc: "dpc",
  userThread: "service",
  request: "request",
  cleanup: "request",
  entry: "entry",
  unload: "unload",
  worker: "worker",
  poolManager: "poolManager",
};

/** The innermost activation on the thread's stack. */
export function activityOf(m: Machine, thread: number): Activity {
  // Only services stop, be it ahead of leaving.
  if (stoppedAt(m, thread) >= 0) return "service";
  for (let frame = frameOf(m, thread); frame !== 0; frame = callerOf(m, thread, frame)) {
    const { role, owner } = routineOfFrame(m, frame);
    const activity = Object.hasOwn(activities, role) ? activities[role] : undefined;
    if (activity === "workItem" && isForeign(m.program, owner)) return "foreignItem";
    if (activity !== undefined) return activity;
  }
  return m.program.threads[thread].owner === "user" ? "user" : "system";
}

const known = new WeakMap<Program, ReadonlySet<string>>();

/** Whether an owner is neither a driver of the user's nor the one whose workers run all items. */
const isForeign = (program: Program, owner: string): boolean =>
  !memo(known, program, () => {
    const users = program.sites.flatMap((s) => (s.users ? [s.owner] : []));
    const workers = program.routines.flatMap((r) => (r.role === "worker" ? [r.owner] : []));
    return new Set([...users, ...workers]);
  }).has(owner);

/** The callback activation that the thread is in, 0 if it is in none. */
export const callbackFrame = (m: Machine, thread: number): number =>
  frameOfRole(m, thread, "callback");

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

/** Name of the APC routine whose code the thread runs, "" for none. */
export function apcName(m: Machine, thread: number): string {
  if (activityOf(m, thread) !== "apc") return "";
  const frame = framesOf(m, thread).find((f) => routineOfFrame(m, f).role === "apc") ?? 0;
  return frame === 0 ? "" : m.program.routines[m.words[frame + F.routine] - 1].name;
}

/** A thread, and the callback that it is in. */
export function whereabouts(m: Machine, thread: number): ThreadActor {
  const { name } = m.program.threads[thread];
  const callback = callbackName(m, thread);
  return callback === "" ? { kind: "thread", name } : { kind: "thread", name, callback };
}

export const isSameThread = (a: ThreadActor, b: ThreadActor): boolean =>
  a.name === b.name && a.callback === b.callback;
