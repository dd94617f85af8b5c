/**
 * One transition: the thread's visible operation, then everything local behind it, for the thread
 * and for those that it released. `step` allocates nothing.
 */
import { bounds } from "../base/bounds.ts";
import { delayBy, delayOf, isArriving, isPutLater, noteStep, putLater } from "./arrivals.ts";
import { hitBound } from "./frames.ts";
import { Alternative, alternativeOf, H, Result, Status, T, threadOf, waitFlags } from "./layout.ts";
import { advance } from "./local.ts";
import { baseOf, Event, emitRun, forgetDone, type Machine } from "./machine.ts";
import { closeArrival, isOpen } from "./open-arrival.ts";
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
  if (m.timed) {
    if (isPutLater(alternative)) {
      return putLater(m, delayOf(m, thread, alternative, timeUs));
    }
    const delay = delayBy(m, base, timeUs);
    if (delay > 0) putLater(m, delay);
    else {
      // Nobody chose an arrival late.
      if (timeUs > m.earliest && !isArriving(m, base)) m.skewUs += timeUs - m.earliest;
      noteStep(m, base, alternative);
    }
    if (timeUs > m.clocks[H.now]) m.clocks[H.now] = timeUs;
    if (timeUs > bounds.times.max) return hitBound(m, thread, "times");
  }
  if (m.timed && timeUs > m.clocks[base]) m.clocks[base] = timeUs;
  emitRun(m, Event.step, thread, m.program.code[m.words[base + T.pc] + 1], alternative);
  if (m.words[base + T.status] === Status.waiting) {
    unblock(m, thread, alternative === Alternative.timeout ? runOut(m, base) : Result.terminated);
  } else {
    visible(m, thread, base, alternative);
    if (m.words[base + T.status] === Status.ready) advance(m, thread);
  }
  for (let i = 0; i < m.wokenCount; i++) advance(m, m.woken[i]);
  if (m.timed && isOpen(m, base) && letsOthersGo(m, thread)) closeArrival(m);
}

/** Whether the step released or started somebody else, who goes on from when it was taken. */
function letsOthersGo(m: Machine, thread: number): boolean {
  for (let i = 0; i < m.wokenCount; i++) if (m.woken[i] !== thread) return true;
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
