import fc from "fast-check";
import { expect, test } from "vitest";
import { finish, mix } from "../../src/base/hash.ts";
import { InvariantError } from "../../src/base/invariant.ts";
import { nextInt, nextIntBoundMax, nextWord, randomFrom, seedFrom } from "../../src/base/random.ts";

const seeds = fc.integer();
const bounds = fc.integer({ min: 1, max: nextIntBoundMax });

function draws(seed: number, bound: number, count: number): number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => nextInt(random, bound));
}

test("every draw is an integer from 0 to below its bound", () => {
  fc.assert(
    fc.property(seeds, bounds, (seed, bound) => {
      for (const drawn of draws(seed, bound, 50)) {
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true);
      }
    }),
  );
});

test("the same seed draws the same numbers", () => {
  fc.assert(
    fc.property(seeds, bounds, (seed, bound) => {
      expect(draws(seed, bound, 20)).toEqual(draws(seed, bound, 20));
    }),
  );
});

test("a generator put back to a saved state goes on as it did", () => {
  fc.assert(
    fc.property(seeds, fc.nat(50), (seed, before) => {
      const random = randomFrom(seed);
      for (let i = 0; i < before; i += 1) nextWord(random);
      const saved = random.state;
      const first = [nextWord(random), nextWord(random), nextWord(random)];
      random.state = saved;
      expect([nextWord(random), nextWord(random), nextWord(random)]).toEqual(first);
    }),
  );
});

test("no state is 0, from which the generator would not move", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = randomFrom(seed);
      for (let i = 0; i < 50; i += 1) {
        expect(random.state).not.toBe(0);
        nextWord(random);
      }
    }),
  );
});

test("the one seed that scrambles to 0 has a sequence all the same", () => {
  const seedOfZero = -210_496_660;
  expect(finish(mix(0, seedOfZero))).toBe(0);
  expect(new Set(draws(seedOfZero, nextIntBoundMax, 50)).size).toBeGreaterThan(45);
});

test("all results of a small bound come about equally often, whatever the seed", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 2, max: 10 }), (seed, bound) => {
      const count = 10_000;
      const tally = new Array<number>(bound).fill(0);
      for (const drawn of draws(seed, bound, count)) tally[drawn] += 1;
      // Six standard deviations: once in 500 million draws of a fair generator.
      const spread = 6 * Math.sqrt((count / bound) * (1 - 1 / bound));
      for (const times of tally) expect(Math.abs(times - count / bound)).toBeLessThan(spread);
    }),
  );
});

test("generators with neighbouring seeds differ from the first draw on", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(nextWord(randomFrom(seed))).not.toBe(nextWord(randomFrom((seed + 1) | 0)));
    }),
  );
});

test("the first draws of neighbouring seeds spread over the whole range", () => {
  fc.assert(
    fc.property(fc.integer({ max: 0x7fff_0000 }), (seed) => {
      const first = Array.from({ length: 64 }, (_, i) => draws(seed + i, 4, 1)[0]);
      expect(new Set(first).size).toBe(4);
    }),
  );
});

test("the seed of a text is a 32-bit integer", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(seedFrom(text)).toBe(seedFrom(text) | 0);
    }),
  );
});

test("different texts have different seeds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
      fc.pre(one !== other);
      expect(seedFrom(one)).not.toBe(seedFrom(other));
    }),
  );
});

test("repeating a text changes its seed", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 2, max: 5 }), (text, times) => {
      expect(seedFrom(text.repeat(times))).not.toBe(seedFrom(text));
    }),
  );
});

test("characters that share their low byte are told apart in a seed", () => {
  expect(seedFrom("A")).not.toBe(seedFrom("\u0141"));
});

test("seeds and sequences stay what they were in earlier versions", () => {
  expect(["", "loophole", "acme"].map(seedFrom)).toMatchInlineSnapshot(`
    [
      808652792,
      -68727897,
      -704705338,
    ]
  `);
  expect(draws(seedFrom("loophole"), 1000, 8)).toMatchInlineSnapshot(`
    [
      774,
      239,
      930,
      263,
      144,
      325,
      908,
      777,
    ]
  `);
});

test("a bound that is no integer, below 1 or above the largest is a fault of the caller", () => {
  for (const bound of [0, -1, 1.5, nextIntBoundMax + 1, Number.NaN]) {
    expect(() => nextInt(randomFrom(1), bound)).toThrow(InvariantError);
  }
});
