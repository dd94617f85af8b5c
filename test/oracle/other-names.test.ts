/** Calls that are other names of what there is: both interpreters take them for the same. */
import { expect, it } from "vitest";
import { searched } from "./adapter.ts";
import { differences, isWhole } from "./compare.ts";
import { dice } from "./draw/draft.ts";
import { otherNames } from "./draw/other-names.ts";
import { drawn } from "./draw.ts";
import { explored } from "./explore.ts";
import { probed } from "./probes.ts";

it("scenarios whose calls have their other names come to the same in both", () => {
  const found: string[] = [];
  const names = new Set<string>();
  let compared = 0;
  for (let i = 0; i < 120; i++) {
    const scenario = probed(otherNames(dice(i), drawn(7_000_001 + i)));
    const oracle = explored(scenario, 50);
    if (oracle.unanswered !== undefined) continue;
    const loophole = searched(scenario);
    if (!isWhole(oracle, loophole)) continue;
    compared++;
    for (const mark of oracle.marks) names.add(mark);
    for (const one of differences(oracle, loophole)) found.push(`${scenario.world.name}: ${one}`);
  }
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(40);
  for (const name of ["ZwSetEvent", "FsRtlEnterFileSystem", "FilterSendMessage", "FltWriteFile"])
    expect(names).toContain(name);
}, 120_000);
