/**
 * One transition: the thread's visible operation, then everything local behind it, for the thread
 * and for those that it released. `step` allocates nothing.
 */
import { bounds } from "../base/bounds.ts";
import { hitBound } from "./frames.ts";
import {
  Alternative,
  Arrival,
  addressOf,
  alternativeOf,
  H,
  Result,
  refTo,
  Status,
  T,
  threadOf,
  waitFlags,
} from "./layout.ts";
import { advance } from "./local.ts";
import {
  baseOf,
  Event,
  emitRun,
  forgetDone,
  isMovedOpen,
  type Machine,
  threadAt,
} from "./machine.ts";
import { Op } from "./opcodes.ts";
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
    const late = float(m, base, alternative, timeUs);
    if (timeUs > late) m.skewUs += timeUs - late;
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
}

/** What a wait whose time is over comes back with: a delay has what it asked for (SV-25). */
function runOut(m: Machine, base: number): number {
  return (m.words[base + T.wait] & waitFlags.count) === 0 ? Result.success : Result.timeout;
}

/**
 * Keeps account of the thread whose arrival is still open. When another is let go before its time,
 * that arrival is put later, and with it all that the thread has done since. Returns the time from
 * which on the step counts as chosen late.
 */
function float(m: Machine, base: number, alternative: number, timeUs: number): number {
  const { words, clocks } = m;
  const arrived = refTo(base);
  const floating = words[H.floating];
  if (m.program.code[words[base + T.pc]] === Op.arrive && words[base + T.status] === Status.ready) {
    if (alternative === Arrival.inPlace || !isMovedOpen(m)) words[H.floating] = arrived;
    return timeUs;
  }
  if (floating === 0) return m.earliest;
  if (floating === arrived || floating === arrived + 1) {
    words[H.floating] = arrived + 1;
    return m.earliest;
  }
  const from = baseOf(m, threadAt(m, addressOf(floating)));
  const moved = addressOf(floating) !== from;
  const delay = timeUs - clocks[from];
  // What goes in its own time leaves an arrival open that nothing shows of yet, and closes others.
  if (timeUs <= m.earliest + m.program.skewUs || delay <= 0) {
    if (moved) words[H.floating] = 0;
    return m.earliest;
  }
  words[H.floating] = 0;
  const end = from + words[from + T.top];
  for (let i = from; i < end; i++) if (clocks[i] > 0) clocks[i] += delay;
  if (clocks[from] < timeUs) clocks[from] = timeUs;
  return timeUs;
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
