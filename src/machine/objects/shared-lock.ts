/**
 * ERESOURCE, push lock and EX_SPIN_LOCK: shared or exclusive, in order of arrival, so that taking
 * one is two transitions, joining the line and being granted (design, point 4).
 *
 * ERESOURCE: recursive for a holder, shared even past a queued writer; a new sharer waits behind a
 * queued writer; an upgrade by a sharer never succeeds (SY-11, SY-12). Its other two shared forms
 * pass all writers, or yield to them even as a sharer (SY-13). Push lock: not recursive, and a
 * sharer's second request waits behind a queued writer (SY-15). EX_SPIN_LOCK: at DISPATCH_LEVEL,
 * and never had twice by one thread (SY-16).
 *
 * Words: tag, owner, depth of the owner, then (sharer, depth) pairs. For an EX_SPIN_LOCK the depth
 * is one more than the IRQL before.
 */
import { bounds } from "../../base/bounds.ts";

import { crash, hitBound } from "../frames.ts";
import { Crash, Irql, refTo, Status, T, Tag } from "../layout.ts";
import { baseOf, type Machine } from "../machine.ts";
import { AcquireMode, Op } from "../opcodes.ts";

export const sharersMax = bounds.sharers.max;
export const sharedLockWords = 3 + 2 * sharersMax;

/** Whether requests for this object stand in line. */
export function hasLine(m: Machine, lock: number): boolean {
  const tag = m.words[lock];
  return tag === Tag.resource || tag === Tag.pushLock || tag === Tag.sharedSpinLock;
}

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
  if (!isShared(mode)) return sharers(m, lock) === 0 && !someoneAhead(m, thread, lock, false);
  if ((mode & AcquireMode.starve) !== 0) return true;
  const shares = sharerSlot(m, lock, self) >= 0;
  if (shares && words[lock] === Tag.sharedSpinLock) return false;
  if (shares && recursive && (mode & AcquireMode.yields) === 0) return true;
  return !someoneAhead(m, thread, lock, true);
}

const isShared = (mode: number): boolean => (mode & AcquireMode.shared) !== 0;

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
    if (!writersOnly || !isShared(requestMode(m, t))) return true;
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
  let depth = 1;
  words[base + T.locks]++;
  if (words[lock] === Tag.sharedSpinLock) {
    depth += words[base + T.irql];
    words[base + T.irql] = Irql.dispatch;
  }
  if (!isShared(mode) || words[lock + 1] === self) {
    words[lock + 1] = self;
    words[lock + 2] += depth;
    return;
  }
  let slot = words[lock] === Tag.resource ? sharerSlot(m, lock, self) : -1;
  if (slot < 0) slot = sharerSlot(m, lock, 0);
  if (slot < 0) {
    hitBound(m, thread, "sharers");
    return;
  }
  words[slot] = self;
  words[slot + 1] += depth;
}

export function dropShared(m: Machine, thread: number, lock: number): void {
  const { words, clocks } = m;
  const base = baseOf(m, thread);
  const self = refTo(base);
  if (clocks[base] > clocks[lock]) clocks[lock] = clocks[base];
  const isOwner = words[lock + 1] === self;
  const slot = isOwner ? lock + 1 : sharerSlot(m, lock, self);
  if (slot < 0) {
    crash(m, thread, Crash.notOwner);
    return;
  }
  words[base + T.locks]--;
  if (words[lock] === Tag.sharedSpinLock) {
    words[base + T.irql] = words[slot + 1] - 1;
    words[slot + 1] = 1;
  }
  if (--words[slot + 1] > 0) return;
  words[slot] = 0;
  if (!isOwner) closeRanks(m, lock);
}

/**
 * ExConvertExclusiveToSharedLite: its page has it that all who wait to share are given access along
 * with the owner, so that they pass those who wait to write (SY-12).
 */
export function convertToShared(m: Machine, thread: number, lock: number): void {
  const { words, clocks, program } = m;
  const base = baseOf(m, thread);
  if (words[lock + 1] !== refTo(base)) {
    crash(m, thread, Crash.notOwner);
    return;
  }
  words[lock + 3] = words[lock + 1];
  words[lock + 4] = words[lock + 2];
  words[lock + 1] = 0;
  words[lock + 2] = 0;
  if (clocks[base] > clocks[lock]) clocks[lock] = clocks[base];
  const last = program.threads.length;
  for (let t = 0; t < last; t++) {
    if (standsInLine(m, t, lock) && !isShared(requestMode(m, t))) {
      words[baseOf(m, t) + T.line] += last;
    }
  }
  // The places are what they were before, but for gaps: each in turn takes the first free one.
  for (let place = 1; ; place++) {
    let next = -1;
    for (let t = 0; t < last; t++) {
      const at = words[baseOf(m, t) + T.line];
      if (!standsInLine(m, t, lock) || at < place) continue;
      if (next < 0 || at < words[baseOf(m, next) + T.line]) next = t;
    }
    if (next < 0) return;
    words[baseOf(m, next) + T.line] = place;
  }
}

const standsInLine = (m: Machine, thread: number, lock: number): boolean =>
  m.words[baseOf(m, thread) + T.line] !== 0 &&
  m.words[baseOf(m, thread) + T.waitObject] === refTo(lock);

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
