/** `loophole suite DIR…`: judges every driver file of a folder, and holds it to what is known. */
import { existsSync } from "node:fs";
import { InputError } from "../../base/input-error.ts";
import { findFiles, isFolder } from "../../corpus/files.ts";
import { tellAccepted } from "../../report/accepted.ts";
import { jsonReport } from "../../report/json.ts";
import { tellFinding } from "../../report/story.ts";
import { finish, pageOf } from "../../report/text.ts";
import { exitCodes } from "../exit.ts";
import { linesOf } from "../expectation.ts";
import { closeGate, openGate } from "../gate/gate.ts";
import { acceptedOf, fails, namesOf, type Ruling, ruleOn } from "../gate/ruling.ts";
import { judgeFiles } from "../judge/judge-files.ts";
import { reportOf } from "../judged-json.ts";
import type { JudgeOptions } from "../options.ts";
import { print, printJsonLine, style, warn } from "../output.ts";
import { judgedShard, shareOf } from "../shard/judged-shard.ts";
import { completeIn, tellSuite } from "../suite-table.ts";

export async function suiteCommand(
  folders: readonly string[],
  options: JudgeOptions,
): Promise<number> {
  if (folders.length === 0) {
    const reason = "name a folder of driver files, here or as `drivers` in loophole.config.ts";
    throw new InputError("suite", reason);
  }
  const { all, files } = shareOf(folders.flatMap(driverFilesOf), options);
  const gate = openGate(options, true);
  const { judged, unfinished } = await judgeFiles(files, options, (one) =>
    options.json ? "" : tell(ruleOn(one, gate)),
  );
  const rulings = judged.map((one) => ruleOn(one, gate, unfinished.includes(one.file)));
  const checked = rulings.map((ruling) => ({ ...ruling.judged, faults: linesOf(ruling.faults) }));
  if (options.json) {
    // The report has no place for what is known.
    for (const { file, faults } of checked) {
      for (const fault of faults) warn(`${file}: ${fault}\n`);
    }
    const { shard } = options;
    printJsonLine(
      shard === undefined
        ? jsonReport(rulings.map(reportOf), unfinished.length === 0)
        : judgedShard("suite", all, rulings, unfinished, { ...options, shard }),
    );
  } else {
    print(tellSuite(checked, unfinished, style()));
  }
  closeGate(gate, rulings, unfinished, options);
  const holds = unfinished.length === 0 && !rulings.some(fails);
  return holds ? exitCodes.clean : exitCodes.findings;
}

function driverFilesOf(folder: string): string[] {
  if (existsSync(folder) && !isFolder(folder)) {
    throw new InputError(folder, "is a file: `loophole check` judges files, `suite` folders");
  }
  const files = findFiles(folder, (name) => /\.driver\.(?:ts|js|mjs|json)$/.test(name));
  if (files.length === 0) {
    throw new InputError(folder, "holds no driver file: those are named *.driver.ts in a suite");
  }
  return files;
}

/** A heading, then the stories. */
/** What may be said of the worlds that are not complete: of a clean report, that they were sampled. */
const restOf = ({ verdict, complete }: Ruling["judged"]["report"]): string =>
  complete ? "" : verdict === "clean" ? ", sampled in the others" : ", less in the others";

function tell(ruling: Ruling): string {
  const { file, subject, report } = ruling.judged;
  const { paint, width } = pageOf(style());
  const head = ` ${namesOf({ subject })} (${file}) `;
  const line = paint.bold(`──${head}${"─".repeat(Math.max(0, width - head.length - 2))}`);
  const stories = ruling.findings.flatMap(({ finding, standing }) =>
    standing.kind === "accepted" && !standing.isNew ? [] : [`\n${tellFinding(finding, style())}`],
  );
  const none =
    report.findings.length > 0
      ? ""
      : `\n${report.verdict === "clean" ? "Clean" : "Nothing found"}: complete in ${completeIn(report)}${restOf(report)}.\n`;
  const accepted = tellAccepted(acceptedOf(ruling), style());
  return `${finish([`${line}${none}${stories.join("")}${accepted}`])}\n`;
}
