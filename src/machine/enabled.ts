/** Which transitions can go next, and in the timed reading, when. */
import { alertWays, hearsUserApcs } from "./alerts.ts";
import { keepTimely } from "./arrivals.ts";
import { usOf } from "./durations.ts";
import { Fore, Way } from "./foresight.ts";
import { locate } from "./frames.ts";
import {
  Alternative,
  Arrival,
  codeOf,
  H,
  Q,
  Returning,
  Status,
  T,
  Tag,
  threadFlags,
  waitFlags,
  waysMax,
} from "./layout.ts";
import { canAcquire, releaseWays } from "./locking.ts";
import { baseOf, type Machine } from "./machine.ts";
import { dpcsAreDone, dpcsDoneAt, queuedDpc } from "./objects/dpc.ts";
import { pulseWays, setWays } from "./objects/event.ts";
import { abandonWays } from "./objects/mutex.ts";
import { headClock } from "./objects/queue.ts";
import { hasLine } from "./objects/shared-lock.ts";
import { dueAt, timersSet, waysBefore } from "./objects/timer.ts";
import { AcquireMode, Op } from "./opcodes.ts";
import { isArrivalFollowed } from "./open-arrival.ts";
import { awaitsReturn } from "./returning.ts";
import { addStop } from "./stops.ts";

const tickUs = 1_000_000;

/** Fills `codes` (and `times`) with the enabled transitions; returns how many. */
export function enabled(m: Machine): number {
  const { words, clocks, codes, times, program } = m;
  m.count = 0;
  if (words[H.crash] !== 0 || words[H.bound] !== 0) return 0;
  const { fore, threadWords } = program;
  const end = program.initial.length;
  let t = 0;
  for (let base = program.threadFirst; base < end; base += threadWords) {
    const status = words[base + T.status];
    if (status === Status.ready) {
      const way = fore[words[base + T.pc] + Fore.way];
      if (way === Way.one) {
        codes[m.count] = codeOf(t, 0);
        times[m.count++] = clocks[base];
      } else if (way > Way.none) {
        // The lock that it asks for.
        if (words[way + 1] === 0) {
          codes[m.count] = codeOf(t, 0);
          times[m.count++] = clocks[way] > clocks[base] ? clocks[way] : clocks[base];
        }
      } else if (way === Way.ask) readyTransitions(m, t, base);
    } else if (status === Status.waiting) waitingTransitions(m, t, base);
    t++;
  }
  if (m.timed) keepTimely(m);
  return m.count;
}

/** Adds what one thread, ready or waiting, can do. */
export function transitionsOf(m: Machine, t: number, base: number): void {
  if (m.words[base + T.status] === Status.ready) readyTransitions(m, t, base);
  else waitingTransitions(m, t, base);
}

/** Whether somebody else has drawn the condition since this thread came to its test. */
function hasFallen(m: Machine, t: number, condition: number): boolean {
  const at = locate(m, t, condition);
  return at > 0 && m.words[at] !== 0;
}

function add(m: Machine, thread: number, alternative: number, timeUs: number): void {
  m.codes[m.count] = codeOf(thread, alternative);
  m.times[m.count++] = timeUs;
}

/** Waits that being told to end can break (SY-20). */
const breakable = waitFlags.interruptible | waitFlags.alertable;

function waitingTransitions(m: Machine, t: number, base: number): void {
  const { words, clocks } = m;
  const flags = words[base + T.wait];
  if (flags & waitFlags.timed) add(m, t, Alternative.timeout, clocks[base + T.wait]);
  if (flags & breakable && isKilled(m, base)) {
    add(m, t, Alternative.interrupt, toldAt(m, base));
  }
}

/** Told to end, and able to hear it. */
function isKilled(m: Machine, base: number): boolean {
  const flags = m.words[base + T.flags] & (threadFlags.kill | threadFlags.exiting);
  return flags === threadFlags.kill && hearsUserApcs(m, base);
}

/** When a thread that is told to end can first be where it hears of it. */
const toldAt = ({ clocks }: Machine, base: number): number =>
  Math.max(clocks[base], clocks[base + T.flags]);

function readyTransitions(m: Machine, t: number, base: number): void {
  const first = m.count;
  const pc = m.words[base + T.pc];
  waysOn(m, t, base, pc);
  if (m.program.fore[pc + Fore.stop] !== 0) addStop(m, t, base, pc, first);
}

/** How the operation that a thread stands at can go. */
function waysOn(m: Machine, t: number, base: number, pc: number): void {
  const { words, clocks } = m;
  const { code } = m.program;
  const op = code[pc];
  const now = clocks[base];
  switch (op) {
    case Op.acquire: {
      const lock = locate(m, t, code[pc + 2]);
      if (lock < 0) return add(m, t, 0, now);
      const mode = code[pc + 3];
      if ((mode & AcquireMode.try) !== 0) return add(m, t, 0, now);
      if (hasLine(m, lock) && words[base + T.line] === 0) return add(m, t, 0, now);
      if (canAcquire(m, t, lock, mode)) add(m, t, 0, Math.max(now, clocks[lock]));
      if (words[lock] === Tag.criticalSection && isKilled(m, base)) {
        add(m, t, Alternative.interrupt, toldAt(m, base));
      }
      return;
    }
    case Op.dequeue:
      return dequeueTransitions(m, t, base, pc);
    case Op.runDown: {
      const rundown = locate(m, t, code[pc + 2]);
      if (rundown < 0 || words[rundown + 2] === 0) {
        add(m, t, 0, rundown < 0 ? now : Math.max(now, clocks[rundown]));
      }
      return;
    }
    case Op.unprotect:
      add(m, t, Returning.protection, now);
      if (awaitsReturn(m, t, pc)) add(m, t, Returning.regions, now);
      return;
    case Op.park:
      return;
    case Op.set:
    case Op.pulse:
    case Op.release: {
      const object = locate(m, t, code[pc + 2]);
      const ways = object < 0 ? 1 : Math.min(waysMax, waysOf(m, op, object, pc));
      for (let i = 0; i < ways; i++) add(m, t, i, now);
      return;
    }
    case Op.expire:
      for (let i = 0; i < timersSet(m); i++) {
        const first = waysBefore(m, i);
        const end = Math.min(waysMax, waysBefore(m, i + 1));
        for (let way = first; way < end; way++) add(m, t, way, dueAt(m, i));
      }
      return;
    case Op.flushDpcs:
      if (dpcsAreDone(m)) add(m, t, 0, Math.max(now, dpcsDoneAt(m)));
      return;
    case Op.alert: {
      const ways = Math.min(waysMax, alertWays(m, code[pc + 2]));
      for (let i = 0; i < ways; i++) add(m, t, i, now);
      return;
    }
    case Op.end: {
      const ways = Math.min(waysMax, abandonWays(m, t));
      for (let i = 0; i < ways; i++) add(m, t, i, now);
      return;
    }
    case Op.choose: {
      const ways = code[pc + 4] > 0 ? code[pc + 4] : hasFallen(m, t, code[pc + 2]) ? 1 : 2;
      for (let i = 0; i < ways; i++) add(m, t, i, now);
      return;
    }
    case Op.fault:
      add(m, t, 0, now);
      if (words[H.faultsLeft] > 0) add(m, t, Alternative.fault, now);
      return;
    case Op.tick:
      return tickTransition(m, t, base, pc);
    case Op.arrive:
      add(m, t, Arrival.plain, now);
      // One of the two can still come later: who has done something since he arrived, or this one.
      if (isArrivalFollowed(m)) add(m, t, Arrival.inPlace, now);
      return;
    default:
      return add(m, t, 0, now);
  }
}

function waysOf(m: Machine, op: number, object: number, pc: number): number {
  if (op === Op.release) return releaseWays(m, object, pc);
  return op === Op.set ? setWays(m, object) : pulseWays(m, object);
}

function dequeueTransitions(m: Machine, t: number, base: number, pc: number): void {
  const { words, clocks } = m;
  const { code } = m.program;
  const queue = locate(m, t, code[pc + 2]);
  const now = clocks[base];
  if (queue < 0) return add(m, t, 0, now);
  if (words[queue + Q.count] > 0) add(m, t, 0, Math.max(now, headClock(m, queue)));
  else if (words[queue] === Tag.port && words[queue + Q.flag] !== 0) {
    add(m, t, 0, Math.max(now, clocks[queue]));
  } else if (code[pc + 3] !== -1) {
    add(m, t, Alternative.timeout, now + usOf(m.program.longUs, code[pc + 3]));
  }
  if (code[pc + 4] !== 0 && isKilled(m, base)) add(m, t, Alternative.interrupt, toldAt(m, base));
}

/**
 * The pool's manager looks at a queue once a second (W8). Its look counts only when items wait and
 * every thread of the queue is occupied; one that can do nothing is no transition at all.
 */
function tickTransition(m: Machine, t: number, base: number, pc: number): void {
  const { words, clocks } = m;
  const { code } = m.program;
  const queue = locate(m, t, code[pc + 2]);
  if (words[queue + Q.count] === 0) return;
  let spare = false;
  let running = 0;
  let since = headClock(m, queue);
  const workers = m.program.workers.get(queue) ?? [];
  for (const worker of workers) {
    const b = baseOf(m, worker);
    const status = words[b + T.status];
    if (status === Status.dormant) spare = true;
    else if (status === Status.ready) {
      if (words[b + T.items] === 0) return;
      // One that stands before a lock is blocked as in any other wait (W11).
      if (!isBlockedAtLock(m, worker, b)) running++;
    }
    if (words[b + T.items] !== 0) since = Math.max(since, clocks[b + T.items]);
  }
  if (!spare) return;
  // Growth on insert (W7): at once, while fewer run than there are processors.
  if (code[pc + 4] > running) return add(m, t, 1, Math.max(clocks[base], since));
  const phase = code[pc + 3] >= 0 ? words[locate(m, t, code[pc + 3])] : 0;
  const from = Math.max(since, clocks[base] + 1);
  add(m, t, 0, phase + Math.ceil((from - phase) / tickUs) * tickUs);
}

function isBlockedAtLock(m: Machine, t: number, base: number): boolean {
  const { words } = m;
  const { code } = m.program;
  const pc = words[base + T.pc];
  if (code[pc] !== Op.acquire || (code[pc + 3] & AcquireMode.try) !== 0) return false;
  const lock = locate(m, t, code[pc + 2]);
  if (lock < 0) return false;
  // Who spins runs.
  if (words[lock] === Tag.spinLock || words[lock] === Tag.sharedSpinLock) return false;
  if (hasLine(m, lock) && words[base + T.line] === 0) return false;
  return !canAcquire(m, t, lock, code[pc + 3]);
}

/**
 * Whether the workload is over: nobody is owed anything, no item runs, no request is at work since
 * before, and nobody is still to come, or on his way out. What pollers do from here on concerns no
 * obligation.
 */
export function isAllAnswered(m: Machine): boolean {
  // Asked after each step: who owed something then mostly still does.
  return m.words[H.started] !== 0 && !owes(m, m.owing) && isNobodyOwed(m);
}

function isNobodyOwed(m: Machine): boolean {
  for (let t = 0; t < m.program.threads.length; t++) {
    if (!owes(m, t)) continue;
    m.owing = t;
    return false;
  }
  for (const queue of m.program.workers.keys()) if (m.words[queue + Q.count] > 0) return false;
  return queuedDpc(m) < 0;
}

/** Whether a thread has somebody to answer to, or is still to come. */
function owes(m: Machine, thread: number): boolean {
  const { words } = m;
  const base = baseOf(m, thread);
  const status = words[base + T.status];
  if (status !== Status.ready && status !== Status.waiting) return false;
  if (words[base + T.roots] > 0 || words[base + T.items] > 0) return true;
  if (words[base + T.request] > 0) return true;
  return isOnItsWay(m, thread, base, status);
}

/**
 * Who comes from outside and is not at rest yet, or was told to end and can hear of it: what he does
 * next can be owed.
 */
function isOnItsWay(m: Machine, thread: number, base: number, status: number): boolean {
  const { words, program } = m;
  // Who was on his way out already does not hear of it.
  const hears = (words[base + T.flags] & threadFlags.leaving) === 0 && isKilled(m, base);
  if (status === Status.waiting) return (words[base + T.wait] & breakable) !== 0 && hears;
  const pc = words[base + T.pc];
  const op = program.code[pc];
  if (program.threads[thread].arrives) return op !== Op.park;
  // Before a lock or a queue of kernel mode nobody can tell how long it stands.
  if (op === Op.acquire || op === Op.runDown) return false;
  return hears && (op !== Op.dequeue || program.code[pc + 4] !== 0);
}
