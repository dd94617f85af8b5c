import fc from "fast-check";
import { expect, test } from "vitest";
import {
  canonicalJson,
  collisionBound,
  finish,
  mix,
  stableHash,
  stableHashBits,
} from "../../src/base/hash.ts";
import { InvariantError } from "../../src/base/invariant.ts";
import { nextWord, randomFrom } from "../../src/base/random.ts";

const words = fc.integer();

function hashOf(sequence: readonly number[]): number {
  let h = 0;
  for (const word of sequence) h = mix(h, word);
  return finish(h);
}

/** The same data with the keys of every object in reverse order. */
function withKeysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeysReversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, withKeysReversed(member)]);
  return Object.fromEntries(entries.reverse());
}

test("hashes are 32-bit integers", () => {
  fc.assert(
    fc.property(fc.array(words), (sequence) => {
      expect(hashOf(sequence)).toBe(hashOf(sequence) | 0);
    }),
  );
});

test("sequences of one length that differ in one word never collide", () => {
  fc.assert(
    fc.property(fc.array(words, { minLength: 1 }), fc.nat(), words, (sequence, at, word) => {
      const index = at % sequence.length;
      fc.pre(sequence[index] !== word);
      expect(hashOf(sequence.with(index, word))).not.toBe(hashOf(sequence));
    }),
  );
});

test("the order of words counts", () => {
  fc.assert(
    fc.property(words, words, (one, other) => {
      fc.pre(one !== other);
      expect(hashOf([one, other])).not.toBe(hashOf([other, one]));
    }),
  );
});

test("each bit that finish takes flips each bit that it gives about every second time", () => {
  const samples = 2000;
  const flips = new Float64Array(32 * 32);
  const random = randomFrom(1);
  for (let sample = 0; sample < samples; sample += 1) {
    const word = nextWord(random);
    for (let given = 0; given < 32; given += 1) {
      const difference = finish(word) ^ finish(word ^ (1 << given));
      for (let taken = 0; taken < 32; taken += 1) {
        flips[given * 32 + taken] += (difference >>> taken) & 1;
      }
    }
  }
  // 0.067 are six standard deviations of a fair coin thrown 2000 times.
  for (const count of flips) expect(Math.abs(count / samples - 0.5)).toBeLessThan(0.067);
});

test("among 32,768 neighbouring states there are about as many collisions as by chance", () => {
  const seen = new Set<number>();
  const count = 32_768;
  for (let i = 0; i < count; i += 1) seen.add(hashOf([i >> 8, i & 0xff]));
  // By chance 1 in 8 for a single collision; three would be 1 in 3,000.
  expect(count - seen.size).toBeLessThan(3);
});

test("the collision bound grows with the things, shrinks with the bits, and is a probability", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 128 }), (count, bits) => {
      const bound = collisionBound(count, bits);
      expect(bound >= 0 && bound <= 1).toBe(true);
      expect(collisionBound(count + 1, bits)).toBeGreaterThanOrEqual(bound);
      expect(collisionBound(count, bits + 1)).toBeLessThanOrEqual(bound);
    }),
  );
  expect(collisionBound(1, 32)).toBe(0);
  expect(collisionBound(2, 32)).toBe(2 ** -32);
});

test("canonical JSON is JSON of the same data", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const reference: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(reference);
    }),
  );
});

test("the order of keys changes neither canonical JSON nor the name", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(withKeysReversed(value))).toBe(canonicalJson(value));
      expect(stableHash(withKeysReversed(value))).toBe(stableHash(value));
    }),
  );
});

test("different data has a different name", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      fc.pre(canonicalJson(one) !== canonicalJson(other));
      expect(stableHash(one)).not.toBe(stableHash(other));
    }),
  );
});

test("a property that is undefined counts as absent", () => {
  expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
});

test("what JSON would drop or change is a fault of the caller", () => {
  for (const value of [undefined, Number.NaN, 1n, () => 0, [undefined], new Map(), new Date(0)]) {
    expect(() => canonicalJson(value)).toThrow(InvariantError);
  }
});

test("names and hashes stay what they were in earlier versions", () => {
  expect(stableHash({ outcome: "deadlock", waits: ["A", "B"] })).toMatchInlineSnapshot(
    `"81cc191cfb72d783"`,
  );
  expect(stableHash(null)).toHaveLength(stableHashBits / 4);
  expect([hashOf([]), hashOf([1, 2, 3])]).toMatchInlineSnapshot(`
    [
      0,
      -1268393397,
    ]
  `);
});
