/**
 * Walks over lists. An entry that has left keeps its link to what stood behind it then (SY-27), so
 * that a walk that stands at it goes on from there, whatever has become of that.
 */
import { crash, resolve, staleRecord } from "../frames.ts";
import { addressOf, Crash, E, Q, Result, stale, T, Tag } from "../layout.ts";
import type { Machine } from "../machine.ts";
import { Op } from "../opcodes.ts";
import { removeEntry, takeEntry } from "./queue.ts";

/** Index of an entry in a list, −1 if it is not there. */
function indexOf({ words }: Machine, list: number, reference: number): number {
  const count = words[list + Q.count];
  for (let i = 0; i < count; i++) {
    if (words[list + Q.entries + i * E.size + E.reference] === reference) return i;
  }
  return -1;
}

/** Whether a reference can be followed; else that was the crash. */
function isThere(m: Machine, t: number, reference: number): boolean {
  if (reference > staleRecord) return true;
  const code =
    reference === stale
      ? Crash.useAfterReturn
      : reference === staleRecord
        ? Crash.useAfterFree
        : Crash.nullPointer;
  crash(m, t, code);
  return false;
}

/** Takes the head, goes to an entry, or takes the one in hand; false where that was a crash. */
export function fromList(m: Machine, t: number, base: number, pc: number): boolean {
  const { words } = m;
  const { code } = m.program;
  const list = resolve(m, t, code[pc + 2]);
  if (list < 0) return false;
  if (code[pc] === Op.walk) return walkList(m, t, base, list, code[pc + 3] === 1);
  if (code[pc] === Op.unlink) return unlinkEntry(m, t, base, list);
  if (words[list + Q.count] > 0) {
    noteLink(m, list, 0);
    takeEntry(m, t, list);
  } else {
    words[base + T.result] = Result.empty;
    words[base + T.pointer] = 0;
  }
  return true;
}

/** To the entry at the head, or behind the one in the pointer. */
function walkList(m: Machine, t: number, base: number, list: number, first: boolean): boolean {
  const { words } = m;
  const at = words[base + T.pointer];
  if (!first && !isThere(m, t, at)) return false;
  const next = entryBehind(m, list, first ? 0 : at);
  // Who comes to an entry has read what its queuer wrote.
  const index = indexOf(m, list, next);
  if (index >= 0) joinEntry(m, base, list, index);
  words[base + T.pointer] = next;
  words[base + T.result] = next === 0 ? Result.empty : Result.success;
  return true;
}

/** The entry behind one of a list, or that it has kept its link to; with 0 the first. 0: there is none. */
export function entryBehind(m: Machine, list: number, at: number): number {
  const index = at === 0 ? -1 : indexOf(m, list, at);
  const hasLeft = at !== 0 && index < 0;
  return hasLeft ? m.words[addressOf(at) + m.program.linkAt] : entryAt(m, list, index + 1);
}

function joinEntry({ clocks }: Machine, base: number, list: number, index: number): void {
  const queued = clocks[list + Q.entries + index * E.size];
  if (queued > clocks[base]) clocks[base] = queued;
}

/** The reference at a place in a list, 0 behind its end. */
const entryAt = ({ words }: Machine, list: number, index: number): number =>
  index < words[list + Q.count] ? words[list + Q.entries + index * E.size + E.reference] : 0;

/** RemoveEntryList: what does not stand there has links that lead elsewhere, which is a bug check. */
function unlinkEntry(m: Machine, t: number, base: number, list: number): boolean {
  const { words } = m;
  const at = words[base + T.pointer];
  if (!isThere(m, t, at)) return false;
  const index = indexOf(m, list, at);
  if (index < 0) {
    crash(m, t, Crash.corruptList);
    return false;
  }
  noteLink(m, list, index);
  joinEntry(m, base, list, index);
  removeEntry(m, list, index);
  words[base + T.result] = Result.success;
  return true;
}

/** What an entry that leaves a list keeps: the one behind it. */
function noteLink(m: Machine, list: number, index: number): void {
  const { words } = m;
  const { linkAt } = m.program;
  if (linkAt === 0 || words[list] !== Tag.list) return;
  const reference = words[list + Q.entries + index * E.size + E.reference];
  if (words[addressOf(reference)] === Tag.record)
    words[addressOf(reference) + linkAt] = entryAt(m, list, index + 1);
}

/** An entry that stands in a list has no link but that. */
export function dropLink(m: Machine, list: number, reference: number): void {
  const { words } = m;
  const { linkAt } = m.program;
  if (linkAt === 0 || words[list] !== Tag.list) return;
  if (words[addressOf(reference)] === Tag.record) words[addressOf(reference) + linkAt] = 0;
}
