/** Which method declares which kind of object. */
import type { ObjectKind } from "./model.ts";

/** Kernel objects that have a name and nothing else to say. */
export const kernelObjectMethods = {
  mutex: "KMUTEX",
  fastMutex: "FAST_MUTEX",
  guardedMutex: "KGUARDED_MUTEX",
  resource: "ERESOURCE",
  spinLock: "KSPIN_LOCK",
  sharedSpinLock: "EX_SPIN_LOCK",
  pushLock: "EX_PUSH_LOCK",
  rundown: "EX_RUNDOWN_REF",
  removeLock: "IO_REMOVE_LOCK",
  waitLock: "WDFWAITLOCK",
  queue: "KQUEUE",
  list: "LIST_ENTRY",
  csq: "IO_CSQ",
  port: "FLT_PORT",
  threadObject: "PETHREAD",
} as const satisfies Readonly<Record<string, ObjectKind>>;

/** The same for the user-mode process of a service. */
export const userObjectMethods = {
  criticalSection: "CRITICAL_SECTION",
  mutex: "KMUTEX",
  queue: "KQUEUE",
  list: "LIST_ENTRY",
} as const satisfies Readonly<Record<string, ObjectKind>>;

export type TimerKind = "NotificationTimer" | "SynchronizationTimer";
export type EventKind = "NotificationEvent" | "SynchronizationEvent";

/** What `other(...)` can wait for. */
export const waitableKinds = [
  "NotificationEvent",
  "SynchronizationEvent",
  "KMUTEX",
  "KSEMAPHORE",
  "NotificationTimer",
  "SynchronizationTimer",
  "process",
  "thread",
  "PETHREAD",
] as const satisfies readonly (ObjectKind | "process" | "thread")[];
/** What `drain(...)` empties. */
export const drainableKinds = ["LIST_ENTRY", "IO_CSQ"] as const satisfies readonly ObjectKind[];
export type DrainableKind = (typeof drainableKinds)[number];
export type WaitableKind = (typeof waitableKinds)[number];
