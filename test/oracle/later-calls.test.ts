/** Threads that are waited for by their objects, and what holds off removal: both interpreters come to the same. */
import { expect, it } from "vitest";
import { searched } from "./adapter.ts";
import { differences, isWhole } from "./compare.ts";
import { dice } from "./draw/draft.ts";
import { heldOff } from "./draw/held-off.ts";
import { joined } from "./draw/joined.ts";
import { resumed } from "./draw/resumed.ts";
import { explored } from "./explore.ts";
import { probed } from "./probes.ts";
import { differInTime } from "./timed/differ.ts";

const count = 24;

it.each([
  ["threads are joined", joined],
  ["removal is held off", heldOff],
  ["processes are suspended and resumed", resumed],
] as const)(
  "scenarios in which %s come to the same in both, in time too",
  (_, draw) => {
    const found: string[] = [];
    let compared = 0;
    for (let seed = 0; seed < count; seed++) {
      const scenario = probed(draw(dice(seed), seed));
      const oracle = explored(scenario, 100);
      const loophole = oracle.unanswered === undefined ? searched(scenario) : undefined;
      if (loophole !== undefined && isWhole(oracle, loophole)) {
        compared++;
        for (const one of differences(oracle, loophole)) found.push(`${seed}: ${one}`);
      }
      for (const one of differInTime(draw(dice(seed), seed), 40) ?? [])
        found.push(`${seed}, in time: ${one}`);
    }
    expect(found).toEqual([]);
    expect(compared).toBeGreaterThan(count / 2);
  },
  120_000,
);
