/** Marks beside the lines of a change: workflow commands that GitHub's runner reads from the log. */
import type { Finding } from "../judge/finding.ts";
import { operationIdsOf } from "../judge/identity.ts";
import { headline } from "./story.ts";
import { causeOf } from "./story-cause.ts";
import { inPlainWords } from "./story-plain.ts";
import { glue } from "./text.ts";

export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  /** From the top of the repository, with forward slashes. */
  readonly file: string;
  readonly line?: number;
  readonly title: string;
  readonly message: string;
}

/** One line, which ends in a newline, whatever the message has in it. */
export function githubCommand({ level, file, line, title, message }: Annotation): string {
  const at = line === undefined ? "" : `,line=${line}`;
  return `::${level} file=${property(file)}${at},title=${property(title)}::${data(message)}\n`;
}

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** What a finding's mark says: the story's head. */
export function annotationText(finding: Finding): { title: string; message: string } {
  const kind = finding.possible ? `possible ${finding.outcome}` : finding.outcome;
  const cause = causeOf(inPlainWords(finding)).join(" ");
  return {
    title: `Loophole: ${kind}`,
    message: `${headline(finding)}\n${cause}`.replaceAll(glue, " "),
  };
}

interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/**
 * Where the first of the operations stands that a finding is about, if the author said so of any:
 * by `.at("acme.c:120")`.
 */
export function placeOf({ identity, steps, chain }: Finding): SourcePlace | undefined {
  for (const opId of operationIdsOf(identity)) {
    const at = [...chain, ...steps].find((one) => one.opId === opId && one.at !== undefined)?.at;
    if (at === undefined) continue;
    const colon = at.lastIndexOf(":");
    return { file: at.slice(0, colon), line: Number(at.slice(colon + 1)) };
  }
  return undefined;
}
