import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonFault } from "../../src/corpus/json-fault.ts";
import { jsonWidthMax, parseJson, printJson } from "../../src/corpus/json-text.ts";
import { refused } from "../language/support/refused.ts";

/** `JSON.stringify` writes -0 as 0, so no JSON holds one. */
const values = fc
  .jsonValue({ noUnicodeString: false })
  .map((value): unknown => JSON.parse(JSON.stringify(value)));

test("what is printed reads back as it was", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(parseJson(printJson(value), "x")).toEqual(value);
    }),
  );
});

test("printed text ends in one newline, and no line that could be broken is too long", () => {
  fc.assert(
    fc.property(values, (value) => {
      const printed = printJson(value);
      expect(printed.endsWith("\n")).toBe(true);
      for (const line of printed.split("\n").slice(0, -1)) {
        if (line.length <= jsonWidthMax) continue;
        // One scalar, with its key.
        expect(line).toMatch(/^ *(?:"(?:[^"\\]|\\.)*": )?[^[{]*,?$|^ *"/);
      }
    }),
  );
});

test("short parts stay on one line, lists of objects go one a line", () => {
  const value = {
    rules: ["R1", "R5"],
    world: { name: "one create", pool: { load: "idle" } },
    threads: [{ name: "a" }, { name: "b" }],
    empty: [],
    none: undefined,
  };
  expect(printJson(value)).toBe(`{
  "rules": ["R1", "R5"],
  "world": { "name": "one create", "pool": { "load": "idle" } },
  "threads": [
    { "name": "a" },
    { "name": "b" }
  ],
  "empty": []
}
`);
});

test("a fault is found in just those texts that are no JSON", () => {
  const edits = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 2 }),
    insert: fc.constantFrom("", ",", "]", "}", '"', "0", "-", "\\", "\n", "x", "e", ".", " ", "{"),
  });
  fc.assert(
    fc.property(values, fc.array(edits, { maxLength: 3 }), (value, changes) => {
      let text = JSON.stringify(value, null, 1);
      for (const { at, remove, insert } of changes) {
        const from = at % (text.length + 1);
        text = text.slice(0, from) + insert + text.slice(from + remove);
      }
      const isJson = (() => {
        try {
          JSON.parse(text);
          return true;
        } catch {
          return false;
        }
      })();
      const fault = jsonFault(text);
      expect(fault === undefined, text).toBe(isJson);
      if (fault === undefined) return;
      // What comes before it could still have become JSON.
      const before = jsonFault(text.slice(0, fault.offset));
      expect(before?.reason ?? "the end of the file").toMatch(/^the end of the file/);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['{\n  "a": 1,\n}', "x.json:3", '"}" where a key in double quotes belongs'],
  ['{\r\n  "a": 1\r\n  "b": 2\r\n}', "x.json:3", '"b" where a "," or a "}" belongs'],
  ["{\r  'a': 1}", "x.json:2", `"'" where a key in double quotes belongs`],
  ["", "x.json:1", "the end of the file where a value belongs"],
  ["[1, 2", "x.json:1", 'the end of the file where a "," or a "]" belongs'],
  ["[1] 2", "x.json:1", '"2" where the end of the file belongs'],
  ["// note\n{}", "x.json:1", "a comment (JSON has none) where a value belongs"],
  [
    '["a\nb"]',
    "x.json:1",
    "a text that is not closed on its line, or not escaped right where a value belongs",
  ],
  ["[NaN]", "x.json:1", '"NaN" where a value belongs'],
  ["[01]", "x.json:1", '"01" where a value belongs'],
])("%j is refused at its line, with what is wrong there", (text, place, reason) => {
  const error = refused(() => parseJson(text, "x.json"));
  expect(error.message).toBe(`${place}: ${reason}`);
});

test("nesting of any depth is no danger", () => {
  const depth = 100_000;
  expect(refused(() => parseJson("[".repeat(depth), "deep.json")).place).toBe("deep.json:1");
});
