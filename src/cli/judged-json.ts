/** What `--json` says of a judged file. */
import type { Reported } from "../report/json.ts";
import type { Judged } from "./judge/judge-files.ts";

export function reportOf({ report, saved }: Judged): Reported {
  const { verdict, results, complete, unreached } = report;
  const findings = report.findings.map(({ finding }, i) => ({ finding, file: saved[i] }));
  return { verdict, findings, results, complete, unreached };
}
