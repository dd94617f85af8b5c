/** The words that a declared object takes, and how a fresh one begins. */
import { bounds } from "../base/bounds.ts";
import { E, Q, Tag } from "../machine/layout.ts";
import { sharedLockWords } from "../machine/objects/shared-lock.ts";
import { timerWords } from "../machine/objects/timer.ts";
import type { ObjectDecl, ObjectKind } from "./model.ts";

/** Entries that a driver's queue, list or port can hold in the model. */
export const queueCapacity: number = bounds.queueRoom.max;
/** Messages that fit into a pipe of which nothing else is said (SV-34). */
export const usualRoom = 1;
export const queueWords = (capacity: number): number => Q.entries + capacity * E.size;

const tags: Readonly<Record<Exclude<ObjectKind, "variable" | "pointer" | "PETHREAD">, number>> = {
  NotificationEvent: Tag.notificationEvent,
  SynchronizationEvent: Tag.synchronizationEvent,
  KMUTEX: Tag.mutex,
  KSEMAPHORE: Tag.semaphore,
  FAST_MUTEX: Tag.fastMutex,
  KGUARDED_MUTEX: Tag.guardedMutex,
  ERESOURCE: Tag.resource,
  KSPIN_LOCK: Tag.spinLock,
  EX_SPIN_LOCK: Tag.sharedSpinLock,
  NotificationTimer: Tag.notificationTimer,
  SynchronizationTimer: Tag.synchronizationTimer,
  EX_PUSH_LOCK: Tag.pushLock,
  EX_RUNDOWN_REF: Tag.rundown,
  IO_REMOVE_LOCK: Tag.rundown,
  WDFWAITLOCK: Tag.waitLock,
  KQUEUE: Tag.queue,
  LIST_ENTRY: Tag.list,
  IO_CSQ: Tag.csq,
  FLT_PORT: Tag.port,
  WORK_ITEM: Tag.workItem,
  CRITICAL_SECTION: Tag.criticalSection,
};

/** Words of an object of this kind. */
export function sizeOf(kind: ObjectKind, capacity = queueCapacity): number {
  switch (kind) {
    case "variable":
    case "pointer":
    case "PETHREAD":
      return 1;
    case "NotificationEvent":
    case "SynchronizationEvent":
      return 2;
    case "KSEMAPHORE":
    case "FAST_MUTEX":
    case "KGUARDED_MUTEX":
    case "KSPIN_LOCK":
    case "WDFWAITLOCK":
    case "CRITICAL_SECTION":
    case "EX_RUNDOWN_REF":
    case "IO_REMOVE_LOCK":
    case "WORK_ITEM":
      return 3;
    case "KMUTEX":
      return 4;
    case "ERESOURCE":
    case "EX_PUSH_LOCK":
    case "EX_SPIN_LOCK":
      return sharedLockWords;
    case "NotificationTimer":
    case "SynchronizationTimer":
      return timerWords;
    case "KQUEUE":
    case "LIST_ENTRY":
    case "IO_CSQ":
    case "FLT_PORT":
      return queueWords(capacity);
  }
}

/** Offset and word pairs that make a fresh object of this declaration at `offset`. */
export function freshWords(decl: ObjectDecl, offset: number, capacity = queueCapacity): number[] {
  const { kind, initial = 0, limit = 0 } = decl;
  if (kind === "pointer" || kind === "PETHREAD") return [];
  if (kind === "variable") return initial === 0 ? [] : [offset, initial];
  const words = [offset, tags[kind]];
  const sign = kind === "KSEMAPHORE" ? -1 : 1;
  if (initial !== 0) words.push(offset + 1, sign * initial);
  if (limit !== 0) words.push(offset + 2, sign * limit);
  if (isQueue(kind)) words.push(offset + Q.capacity, capacity);
  if (kind === "FLT_PORT") words.push(offset + Q.room, decl.room ?? usualRoom);
  return words;
}

export const isQueue = (kind: ObjectKind): boolean =>
  kind === "KQUEUE" || kind === "LIST_ENTRY" || kind === "IO_CSQ" || kind === "FLT_PORT";

/** Lays declarations out behind a frame's header; returns offsets by name and the template. */
export function layFrame(
  decls: readonly ObjectDecl[],
  from: number,
): {
  readonly offsets: Map<string, number>;
  readonly template: number[];
  readonly end: number;
} {
  const offsets = new Map<string, number>();
  const template: number[] = [];
  let end = from;
  for (const decl of decls) {
    offsets.set(decl.name, end);
    // What is handed over is a word that leads there, whatever it is.
    const held = decl.context === true ? { name: decl.name, kind: "pointer" as const } : decl;
    template.push(...freshWords(held, end));
    end += sizeOf(held.kind);
  }
  return { offsets, template, end };
}
