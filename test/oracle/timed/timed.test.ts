import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { call, drafted, routine } from "../draw/draft.ts";
import { drawn } from "../draw.ts";
import { timedTold } from "./adapter.ts";
import { timedDifferences } from "./compare.ts";
import { differInTime } from "./differ.ts";
import { exploredInTime } from "./explore.ts";
import { costOf } from "./profile.ts";

const budget = 20_000;

describe("the timed reading of the second interpreter", () => {
  it("comes to the same durations of callbacks, events, operations, launches, start-up, unloading and items as the model, in every run", () => {
    const found: string[] = [];
    let compared = 0;
    for (let seed = 6_000_000; seed < 6_000_060; seed++) {
      const differences = differInTime(drawn(seed), 60);
      if (differences === undefined) continue;
      compared++;
      for (const one of differences) found.push(`${seed}: ${one}`);
    }
    expect(found).toEqual([]);
    expect(compared).toBeGreaterThan(14);
  }, 60_000);

  it("sees a difference where a call costs another class in one of the two", () => {
    const scenario = drafted(
      1,
      {
        routines: [routine("callback", "OnEvent", [call("ZwReadFile")])],
        registrations: [{ family: "process-create", routine: "OnEvent" }],
      },
      [["create"]],
    );
    const dearer = { ...scenario, world: { ...scenario.world, times: { ioUs: 5_001 } } };
    const loophole = timedTold(scenario, budget);
    expect(timedDifferences(exploredInTime(scenario, 400), loophole)).toEqual([]);
    expect(timedDifferences(exploredInTime(dearer, 400), loophole)).not.toEqual([]);
  });

  it("has the cost of each call as the page has it", () => {
    const page = readFileSync("docs/calls.md", "utf8");
    const rows = page.split("\n").filter((line) => /^\| `\w+`/.test(line));
    expect(rows.length).toBeGreaterThan(150);
    for (const row of rows) {
      const api = /`(\w+)`/.exec(row)?.[1] ?? "";
      expect(`${api} ${costOf(api)}`).toBe(`${api} ${row.split(" | ")[3].trim()}Us`);
    }
  });
});
