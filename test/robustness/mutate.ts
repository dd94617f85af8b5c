/**
 * Mutated files through the command: `npm run mutate -- [cases] [--seed TEXT] [--from N] [--lines]`.
 * Every answer has to be 0, 1 or 2, with one clear line where it is 2, and in time. One batch in
 * twenty goes through a process of its own. --lines prints each line that refuses a file. Behind them,
 * FIFOs, devices, folders and links stand wherever the command reads or writes a file.
 */
import { parseArgs } from "node:util";
import { call } from "../cli/support/call.ts";
import { loophole } from "../cli/support/command.ts";
import { campaignState } from "./support/campaign.ts";
import { makeCases } from "./support/cases.ts";
import { answersAtPlaces } from "./support/places.ts";
import { answerAll, tableOf } from "./support/run.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "mutated" },
    from: { type: "string", default: "0" },
    lines: { type: "boolean", default: false },
  },
});
const count = Number(positionals[0] ?? 10_000);
const from = Number(values.from);

const campaign = await campaignState();
const caseOf = makeCases(campaign);
const cases = Array.from({ length: count }, (_, i) => caseOf(values.seed, from + i));
const started = performance.now();
const answers = await answerAll(
  cases,
  (batch) => (batch % 20 === 19 ? loophole : call),
  (some, done) => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    process.stderr.write(`${done} of ${count}, ${some[0]?.of.kind ?? ""}, ${seconds} s\n`);
    for (const { of, fault } of some) {
      if (fault !== undefined) {
        process.stdout.write(
          `case ${of.index}, ${of.from} (${of.mutations.join(", ")}): ${fault}\n`,
        );
      }
    }
    if (!values.lines) return;
    for (const { of, line } of some) {
      if (line !== undefined) process.stdout.write(`  ${of.from} (${of.mutations}): ${line}\n`);
    }
  },
);
process.stdout.write(`\n${tableOf(answers)}\n`);

const places = process.platform === "win32" ? [] : await answersAtPlaces(campaign);
for (const { what, line, fault } of places) {
  if (fault !== undefined) process.stdout.write(`${what}: ${fault}\n`);
  else if (values.lines && line !== undefined) process.stdout.write(`  ${what}: ${line}\n`);
}
const refused = places.filter(({ code }) => code === 2).length;
process.stdout.write(`\n${places.length} places, ${refused} refused\n`);
process.exitCode = [...answers, ...places].some(({ fault }) => fault !== undefined) ? 1 : 0;
