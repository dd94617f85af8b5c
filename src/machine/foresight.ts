/**
 * What the code says by itself of a thread that stands at a place in it, worked out once: beside
 * each instruction, in as many words as it has. Runs ask this at every step, and the rest seldom.
 */
import { shortUsMax } from "./durations.ts";
import { Irql, Mode, Tag } from "./layout.ts";
import { AcquireMode, Op, stride } from "./opcodes.ts";
import { leavesRegions } from "./returning.ts";

/** The words beside an instruction. */
export const Fore = {
  /** How a thread can go on from here: a `Way`, or the address of the lock that it asks for. */
  way: 0,
  /** The lock that is taken or given back here, if it is one that `way` knows of; else 0. */
  lock: 1,
  /**
   * Where a run of plain instructions ends that begins here, 0 if none does: checks of the IRQL and
   * costs, all of one site, up to an operation at which the thread stands for sure. Most calls
   * begin so.
   */
  end: 2,
  /** Of that run: its cost in microseconds, and the lowest limit that it checks. */
  costUs: 3,
  irqlMax: 4,
  /** 1 where a thread of a service can stop instead of going on. */
  stop: 5,
} as const;

/**
 * Ways from a lock to the next operation, where the code says by itself that nothing else happens:
 * at most a run of plain instructions comes between.
 */
export const Hop = { none: 0, acquire: 1, acquirePlain: 2, release: 3, releasePlain: 4 } as const;

/** The words beside an instruction that say how a thread hops from there. */
export const Leap = {
  /** A `Hop`: how the lock is taken or given back. */
  hop: 0,
  lock: 1,
  /** Where the thread stands then, and its `Way` there. */
  end: 2,
  way: 3,
  /** Of what comes between: its cost in microseconds, and the lowest limit that it checks. */
  costUs: 4,
  irqlMax: 5,
} as const;

/** Most operations can always go, in one way. Only those that have to be asked are asked. */
export const Way = { ask: 0, one: 1, none: 2 } as const;

/**
 * Operations that can go or not, or in several ways, or are local where nothing is open. Of locks, and
 * of the way back from a callback, the operands say it: see `wayAt`.
 */
const asked: readonly number[] = [
  Op.arrive,
  Op.dequeue,
  Op.end,
  Op.runDown,
  Op.set,
  Op.pulse,
  Op.expire,
  Op.flushDpcs,
  Op.alert,
  Op.choose,
  Op.fault,
  Op.tick,
  Op.systemCall,
];

/** Locks with one owner and no line: they can be taken while `words[lock + 1]` is 0. */
const exclusive: readonly number[] = [Tag.fastMutex, Tag.guardedMutex, Tag.spinLock, Tag.waitLock];

/** Above every IRQL. */
const noLimit = 255;

/**
 * @param initial The words that a run begins with: at a fixed address, an object stays of its kind.
 * @param stops Where a thread of a service can stop.
 */
export function foresee(
  code: Int32Array,
  initial: Int32Array,
  stops: readonly number[] = [],
): Int32Array {
  const fore = new Int32Array(code.length);
  for (let pc = 0; pc < code.length; pc += stride) {
    const way = wayAt(code, initial, pc);
    const isLock = code[pc] === Op.acquire || code[pc] === Op.release;
    fore[pc + Fore.way] = way;
    fore[pc + Fore.lock] = isLock && way !== Way.ask ? code[pc + 2] : 0;
  }
  for (const pc of stops) {
    fore[pc + Fore.way] = Way.ask;
    fore[pc + Fore.stop] = 1;
  }
  // Backwards, so that the rest of a run is known where it begins.
  for (let pc = code.length - 2 * stride; pc >= 0; pc -= stride) noteRun(code, fore, pc);
  return fore;
}

/** Beside each instruction, how a thread hops from there: see `Leap`. */
export function leapsOf(code: Int32Array, initial: Int32Array, fore: Int32Array): Int32Array {
  const leaps = new Int32Array(code.length);
  for (let pc = 0; pc < code.length - stride; pc += stride) {
    if (fore[pc + Fore.lock] === 0 || fore[pc + Fore.way] === Way.ask) continue;
    const next = pc + stride;
    const isRun = fore[next + Fore.end] !== 0;
    if (!isRun && !standsAt(code, fore, next)) continue;
    const end = isRun ? fore[next + Fore.end] : next;
    leaps[pc + Leap.lock] = fore[pc + Fore.lock];
    leaps[pc + Leap.end] = end;
    leaps[pc + Leap.way] = fore[end + Fore.way];
    leaps[pc + Leap.costUs] = isRun ? fore[next + Fore.costUs] : 0;
    leaps[pc + Leap.irqlMax] = isRun ? fore[next + Fore.irqlMax] : noLimit;
    leaps[pc + Leap.hop] = hopAt(code, initial, leaps, pc);
  }
  return leaps;
}

/** Whether a thread that comes to this operation stands at it, whatever the state. */
const standsAt = (code: Int32Array, fore: Int32Array, pc: number): boolean =>
  code[pc] >= Op.firstVisible && fore[pc + Fore.way] !== Way.ask;

/** Whom these locks let go on can be told without asking: no guarded region can run out. */
const raising: readonly number[] = [Tag.fastMutex, Tag.spinLock];

function hopAt(code: Int32Array, initial: Int32Array, leaps: Int32Array, pc: number): number {
  const tag = initial[leaps[pc + Leap.lock]];
  if (!raising.includes(tag)) return Hop.none;
  if (code[pc] === Op.release) return code[pc + 3] !== 0 ? Hop.releasePlain : Hop.release;
  const mode = code[pc + 3];
  if ((mode & AcquireMode.try) !== 0) return Hop.none;
  if ((mode & AcquireMode.plain) !== 0) return Hop.acquirePlain;
  const irql = tag === Tag.spinLock ? Irql.dispatch : Irql.apc;
  return irql <= leaps[pc + Leap.irqlMax] ? Hop.acquire : Hop.none;
}

function wayAt(code: Int32Array, initial: Int32Array, pc: number): number {
  const op = code[pc];
  if (op === Op.park) return Way.none;
  if (op === Op.unprotect && leavesRegions(code, pc)) return Way.ask;
  if (op !== Op.acquire && op !== Op.release) return asked.includes(op) ? Way.ask : Way.one;
  const object = code[pc + 2];
  const isFixed = object >>> 24 === Mode.global;
  if (!isFixed || !exclusive.includes(initial[object])) return Way.ask;
  const isTry = op === Op.acquire && (code[pc + 3] & AcquireMode.try) !== 0;
  return op === Op.release || isTry ? Way.one : object;
}

function noteRun(code: Int32Array, fore: Int32Array, pc: number): void {
  const next = pc + stride;
  const isCost = code[pc] === Op.cost;
  // The cost of a run stands in a word: a long one ends it.
  const costUs = (isCost ? code[pc + 2] : 0) + fore[next + Fore.costUs];
  if (costUs > shortUsMax || (isCost && code[pc + 2] < 0)) return;
  if (!isCost && (code[pc] !== Op.check || code[pc + 3] !== 0)) return;
  const stands = standsAt(code, fore, next);
  // Whoever has heard of one site has heard of the whole run.
  const goesOn = fore[next + Fore.end] !== 0 && code[next + 1] === code[pc + 1];
  if (!stands && !goesOn) return;
  const limit = isCost ? noLimit : code[pc + 2];
  fore[pc + Fore.end] = stands ? next : fore[next + Fore.end];
  fore[pc + Fore.costUs] = stands ? costUs - fore[next + Fore.costUs] : costUs;
  fore[pc + Fore.irqlMax] = stands ? limit : Math.min(limit, fore[next + Fore.irqlMax]);
}
