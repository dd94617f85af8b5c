/** What `--json` says of a judged file. */
import type { Reported } from "../report/json.ts";
import type { Ruling } from "./gate/ruling.ts";

export function reportOf({ judged, findings }: Ruling): Reported {
  const { verdict, results, complete, unreached, waits } = judged.report;
  return {
    verdict,
    findings: findings.map(({ finding, saved, standing }) => ({
      finding,
      file: saved,
      accepted: standing.kind === "accepted" ? standing.entry.reason : undefined,
    })),
    results,
    complete,
    unreached,
    waits: { contended: waits.contended, of: waits.of },
  };
}
