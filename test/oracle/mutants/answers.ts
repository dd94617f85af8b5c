/**
 * One worker of many: answers scenarios, and keeps those in which both agree, with the mutants whose
 * text the model ran meanwhile. `node answers.js MUTANTS CASES INTO PART PARTS`.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { searched } from "../adapter.ts";
import { differences, isWhole } from "../compare.ts";
import { explored } from "../explore.ts";
import { probed } from "../probes.ts";
import { type Case, nameOf, scenarioOf } from "./cases.ts";
import { coverageOf } from "./coverage.ts";
import { countedOf, type Kept, packed } from "./kept.ts";
import type { Mutant } from "./places.ts";
import { timedStatesMax, tookIn } from "./timed.ts";

const statesMax = 120;
/** Of what is said by hand. */
const givenStatesMax = 800;

const [, , listPath, casesPath, into, part, parts] = process.argv;
const cases = JSON.parse(readFileSync(casesPath, "utf8")) as Case[];
const coverage = await coverageOf(JSON.parse(readFileSync(listPath, "utf8")) as Mutant[]);

/** Nothing where the two can't be compared, or don't agree: that is for `npm run oracle`. */
async function answered(one: Case): Promise<Kept | undefined> {
  const drawn = scenarioOf(one);
  const scenario = probed(drawn);
  const answer = explored(scenario, one.given === undefined ? statesMax : givenStatesMax);
  if (answer.unanswered !== undefined) return undefined;
  await coverage.runsNow();
  const loophole = searched(scenario);
  const took = tookIn(drawn, one.given === undefined ? timedStatesMax : givenStatesMax);
  const runs = await coverage.runsNow();
  if (!isWhole(answer, loophole)) return undefined;
  const [found] = differences(answer, loophole);
  if (found !== undefined) {
    process.stderr.write(`${nameOf(one)}: they differ without any mutant: ${found}\n`);
    return undefined;
  }
  return {
    name: nameOf(one),
    ...(one.given === undefined ? {} : { given: one.given }),
    ...packed(answer),
    ...(took === undefined ? {} : { took }),
    counted: countedOf(loophole),
    stood: loophole.stood,
    runs,
  };
}

await coverage.runsNow();
for (let n = Number(part); n < cases.length; n += Number(parts)) {
  const kept = await answered(cases[n]).catch((error: unknown) => {
    // A variant, or what is said by hand of times alone, can be what one of them has no rule for.
    if (cases[n].variant === undefined && cases[n].given === undefined) throw error;
    return undefined;
  });
  if (kept !== undefined) appendFileSync(into, `${JSON.stringify(kept)}\n`);
}
coverage.stop();
