/**
 * One transition: the thread's visible operation, then everything local behind it, for the thread
 * and for those that it released. `step` allocates nothing.
 */
import { bounds } from "../base/bounds.ts";
import { delayOf, isArriving, isPutLater, noteStep } from "./arrivals.ts";
import { hitBound } from "./frames.ts";
import { Alternative, alternativeOf, H, Result, Status, T, threadOf, waitFlags } from "./layout.ts";
import { advance } from "./local.ts";
import { baseOf, Event, emitRun, forgetDone, type Machine } from "./machine.ts";
import { closeArrival, isMarked, postponeArrival, unmarked } from "./open-arrival.ts";
import { visible } from "./visible.ts";
import { unblock } from "./waits.ts";

/** Takes transition `code`, which must be enabled; `timeUs` is its time in the timed reading. */
export function step(m: Machine, code: number, timeUs: number): void {
  const thread = threadOf(code);
  const alternative = alternativeOf(code);
  const base = baseOf(m, thread);
  m.actor = thread;
  m.wokenCount = 0;
  forgetDone(m);
  let at = timeUs;
  if (m.timed) {
    if (isPutLater(alternative)) return postponeArrival(m, delayOf(m));
    // Nobody chose an arrival late.
    const isLate = timeUs > m.earliest && !isArriving(m, base);
    if (isLate) m.skewUs += unmarked(timeUs) - m.earliest;
    at = noteStep(m, base, alternative, timeUs);
    if (at > m.clocks[H.now]) m.clocks[H.now] = at;
    if (at > bounds.times.max) return hitBound(m, thread, "times");
    if (at > m.clocks[base]) m.clocks[base] = at;
  }
  emitRun(m, Event.step, thread, m.program.code[m.words[base + T.pc] + 1], alternative);
  if (m.words[base + T.status] === Status.waiting) {
    unblock(m, thread, alternative === Alternative.timeout ? runOut(m, base) : Result.terminated);
  } else {
    visible(m, thread, base, alternative);
    if (m.words[base + T.status] === Status.ready) advance(m, thread);
  }
  for (let i = 0; i < m.wokenCount; i++) advance(m, m.woken[i]);
  if (m.timed && isMarked(at) && meetsLater(m, base)) closeArrival(m);
}

/** Whether a step that depends on the open arrival met with what came later than it. */
function meetsLater({ clocks, woken, wokenCount, program }: Machine, base: number): boolean {
  if (!isMarked(clocks[base])) return true;
  for (let i = 0; i < wokenCount; i++) {
    if (!isMarked(clocks[program.threadFirst + woken[i] * program.threadWords])) return true;
  }
  return false;
}

/** What a wait whose time is over comes back with: a delay has what it asked for (SV-25). */
function runOut(m: Machine, base: number): number {
  return (m.words[base + T.wait] & waitFlags.count) === 0 ? Result.success : Result.timeout;
}

/** Brings a fresh run to where every thread stands at its first visible operation. */
export function begin(m: Machine): void {
  m.wokenCount = 0;
  // Time begins at 1: a clock of 0 is one that does not run.
  for (let t = 0; t < m.program.threads.length; t++) {
    if (m.words[baseOf(m, t) + T.status] === Status.ready) m.clocks[baseOf(m, t)] = 1;
  }
  for (let t = 0; t < m.program.threads.length; t++) advance(m, t);
}
