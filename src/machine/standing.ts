/**
 * Which transitions can go next, kept from step to step instead of asked anew: after a step only
 * the thread that moved and those that it released stand somewhere else, and one lock may have
 * changed hands. `enabled` says the same from the state alone; this is for runs, in which it is
 * asked after every step.
 */
import { enabled, keepTimely, transitionsOf } from "./enabled.ts";
import { Fore, Way } from "./foresight.ts";
import { codeOf, H, Result, refTo, Status, T, threadOf, waitFlags } from "./layout.ts";
import { advance } from "./local.ts";
import { listens, type Machine } from "./machine.ts";
import { dropLock, takeLock } from "./objects/exclusive-lock.ts";
import { AcquireMode, Op, stride } from "./opcodes.ts";
import { step } from "./step.ts";

/** Threads that the sets of bits have room for; in larger programs all are asked anew. */
const threadsMax = 31;

export interface Standing {
  /** By thread: a `Way`, or the address of the lock that it stands before. */
  readonly way: Int32Array;
  /** By address of a lock: the threads that stand before it, as bits. */
  readonly before: Int32Array;
  /** Threads that can go in one way, and those that have to be asked, as bits. */
  free: number;
  ask: number;
}

export const createStanding = ({ program }: Machine): Standing => ({
  way: new Int32Array(program.threads.length),
  before: new Int32Array(program.threadFirst),
  free: 0,
  ask: 0,
});

const isTooLarge = ({ way }: Standing): boolean => way.length > threadsMax;

/** To be called when a run has begun. */
export function settleAll(m: Machine, standing: Standing): void {
  standing.way.fill(Way.none);
  standing.before.fill(0);
  standing.free = 0;
  standing.ask = 0;
  if (isTooLarge(standing)) return;
  for (let t = 0; t < standing.way.length; t++) settle(m, standing, t);
}

/** Takes a transition, as `step` does, and keeps account of who stands where. */
export function stepStanding(m: Machine, standing: Standing, code: number, timeUs: number): void {
  if (isTooLarge(standing)) return step(m, code, timeUs);
  const { words, program } = m;
  const thread = threadOf(code);
  const base = program.threadFirst + thread * program.threadWords;
  const pc = words[base + T.pc];
  const lock = words[base + T.status] === Status.ready ? program.fore[pc + Fore.lock] : 0;
  if (lock !== 0 && !m.timed && stepLock(m, standing, thread, base, pc, lock)) return;
  step(m, code, timeUs);
  settleStep(m, standing, thread, lock);
}

/** What `step` ends with. */
function advanceAll(m: Machine, thread: number): void {
  advance(m, thread);
  for (let i = 0; i < m.wokenCount; i++) advance(m, m.woken[i]);
}

/** The thread has moved, and perhaps released others; this lock may have changed hands. */
function settleStep(m: Machine, standing: Standing, thread: number, lock: number): void {
  settle(m, standing, thread);
  for (let i = 0; i < m.wokenCount; i++) settle(m, standing, m.woken[i]);
  if (lock !== 0) settleLock(m, standing, lock);
}

function settleLock({ words }: Machine, standing: Standing, lock: number): void {
  const before = standing.before[lock];
  standing.free = words[lock + 1] === 0 ? standing.free | before : standing.free & ~before;
}

/**
 * `step` where it takes or gives back a lock at a fixed address, and nobody listens: without times,
 * and without an account of who is done, which only searches ask for. False where it is neither.
 */
function stepLock(
  m: Machine,
  standing: Standing,
  thread: number,
  base: number,
  pc: number,
  lock: number,
): boolean {
  const { words, program } = m;
  const { code, fore } = program;
  const isRelease = code[pc] === Op.release;
  if (listens(m, code[pc + 1]) || (!isRelease && fore[pc + Fore.way] === Way.one)) return false;
  if (isRelease && words[lock + 1] !== refTo(base)) return false;
  const bit = 1 << thread;
  m.actor = thread;
  m.wokenCount = 0;
  if (isRelease) {
    dropLock(m, thread, lock, code[pc + 3] !== 0);
    standing.free |= standing.before[lock];
  } else {
    takeLock(m, thread, lock, (code[pc + 3] & AcquireMode.plain) !== 0);
    words[base + T.result] = Result.success;
    standing.free &= ~standing.before[lock];
    standing.before[lock] &= ~bit;
  }
  standing.free &= ~bit;
  standing.way[thread] = Way.none;
  const next = pc + stride;
  const end = fore[next + Fore.end];
  words[base + T.pc] = next;
  // What `advance` mostly comes to, and then `settle`.
  if (
    end === 0 ||
    words[base + T.irql] > fore[next + Fore.irqlMax] ||
    words[base + T.apcRoutine] !== 0 ||
    words[H.crash] !== 0 ||
    listens(m, code[next + 1])
  ) {
    advanceAll(m, thread);
    settleStep(m, standing, thread, lock);
    return true;
  }
  words[base + T.pc] = end;
  m.clocks[base] += fore[next + Fore.costUs];
  const way = fore[end + Fore.way];
  standing.way[thread] = way;
  if (way === Way.one) standing.free |= bit;
  else if (way > Way.none) {
    standing.before[way] |= bit;
    if (words[way + 1] === 0) standing.free |= bit;
  }
  return true;
}

/** Waits that can end otherwise than by being satisfied. */
const endsOtherwise = waitFlags.timed | waitFlags.interruptible | waitFlags.alertable;

function settle(m: Machine, standing: Standing, t: number): void {
  const { words, program } = m;
  const base = program.threadFirst + t * program.threadWords;
  const bit = 1 << t;
  const old = standing.way[t];
  if (old > Way.none) standing.before[old] &= ~bit;
  else if (old === Way.ask) standing.ask &= ~bit;
  standing.free &= ~bit;
  const status = words[base + T.status];
  let way: number = Way.none;
  if (status === Status.ready) way = program.fore[words[base + T.pc] + Fore.way];
  else if (status === Status.waiting && (words[base + T.wait] & endsOtherwise) !== 0) way = Way.ask;
  standing.way[t] = way;
  if (way === Way.one) standing.free |= bit;
  else if (way > Way.none) {
    standing.before[way] |= bit;
    if (words[way + 1] === 0) standing.free |= bit;
  } else if (way === Way.ask) standing.ask |= bit;
}

/** Whether `free` says all while there is nobody to ask: where times do not matter. */
export const knowsAll = (m: Machine, standing: Standing): boolean =>
  !m.timed && !isTooLarge(standing);

/** Where it does: how many can go. */
export function countFree({ words }: Machine, { free }: Standing): number {
  if (words[H.crash] !== 0 || words[H.bound] !== 0) return 0;
  const pairs = free - ((free >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Where it does: the code of the transition with this index, as `enabled` lists them. */
export function codeAt({ free }: Standing, index: number): number {
  let rest = free;
  for (let i = index; i > 0; i--) rest &= rest - 1;
  return codeOf(31 - Math.clz32(rest & -rest), 0);
}

/** As `enabled`: fills `codes` (and `times`) with what can go; returns how many. */
export function fillEnabled(m: Machine, standing: Standing): number {
  if (isTooLarge(standing)) return enabled(m);
  const { words, clocks, program } = m;
  m.count = 0;
  if (words[H.crash] !== 0 || words[H.bound] !== 0) return 0;
  const { free, ask, way } = standing;
  for (let rest = free | ask; rest !== 0; rest &= rest - 1) {
    const bit = rest & -rest;
    const t = 31 - Math.clz32(bit);
    const base = program.threadFirst + t * program.threadWords;
    if ((ask & bit) !== 0) {
      transitionsOf(m, t, base);
      continue;
    }
    m.codes[m.count] = codeOf(t, 0);
    const since = way[t] > Way.none ? clocks[way[t]] : 0;
    m.times[m.count++] = since > clocks[base] ? since : clocks[base];
  }
  if (m.timed) keepTimely(m);
  return m.count;
}
