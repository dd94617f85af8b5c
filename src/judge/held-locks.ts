/** The locks that a thread holds: those that every thread can ask for, and those of each process. */
import type { ObjectKind } from "../language/model.ts";
import { outermostRoles } from "../machine/checks.ts";
import { locksIn } from "../machine/frames.ts";
import { F, T, Tag } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import type { ObjectInfo, Program } from "../machine/program.ts";
import { framesOf, routineOfFrame } from "./objects.ts";
import { isHolder } from "./wait-for.ts";

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

const lockKinds: ReadonlySet<string> = new Set([
  "KMUTEX",
  "FAST_MUTEX",
  "KGUARDED_MUTEX",
  "KSPIN_LOCK",
  "WDFWAITLOCK",
  "ERESOURCE",
  "EX_PUSH_LOCK",
  "EX_SPIN_LOCK",
] satisfies ObjectKind[]);

export interface HeldLock {
  readonly address: number;
  readonly info: ObjectInfo;
}

/** Where locks can lie in the states of a program: most of its objects are none. */
const placesOf = new WeakMap<Program, readonly HeldLock[]>();

function lockPlaces(program: Program): readonly HeldLock[] {
  const known = placesOf.get(program);
  if (known !== undefined) return known;
  const { objects, processObjects, processes } = program;
  const places: HeldLock[] = [];
  for (const [address, info] of objects) {
    if (lockKinds.has(info.kind)) places.push({ address, info });
  }
  for (const [at, info] of processObjects) {
    if (!lockKinds.has(info.kind)) continue;
    for (const { base } of processes) places.push({ address: base + at, info });
  }
  placesOf.set(program, places);
  return places;
}

function isHeldBy(m: Machine, thread: number, { address, info }: HeldLock, owner?: string) {
  if (owner !== undefined && info.owner !== owner) return false;
  return lockTags.includes(m.words[address]) && isHolder(m, address, thread);
}

/** Those that a thread holds; of this owner's alone, if one is named. */
export const heldLocks = (m: Machine, thread: number, owner?: string): HeldLock[] =>
  lockPlaces(m.program).filter((place) => isHeldBy(m, thread, place, owner));

/** Whether the thread holds a lock, of this owner's if one is named. */
export const holdsLock = (m: Machine, thread: number, owner?: string): boolean =>
  lockPlaces(m.program).some((place) => isHeldBy(m, thread, place, owner));

/**
 * Whether a thread that holds a driver's lock has it from code that has returned since: all its
 * locks are older than the first of the driver's code on its stack. A worker, and who runs DPCs,
 * comes with them to another routine. Of a KMUTEX, which no such count is kept of, never.
 */
export function isLeftBehind(m: Machine, thread: number, lock: number): boolean {
  const { words } = m;
  if (!lockTags.includes(words[lock]) || words[lock] === Tag.mutex) return false;
  const outermost = framesOf(m, thread).findLast((frame) => {
    const { role } = routineOfFrame(m, frame);
    return role === "request" || outermostRoles.includes(role);
  });
  const had = outermost === undefined ? 0 : locksIn(words[outermost + F.entry]);
  return outermost !== undefined && words[baseOf(m, thread) + T.locks] <= had;
}
