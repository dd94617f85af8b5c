/** The run-time record, and how it is made, reset and copied. */
import { alternativeBits, H, Status, T } from "./layout.ts";
import type { Program } from "./program.ts";

/** What a run tells those who watch it. */
export const Event = {
  /** A visible operation begins: a = alternative. */
  step: 1,
  /** The thread waits from here on. */
  blocked: 2,
  /** a = the thread whose step ended this thread's wait. */
  woken: 3,
  /** a = root kind. */
  rootBegin: 4,
  /** a = root kind, b = microseconds it took, less skew. */
  rootEnd: 5,
  /** a = index into `breaches`. */
  breach: 6,
  crash: 7,
  bound: 8,
  /** A local operation of the site ran. */
  local: 9,
  /** A request was at rest until now: a = microseconds. */
  rested: 10,
  /** The thread has come to an operation that another's step has to let go on. */
  heldUp: 11,
} as const;

export const breaches = [
  "workItemQueuedTwice",
  "irqlTooHigh",
  "regionLeaked",
  "callbackUnregisters",
  "unloadLeavesCallbacks",
  "apcsDisabled",
  "apcsEnabled",
  "normalApcsDisabled",
] as const;

export type Observer = (kind: number, thread: number, site: number, a: number, b: number) => void;

export interface Machine {
  readonly program: Program;
  readonly words: Int32Array;
  readonly clocks: Float64Array;
  readonly timed: boolean;
  observer: Observer | null;
  /** By site: 1 once the observer has no use for `step` and `local` events from there. */
  readonly heard: Uint8Array;
  /** Set by a step: threads whose outermost root, or item, or lock request was completed. */
  readonly rootsDone: Uint8Array;
  readonly itemsDone: Uint8Array;
  /** Who they are: the first `doneCount`. */
  readonly done: Int32Array;
  doneCount: number;
  /** A thread that owed something when last asked: see `isAllAnswered`. */
  owing: number;
  /** Filled by `enabled`. */
  readonly codes: Int32Array;
  readonly times: Float64Array;
  count: number;
  /** Time of the earliest enabled transition, set by `enabled`. */
  earliest: number;
  /** Times of the earliest that depends on the open arrival, and of the earliest of all others. */
  own: number;
  others: number;
  /** Microseconds of waiting that only came from letting a later transition go first. */
  skewUs: number;
  readonly woken: Int32Array;
  wokenCount: number;
  /** The waker in the running step, for events. */
  actor: number;
  /** Calls that the thread which runs on has begun since its last visible operation, and when an APC began. */
  calls: number;
  callsAtApc: number;
  /** Long stretches of local operations since a reset, in transitions that they take as long as. */
  work: number;
}

export function createMachine(program: Program, timed: boolean): Machine {
  const threads = program.threads.length;
  return {
    program,
    words: program.initial.slice(),
    clocks: new Float64Array(program.initial.length),
    timed,
    observer: null,
    heard: new Uint8Array(program.sites.length),
    rootsDone: new Uint8Array(threads),
    itemsDone: new Uint8Array(threads),
    done: new Int32Array(threads),
    doneCount: 0,
    owing: 0,
    codes: new Int32Array(threads << alternativeBits),
    times: new Float64Array(threads << alternativeBits),
    count: 0,
    earliest: 0,
    own: 0,
    others: 0,
    skewUs: 0,
    woken: new Int32Array(threads * 4),
    wokenCount: 0,
    actor: 0,
    calls: 0,
    callsAtApc: 0,
    work: 0,
  };
}

export function reset(m: Machine): void {
  m.words.set(m.program.initial);
  m.clocks.fill(0);
  m.skewUs = 0;
  m.work = 0;
}

export const baseOf = (m: Machine, thread: number): number =>
  m.program.threadFirst + thread * m.program.threadWords;

export const threadAt = (m: Machine, address: number): number =>
  Math.floor((address - m.program.threadFirst) / m.program.threadWords);

export function emit(m: Machine, kind: number, thread: number, site: number, a = 0, b = 0): void {
  if (m.observer !== null) m.observer(kind, thread, site, a, b);
}

/** As `emit`, for what an operation tells by running: `Event.step` and `Event.local`. */
export function emitRun(m: Machine, kind: number, thread: number, site: number, a: number): void {
  if (m.observer !== null && m.heard[site] === 0) m.observer(kind, thread, site, a, 0);
}

/** Whether somebody wants to be told of what runs at a site. */
export const listens = (m: Machine, site: number): boolean =>
  m.observer !== null && m.heard[site] === 0;

/** Notes that what was owed to a thread's outermost root, or lock request, is done; or its item. */
export function noteDone(m: Machine, done: Uint8Array, thread: number): void {
  if (m.rootsDone[thread] === 0 && m.itemsDone[thread] === 0) m.done[m.doneCount++] = thread;
  done[thread] = 1;
}

/** Forgets who was done in the step before. */
export function forgetDone(m: Machine): void {
  for (let i = 0; i < m.doneCount; i++) {
    m.rootsDone[m.done[i]] = 0;
    m.itemsDone[m.done[i]] = 0;
  }
  m.doneCount = 0;
}

export const siteAt = (m: Machine, thread: number): number =>
  m.program.code[m.words[baseOf(m, thread) + T.pc] + 1];

/** Whether the run can go no further by itself. */
export const isOver = (m: Machine): boolean => m.words[H.crash] !== 0 || m.words[H.bound] !== 0;

export const isAlive = (m: Machine, thread: number): boolean => {
  const status = m.words[baseOf(m, thread) + T.status];
  return status === Status.ready || status === Status.waiting;
};
