/**
 * Seeded random numbers: a text becomes a seed once, on the cold path; hot loops draw from
 * xorshift32 (Marsaglia, "Xorshift RNGs", 2003), whose whole state is one number that a snapshot
 * can copy.
 */
import seedrandom from "seedrandom";
import { finish, mix } from "./hash.ts";
import { invariant } from "./invariant.ts";

/** A generator. Copy `state` to save it, assign it to go back. */
export interface Random {
  /** A 32-bit integer, never 0: from 0 xorshift gets nowhere. */
  state: number;
}

/** Largest `bound` of `nextInt`: far above any choice in a run, and the bias grows with it. */
export const nextIntBoundMax = 2 ** 31;

const wordCount = 2 ** 32;
/** Stands in for the one state that is not allowed. Any number but 0 would do. */
const stateForZero = 0x6c6f6f70;

/**
 * The seed of a text: a signed 32-bit integer, the same on every machine.
 *
 * seedrandom alone sees only the low byte of each character, and repeats short texts until they
 * fill its key, so that "a" and "aa" would be one seed. Hence UTF-8, with the length before it.
 */
export function seedFrom(text: string): number {
  const bytes = Buffer.from(text, "utf8");
  return seedrandom(`${bytes.length}:${bytes.toString("latin1")}`).int32();
}

/** A generator at the start of the sequence of `seed`, of which the low 32 bits count. */
export function randomFrom(seed: number): Random {
  // Scrambled first, since the sequences of neighbouring raw states start alike.
  return { state: finish(mix(0, seed)) || stateForZero };
}

/** The next 32 bits as an unsigned integer from 1 to 2^32 - 1. Each comes once in a period. */
export function nextWord(random: Random): number {
  let x = random.state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  random.state = x;
  return x >>> 0;
}

/**
 * The next integer from 0 to `bound` - 1, for a `bound` from 1 to `nextIntBoundMax`.
 *
 * It scales, so the high bits decide (the low ones of xorshift are the weaker). Two results' odds
 * differ by less than `bound` / 2^31 of themselves: one in two million for a bound of 1,000.
 *
 * @throws {InvariantError} when `bound` is out of range or no integer.
 */
export function nextInt(random: Random, bound: number): number {
  invariant(
    Number.isInteger(bound) && bound >= 1 && bound <= nextIntBoundMax,
    "the bound of a draw is an integer from 1 to 2^31",
  );
  return Math.floor((nextWord(random) / wordCount) * bound);
}

/**
 * The same for a loop that knows its bound to be an integer from 1 to 2^15: nobody looks, and the
 * high word of the product is taken in two halves, without leaving integers.
 */
export function nextBelow(random: Random, bound: number): number {
  const word = nextWord(random) | 0;
  const low = Math.imul(word & 0xffff, bound) >>> 16;
  return (Math.imul(word >>> 16, bound) + low) >>> 16;
}
