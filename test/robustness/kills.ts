/**
 * Twenty kills: `npm run kills -- [kills] [--seed TEXT] [--runs N]`. A campaign with 1, 2 and 4
 * workers has to come to the same bytes, and so has one that is killed at random moments, and gone
 * on with each time; nothing may be lost or half-written in between.
 */
import { isDeepStrictEqual, parseArgs } from "node:util";
import { makeFolder } from "../cli/support/command.ts";
import { finish, killOften, type Outcome } from "./support/kills.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "kills" },
    runs: { type: "string", default: "200" },
  },
});
const times = Number(positionals[0] ?? 20);
const campaign = { runs: Number(values.runs), runBudget: 300 };
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

let faults = 0;
const complain = (line: string): void => {
  faults++;
  say(`  FAULT: ${line}`);
};

/** What a campaign comes to, held to what it has to come to. */
async function outcome(folder: string, workers: number, whole?: Outcome): Promise<Outcome> {
  const { ms, ...found } = await finish(folder, campaign, workers);
  const files = Object.keys(found.files).length;
  say(`${workers} workers: ${files} files, ${(ms / 1_000).toFixed(1)} s`);
  if (whole !== undefined && !isDeepStrictEqual(found, whole)) complain("other bytes");
  return found;
}

const folders = [makeFolder({}), makeFolder({}), makeFolder({}), makeFolder({})];
try {
  const [first, second, third, killed] = folders.map(({ path }) => path);
  const whole = await outcome(first, 1);
  await outcome(second, 2, whole);
  const started = performance.now();
  await outcome(third, 4, whole);
  // So that most kills find it in the middle of its runs, and the last ones in the telling.
  const withinMs = (performance.now() - started) / 4;
  await killOften(
    { folder: killed, campaign, whole, times, withinMs, seed: values.seed },
    (kill) => {
      const { workers, afterMs, done } = kill;
      say(`killed after ${afterMs} ms with ${workers} workers: ${done} runs are kept`);
      for (const fault of kill.faults) complain(fault);
    },
  );
  await outcome(killed, 2, whole);
} finally {
  for (const { remove } of folders) remove();
}
say(faults === 0 ? "All the same." : `${faults} faults.`);
process.exitCode = faults === 0 ? 0 : 1;
