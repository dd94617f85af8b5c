/** What holds of every story, whatever the finding. */
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import { headline, tellFinding } from "../../src/report/story.ts";
import { waitWords, whoWords } from "../../src/report/story-words.ts";
import { anyFinding } from "./support/arbitrary.ts";
import { findings, idlePoolRule } from "./support/findings.ts";

const plain = (finding: Finding, width = 100): string =>
  tellFinding(finding, { colours: false, width });

/** Without what wrapping and drawing add. */
const running = (text: string): string => text.replace(/[\s│]+/g, " ");

test("every link's thread and what it waits for stand in the story, at every width", () => {
  fc.assert(
    fc.property(anyFinding, fc.integer({ min: 40, max: 200 }), (finding, width) => {
      const text = running(plain(finding, width));
      for (const { who, wait } of finding.chain) {
        expect(text).toContain(whoWords(who));
        const what = waitWords(wait);
        if (what !== "nothing") expect(text).toContain(`for ${what}`);
      }
    }),
  );
});

test("a chain always ends in a circle, with nobody left, or in one that runs", () => {
  fc.assert(
    fc.property(anyFinding, (finding) => {
      fc.pre(finding.chain.length > 0);
      expect(running(plain(finding))).toMatch(
        /▼ (?:which closes the circle|and nobody is left|and that one is not blocked|and what has ended|and so it goes round|and there the chain ends|and who would do that has not started|and the signal)/,
      );
    }),
  );
});

test("no line is wider than the page", () => {
  fc.assert(
    fc.property(anyFinding, fc.integer({ min: 60, max: 160 }), (finding, width) => {
      for (const line of plain(finding, width).split("\n")) {
        expect([...line].length).toBeLessThanOrEqual(width);
      }
    }),
  );
});

test.each(Object.entries(findings))(
  "%s fits a page unless a single word does not",
  (_, finding) => {
    for (let width = 40; width <= 140; width++) {
      for (const line of plain(finding, width).split("\n")) {
        const words = line
          .trim()
          .split(/ +/)
          .filter((word) => !"│▼·".includes(word));
        if (words.length > 1) expect([...line].length, line).toBeLessThanOrEqual(width);
      }
    }
  },
);

test("colours change no letter, and are there only when asked for", () => {
  fc.assert(
    fc.property(anyFinding, (finding) => {
      const coloured = tellFinding(finding, { colours: true });
      expect(stripVTControlCharacters(coloured).replace(/ +$/gm, "")).toBe(
        tellFinding(finding, { colours: false }),
      );
      expect(coloured).toContain("\u001b[");
    }),
  );
});

test("names from a file cannot bring control characters into the terminal", () => {
  const text = plain({
    ...idlePoolRule,
    driver: "a\u001b[2Jb",
    world: "x\ny\u0007",
    rules: ["\u0008"],
  });
  expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(headline({ ...idlePoolRule, driver: "a\u001b[2Jb" })).not.toMatch(/\p{Cc}/u);
});

test("the same finding is told in the same words each time", () => {
  fc.assert(
    fc.property(anyFinding, (finding) => {
      expect(plain(structuredClone(finding))).toBe(plain(finding));
    }),
  );
});
