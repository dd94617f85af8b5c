/**
 * Runs a changed model through scenarios, up to the first disagreement with what the oracle answered.
 * `node judge.js ANSWERS NAMES [TRIES TREE]`; it says of each scenario that it is done, and what it has
 * found. With the tree as it was, of those that are compiled otherwise there, so many at most.
 */
import { readFileSync } from "node:fs";
import { searched, type Told } from "../adapter.ts";
import { differences, isWhole } from "../compare.ts";
import { fixedDifferences } from "../fixed/fixed.ts";
import { probed } from "../probes.ts";
import { scenarioNamed } from "./cases.ts";
import { compileOf, concerned } from "./compiles.ts";
import { countedOf, type Kept, unpacked } from "./kept.ts";
import { differencesInTime } from "./timed.ts";

/** `agrees`: only what the model counts by itself can differ. */
export interface Judged {
  readonly verdict: "differs" | "open" | "dies" | "agrees";
  readonly said: string;
  /** How many scenarios it could be tried in. */
  readonly tried: number;
}

const [, , answers, names, tries, tree] = process.argv;
const asked = new Map(names.split(",").map((name, i) => [name, i]));
const named = readFileSync(answers, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Kept)
  .filter(({ name }) => asked.has(name))
  .sort((a, b) => (asked.get(a.name) ?? 0) - (asked.get(b.name) ?? 0));

const goesOn = (): void => {
  process.send?.("one more");
};
const kept =
  tree === undefined
    ? named
    : concerned(named, await compileOf(tree), { tries: Number(tries), goesOn });

function judgedAll(): Omit<Judged, "tried"> {
  let isOther = false;
  let isOtherInTime = false;
  for (const one of kept) {
    const { name, counted } = one;
    const drawn = scenarioNamed(one);
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
    goesOn();
  }
  const fixed = judgedFixed();
  if (fixed !== undefined) return fixed;
  const said = isOther ? "other states" : isOtherInTime ? "other times" : "nothing else";
  return { verdict: "agrees", said };
}

/** What no scenario shows. */
function judgedFixed(): Omit<Judged, "tried"> | undefined {
  try {
    const [found] = fixedDifferences();
    return found === undefined ? undefined : { verdict: "differs", said: `fixed: ${found}` };
  } catch (error) {
    return { verdict: "dies", said: `fixed: ${String(error).slice(0, 100)}` };
  }
}

process.send?.({ ...judgedAll(), tried: kept.length });
process.disconnect?.();
