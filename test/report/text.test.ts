import fc from "fast-check";
import { expect, test } from "vitest";
import {
  columns,
  counted,
  entry,
  grouped,
  listed,
  milliseconds,
  pageOf,
  roughly,
  uncapitalised,
  wrap,
} from "../../src/report/text.ts";
import { table } from "../../src/report/text-table.ts";

const spaces = (text: string): string => text.replaceAll("\u00a0", " ");
const word = fc.stringMatching(/^[a-zA-Z_(){},.]{1,30}$/);
const words = fc.array(word, { maxLength: 30 });

test("wrapping keeps every word, in order, whole", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 80 }), (all, width) => {
      const lines = wrap(all.join(" "), width, { first: "> ", rest: "  " });
      expect(
        lines
          .map((line) => line.slice(2))
          .join(" ")
          .trim(),
      ).toBe(all.join(" "));
    }),
  );
});

test("a wrapped line is too wide only when it holds a single word", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 80 }), (all, width) => {
      for (const line of wrap(all.join(" "), width)) {
        if (line.includes(" ")) expect(columns(line)).toBeLessThanOrEqual(width);
      }
    }),
  );
});

test("a chopped line is never too wide, and no letter is lost", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 3, max: 80 }), (all, width) => {
      const lines = wrap(all.join(" "), width, { first: "", rest: "  ", chop: true });
      for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replaceAll(" ", "")).toBe(all.join(""));
    }),
  );
});

test("a C name that has to be broken is broken at a joint", () => {
  expect(wrap("KeWaitForSingleObject(ScanDone,", 26, { chop: true })).toEqual([
    "KeWaitForSingleObject(",
    "ScanDone,",
  ]);
});

test.each([
  [0, "0 µs"],
  [15, "15 µs"],
  [999, "999 µs"],
  [1_000, "1 ms"],
  [2_340, "2.3 ms"],
  [340_400, "340 ms"],
  [999_499, "999 ms"],
  [999_500, "1 s"],
  [2_103_014, "2.1 s"],
  [31_000_000, "31 s"],
])("%i µs is said as %s", (us, said) => {
  expect(spaces(roughly(us))).toBe(said);
});

test.each([
  [0, "0.000"],
  [1_250_001, "1 250.001"],
  [-5, "-0.005"],
])("%i µs stands in a column as %s", (us, shown) => {
  expect(spaces(milliseconds(us))).toBe(shown);
});

test("numbers are grouped and counted as people write them", () => {
  expect([0, 999, 1_000, 120_345, 1_234_567].map((n) => spaces(grouped(n)))).toEqual([
    "0",
    "999",
    "1 000",
    "120 345",
    "1 234 567",
  ]);
  expect([0, 1, 14].map((n) => spaces(counted(n, "world")))).toEqual([
    "0 worlds",
    "1 world",
    "14 worlds",
  ]);
});

test("lists read as in a sentence", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});

test("names keep their capitals in the middle of a sentence", () => {
  expect(uncapitalised("Do not wait.")).toBe("do not wait.");
  expect(uncapitalised("KeSetEvent is called.")).toBe("KeSetEvent is called.");
});

test("a page is never narrower than forty columns", () => {
  expect(pageOf({ colours: false, width: 3 }).width).toBe(40);
  expect(pageOf({ colours: false }).width).toBe(100);
});

test("a term's text stands in a column of its own", () => {
  const page = pageOf({ colours: false, width: 40 });
  expect(entry(page, "R7", "Having queued work, do not wait for it.", 3)).toEqual([
    "  R7   Having queued work, do not wait",
    "       for it.",
  ]);
});

test("a table leaves out empty columns and shrinks what may shrink", () => {
  const page = pageOf({ colours: false, width: 40 });
  const lines = table(
    page,
    [
      { title: "n", align: "right" },
      { title: "empty" },
      { title: "what", min: 10 },
      { title: "at" },
    ],
    [
      {
        cells: [
          { text: "1" },
          { text: "" },
          { text: "a long text that has to wrap" },
          { text: "acme.c:1" },
        ],
      },
      { span: "between", from: 2 },
      { cells: [{ text: "12" }, { text: "" }, { text: "short", indent: 2 }, { text: "" }] },
    ],
  );
  expect(lines).toEqual([
    "   n  what                      at",
    "   1  a long text that has to   acme.c:1",
    "        wrap",
    "      between",
    "  12    short",
  ]);
});

test("a column with a long name is narrowed at its joints only while another has room", () => {
  const rows = [
    {
      cells: [
        { text: "DelayedWorkQueue worker 1" },
        { text: "ExWaitForRundownProtectionRelease(Run)" },
      ],
    },
  ];
  const columns = [
    { title: "who", min: 10 },
    { title: "what", min: 10 },
  ];
  const told = (width: number): string =>
    table(pageOf({ colours: false, width }), columns, rows).join("\n");
  expect(told(60)).toContain("ExWaitForRundownProtectionRelease(");
  expect(told(80)).toContain("ExWaitForRundownProtectionRelease(Run)");
  // Where nothing else is left, a name is broken all the same.
  expect(told(40)).not.toContain("ExWaitForRundownProtectionRelease(");
});
