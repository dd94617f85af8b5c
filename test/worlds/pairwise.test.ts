import fc from "fast-check";
import { expect, test } from "vitest";
import { pairwise } from "../../src/worlds/pairwise.ts";

const anySizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });

test("every pair of values of any two factors is in some row", () => {
  fc.assert(
    fc.property(anySizes, (sizes) => {
      const rows = pairwise(sizes);
      for (let a = 0; a < sizes.length; a++) {
        for (let b = 0; b < sizes.length; b++) {
          for (let x = 0; x < sizes[a]; x++) {
            for (let y = 0; y < sizes[b]; y++) {
              if (a === b && x !== y) continue;
              expect(rows.some((row) => row[a] === x && row[b] === y)).toBe(true);
            }
          }
        }
      }
    }),
  );
});

test("rows hold one value of each factor, the plainest row comes first, and none comes twice", () => {
  fc.assert(
    fc.property(anySizes, (sizes) => {
      const rows = pairwise(sizes);
      expect(rows[0]).toEqual(sizes.map(() => 0));
      expect(new Set(rows.map((row) => row.join())).size).toBe(rows.length);
      for (const row of rows) {
        expect(row).toHaveLength(sizes.length);
        row.forEach((value, factor) => {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(sizes[factor]);
        });
      }
    }),
  );
});

test("there are at least as many rows as the two largest factors have pairs, and far fewer than all", () => {
  fc.assert(
    fc.property(anySizes, (sizes) => {
      const [first, second = 1] = [...sizes].sort((a, b) => b - a);
      const rows = pairwise(sizes);
      expect(rows.length).toBeGreaterThanOrEqual(first * second);
      expect(rows.length).toBeLessThanOrEqual(2 * first * second + 2);
    }),
  );
});
