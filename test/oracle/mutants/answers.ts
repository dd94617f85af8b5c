/**
 * One worker of many: answers scenarios, and keeps those in which both agree, with the mutants whose
 * text the model ran meanwhile. `node answers.js MUTANTS INTO FIRST COUNT PART PARTS`.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";
import { searched } from "../adapter.ts";
import { differences, isWhole } from "../compare.ts";
import { drawn } from "../draw.ts";
import { explored } from "../explore.ts";
import { probed } from "../probes.ts";
import { countedOf, type Kept, packed } from "./kept.ts";
import type { Mutant } from "./places.ts";
import { tookIn } from "./timed.ts";

const statesMax = 120;

const [, , listPath, into, first, count, part, parts] = process.argv;
const mutants = JSON.parse(readFileSync(listPath, "utf8")) as Mutant[];
const byUrl = new Map<string, number[]>();
mutants.forEach(({ file }, i) => {
  const { href } = pathToFileURL(file);
  byUrl.set(href, [...(byUrl.get(href) ?? []), i]);
});

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/** Mutants whose text ran since the last time. */
async function runsNow(): Promise<number[]> {
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const found: number[] = [];
  for (const { url, functions } of result) {
    const here = byUrl.get(url);
    if (here === undefined) continue;
    const ranges = functions.flatMap((one) => one.ranges);
    for (const i of here) {
      const { at } = mutants[i];
      let least: (typeof ranges)[number] | undefined;
      for (const one of ranges) {
        if (one.startOffset > at || one.endOffset <= at) continue;
        const size = one.endOffset - one.startOffset;
        if (least === undefined || size <= least.endOffset - least.startOffset) least = one;
      }
      if (least !== undefined && least.count > 0) found.push(i);
    }
  }
  return found;
}

await runsNow();
for (let n = Number(part); n < Number(count); n += Number(parts)) {
  const seed = Number(first) + n;
  const scenario = probed(drawn(seed));
  const answer = explored(scenario, statesMax);
  if (answer.unanswered !== undefined) continue;
  await runsNow();
  const loophole = searched(scenario);
  const took = tookIn(drawn(seed));
  const runs = await runsNow();
  if (!isWhole(answer, loophole) || differences(answer, loophole).length > 0) continue;
  const kept: Kept = {
    seed,
    ...packed(answer),
    ...(took === undefined ? {} : { took }),
    counted: countedOf(loophole),
    runs,
  };
  appendFileSync(into, `${JSON.stringify(kept)}\n`);
}
session.disconnect();
