/** What was found, against what is known. */
import type { CheckReport, Expectation } from "../campaign/report.ts";
import { outcomes } from "../corpus/schema.ts";
import type { Finding } from "../judge/finding.ts";

/**
 * How findings differ from what is known, one line each; none when the known verdict holds. An
 * outcome that is named has to be found, with each mechanism of its list, and a hang or crash with
 * no other; one that is not named must not be found. Without `expected` a driver has to be clean.
 */
export function differences(
  report: Pick<CheckReport, "findings">,
  expected: Expectation = {},
): string[] {
  const findings = report.findings.map(({ finding }) => finding);
  return outcomes.flatMap((outcome) => {
    const found = findings.filter((finding) => finding.outcome === outcome);
    const known = expected[outcome];
    if (known === undefined) {
      return found.map((one) => `not expected: ${outcome} (${marksOf(one).join(", ")})`);
    }
    if (found.length === 0) return [`expected and not found: ${outcome}`];
    const marks = new Set(found.flatMap(marksOf));
    const missing = known
      .filter((mark) => !marks.has(mark))
      .map((mark) => `expected and not found: ${outcome} (${mark})`);
    // A list of latencies or rules may be open; an unknown way to hang or crash is news.
    const closed = known.length > 0 && outcome !== "latency" && outcome !== "rule";
    const news = closed ? [...marks].filter((mark) => !known.includes(mark)) : [];
    return [...missing, ...news.map((mark) => `not expected: ${outcome} (${mark})`)];
  });
}

/** What an expectation names a finding by. */
function marksOf(finding: Finding): readonly string[] {
  return finding.outcome === "rule" ? finding.rules : [finding.mechanism];
}
