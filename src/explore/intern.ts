/** A set of word strings, each with a number: equal strings are compared in full, never by hash. */
import { finish, mix } from "../base/hash.ts";

export interface InternTable {
  /** Two words each: an entry, from 1, and its hash, so that most others are passed by at a glance. */
  slots: Int32Array;
  offsets: Int32Array;
  arena: Int32Array;
  used: number;
  count: number;
}

export const createInternTable = (): InternTable => ({
  slots: new Int32Array(2 * 1024),
  offsets: new Int32Array(512),
  arena: new Int32Array(4096),
  used: 0,
  count: 0,
});

const grown = (array: Int32Array, needed: number): Int32Array<ArrayBuffer> => {
  const bigger = new Int32Array(Math.max(needed, array.length * 2));
  bigger.set(array);
  return bigger;
};

/** The number of `words[from, to)`, a new one if it was not there. */
export function intern(table: InternTable, words: Int32Array, from: number, to: number): number {
  let h = 17;
  for (let i = from; i < to; i++) h = mix(h, words[i]);
  h = finish(h ^ (to - from));
  const { slots } = table;
  const mask = slots.length - 1;
  let slot = (2 * h) & mask;
  for (;;) {
    const entry = slots[slot] - 1;
    if (entry < 0) break;
    if (slots[slot + 1] === h && same(table, entry, words, from, to)) return entry;
    slot = (slot + 2) & mask;
  }
  const size = to - from;
  const entry = table.count++;
  if (entry + 1 >= table.offsets.length) {
    table.offsets = grown(table.offsets, entry + 2);
  }
  if (table.used + size > table.arena.length) table.arena = grown(table.arena, table.used + size);
  for (let i = 0; i < size; i++) table.arena[table.used + i] = words[from + i];
  table.offsets[entry] = table.used;
  table.used += size;
  table.offsets[entry + 1] = table.used;
  slots[slot] = entry + 1;
  slots[slot + 1] = h;
  if (table.count * 4 > slots.length) rehash(table);
  return entry;
}

function same(
  table: InternTable,
  entry: number,
  words: Int32Array,
  from: number,
  to: number,
): boolean {
  const { arena, offsets } = table;
  const at = offsets[entry];
  if (offsets[entry + 1] - at !== to - from) return false;
  for (let i = from; i < to; i++) if (arena[at + i - from] !== words[i]) return false;
  return true;
}

function rehash(table: InternTable): void {
  const old = table.slots;
  const slots = new Int32Array(old.length * 2);
  const mask = slots.length - 1;
  for (let at = 0; at < old.length; at += 2) {
    if (old[at] === 0) continue;
    let slot = (2 * old[at + 1]) & mask;
    while (slots[slot] !== 0) slot = (slot + 2) & mask;
    slots[slot] = old[at];
    slots[slot + 1] = old[at + 1];
  }
  table.slots = slots;
}
