/** `loophole suite DIR…`: judges every driver file of a folder, and holds it to what is known. */
import { statSync } from "node:fs";
import { InputError } from "../../base/input-error.ts";
import type { CheckReport } from "../../campaign/report.ts";
import { findFiles } from "../../corpus/files.ts";
import { outcomes } from "../../corpus/schema.ts";
import { jsonReport } from "../../report/json.ts";
import { tellFinding } from "../../report/story.ts";
import { counted, finish, grouped, listed, pageOf } from "../../report/text.ts";
import { type Column, type Row, table } from "../../report/text-table.ts";
import { exitCodes } from "../exit.ts";
import { differences } from "../expectation.ts";
import { type Judged, judgeFiles } from "../judge/judge-files.ts";
import { reportOf } from "../judged-json.ts";
import type { JudgeOptions } from "../options.ts";
import { print, printJsonLine, style } from "../output.ts";

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
  if (options.json) printJsonLine(jsonReport(judged.map(reportOf)));
  else print(tellSuite(checked, unfinished));
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
  return finish([`${line}${none}${stories.join("")}`]);
}

type Checked = Judged & { readonly faults: readonly string[] };

const headings: readonly Column[] = [
  { title: "driver", min: 16 },
  { title: "verdict" },
  { title: "found", min: 12 },
  { title: "as known" },
  { title: "worlds", align: "right" },
  { title: "states", align: "right" },
  { title: "operations", align: "right" },
];

/** The table, then what is not as known. */
export function tellSuite(checked: readonly Checked[], unfinished: readonly string[]): string {
  const page = pageOf(style());
  const { bold, green, red, yellow } = page.paint;
  const rows = checked.map(({ file, subject, report, faults }): Row => {
    const partial = unfinished.includes(file);
    const known = partial ? "stopped" : faults.length === 0 ? "yes" : "NO";
    return {
      cells: [
        { text: subject.drivers.map(({ name }) => name).join(" + ") },
        { text: report.verdict, style: report.verdict === "clean" ? green : undefined },
        { text: found(report) },
        { text: known, style: known === "yes" ? green : red },
        { text: grouped(report.worlds.length) },
        { text: grouped(report.worlds.reduce((sum, { states }) => sum + states, 0)) },
        { text: grouped(report.spent) },
      ],
    };
  });
  const wrong = checked.filter(({ faults }) => faults.length > 0);
  const lines = wrong.flatMap(({ file, faults }) => [
    "",
    red(`${file}: not as known`),
    ...faults.map((fault) => `  ${fault}`),
  ]);
  const left =
    unfinished.length > 0 ? [yellow(`${counted(unfinished.length, "file")} left unjudged`)] : [];
  const whole = left.length === 0 && wrong.length === 0;
  const end = whole
    ? green(`${counted(checked.length, "driver file")}: every known verdict holds.`)
    : red(
        `${counted(checked.length, "driver file")} judged: ${counted(wrong.length, "verdict")} not as known.`,
      );
  return finish(["", ...table(page, headings, rows), ...lines, "", ...left, bold(end)]);
}

/** "2 deadlocks, 1 latency, 1 rule" */
function found({ findings }: CheckReport): string {
  const parts = outcomes.flatMap((outcome) => {
    const count = findings.filter(({ finding }) => finding.outcome === outcome).length;
    return count === 0 ? [] : [count === 1 ? outcome : `${outcome} ×${count}`];
  });
  return listed(parts);
}
