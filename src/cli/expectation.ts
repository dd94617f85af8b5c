/** What was found, against what is known. */
import type { CheckReport, Expectation } from "../campaign/report.ts";
import { outcomes } from "../corpus/schema.ts";
import { type Finding, mechanismsOf, type Outcome } from "../judge/finding.ts";

/** A difference between what was found and what is known. */
export interface Fault {
  readonly outcome: Outcome;
  /** The finding that was not expected; absent where one is missing. */
  readonly finding?: Finding;
  readonly text: string;
}

/**
 * How findings differ from what is known; none when the known verdict holds. An outcome that is
 * named has to be found, with each mechanism of its list, and a hang or crash with no other; one
 * that is not named must not be found. Without `expected` a driver has to be clean.
 */
export function faultsOf(
  report: Pick<CheckReport, "findings">,
  expected: Expectation = {},
): Fault[] {
  const findings = report.findings.map(({ finding }) => finding);
  return outcomes.flatMap((outcome) => {
    const found = findings.filter((finding) => finding.outcome === outcome);
    const news = found
      .filter((one) => !isExpected(one, expected))
      .map((finding) => ({
        outcome,
        finding,
        text: `not expected: ${outcome} (${marksOf(finding).join(", ")})`,
      }));
    const known = expected[outcome];
    if (known === undefined) return news;
    if (found.length === 0) return [{ outcome, text: `expected and not found: ${outcome}` }];
    const marks = new Set(found.flatMap(outcome === "rule" ? marksOf : mechanismsOf));
    const missing = known
      .filter((mark) => !marks.has(mark))
      .map((mark) => ({ outcome, text: `expected and not found: ${outcome} (${mark})` }));
    return [...missing, ...news];
  });
}

/** Of several findings with one mark, one line. */
export function linesOf(faults: readonly Fault[]): string[] {
  return [...new Set(faults.map(({ text }) => text))];
}

function isExpected(finding: Finding, expected: Expectation): boolean {
  const known = expected[finding.outcome];
  if (known === undefined) return false;
  // A list of latencies or rules may be open; an unknown way to hang or crash is news.
  const closed = known.length > 0 && finding.outcome !== "latency" && finding.outcome !== "rule";
  return !closed || marksOf(finding).every((mark) => known.includes(mark));
}

/** What an expectation names a finding by. */
function marksOf(finding: Finding): readonly string[] {
  return finding.outcome === "rule" ? finding.rules : [finding.mechanism];
}
