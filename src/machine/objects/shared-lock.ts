/**
 * ERESOURCE and push lock: shared or exclusive, in order of arrival, so that taking one is two
 * transitions, joining the line and being granted (design, point 4).
 *
 * ERESOURCE: recursive for a holder, shared even past a queued writer; a new sharer waits behind a
 * queued writer; an upgrade by a sharer never succeeds (SY-11, SY-12). Push lock: not recursive,
 * and a sharer's second request waits behind a queued writer (SY-15).
 *
 * Words: tag, owner, depth of the owner, then (sharer, depth) pairs.
 */

import { crash, hitBound } from "../frames.ts";
import { Crash, refTo, Status, T, Tag } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { AcquireMode, Op } from "../opcodes.ts";

export const sharersMax = 6;
export const sharedLockWords = 3 + 2 * sharersMax;

function sharerSlot(m: Machine, lock: number, holder: number): number {
  for (let i = 0; i < sharersMax; i++)
    if (m.words[lock + 3 + 2 * i] === holder) return lock + 3 + 2 * i;
  return -1;
}

function sharers(m: Machine, lock: number): number {
  let count = 0;
  for (let i = 0; i < sharersMax; i++) if (m.words[lock + 3 + 2 * i] !== 0) count++;
  return count;
}

/** Whether a request can be granted now, given those ahead of it in the line. */
export function canShareOrTake(m: Machine, thread: number, lock: number, mode: number): boolean {
  const { words } = m;
  const self = refTo(baseOf(m, thread));
  const recursive = words[lock] === Tag.resource;
  if (recursive && words[lock + 1] === self) return true;
  if (words[lock + 1] !== 0) return false;
  if (mode !== AcquireMode.shared)
    return sharers(m, lock) === 0 && !someoneAhead(m, thread, lock, false);
  if (recursive && sharerSlot(m, lock, self) >= 0) return true;
  return !someoneAhead(m, thread, lock, true);
}

/** Whether another stands in line before this thread (only writers, for a sharer). */
function someoneAhead(m: Machine, thread: number, lock: number, writersOnly: boolean): boolean {
  const { words, program } = m;
  const mine = words[baseOf(m, thread) + T.line] || Number.MAX_SAFE_INTEGER;
  const reference = refTo(lock);
  for (let t = 0; t < program.threads.length; t++) {
    if (t === thread) continue;
    const base = baseOf(m, t);
    if (words[base + T.line] === 0 || words[base + T.waitObject] !== reference) continue;
    if (words[base + T.line] > mine) continue;
    if (!writersOnly || requestMode(m, t) !== AcquireMode.shared) return true;
  }
  return false;
}

function requestMode(m: Machine, thread: number): number {
  const pc = m.words[baseOf(m, thread) + T.pc];
  return m.program.code[pc] === Op.acquire ? m.program.code[pc + 3] : AcquireMode.exclusive;
}

export function joinLine(m: Machine, thread: number, lock: number): void {
  const { words, program } = m;
  const reference = refTo(lock);
  let last = 0;
  for (let t = 0; t < program.threads.length; t++) {
    const base = baseOf(m, t);
    if (words[base + T.status] === Status.ready && words[base + T.waitObject] === reference) {
      last = Math.max(last, words[base + T.line]);
    }
  }
  const base = baseOf(m, thread);
  words[base + T.line] = last + 1;
  words[base + T.waitObject] = reference;
}

function leaveLine(m: Machine, thread: number): void {
  const { words, program } = m;
  const base = baseOf(m, thread);
  const place = words[base + T.line];
  const reference = words[base + T.waitObject];
  words[base + T.line] = 0;
  words[base + T.waitObject] = 0;
  for (let t = 0; t < program.threads.length; t++) {
    const other = baseOf(m, t);
    if (words[other + T.waitObject] === reference && words[other + T.line] > place)
      words[other + T.line]--;
  }
}

export function grant(m: Machine, thread: number, lock: number, mode: number): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  const self = refTo(base);
  if (words[base + T.line] !== 0) leaveLine(m, thread);
  if (clocks[lock] > clocks[base]) clocks[base] = clocks[lock];
  if (mode !== AcquireMode.shared || words[lock + 1] === self) {
    words[lock + 1] = self;
    words[lock + 2]++;
    return;
  }
  let slot = words[lock] === Tag.resource ? sharerSlot(m, lock, self) : -1;
  if (slot < 0) slot = sharerSlot(m, lock, 0);
  if (slot < 0) {
    hitBound(m, thread);
    return;
  }
  words[slot] = self;
  words[slot + 1]++;
}

export function dropShared(m: Machine, thread: number, lock: number): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  const self = refTo(base);
  if (clocks[base] > clocks[lock]) clocks[lock] = clocks[base];
  if (words[lock + 1] === self) {
    if (--words[lock + 2] === 0) words[lock + 1] = 0;
    return;
  }
  const slot = sharerSlot(m, lock, self);
  if (slot < 0) {
    crash(m, thread, Crash.notOwner);
    return;
  }
  if (--words[slot + 1] === 0) {
    words[slot] = 0;
    closeRanks(m, lock);
  }
}

/** Sharers stand in order without gaps, so that equal states are equal words. */
function closeRanks(m: Machine, lock: number): void {
  const { words } = m;
  let kept = lock + 3;
  for (let i = 0; i < sharersMax; i++) {
    const at = lock + 3 + 2 * i;
    if (words[at] === 0) continue;
    if (at !== kept) {
      words[kept] = words[at];
      words[kept + 1] = words[at + 1];
      words[at] = 0;
      words[at + 1] = 0;
    }
    kept += 2;
  }
}
