/** JUnit XML, for the test pages of CI services. No times: the same input gives the same bytes. */
import { visible } from "./printable.ts";

export interface JunitSuite {
  /** The file that was judged. */
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

export interface JunitCase {
  readonly name: string;
  readonly classname: string;
  /** Absent: it passed. */
  readonly problem?: {
    readonly kind: "failure" | "error" | "skipped";
    readonly type: string;
    /** One line. */
    readonly message: string;
    readonly text: string;
  };
  /** What there is to know of it, whether or not it passed. */
  readonly output: string;
}

type Kind = NonNullable<JunitCase["problem"]>["kind"];

export function printJunit(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="loophole" ${counts(all)}>`,
    ...suites.flatMap(suiteLines),
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function counts(cases: readonly JunitCase[]): string {
  const of = (kind: Kind): number => cases.filter(({ problem }) => problem?.kind === kind).length;
  const [failures, errors, skipped] = [of("failure"), of("error"), of("skipped")];
  return `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
}

function suiteLines({ name, cases }: JunitSuite): string[] {
  return [
    `  <testsuite name="${attribute(name)}" ${counts(cases)}>`,
    ...cases.flatMap((one) => caseLines(one, name)),
    "  </testsuite>",
  ];
}

function caseLines({ name, classname, problem, output }: JunitCase, file: string): string[] {
  const start = `    <testcase name="${attribute(name)}" classname="${attribute(classname)}" file="${attribute(file)}">`;
  return [
    start,
    ...(problem === undefined ? [] : [problemElement(problem)]),
    `      <system-out>${content(output)}</system-out>`,
    "    </testcase>",
  ];
}

function problemElement({ kind, type, message, text }: NonNullable<JunitCase["problem"]>): string {
  // The schemas that services go by allow `skipped` a message and nothing else.
  if (kind === "skipped") return `      <skipped message="${attribute(message)}"/>`;
  return `      <${kind} type="${attribute(type)}" message="${attribute(message)}">${content(text)}</${kind}>`;
}

/** All that XML 1.0 has no place for, not even as a reference. */
const noXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // Readers make other line breaks and spaces of these, unless they are references.
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

const refer = (character: string): string => references[character];

const attribute = (text: string): string =>
  visible(text)
    .replace(noXml, "\ufffd")
    .replace(/[&<>"'\t\n\r]/g, refer);

const content = (text: string): string =>
  visible(text)
    .replace(noXml, "\ufffd")
    .replace(/[&<>\r]/g, refer);
