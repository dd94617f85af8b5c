/**
 * Times in operands. A word holds most of them; longer ones stand in a table of the program's, and
 * the word says where. So a time is never cut to 32 bits.
 */
import { Op } from "./opcodes.ts";

/** Microseconds that a word says by itself: 18 minutes, about. −1 is "none". */
export const shortUsMax = 0x3fffffff;

/** Which operand of an instruction, from 0, is a time. */
export const timeOperands: ReadonlyMap<number, number> = new Map([
  [Op.cost, 0],
  [Op.wait, 4],
  [Op.dequeue, 1],
  [Op.setTimer, 1],
]);

/** The word for a time; a long one is added to the table. */
export function timeWord(us: number, longUs: number[]): number {
  if (us <= shortUsMax) return us;
  const known = longUs.indexOf(us);
  return -2 - (known >= 0 ? known : longUs.push(us) - 1);
}

/** Microseconds that a word means; −1 for none. */
export const usOf = (longUs: Float64Array, word: number): number =>
  word >= -1 ? word : longUs[-2 - word];
