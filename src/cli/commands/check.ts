/** `loophole check FILE…`: judges drivers, tells what was found. */
import { tellAccepted } from "../../report/accepted.ts";
import { jsonReport } from "../../report/json.ts";
import { tellFinding } from "../../report/story.ts";
import { tellSummary } from "../../report/summary.ts";
import { exitCodes } from "../exit.ts";
import { closeGate, openGate } from "../gate/gate.ts";
import { acceptedOf, fails, namesOf, type Ruling, ruleOn } from "../gate/ruling.ts";
import { judgeFiles } from "../judge/judge-files.ts";
import { reportOf } from "../judged-json.ts";
import type { JudgeOptions } from "../options.ts";
import { printJsonLine, style } from "../output.ts";
import { judgedShard, shareOf } from "../shard/judged-shard.ts";

interface CheckCommandOptions extends JudgeOptions {
  readonly together?: boolean;
}

export async function checkCommand(
  files: readonly string[],
  options: CheckCommandOptions,
): Promise<number> {
  const { all, files: ours } = shareOf(files, options);
  const gate = openGate(options, false);
  const { judged, unfinished } = await judgeFiles(ours, options, (one) =>
    options.json ? "" : tell(ruleOn(one, gate)),
  );
  const rulings = judged.map((one) => ruleOn(one, gate, unfinished.includes(one.file)));
  const { shard } = options;
  if (options.json && shard !== undefined) {
    printJsonLine(judgedShard("check", all, rulings, unfinished, { ...options, shard }));
  } else if (options.json) {
    printJsonLine(jsonReport(rulings.map(reportOf), unfinished.length === 0));
  }
  closeGate(gate, rulings, unfinished, options);
  const isCut = gate.requireComplete && unfinished.length > 0;
  return isCut || rulings.some(fails) ? exitCodes.findings : exitCodes.clean;
}

/** The stories, then what the verdict is worth. */
function tell(ruling: Ruling): string {
  const { judged, findings } = ruling;
  const accepted = acceptedOf(ruling);
  const stories = findings.flatMap(({ finding, saved, standing }) => {
    if (standing.kind === "accepted" && !standing.isNew) return [];
    const footer = saved === undefined ? "" : `\nSaved as ${saved}\n`;
    return [`${tellFinding(finding, style())}${footer}\n`];
  });
  const summary = tellSummary(judged.report, { ...style(), subject: namesOf(judged) });
  return `${stories.join("\n")}${summary}${tellAccepted(accepted, style())}\n`;
}
