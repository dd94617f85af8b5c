/**
 * Runs a changed model through scenarios, up to the first disagreement with what the oracle answered.
 * `node judge.js ANSWERS SEEDS`; it says of each scenario that it is done, and what it has found.
 */
import { readFileSync } from "node:fs";
import { searched, type Told } from "../adapter.ts";
import { differences, isWhole } from "../compare.ts";
import { drawn } from "../draw.ts";
import { probed } from "../probes.ts";
import { countedOf, type Kept, unpacked } from "./kept.ts";
import { differencesInTime } from "./timed.ts";

/** `agrees`: only what the model counts by itself can differ. */
export interface Judged {
  readonly verdict: "differs" | "open" | "dies" | "agrees";
  readonly said: string;
}

const [, , answers, seeds] = process.argv;
const asked = new Map(seeds.split(",").map((seed, i) => [Number(seed), i]));
const kept = readFileSync(answers, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Kept)
  .filter(({ seed }) => asked.has(seed))
  .sort((a, b) => (asked.get(a.seed) ?? 0) - (asked.get(b.seed) ?? 0));

function judgedAll(): Judged {
  let isOther = false;
  let isOtherInTime = false;
  for (const one of kept) {
    const { seed, counted } = one;
    let loophole: Told;
    try {
      loophole = searched(probed(drawn(seed)));
    } catch (error) {
      return { verdict: "dies", said: `${seed}: ${String(error).slice(0, 100)}` };
    }
    const oracle = unpacked(one, loophole.endings);
    if (!isWhole(oracle, loophole)) return { verdict: "open", said: `${seed}` };
    const [found] = differences(oracle, loophole);
    if (found !== undefined) return { verdict: "differs", said: `${seed}: ${found}` };
    const [late] = one.took === undefined ? [] : differencesInTime(drawn(seed), one.took);
    if (late !== undefined) return { verdict: "differs", said: `${seed}: in time, ${late}` };
    const { states, timed } = countedOf(loophole);
    if (states !== counted.states) isOther = true;
    if (timed !== counted.timed) isOtherInTime = true;
    process.send?.("one more");
  }
  const said = isOther ? "other states" : isOtherInTime ? "other times" : "nothing else";
  return { verdict: "agrees", said };
}

process.send?.(judgedAll());
process.disconnect?.();
