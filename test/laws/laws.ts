/**
 * `npm run laws [-- rounds]`: the laws of verdicts over many cases, each changed so many times (5);
 * ten thousand walks and a second search against each; larger budgets against smaller ones; and
 * every finding that is saved replayed in a process of its own. Ends with 1 where a law breaks.
 */
import { spawnSync } from "node:child_process";
import { randomFrom } from "../../src/base/random.ts";
import { modelledDrivers, patternDrivers } from "../support/real-drivers.ts";
import { reportsOf, takenBackIn } from "./support/budgets.ts";
import { casesWithin } from "./support/cases.ts";
import { gainsaidBySearch, gainsaidByWalks } from "./support/gainsaid.ts";
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
const tell = (name: string, tried: string, lines: readonly string[]): void => {
  for (const line of lines) console.log(`${name}: ${line}`);
  if (lines.length > 0) isBroken = true;
  console.log(`${name}: ${tried}`);
};
const walks = 10_000;
tell(
  "random walks gainsay no search",
  `${walks} walks of each of ${cases.length} scenarios`,
  cases.flatMap((one, i) => gainsaidByWalks(one, walks, `walk ${i}`)),
);
const again = cases.map((one) => gainsaidBySearch(one, 200_000));
tell(
  "a second search comes to the same",
  `${again.filter(({ complete }) => complete).length} of ${cases.length} scenarios to their end`,
  again.flatMap(({ lines }) => lines),
);
const budgets = [1_000, 10_000, 100_000];
for (const driver of [...patternDrivers, ...modelledDrivers]) {
  const name = `a larger budget takes nothing back of ${driver.name}`;
  tell(name, budgets.join(), takenBackIn(reportsOf(driver, budgets)));
}
const replayed = spawnSync("node", ["src/cli/loophole.js", "replay", "corpus"], {
  encoding: "utf8",
});
console.log(replayed.stdout.trim().split("\n").at(-1));
process.exitCode = isBroken || replayed.status !== 0 ? 1 : 0;
