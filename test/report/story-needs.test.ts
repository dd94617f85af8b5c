/** What is said of worlds that need less than the one that shows a finding. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import { belowWords } from "../../src/report/story-needs.ts";

const below: Finding["below"] = [{ needs: "nothing wrong", claim: "complete" }];
const wordsOf = (occasion: Finding["occasion"]): string =>
  belowWords({ below, occasion } as Finding).join(" ");

test("worlds that need less than an unloading without any event are those without an unloading", () => {
  expect(wordsOf({ events: 0, beside: ["unloading"] })).toBe(
    "Worlds with no more than one event on an idle, healthy machine, with neither loading nor unloading beside it, were searched to the end, and they do not show it.",
  );
  expect(wordsOf({ events: 2 })).toBe(
    "Worlds with no more than one event on an idle, healthy machine were searched to the end, and they do not show it.",
  );
});
