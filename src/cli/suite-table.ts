/** The table at the end of a suite. No times: it is the same on every machine. */
import type { CheckReport, Subject } from "../campaign/report.ts";
import { outcomes } from "../corpus/schema.ts";
import { counted, finish, grouped, listed, pageOf, type TextOptions } from "../report/text.ts";
import { type Column, type Row, table } from "../report/text-table.ts";

interface CheckedFile {
  readonly file: string;
  readonly subject: Subject;
  readonly report: CheckReport;
  /** How it differs from what is known, one line each. */
  readonly faults: readonly string[];
}

const headings: readonly Column[] = [
  { title: "driver", min: 16 },
  { title: "verdict" },
  { title: "found", min: 12 },
  { title: "as known" },
  { title: "complete in", align: "right" },
  { title: "states", align: "right" },
  { title: "operations", align: "right" },
];

/** The table, then what is not as known. */
export function tellSuite(
  checked: readonly CheckedFile[],
  unfinished: readonly string[],
  options: TextOptions,
): string {
  const page = pageOf(options);
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
        { text: completeIn(report) },
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
  return finish([...table(page, headings, rows), ...lines, "", ...left, bold(end)]);
}

/** In how many worlds every state was visited: "7 of 36", or "36 worlds". */
export function completeIn({ worlds }: CheckReport): string {
  const complete = worlds.filter(({ claim }) => claim === "complete").length;
  return complete === worlds.length
    ? counted(worlds.length, "world")
    : `${grouped(complete)} of ${counted(worlds.length, "world")}`;
}

/** "deadlock ×2, latency and rule" */
function found({ findings }: CheckReport): string {
  const parts = outcomes.flatMap((outcome) => {
    const count = findings.filter(({ finding }) => finding.outcome === outcome).length;
    return count === 0 ? [] : [count === 1 ? outcome : `${outcome} ×${count}`];
  });
  return listed(parts);
}
