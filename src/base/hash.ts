/**
 * Hashing: 32-bit mixing for hot loops (the steps of MurmurHash3 by Austin Appleby, in the public
 * domain), and names for plain data.
 *
 * What is known of collisions:
 * - For a given `h`, `mix` maps different words to different results; for a given word, different
 *   `h`; `finish` maps different inputs to different outputs. So two sequences of one length that
 *   differ in exactly one word never collide.
 * - Other pairs collide once in 2^32, as far as the function behaves like a random one. Of n
 *   different things, `collisionBound(n, 32)` bounds the chance that any two do: 12 % for 32,000.
 *   Whoever stores fingerprints instead of states keeps two with different starts, and prints the
 *   bound for 64 bits.
 * - Sequences of different lengths need their length mixed in. (0 is a word like any other.)
 */
import { createHash } from "node:crypto";
import { invariant } from "./invariant.ts";

/** Takes one word (its low 32 bits) into the running hash `h`. Allocates nothing. */
export function mix(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const x = h ^ Math.imul(k, 0x1b873593);
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0;
}

/** Ends a running hash: each bit of the input comes to bear on each of the result (an int32). */
export function finish(h: number): number {
  let x = h;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Bounds the chance that any two of `count` different things share one of 2^`bits` hashes. */
export function collisionBound(count: number, bits: number): number {
  return Math.min(1, (count * (count - 1)) / 2 / 2 ** bits);
}

/** Bits of a `stableHash`. */
export const stableHashBits = 64;

/**
 * The name of a piece of plain data: 16 hexadecimal digits, the first 64 bits of the SHA-256 of
 * its canonical JSON. The same for every order of keys, on every machine, in every version.
 *
 * @throws {InvariantError} when the value is not plain JSON data.
 */
export function stableHash(value: unknown): string {
  const digest = createHash("sha256").update(canonicalJson(value), "utf8").digest("hex");
  return digest.slice(0, stableHashBits / 4);
}

/**
 * JSON without white space, keys in the order of their code units, properties that are
 * `undefined` left out. Equal texts mean equal data (-0 counts as 0).
 *
 * @throws {InvariantError} on what JSON would drop or change: functions, `undefined` in an array,
 * NaN, infinities, big integers, instances of classes.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    invariant(Number.isFinite(value), "a number in plain data is finite");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(",")}]`;
  invariant(isPlainObject(value), `plain data holds no ${typeof value} such as this`);
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
