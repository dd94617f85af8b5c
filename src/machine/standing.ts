/**
 * Which transitions can go next, kept from step to step instead of asked anew: after a step only
 * the thread that moved and those that it released stand somewhere else, and one lock may have
 * changed hands. `enabled` says the same from the state alone; this is for runs, in which it is
 * asked after every step.
 */
import { bounds } from "../base/bounds.ts";
import { keepTimely } from "./arrivals.ts";
import { enabled, transitionsOf } from "./enabled.ts";
import { Fore, Way } from "./foresight.ts";
import { codeOf, Status, T, threadOf, waitFlags } from "./layout.ts";
import { isOver, type Machine } from "./machine.ts";
import { step } from "./step.ts";

/** Threads that the sets of bits have room for; in larger programs all are asked anew. */
const threadsMax = bounds.hopThreads.max;

export interface Standing {
  /** By thread: a `Way`, or the address of the lock that it stands before. */
  readonly way: Int32Array;
  /** By address of a lock: the threads that stand before it, as bits. */
  readonly before: Int32Array;
  /** Threads that can go in one way, and those that have to be asked, as bits. */
  free: number;
  ask: number;
  /** The transition that `hop` drew last, or a `Drawn`. */
  drawn: number;
  drawnUs: number;
  /** By thread of `free`, in the reading with times: when it can go. */
  readonly due: Float64Array;
  /** By place in the code: a `Hop`, once nobody listens to what `hop` does from there. */
  readonly hops: Uint8Array;
}

export const createStanding = ({ program }: Machine): Standing => ({
  way: new Int32Array(program.threads.length),
  before: new Int32Array(program.threadFirst),
  free: 0,
  ask: 0,
  drawn: 0,
  drawnUs: 0,
  due: new Float64Array(program.threads.length),
  hops: new Uint8Array(program.code.length),
});

export const isTooLarge = ({ way }: Standing): boolean => way.length > threadsMax;

/** To be called when a run has begun. */
export function settleAll(m: Machine, standing: Standing): void {
  if (isTooLarge(standing)) return;
  for (let t = 0; t < standing.way.length; t++) settle(m, standing, t);
  endIfOver(m, standing);
}

/** A run that has crashed, or come to a bound, goes no further: it can have done so where it begins. */
function endIfOver(m: Machine, standing: Standing): void {
  if (!isOver(m)) return;
  standing.free = 0;
  standing.ask = 0;
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
  endIfOver(m, standing);
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

/** As `enabled`: fills `codes` (and `times`) with what can go; returns how many. */
export function fillEnabled(m: Machine, standing: Standing): number {
  if (isTooLarge(standing)) return enabled(m);
  const { clocks, program } = m;
  m.count = 0;
  if (isOver(m)) return 0;
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
