/**
 * A finding as a story for the driver's author, who reads it for the first time: how bad, why, what
 * happens step by step, who waits for whom to the end, and what the verdict rests on.
 */
import { unreachable } from "../base/invariant.ts";
import type { Finding } from "../judge/finding.ts";
import { causeOf } from "./story-cause.ts";
import { chainLines } from "./story-chain.ts";
import { circumstanceLines, ruleLines } from "./story-circumstances.ts";
import { helpLines } from "./story-help.ts";
import { callbackOf } from "./story-names.ts";
import { pathLines } from "./story-path.ts";
import { inPlainWords } from "./story-plain.ts";
import { stepLines } from "./story-steps.ts";
import { type Lasting, lastingOf } from "./story-words.ts";
import {
  finish,
  harmless,
  heading,
  listed,
  type Page,
  pageOf,
  paragraph,
  roughly,
  type TextOptions,
  wrap,
} from "./text.ts";

export function tellFinding(found: Finding, options: TextOptions): string {
  const page = pageOf(options);
  const finding = inPlainWords(found);
  return finish([
    ...headLines(page, finding),
    ...stepLines(page, finding),
    ...waitLines(page, finding),
    ...pathLines(page, finding),
    ...ruleLines(page, finding),
    ...helpLines(page, finding),
    ...circumstanceLines(page, finding),
  ]);
}

/** One line: what, where, how bad. Also for lists of findings. */
export function headline(finding: Finding): string {
  const { outcome, possible } = finding;
  const kind = possible ? `possible ${outcome}` : outcome;
  return harmless(`${kind.toUpperCase()}: ${whereOf(finding)} ${harmOf(finding)}`);
}

function headLines(page: Page, finding: Finding): string[] {
  const { bold, red, yellow } = page.paint;
  const loud = finding.possible || finding.outcome === "rule" ? yellow : red;
  return [
    ...wrap(headline(finding), page.width).map((line) => bold(loud(line))),
    "",
    ...paragraph(page, causeOf(finding).join(" ")),
    ...(finding.possible ? ["", ...paragraph(page, doubtOf(finding)).map(yellow)] : []),
  ];
}

/** What is only possible: how sure it is that no timing shows it. */
const doubtOf = ({ timedSearch }: Finding): string =>
  timedSearch === "complete"
    ? "Possible only: the order of steps below is one that the model allows, but no timing of ours shows it: every run with times was searched."
    : "Possible only: the order of steps below is one that the model allows. Whether a timing of ours shows it is open: none was found, and the runs with times were not searched to their end.";

function whereOf(finding: Finding): string {
  const { family, driver, request } = finding;
  if (request !== undefined) return `request ${request} of ${driver}`;
  const callback = callbackOf(finding);
  if (callback === undefined) return driver === "" ? "the driver" : `driver ${driver}`;
  return `${family} callback ${callback} of ${driver}`;
}

function harmOf(finding: Finding): string {
  const { outcome, possible, rules } = finding;
  const can = possible ? "might" : "can";
  switch (outcome) {
    case "deadlock":
      return `${can} hang ${finding.request === undefined ? "the machine" : "who makes it"}, ${howLongFor(finding)}`;
    case "livelock":
      return `${can} keep the machine busy without getting anywhere, ${howLongFor(finding)}`;
    case "latency":
      return `${can} ${heldUp(finding)}${untilWords(finding) ?? howLong(finding)}${allowed(finding)}`;
    case "crash":
      return `${can} crash the machine`;
    case "rule":
      return rules.length === 0 ? "breaks a rule" : `breaks ${listed(rules)}`;
    default:
      return unreachable(outcome, "outcome");
  }
}

const lastingText: Readonly<Record<Lasting, string>> = {
  "for good": "for good",
  "until a later event": "until a later event ends it",
  "elsewhere for good": "until a later event ends it, and for good in another world",
  "not known": "unless a later event ends it",
};

const howLongFor = (finding: Finding): string => lastingText[lastingOf(finding)];

/** How long that is is nobody's but his who comes. */
const untilWords = ({ until }: Finding): string | undefined =>
  until === undefined
    ? undefined
    : until.unloads
      ? " until somebody unloads the driver"
      : " until somebody else comes";

/** What is rounded to just what may be taken says that it is more. */
function howLong({ latencyUs, budget }: Finding): string {
  if (latencyUs === undefined) return "";
  const isJustOver = budget !== undefined && roughly(latencyUs) === roughly(budget.us);
  return ` for ${isJustOver ? "a little over " : ""}${roughly(latencyUs)}`;
}

const heldUp = ({ budget }: Finding): string =>
  budget?.of === "request" ? "keep a service's request waiting" : "hold up the machine";

const allowedTo = {
  callback: "a callback",
  event: "all callbacks of an event together",
  operation: "a whole operation of a user's",
  request: "one",
} as const;

function allowed({ budget }: Finding): string {
  return budget === undefined
    ? ""
    : `, where ${allowedTo[budget.of]} may take ${roughly(budget.us)}`;
}

function waitLines(page: Page, finding: Finding): string[] {
  if (finding.chain.length === 0) return [];
  return [...heading(page, "Who does the blocking, in effect"), ...chainLines(page, finding)];
}
