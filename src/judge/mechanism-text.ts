/**
 * The notation of mechanisms: one line from a finding's facts, with names and counts erased. Files,
 * baselines and duplicates go by it, so that it stays as it is; stories have words of their own.
 */
import { Crash } from "../machine/layout.ts";
import type { Activity } from "./activity-kinds.ts";
import type { Wait, WorkKind } from "./finding.ts";

/** What is waited for, by how its kind ends; other kinds are called by their own name. */
const kindNames = [
  ["Event", "an event"],
  ["Timer", "a timer"],
  ["message", "a reply"],
  ["dialog", "a completion"],
  ["process", "a process's end"],
  ["thread", "a thread's end"],
] as const;

/** What a thread is doing, in mechanisms. */
const activityNames: Readonly<Record<Activity, string>> = {
  callback: "callback",
  workItem: "work item",
  foreignItem: "foreign work item",
  systemThread: "driver thread",
  apc: "kernel APC",
  dpc: "DPC",
  service: "service",
  entry: "DriverEntry",
  unload: "DriverUnload",
  request: "request",
  poolManager: "pool manager",
  worker: "worker",
  system: "Windows",
  user: "user",
};

/** A link: what the one who waits is doing, and for what. */
export function linkText(activity: Activity, wait: Wait, polls: boolean): string {
  switch (wait.kind) {
    case "worker":
      return "queued work item waits for a free worker";
    case "processor":
      return "queued DPC waits for a processor";
    case "ended":
      return activity === "service" ? "service has ended" : "thread has ended";
    case "start":
      return activity === "service"
        ? "service waits for its process to be created"
        : "new thread waits for its creator";
    case "nothing":
      return `${activityNames[activity]} runs`;
    default:
      return `${activityNames[activity]} ${polls ? "polls" : "waits for"} ${objectText(wait)}`;
  }
}

function objectText({ kind, all, objects }: Wait): string {
  if (kind === "forever") return "nothing: it is hung";
  if (kind === "rundown") return "rundown";
  if (kind === "message") return "a message";
  if (kind === "room") return "room in a pipe";
  if (kind === "entry") return "a queue";
  const [first] = objects;
  const many = all === true ? "all of several: " : objects.length > 1 ? "any of several: " : "";
  const article = /^[AEIO]/.test(first.kind) ? "an" : "a";
  const words = kindNames.find(([end]) => first.kind.endsWith(end))?.[1];
  return `${many}${words ?? `${article} ${first.kind}`}`;
}

export const chainText = (links: readonly string[], isCircle: boolean): string =>
  links.join(" > ") + (isCircle ? " (circle)" : "");

export const roundText = (activity: Activity): string =>
  `${activityNames[activity]} goes round for ever`;

/** A part of a path: what passes the time of whom. */
export const partText = (activity: Activity, kind: WorkKind): string =>
  `${activityNames[activity]}: ${workNames[kind]}`;

const workNames: Readonly<Record<WorkKind, string>> = {
  delay: "delay",
  timeout: "timeout",
  look: "waits for its next look at the queue",
  work: "work",
};

export const neverEndsText = "a work item never ends: ";

const crashWords: Readonly<Record<number, string>> = {
  [Crash.useAfterReturn]: "use after return: the frame that held the object is gone",
  [Crash.useAfterFree]: "use after free: the record was freed",
  [Crash.irql]: "a call at too high an IRQL",
  [Crash.notOwner]: "a lock is released by a thread that does not own it",
  [Crash.regionUnderflow]: "a region is left that was not entered",
  [Crash.notAttached]: "a thread comes back from a process that it is not attached to",
  [Crash.recursion]: "unbounded recursion on one stack",
  [Crash.nullPointer]: "a pointer that points to nothing is used",
  [Crash.keepsMutex]: "a thread goes back to user mode with a KMUTEX",
  [Crash.semaphoreLimit]: "a semaphore is given back more than its limit",
  [Crash.keepsRegion]: "a thread goes back to user mode in a region",
  [Crash.returnsRaised]: "a routine returns at a raised IRQL",
  [Crash.corruptList]: "an entry is taken off a list in which it does not stand",
  [Crash.codeIsGone]: "the driver is unloaded while its code still runs or is queued",
};

export const crashText = (code: number): string => crashWords[code] ?? "a crash";
