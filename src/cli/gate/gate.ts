/** What fails in CI, and how CI is told: set up ahead of the work, and carried out behind it. */
import { existsSync } from "node:fs";
import { loadBaseline, saveBaseline } from "../../corpus/baseline.ts";
import { forwardSlashes } from "../../corpus/files.ts";
import { mustBeWritable, writeWhole } from "../../corpus/whole-file.ts";
import { githubCommand } from "../../report/annotations.ts";
import { printJunit } from "../../report/junit.ts";
import { counted, glue } from "../../report/text.ts";
import type { JudgeOptions } from "../options.ts";
import { print, printMarks, warn } from "../output.ts";
import { annotationsOf } from "./annotate.ts";
import { junitSuites } from "./junit-suites.ts";
import { lineOf, notesOn } from "./notes.ts";
import { baselineAfter, type Gate, type Ruling, staleEntries } from "./ruling.ts";
import { repositoryTop, today } from "./surroundings.ts";

/**
 * Reads the baseline, and makes sure that there is a place for what will be written: mistakes in
 * the call are told ahead of the work.
 */
export function openGate(options: JudgeOptions, heedsExpected: boolean): Gate {
  const { writeBaseline, junit, requireComplete } = options;
  if (writeBaseline !== undefined) mustBeWritable("--write-baseline", writeBaseline);
  if (junit !== undefined) mustBeWritable("--junit", junit);
  // Reasons that people wrote outlive the next writing.
  const isThere = writeBaseline !== undefined && existsSync(writeBaseline);
  const file = options.baseline ?? (isThere ? writeBaseline : undefined);
  return {
    ...(file === undefined
      ? {}
      : { baseline: { file: forwardSlashes(file), entries: loadBaseline(file) } }),
    today: today(),
    writes: writeBaseline !== undefined,
    requireComplete: requireComplete === true,
    heedsExpected,
  };
}

/** Writes the files that were asked for, and says what there is to say beside the findings. */
export function closeGate(
  gate: Gate,
  rulings: readonly Ruling[],
  unfinished: readonly string[],
  options: JudgeOptions,
): void {
  // With --json, standard output is for one line alone; GitHub reads both.
  const say = options.json ? warn : print;
  const notes = notesOn(gate, rulings, options);
  for (const note of notes) say(`${lineOf(note)}\n`);
  const { writeBaseline, junit } = options;
  if (writeBaseline !== undefined) {
    const entries = baselineAfter(gate, rulings);
    saveBaseline(writeBaseline, entries);
    const dropped = staleEntries(gate, rulings).length;
    const without =
      dropped === 0
        ? ""
        : `, without ${dropped} of old that ${dropped === 1 ? "is" : "are"} not found any more`;
    const count = `${counted(entries.length, "accepted finding")}${without}`.replaceAll(glue, " ");
    say(
      `${forwardSlashes(writeBaseline)}: written, ${count}.${entries.length === 0 ? "" : " Say in each why it is accepted."}\n`,
    );
  }
  if (junit !== undefined) {
    const suites = junitSuites(rulings, { files: unfinished, fails: gate.heedsExpected });
    writeWhole(junit, printJunit(suites));
  }
  if (options.annotations === "github") {
    const places = { exists: existsSync, folder: process.cwd(), top: repositoryTop() };
    const marks = annotationsOf(rulings, notes, places);
    printMarks(marks.map(githubCommand).join(""), options.json === true);
  }
}
