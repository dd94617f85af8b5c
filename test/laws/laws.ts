/**
 * `npm run laws [-- rounds]`: the laws of verdicts over many cases, each changed so many times (5),
 * and every finding that is saved replayed in a process of its own. Ends with 1 where a law breaks.
 */
import { spawnSync } from "node:child_process";
import { randomFrom } from "../../src/base/random.ts";
import { casesWithin } from "./support/cases.ts";
import { broken, laws } from "./support/laws.ts";

const budget = 6_000;
const rounds = Number(process.argv[2] ?? 5);
const cases = [...casesWithin(budget, 4, 200)];
let isBroken = false;
for (const law of laws) {
  let tried = 0;
  for (const [i, { name, scenario, verdict }] of cases.entries()) {
    for (let round = 0; round < rounds; round++) {
      const random = randomFrom(1 + i * rounds + round);
      const lines = broken(law, scenario, budget, random, false, verdict);
      if (lines === undefined) break;
      tried++;
      for (const line of lines) console.log(`${law.name}: ${name}, round ${round}: ${line}`);
      if (lines.length > 0) isBroken = true;
    }
  }
  console.log(`${law.name}: ${tried} changes of ${cases.length} scenarios`);
}
const replayed = spawnSync("node", ["src/cli/loophole.js", "replay", "corpus"], {
  encoding: "utf8",
});
console.log(replayed.stdout.trim().split("\n").at(-1));
process.exitCode = isBroken || replayed.status !== 0 ? 1 : 0;
