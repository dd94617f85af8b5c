/** `loophole check FILE…`: judges drivers, tells what was found. */
import { jsonReport } from "../../report/json.ts";
import { tellFinding } from "../../report/story.ts";
import { tellSummary } from "../../report/summary.ts";
import { exitCodes } from "../exit.ts";
import { type Judged, judgeFiles } from "../judge/judge-files.ts";
import { reportOf } from "../judged-json.ts";
import type { JudgeOptions } from "../options.ts";
import { printJsonLine, style } from "../output.ts";

interface CheckCommandOptions extends JudgeOptions {
  readonly together?: boolean;
}

export async function checkCommand(
  files: readonly string[],
  options: CheckCommandOptions,
): Promise<number> {
  const { judged, unfinished } = await judgeFiles(files, options, options.json ? () => "" : tell);
  if (options.json) printJsonLine(jsonReport(judged.map(reportOf), unfinished.length === 0));
  return judged.some(({ report }) => report.findings.length > 0)
    ? exitCodes.findings
    : exitCodes.clean;
}

/** The stories, then what the verdict is worth. */
function tell({ subject, report, saved }: Judged): string {
  const stories = report.findings.map(({ finding }, i) => {
    const file = saved[i];
    const footer = file === undefined ? "" : `\nSaved as ${file}\n`;
    return `${tellFinding(finding, style())}${footer}\n`;
  });
  const names = subject.drivers.map((driver) => driver.name).join(" + ");
  return `${stories.join("\n")}${tellSummary(report, { ...style(), subject: names })}\n`;
}
