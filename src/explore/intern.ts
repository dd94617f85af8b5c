/** A set of word strings, each with a number: equal strings are compared in full, never by hash. */
import { finish, mix } from "../base/hash.ts";

export interface InternTable {
  slots: Int32Array;
  hashes: Int32Array;
  offsets: Int32Array;
  arena: Int32Array;
  used: number;
  count: number;
}

export const createInternTable = (): InternTable => ({
  slots: new Int32Array(1024),
  hashes: new Int32Array(512),
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
  const mask = table.slots.length - 1;
  let slot = h & mask;
  for (;;) {
    const entry = table.slots[slot] - 1;
    if (entry < 0) break;
    if (table.hashes[entry] === h && same(table, entry, words, from, to)) return entry;
    slot = (slot + 1) & mask;
  }
  const size = to - from;
  const entry = table.count++;
  if (entry + 1 >= table.offsets.length) {
    table.offsets = grown(table.offsets, entry + 2);
    table.hashes = grown(table.hashes, entry + 2);
  }
  if (table.used + size > table.arena.length) table.arena = grown(table.arena, table.used + size);
  for (let i = 0; i < size; i++) table.arena[table.used + i] = words[from + i];
  table.offsets[entry] = table.used;
  table.used += size;
  table.offsets[entry + 1] = table.used;
  table.hashes[entry] = h;
  table.slots[slot] = entry + 1;
  if (table.count * 2 > table.slots.length) rehash(table);
  return entry;
}

function same(
  table: InternTable,
  entry: number,
  words: Int32Array,
  from: number,
  to: number,
): boolean {
  const at = table.offsets[entry];
  if (table.offsets[entry + 1] - at !== to - from) return false;
  for (let i = from; i < to; i++) if (table.arena[at + i - from] !== words[i]) return false;
  return true;
}

function rehash(table: InternTable): void {
  const slots = new Int32Array(table.slots.length * 2);
  const mask = slots.length - 1;
  for (let entry = 0; entry < table.count; entry++) {
    let slot = table.hashes[entry] & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = entry + 1;
  }
  table.slots = slots;
}
