/** What it takes: how many images a launch has is part of it, where that matters. */
import { expect, test } from "vitest";
import { needOf } from "../../src/report/story-circumstances.ts";
import { slowScan } from "./support/findings.ts";

test("a finding that takes many DLLs in one launch says so, and no event less", () => {
  const plain = { ...slowScan, needs: "nothing wrong" } as const;
  const healthy = "on an idle, healthy machine";
  expect(needOf({ ...plain, occasion: { events: 1, dlls: 100 } })).toBe(
    `nothing out of the ordinary: one launch with 100\u00a0DLLs ${healthy}`,
  );
  const several = { ...plain, needs: "concurrency", occasion: { events: 2, dlls: 100 } } as const;
  expect(needOf(several)).toBe(
    `several launches with 100\u00a0DLLs each at the same time, ${healthy}`,
  );
  expect(needOf({ ...plain, occasion: { events: 1 } })).not.toContain("DLL");
});
