import fc from "fast-check";
import { expect, test } from "vitest";
import { createInternTable, intern } from "../../src/explore/intern.ts";

/** Words that come again, so that strings do too. */
const words = fc.oneof(fc.nat(2), fc.constantFrom(-1, 2 ** 31 - 1, -(2 ** 31)));
const strings = fc.array(words, { maxLength: 4 });

const numberOf = (table: ReturnType<typeof createInternTable>, string: readonly number[]): number =>
  intern(table, Int32Array.from(string), 0, string.length);

test("equal strings have one number and different strings have different ones", () => {
  fc.assert(
    fc.property(fc.array(strings, { maxLength: 60 }), (all) => {
      const table = createInternTable();
      const known = new Map<string, number>();
      for (const string of all) {
        const key = string.join();
        const expected = known.get(key) ?? known.size;
        known.set(key, expected);
        expect(numberOf(table, string)).toBe(expected);
      }
      expect(table.count).toBe(known.size);
    }),
  );
});

test("a part of an array counts by its words, wherever it stands", () => {
  fc.assert(
    fc.property(strings, strings, strings, (before, string, after) => {
      const table = createInternTable();
      const array = Int32Array.from([...before, ...string, ...after]);
      const number = intern(table, array, before.length, before.length + string.length);
      expect(numberOf(table, string)).toBe(number);
    }),
  );
});

test("numbers count up from 0 and stay when the table grows", () => {
  const count = 20_000;
  const table = createInternTable();
  const string = (i: number): number[] => [i % 7, i, -i];
  for (let i = 0; i < count; i++) expect(numberOf(table, string(i))).toBe(i);
  for (let i = count - 1; i >= 0; i--) expect(numberOf(table, string(i))).toBe(i);
  expect(table.count).toBe(count);
});

test("the words of a number can be read back", () => {
  fc.assert(
    fc.property(fc.array(strings, { minLength: 1, maxLength: 60 }), (all) => {
      const table = createInternTable();
      const numbers = all.map((string) => numberOf(table, string));
      numbers.forEach((number, i) => {
        const read = table.arena.slice(table.offsets[number], table.offsets[number + 1]);
        expect(Array.from(read)).toEqual(all[i]);
      });
    }),
  );
});

test("a string longer than all room so far finds room", () => {
  const table = createInternTable();
  const long = Int32Array.from({ length: 100_000 }, (_, i) => i);
  expect(intern(table, long, 0, long.length)).toBe(0);
  expect(intern(table, long, 0, long.length - 1)).toBe(1);
  expect(intern(table, long, 0, long.length)).toBe(0);
});
