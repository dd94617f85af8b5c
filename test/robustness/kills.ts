/**
 * Twenty kills: `npm run kills -- [kills] [--seed TEXT]`. A campaign with 1, 2 and 4 workers has to
 * come to the same bytes, and so has one that is ended at random moments, by SIGKILL or by a signal that
 * asks, and gone on with each time; one whose disk is full at random bytes; and one that is begun
 * three times at once in its folder. Nothing may be lost or half-written in between, and no process may
 * go on. Half of the kills are of a campaign whose time goes into its runs, half of one that mostly
 * shrinks and tells.
 */
import { isDeepStrictEqual, parseArgs } from "node:util";
import { makeFolder } from "../cli/support/command.ts";
import { waitingDriver } from "../corpus/support/counterexamples.ts";
import { type Campaign, finish, killOften, type Outcome } from "./support/kills.ts";
import { hasLimits, runAtOnce, runOnFullDisks } from "./support/troubles.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "kills" } },
});
const times = Number(positionals[0] ?? 20);
const campaigns: Readonly<Record<string, Campaign>> = {
  "one driver in many worlds": { runs: 2_000, runBudget: 300, driver: waitingDriver("acme", 0) },
  "generated drivers": { runs: 100, runBudget: 300 },
};
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

let faults = 0;
const complain = (line: string): void => {
  faults++;
  say(`  FAULT: ${line}`);
};

async function tryOut(campaign: Campaign, kills: number): Promise<void> {
  /** What it comes to, held to what it has to come to. */
  const outcome = async (folder: string, workers: number, whole?: Outcome): Promise<Outcome> => {
    const { ms, ...found } = await finish(folder, campaign, workers);
    const files = Object.keys(found.files).length;
    say(`  ${workers} workers: ${files} files, ${(ms / 1_000).toFixed(1)} s`);
    if (whole !== undefined && !isDeepStrictEqual(found, whole)) complain("other bytes");
    return found;
  };
  const folders = Array.from({ length: 6 }, () => makeFolder({}));
  try {
    const [first, second, third, killed, full, shared] = folders.map(({ path }) => path);
    const whole = await outcome(first, 1);
    await outcome(second, 2, whole);
    const started = performance.now();
    await outcome(third, 4, whole);
    // So that it takes most of the kills to come to its end.
    const withinMs = (performance.now() - started) / 4;
    await killOften(
      { folder: killed, campaign, whole, times: kills, withinMs, seed: values.seed },
      ({ signal, workers, afterMs, done, faults: found }) => {
        say(`  ${signal} after ${afterMs} ms with ${workers} workers: ${done} runs are kept`);
        for (const fault of found) complain(fault);
      },
    );
    await outcome(killed, 2, whole);
    if (hasLimits) {
      const trouble = { folder: full, campaign, whole };
      for (const one of await runOnFullDisks(trouble, kills, values.seed)) {
        say(
          `  no file beyond ${one.bytes} bytes: exit code ${one.code}, ${one.done} runs are kept`,
        );
        for (const fault of one.faults) complain(fault);
      }
      await outcome(full, 2, whole);
    }
    const { codes, faults: found } = await runAtOnce({ folder: shared, campaign, whole }, 3);
    say(`  three at once: exit codes ${codes.join(", ")}`);
    for (const fault of found) complain(fault);
    await outcome(shared, 2, whole);
  } finally {
    for (const { remove } of folders) remove();
  }
}

for (const [name, campaign] of Object.entries(campaigns)) {
  say(name);
  await tryOut(campaign, Math.ceil(times / 2));
}
say(faults === 0 ? "All the same." : `${faults} faults.`);
process.exitCode = faults === 0 ? 0 : 1;
