/**
 * One worker of many: which mutants' text the model runs in many scenarios, of which the oracle is not
 * asked. `node sweep.js MUTANTS CASES INTO PART PARTS`.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { search } from "../../../src/explore/search.ts";
import { createMachine } from "../../../src/machine/machine.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { probed } from "../probes.ts";
import { labelled } from "../scenario.ts";
import { type Case, scenarioOf } from "./cases.ts";
import { coverageOf } from "./coverage.ts";
import type { Mutant } from "./places.ts";

/** What needs more is nothing that the oracle answers in time. */
const budget = 2_000;
const timedBudget = 500;

export interface Swept {
  readonly one: Case;
  readonly runs: readonly number[];
}

const [, , listPath, casesPath, into, part, parts] = process.argv;
const mutants = JSON.parse(readFileSync(listPath, "utf8")) as Mutant[];
const cases = JSON.parse(readFileSync(casesPath, "utf8")) as Case[];
const coverage = await coverageOf(mutants);

/** Whether the whole of it is searched, in the reading without times and, as far as that goes, with them. */
function isSmall(one: Case): boolean {
  try {
    const scenario = labelled(probed(scenarioOf(one)));
    const program = compileScenario(scenario as unknown as Parameters<typeof compileScenario>[0]);
    if (!search(createMachine(program, false), { budget }).complete) return false;
    search(createMachine(program, true), { budget: timedBudget });
    return true;
  } catch {
    // A variant can be no scenario at all.
    return false;
  }
}

await coverage.runsNow();
for (let n = Number(part); n < cases.length; n += Number(parts)) {
  const one = cases[n];
  const isUsable = isSmall(one);
  const runs = await coverage.runsNow();
  if (isUsable) appendFileSync(into, `${JSON.stringify({ one, runs } satisfies Swept)}\n`);
}
coverage.stop();
