/** What was judged, as JUnit has it: a suite a file, a case a property. */
import type { PropertyResult } from "../../campaign/report.ts";
import { propertyOf } from "../../judge/finding.ts";
import { acceptedWords } from "../../report/accepted.ts";
import type { JunitCase, JunitSuite } from "../../report/junit.ts";
import { headline, tellFinding } from "../../report/story.ts";
import { glue } from "../../report/text.ts";
import { linesOf } from "../expectation.ts";
import { namesOf, type Ruled, type Ruling } from "./ruling.ts";

interface Unjudged {
  readonly files: readonly string[];
  /** What is not judged to its end fails (suite), or does not (check). */
  readonly fails: boolean;
}

export function junitSuites(rulings: readonly Ruling[], unjudged: Unjudged): JunitSuite[] {
  const judged = rulings.map(
    (ruling): JunitSuite => ({
      name: ruling.judged.file,
      cases: ruling.judged.report.results.map((result) => caseOf(ruling, result, unjudged.fails)),
    }),
  );
  const seen = new Set(rulings.map((ruling) => ruling.judged.file));
  const left = unjudged.files.filter((file) => !seen.has(file));
  return [...judged, ...left.map((file) => unjudgedSuite(file, unjudged.fails))];
}

/** A file that a stop left unjudged. */
export const unjudgedSuite = (file: string, fails: boolean): JunitSuite => ({
  name: file,
  cases: [{ name: "judged", classname: file, problem: stopped(fails), output: notJudged }],
});

const notJudged = "The run was stopped before this file was judged to its end.";

const stopped = (fails: boolean): JunitCase["problem"] => ({
  kind: fails ? "error" : "skipped",
  type: "stopped",
  message: notJudged,
  text: "",
});

function caseOf(ruling: Ruling, result: PropertyResult, stopFails: boolean): JunitCase {
  const { judged, isPartial } = ruling;
  const { property } = result;
  const findings = ruling.findings.filter(({ finding }) => finding.property === property);
  const accepted = findings.flatMap(({ finding, standing }) =>
    standing.kind === "accepted" ? [{ finding, entry: standing.entry }] : [],
  );
  return {
    name: property,
    classname: namesOf(judged),
    problem:
      failureOf(ruling, findings, result) ??
      (isPartial ? stopped(stopFails) : undefined) ??
      (accepted.length === 0
        ? undefined
        : {
            kind: "skipped",
            type: "accepted",
            message: accepted.map(acceptedWords).join("; "),
            text: "",
          }),
    output: [
      `${result.claim}: ${result.worlds} worlds, ${result.states} states, ${result.runs} random runs`,
      ...findings
        .filter(({ standing }) => standing.kind === "expected")
        .map(({ finding }) => `As expected: ${headlineOf(finding)}`),
      ...accepted.map((one) => `${headlineOf(one.finding)}. ${acceptedWords(one)}`),
    ].join("\n"),
  };
}

/** What makes a property fail, the worst first. */
function failureOf(
  { faults, incomplete }: Ruling,
  findings: readonly Ruled[],
  { property, claim }: PropertyResult,
): JunitCase["problem"] {
  const open = findings.filter(({ standing: { kind } }) => kind === "new" || kind === "expired");
  const missing = linesOf(
    faults.filter((fault) => fault.finding === undefined && propertyOf[fault.outcome] === property),
  );
  const weak = incomplete.some((one) => one.property === property)
    ? [`${claim}, where --require-complete asks for every state`]
    : [];
  const messages = [...open.map(({ finding }) => headlineOf(finding)), ...missing, ...weak];
  if (messages.length === 0) return undefined;
  const type = open[0]?.finding.outcome ?? (missing.length > 0 ? "expectation" : "incomplete");
  const more = messages.length === 1 ? "" : ` (and ${messages.length - 1} more)`;
  const stories = open.map(({ finding }) => tellFinding(finding, { colours: false }));
  const text = [...stories, ...[...missing, ...weak].map((line) => `${line}\n`)].join("\n");
  return { kind: "failure", type, message: `${messages[0]}${more}`, text };
}

const headlineOf = (finding: Ruled["finding"]): string => headline(finding).replaceAll(glue, " ");
