/** The locks that a thread holds: those that every thread can ask for, and those of each process. */
import { Tag } from "../machine/layout.ts";
import type { Machine } from "../machine/machine.ts";
import type { ObjectInfo } from "../machine/program.ts";
import { holdersOf } from "./wait-for.ts";

const lockTags: readonly number[] = [
  Tag.mutex,
  Tag.fastMutex,
  Tag.guardedMutex,
  Tag.spinLock,
  Tag.waitLock,
  Tag.resource,
  Tag.pushLock,
  Tag.sharedSpinLock,
];

export interface HeldLock {
  readonly address: number;
  readonly info: ObjectInfo;
}

/** Those that a thread holds; of this owner's alone, if one is named. */
export function* heldLocks(m: Machine, thread: number, owner?: string): Generator<HeldLock> {
  const { objects, processObjects, processes } = m.program;
  const isHeld = (address: number, info: ObjectInfo): boolean =>
    lockTags.includes(m.words[address]) &&
    // Which a variable can have for a value.
    info.kind !== "variable" &&
    (owner === undefined || info.owner === owner) &&
    holdersOf(m, address).includes(thread);
  for (const [address, info] of objects) if (isHeld(address, info)) yield { address, info };
  for (const [at, info] of processObjects) {
    for (const { base } of processes) {
      if (isHeld(base + at, info)) yield { address: base + at, info };
    }
  }
}

/** Whether the thread holds a lock, of this owner's if one is named. */
export const holdsLock = (m: Machine, thread: number, owner?: string): boolean =>
  heldLocks(m, thread, owner).next().done !== true;
