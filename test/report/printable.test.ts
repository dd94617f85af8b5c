import fc from "fast-check";
import { expect, test } from "vitest";
import { githubCommand } from "../../src/report/annotations.ts";
import { printJunit } from "../../src/report/junit.ts";
import { printable, printableJson, visible } from "../../src/report/printable.ts";

/** Whatever a file can say, and what would do harm above all. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom(
        ...["::stop-commands::x", "::", "##[", "##vso[task.x]", "##teamcity[", "#", "\n", " "],
        ...[
          "\r",
          "\t",
          "\u00a0",
          "\u001b[31m",
          "\u001b]8;;x\u0007",
          "\u009b2J",
          "\u202e",
          "\u2066",
        ],
        ...["\u200b", "\ufeff", "\u2028", "\u{e0041}", "\ud800"],
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Commands, as the runners of CI systems find them. */
const commands = (log: string): string[] =>
  log.split(/\r\n|[\r\n]/).filter((line) => /^\s*::/.test(line) || /##\w*\[/.test(line));

test("whatever stands in a file, what is printed moves no cursor and is no command", () => {
  fc.assert(
    fc.property(text, (said) => {
      const shown = printable(said);
      expect(shown).not.toMatch(unseen);
      expect(commands(shown)).toEqual([]);
      // With colours only those that we have ourselves.
      const coloured = printable(said, true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
      expect(coloured.replace(/\u001b\[(?:0|1|2|22|31|32|33|36|39)m/g, "")).not.toMatch(unseen);
      expect(commands(coloured)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test("a command at the start of a line, however far in, is shown and is none", () => {
  expect(printable("  ::stop-commands::x waits\n::add-mask::e")).toBe(
    "  \\::stop-commands::x waits\n\\::add-mask::e",
  );
  expect(printable("a ##vso[task.setvariable]b ##[set-env]")).toBe(
    "a #\\#vso[task.setvariable]b #\\#[set-env]",
  );
  expect(printable("\u001b[2J\u202ename")).toBe("\\u{1b}[2J\\u{202e}name");
});

test("plain text, with names of C and ordinary colons, stays as it is", () => {
  const plain = "DEADLOCK: std::lock of acme.c:12 (50 µs) #1 – “so”\n\tx ── y";
  expect(printable(plain)).toBe(plain);
  expect(printable(`\u001b[1m${plain}\u001b[22m`, true)).toBe(`\u001b[1m${plain}\u001b[22m`);
});

test("a line of JSON says the same, and holds nothing that a terminal or a runner acts on", () => {
  fc.assert(
    fc.property(fc.dictionary(text, text), (value) => {
      const line = printableJson(value);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(line).not.toMatch(unseen);
      expect(line).not.toContain("\n");
      expect(commands(line)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test("a mark is one command, whatever its words are; JUnit's XML shows what is not seen", () => {
  fc.assert(
    fc.property(text, text, (file, message) => {
      const line = visible(githubCommand({ level: "error", file, title: file, message }));
      expect(line.split(/[\r\n]/)).toHaveLength(2);
      expect(line.match(/(?:^|\n)::/g)).toHaveLength(1);
      expect(line).not.toMatch(unseen);
      const xml = printJunit([
        { name: file, cases: [{ name: "n", classname: file, output: message }] },
      ]);
      expect(xml).not.toMatch(unseen);
    }),
    { numRuns: 500 },
  );
});
