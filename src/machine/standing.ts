/**
 * Which transitions can go next, kept from step to step instead of asked anew: after a step only
 * the thread that moved and those that it released stand somewhere else, and one lock may have
 * changed hands. `enabled` says the same from the state alone; this is for runs, in which it is
 * asked after every step.
 */
import { nextBelow, type Random } from "../base/random.ts";
import { enabled, keepTimely, transitionsOf } from "./enabled.ts";
import { Fore, Hop, Way } from "./foresight.ts";
import { codeOf, H, Result, refTo, Status, T, threadOf, waitFlags } from "./layout.ts";
import { listens, type Machine } from "./machine.ts";
import { disown, own } from "./objects/exclusive-lock.ts";
import { stride } from "./opcodes.ts";
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
  /** The thread that `hop` drew last. */
  drawn: number;
  /** By place in the code: 1 once nobody listens to what `hop` does from there. */
  readonly unheard: Uint8Array;
}

export const createStanding = ({ program }: Machine): Standing => ({
  way: new Int32Array(program.threads.length),
  before: new Int32Array(program.threadFirst),
  free: 0,
  ask: 0,
  drawn: -1,
  unheard: new Uint8Array(program.code.length),
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
  const isReady = words[base + T.status] === Status.ready;
  const lock = isReady ? program.fore[words[base + T.pc] + Fore.lock] : 0;
  step(m, code, timeUs);
  settle(m, standing, thread);
  for (let i = 0; i < m.wokenCount; i++) settle(m, standing, m.woken[i]);
  if (lock !== 0) {
    const before = standing.before[lock];
    standing.free = words[lock + 1] === 0 ? standing.free | before : standing.free & ~before;
  }
  // The run goes no further.
  if (words[H.crash] !== 0 || words[H.bound] !== 0) {
    standing.free = 0;
    standing.ask = 0;
  }
}

/**
 * A random walk as far as it goes from lock to lock: `stepStanding`, again and again, while a thread
 * of `free` takes or gives back a lock and stands at its next operation with no more than checks
 * and costs between, unheard. Nobody is answered by that. It is for the reading without times, for
 * while there is nobody to ask, and keeps no account of who is done, which only searches ask for.
 *
 * Fills `codes` from `steps` on; returns how many there are then. `drawn` is the thread that was
 * drawn last and goes otherwise, or −1 if none can go or no room is left.
 */
export function hop(
  m: Machine,
  standing: Standing,
  random: Random,
  codes: Int32Array,
  steps: number,
): number {
  const { words, clocks, program } = m;
  const { fore, threadFirst, threadWords } = program;
  const { before, way: ways, unheard } = standing;
  let { free } = standing;
  let drawn = -1;
  let at = steps;
  while (at < codes.length && free !== 0) {
    let rest = free;
    for (let i = nextBelow(random, bitsOf(free)); i > 0; i--) rest &= rest - 1;
    const bit = rest & -rest;
    const thread = 31 - Math.clz32(bit);
    const base = threadFirst + thread * threadWords;
    const pc = words[base + T.pc];
    const kind = fore[pc + Fore.hop];
    const next = pc + stride;
    const irqlMax = fore[next + Fore.irqlMax];
    const lock = fore[pc + Fore.lock];
    const isRelease = kind >= Hop.release;
    if (
      kind === Hop.none ||
      words[base + T.apcRoutine] !== 0 ||
      words[base + T.irql] > irqlMax ||
      (unheard[pc] === 0 && !isUnheard(m, standing, pc)) ||
      (isRelease && (words[lock + 1] !== refTo(base) || words[lock + 2] > irqlMax))
    ) {
      drawn = thread;
      break;
    }
    if (isRelease) {
      clocks[lock] = clocks[base];
      disown(words, base, lock, kind === Hop.releasePlain);
      free |= before[lock];
    } else {
      if (clocks[lock] > clocks[base]) clocks[base] = clocks[lock];
      own(words, base, lock, kind === Hop.acquirePlain);
      words[base + T.result] = Result.success;
      free &= ~before[lock];
      before[lock] &= ~bit;
    }
    codes[at++] = codeOf(thread, 0);
    const end = fore[next + Fore.end];
    words[base + T.pc] = end;
    clocks[base] += fore[next + Fore.costUs];
    const way = fore[end + Fore.way];
    ways[thread] = way;
    free &= ~bit;
    if (way > Way.none) {
      before[way] |= bit;
      if (words[way + 1] === 0) free |= bit;
    } else if (way === Way.one) free |= bit;
  }
  standing.free = free;
  standing.drawn = drawn;
  return at;
}

/** Whether nobody listens to a lock's operation, nor to the run behind it; they never do again. */
function isUnheard(m: Machine, { unheard }: Standing, pc: number): boolean {
  const { code } = m.program;
  if (listens(m, code[pc + 1]) || listens(m, code[pc + stride + 1])) return false;
  unheard[pc] = 1;
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

/** How many bits of a word are set. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
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
