/**
 * Where things stand in a run's mutable state: one `Int32Array` of words and, beside it, one
 * `Float64Array` of clocks (microseconds) with the same addresses. A word's clock says when what it
 * holds last changed hands.
 *
 * Freed words are zero, so that equal states are equal arrays. References are words of their own
 * kind (`refTo`), so that a state can be renamed and stale references found without types.
 */
import { bounds } from "../base/bounds.ts";

/** Words at the start of the state. */
export const H = {
  /** A `Crash` code, 0 while the run goes on. */
  crash: 0,
  crashThread: 1,
  crashSite: 2,
  faultsLeft: 3,
  /** Which bound of the model cut the run short, by its number; 0 while none did. */
  bound: 4,
  /**
   * Timed reading: the user's thread whose arrival can still be put later (see `arrivals.ts`). One
   * more once something has followed from it. Its clock: by how much it can be put later at most.
   */
  floating: 5,
  /** 1 once the system is up and the workload has been let go. */
  started: 6,
  /** Its clock is the time of the latest transition. */
  now: 7,
  /** How often a thread of a service can still stop ahead of an operation of its own. */
  stopsLeft: 8,
  /** The process whose threads all stop ahead of their next operation, once one of them has. */
  stopped: 9,
  size: 10,
} as const;

/** A thread's words, from its base. */
export const T = {
  status: 0,
  pc: 1,
  /** Offset of the running frame from the thread's base, 0 for none. */
  frame: 2,
  /** Offset of the first free word. */
  top: 3,
  irql: 4,
  /** KernelApcDisable: depth of critical regions. */
  critical: 5,
  /** SpecialApcDisable: depth of guarded regions. */
  guarded: 6,
  /** Obligations open on this thread that somebody is owed (roots). */
  roots: 7,
  /** Work items open on this thread. */
  items: 8,
  result: 9,
  /** The pointer last loaded, allocated or taken from a queue. */
  pointer: 10,
  process: 11,
  flags: 12,
  /** 0, or the flags of the wait in progress. */
  wait: 13,
  waitObject: 14,
  /** Place in the line of an ERESOURCE or push lock, from 1; 0 when not in line. */
  line: 18,
  /** Entry taken by the last dequeue. */
  entryRoutine: 19,
  entryFrame: 20,
  /** Callbacks of drivers that caused what it does, over all threads, returned or not: 0 to `causesMax`. */
  cause: 21,
  /** A pending kernel APC: its routine, from 1, and the frame that it captured. */
  apcRoutine: 22,
  apcFrame: 23,
  /** Its clock: the deadline of the wait that the running APC interrupted. */
  apcFlags: 24,
  /** What the running APC must leave as it found it. */
  savedResult: 25,
  savedPointer: 26,
  /** How many locks it holds, each as often as it has it; of KMUTEXes, regions tell (SY-5). */
  locks: 27,
  /** Timed reading: 1 in a request that is not at rest, and went on before the workload was over. */
  request: 28,
  /** What the entry taken by the last dequeue hands to its routine. */
  entryContext: 29,
  size: 30,
} as const;
export const waitObjectsMax = bounds.waitObjects.max;
/** Whether a callback is caused by what callbacks do is all that is asked: more are not counted. */
export const causesMax = bounds.causes.max;

export const threadFlags = {
  kill: 1,
  exiting: 2,
  /** A user APC is queued. */
  userApc: 4,
  /** It runs where the thread is next in user mode. */
  apcDue: 8,
  alerted: 16,
  /** On its way out of its process, by itself or told to. */
  leaving: 32,
} as const;
/** From this bit, a thread's flags count how often it is attached to another process. */
export const attachedShift = 6;
export const apcFlags = { special: 1, active: 2 } as const;
export const waitFlags = {
  count: 7,
  all: 8,
  timed: 16,
  interruptible: 32,
  active: 64,
  alertable: 128,
} as const;

/** A frame's words, from its base. */
export const F = {
  routine: 0,
  returnPc: 1,
  caller: 2,
  /** The captured frame of the activation that this one was declared in. */
  captured: 3,
  subject: 4,
  flags: 5,
  /** A thread's `cause` when it came here. */
  cause: 6,
  /** IRQL, critical, guarded and attached depth and locks on entry, packed, for the leak check. */
  entry: 7,
  /** The thread that the event is about, 0 for the initial thread of the subject. */
  thread: 8,
  /** A callback that stands on this stack already: what others look like on its entry. */
  view: 9,
  size: 10,
} as const;
export const frameFlags = { escaped: 1, veto: 4, pended: 8, event: 0xfff0 } as const;
/** A callback's flags hold the number of its event, from this bit. */
export const eventShift = 4;

/** A process's words, from its base. */
export const P = {
  tag: 0,
  state: 1,
  live: 2,
  parent: 3,
  role: 4,
  initialThread: 5,
  /** 1 once it was told to end: what is created in it then is told at birth. Its clock says when. `toldNever` of System. */
  told: 6,
  size: 7,
} as const;
/** Nobody can end what runs as System (W17, W18). */
export const toldNever = -1;
export const processState = { none: 0, created: 1, alive: 2, exiting: 3, dead: 4 } as const;

export const Status = { dormant: 0, ready: 51, waiting: 52, ended: 53, created: 54 } as const;

/** First word of every object. Threads show their status here: 51 to 54. */
export const Tag = {
  notificationEvent: 1,
  synchronizationEvent: 2,
  mutex: 3,
  fastMutex: 4,
  spinLock: 5,
  waitLock: 6,
  criticalSection: 7,
  resource: 8,
  pushLock: 9,
  rundown: 10,
  queue: 11,
  list: 12,
  csq: 13,
  port: 14,
  message: 15,
  workItem: 16,
  process: 17,
  record: 18,
  guardedMutex: 19,
  semaphore: 20,
  sharedSpinLock: 21,
  notificationTimer: 22,
  synchronizationTimer: 23,
} as const;

/**
 * Queues, lists, ports: tag, entries in use, flag, capacity, of a pipe how many messages fit, then the
 * entries.
 */
export const Q = { tag: 0, count: 1, flag: 2, capacity: 3, room: 4, entries: 5 } as const;
/**
 * An entry: routine (0 for a payload), captured frame or payload, item or count to drop, cause, and
 * the context that the routine is handed.
 */
export const E = { routine: 0, reference: 1, item: 2, cause: 3, context: 4, size: 5 } as const;

export const Irql = { passive: 0, apc: 1, dispatch: 2 } as const;

export const Result = {
  success: 0,
  timeout: 1,
  failure: 2,
  terminated: 3,
  disconnected: 4,
  abandoned: 5,
  empty: 6,
  object0: 8,
  alerted: 12,
  userApc: 13,
} as const;

export const Crash = {
  none: 0,
  useAfterReturn: 1,
  useAfterFree: 2,
  irql: 3,
  notOwner: 4,
  regionUnderflow: 5,
  recursion: 6,
  nullPointer: 8,
  /** Back in user mode with a mutex. */
  keepsMutex: 9,
  /** A callback, item or thread returns above the IRQL that its caller can bear. */
  returnsRaised: 10,
  /** The driver is unloaded while its code runs or stands in a queue. */
  codeIsGone: 11,
  /** More given back to a semaphore than its limit. */
  semaphoreLimit: 12,
  /** Back from another process without having been attached to one. */
  notAttached: 13,
  /** Back in user mode in a critical or guarded region. */
  keepsRegion: 14,
  /** An entry is taken off a list in which it does not stand. */
  corruptList: 15,
} as const;

const refBase = 0x40000000;
/** What is left of a reference to something that is gone. */
export const stale = refBase;
export const refTo = (address: number): number => refBase | address;
export const isRef = (word: number): boolean => word >= refBase;
export const addressOf = (ref: number): number => ref & 0x3fffffff;

/** A transition: which thread, and which of its alternatives. */
export const alternativeBits = 6;
export const codeOf = (thread: number, alternative: number): number =>
  (thread << alternativeBits) | alternative;
export const threadOf = (code: number): number => code >> alternativeBits;
export const alternativeOf = (code: number): number => code & 63;
/** Ways of one operation that there are alternatives for, below those of `Alternative`. */
export const waysMax = bounds.ways.max;
export const Alternative = {
  stop: 28,
  fault: 29,
  timeout: 30,
  interrupt: 31,
  /** The open arrival comes later: what follows from it next comes with what others do next. */
  later: 32,
} as const;

/** The ways of a callback's return: its protection goes first, or the regions that hold off an APC. */
export const Returning = { protection: 0, regions: 1 } as const;

/** The ways of an arrival: beside one that stays open once it has moved, or in its place. */
export const Arrival = { plain: 0, inPlace: 1 } as const;

/** Operands: an addressing mode and an offset in one word. */
export const Mode = {
  global: 0,
  local: 1,
  /** captured + hops − 1: the frame that so many captures lead to. */
  captured: 2,
  subject: 8,
  current: 9,
  parent: 10,
  pointer: 12,
  currentThread: 13,
  subjectThread: 14,
  /** Nothing. */
  none: 31,
} as const;
export const operand = (mode: number, offset: number): number => (mode << 24) | offset;
