/** `loophole suite DIR…`: judges every driver file of a folder, and holds it to what is known. */
import { statSync } from "node:fs";
import { InputError } from "../../base/input-error.ts";
import { findFiles } from "../../corpus/files.ts";
import { jsonReport } from "../../report/json.ts";
import { tellFinding } from "../../report/story.ts";
import { counted, finish, pageOf } from "../../report/text.ts";
import { exitCodes } from "../exit.ts";
import { differences } from "../expectation.ts";
import { type Judged, judgeFiles } from "../judge/judge-files.ts";
import { reportOf } from "../judged-json.ts";
import type { JudgeOptions } from "../options.ts";
import { print, printJsonLine, style } from "../output.ts";
import { tellSuite } from "../suite-table.ts";

export async function suiteCommand(
  folders: readonly string[],
  options: JudgeOptions,
): Promise<number> {
  const files = [...new Set(folders.flatMap(driverFilesOf))];
  const { judged, unfinished } = await judgeFiles(files, options, options.json ? () => "" : tell);
  const checked = judged.map((one) => ({
    ...one,
    // What was stopped half-way may have found the rest.
    faults: unfinished.includes(one.file) ? [] : differences(one.report, one.expected),
  }));
  if (options.json) {
    // The report has no place for what is known.
    for (const { file, faults } of checked) {
      for (const fault of faults) process.stderr.write(`${file}: ${fault}\n`);
    }
    printJsonLine(jsonReport(judged.map(reportOf), unfinished.length === 0));
  } else {
    print(tellSuite(checked, unfinished, style()));
  }
  const holds = unfinished.length === 0 && checked.every(({ faults }) => faults.length === 0);
  return holds ? exitCodes.clean : exitCodes.findings;
}

function driverFilesOf(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isFile()) {
    throw new InputError(folder, "is a file: `loophole check` judges files, `suite` folders");
  }
  const files = findFiles(folder, (name) => /\.driver\.(?:ts|js|mjs|json)$/.test(name));
  if (files.length === 0) {
    throw new InputError(folder, "holds no driver file: those are named *.driver.ts in a suite");
  }
  return files;
}

/** A heading, then the stories. */
function tell({ file, subject, report }: Judged): string {
  const { paint, width } = pageOf(style());
  const names = subject.drivers.map(({ name }) => name).join(" + ");
  const head = ` ${names} (${file}) `;
  const line = paint.bold(`──${head}${"─".repeat(Math.max(0, width - head.length - 2))}`);
  const stories = report.findings.map(({ finding }) => `\n${tellFinding(finding, style())}`);
  const none =
    report.findings.length > 0
      ? ""
      : `\n${report.verdict === "clean" ? "Clean" : "Nothing found"} in ${counted(report.worlds.length, "world")}.\n`;
  return `${finish([`${line}${none}${stories.join("")}`])}\n`;
}
