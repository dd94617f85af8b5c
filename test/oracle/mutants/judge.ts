/**
 * Runs a changed model through scenarios, up to the first disagreement with what the oracle answered.
 * `node judge.js ANSWERS NAMES`; it says of each scenario that it is done, and what it has found.
 */
import { readFileSync } from "node:fs";
import { searched, type Told } from "../adapter.ts";
import { differences, isWhole } from "../compare.ts";
import { fixedDifferences } from "../fixed/fixed.ts";
import { probed } from "../probes.ts";
import { caseNamed, scenarioOf } from "./cases.ts";
import { countedOf, type Kept, unpacked } from "./kept.ts";
import { differencesInTime } from "./timed.ts";

/** `agrees`: only what the model counts by itself can differ. */
export interface Judged {
  readonly verdict: "differs" | "open" | "dies" | "agrees";
  readonly said: string;
}

const [, , answers, names] = process.argv;
const asked = new Map(names.split(",").map((name, i) => [name, i]));
const kept = readFileSync(answers, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Kept)
  .filter(({ name }) => asked.has(name))
  .sort((a, b) => (asked.get(a.name) ?? 0) - (asked.get(b.name) ?? 0));

function judgedAll(): Judged {
  let isOther = false;
  let isOtherInTime = false;
  for (const one of kept) {
    const { name, counted } = one;
    const drawn = scenarioOf(caseNamed(name));
    let loophole: Told;
    try {
      loophole = searched(probed(drawn));
    } catch (error) {
      return { verdict: "dies", said: `${name}: ${String(error).slice(0, 100)}` };
    }
    const oracle = unpacked(one, loophole.endings);
    if (!isWhole(oracle, loophole)) return { verdict: "open", said: `${name}` };
    const [found] = differences(oracle, loophole);
    if (found !== undefined) return { verdict: "differs", said: `${name}: ${found}` };
    const [late] = one.took === undefined ? [] : differencesInTime(drawn, one.took);
    if (late !== undefined) return { verdict: "differs", said: `${name}: in time, ${late}` };
    const { states, timed } = countedOf(loophole);
    if (states !== counted.states) isOther = true;
    if (timed !== counted.timed) isOtherInTime = true;
    process.send?.("one more");
  }
  const fixed = judgedFixed();
  if (fixed !== undefined) return fixed;
  const said = isOther ? "other states" : isOtherInTime ? "other times" : "nothing else";
  return { verdict: "agrees", said };
}

/** What no scenario shows. */
function judgedFixed(): Judged | undefined {
  try {
    const [found] = fixedDifferences();
    return found === undefined ? undefined : { verdict: "differs", said: `fixed: ${found}` };
  } catch (error) {
    return { verdict: "dies", said: `fixed: ${String(error).slice(0, 100)}` };
  }
}

process.send?.(judgedAll());
process.disconnect?.();
