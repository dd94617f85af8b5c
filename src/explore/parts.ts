/**
 * The parts of states (collapse compression, after SPIN): what a component holds is a string of
 * words, kept once. What a renaming needs to know of it is worked out when it is first met.
 */
import { mix } from "../base/hash.ts";
import { addressOf, isRef } from "../machine/layout.ts";
import { createInternTable, type InternTable, intern } from "./intern.ts";

export interface Parts {
  readonly table: InternTable;
  /** With times, a part ends in its clocks that are not 0, three words each, and its live words. */
  readonly timed: boolean;
  /** By part: hash of all but its references. */
  readonly plain: number[];
  /** References of part p: [firstReference[p], firstReference[p + 1]), where and to what address. */
  readonly firstReference: number[];
  readonly referenceAt: number[];
  readonly referenceTo: number[];
}

export const createParts = (timed: boolean): Parts => ({
  table: createInternTable(),
  timed,
  plain: [],
  firstReference: [0],
  referenceAt: [],
  referenceTo: [],
});

/** Words of a part that are a component's words. */
export function liveWords({ table, timed }: Parts, part: number): number {
  const end = table.offsets[part + 1];
  return timed ? table.arena[end - 1] : end - table.offsets[part];
}

/** The number of the part in `words[from, to)`, in the form that `timed` says. */
export function internPart(parts: Parts, words: Int32Array, from: number, to: number): number {
  const { table } = parts;
  const part = intern(table, words, from, to);
  if (part === parts.plain.length) describe(parts, part);
  return part;
}

function describe(parts: Parts, part: number): void {
  const { table, plain, firstReference, referenceAt, referenceTo } = parts;
  const from = table.offsets[part];
  const live = from + liveWords(parts, part);
  let h = 7;
  for (let i = from; i < table.offsets[part + 1]; i++) {
    const word = table.arena[i];
    if (i >= live || !isRef(word)) h = mix(h, word);
    else {
      referenceAt.push(i - from);
      referenceTo.push(addressOf(word));
    }
  }
  plain.push(h);
  firstReference.push(referenceAt.length);
}
