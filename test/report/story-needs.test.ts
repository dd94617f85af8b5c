/** What is said of worlds that need less than the one that shows a finding. */
import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import { needOf } from "../../src/report/story-circumstances.ts";
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

test("events are of one family where one callback meets itself, and of several where two meet", () => {
  const words = (...callbacks: readonly string[]): string => {
    const chain = callbacks.map((callback) => ({
      who: { kind: "thread", name: "user1", callback },
    }));
    const finding = { chain, family: "image", needs: "concurrency", identity: "", steps: [] };
    return needOf(finding as unknown as Finding);
  };
  expect(words("OnImage", "OnImage")).toContain("several image events at the same time");
  expect(words("OnImage", "OnCreate")).toContain("several events at the same time");
});
