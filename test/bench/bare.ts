/**
 * A bare interpreter of S4: the least that a random walk over a lock machine can do in JavaScript,
 * and so the ceiling for ours. It knows takes and releases and nothing else: a set of bits says who
 * can go, one number is drawn, one instruction runs. No IRQL, frames, times, events, obligations,
 * observers or findings.
 */
import { lockCount, type Plan } from "./s4.ts";

/** Bits of one word. */
const threadsMax = 31;

/** Makes a function that runs the plans once, at random, and returns how many operations that took. */
export function bareLoop(plans: readonly Plan[], seed: number): () => number {
  const threads = plans.length;
  if (threads > threadsMax) throw new RangeError(`at most ${threadsMax} threads`);
  // One instruction a word: 2 × lock, and 1 more for a release; −1 ends a thread.
  const text = plans.map((plan) => [
    ...plan.flatMap(([outer, inner]) => [2 * outer, 2 * inner, 2 * inner + 1, 2 * outer + 1]),
    -1,
  ]);
  const starts = Int32Array.from(text, (_, t) => text.slice(0, t).flat().length);
  const code = Int32Array.from(text.flat());
  const at = new Int32Array(threads);
  const held = new Uint8Array(lockCount);
  /** By lock: who stands before it. */
  const asking = new Int32Array(lockCount);
  let state = seed | 1;

  return () => {
    held.fill(0);
    asking.fill(0);
    let ready = 0;
    let steps = 0;
    for (let t = 0; t < threads; t++) {
      at[t] = starts[t];
      ready |= 1 << t;
      asking[code[at[t]] >> 1] |= 1 << t;
    }
    while (ready !== 0) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      let rest = ready;
      for (let skip = ((state >>> 16) * bits(ready)) >>> 16; skip > 0; skip--) rest &= rest - 1;
      const bit = rest & -rest;
      const t = 31 - Math.clz32(bit);
      const now = code[at[t]];
      const lock = now >> 1;
      steps++;
      if ((now & 1) === 0) {
        held[lock] = 1;
        asking[lock] &= ~bit;
        ready &= ~asking[lock];
      } else {
        held[lock] = 0;
        ready |= asking[lock];
      }
      const next = code[++at[t]];
      if (next < 0) ready &= ~bit;
      else if ((next & 1) !== 0) ready |= bit;
      else {
        asking[next >> 1] |= bit;
        if (held[next >> 1] === 0) ready |= bit;
        else ready &= ~bit;
      }
    }
    return steps;
  };
}

/** How many bits of a word are set. */
function bits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
