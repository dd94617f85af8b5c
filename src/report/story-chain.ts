/** The chain of waits, drawn to its end: who waits for whom, and why that never ends. */

import type { Gone } from "../judge/departed.ts";
import type { Finding, Link } from "../judge/finding.ts";
import {
  endOf,
  firstStepOf,
  hangsByItself,
  hangsWords,
  hasEnded,
  nameOf,
  runsOn,
  stepOf,
} from "./story-names.ts";
import { pastWords } from "./story-signal.ts";
import {
  becauseWords,
  endingVerb,
  isCall,
  lastingOf,
  laterWords,
  objectWords,
  operationWords,
  standingWords,
  waitWords,
  whoWords,
} from "./story-words.ts";
import { everyWords, glue, listed, type Page, type Style, sentence, wrap } from "./text.ts";

/** The chain as an arrow list. Every link is there, and how the last one ends. */
export function chainLines(page: Page, finding: Finding): string[] {
  const { bold, dim, red, yellow } = page.paint;
  const put = (text: string, first: string, rest: string, style?: Style): string[] =>
    wrap(text, page.width, { first, rest }).map((line) => {
      const said = line.slice(first.length);
      return line.slice(0, first.length) + (style?.(said) ?? said);
    });
  const links = finding.chain.flatMap((link, i) => [
    ...put(whoWords(link.who), "  ", "  ", bold),
    ...put(doing(finding, link, i), "  │ ", "  │   "),
    ...(runsOn(link) || hasEnded(link) || hangsByItself(link)
      ? []
      : put(waitingFor(link, finding.chain[i + 1]), "  │ ", "  │   ")),
    `  ${dim("▼")}`,
  ]);
  const later = laterWords(finding.chain);
  const others = finding.behind ?? [];
  const also = `${listed(others)} also ${others.length === 1 ? "waits" : "wait"} for one of these.`;
  return [
    ...links,
    ...put(ending(finding), "  ", "  ", finding.possible ? yellow : red),
    ...(later === undefined ? [] : put(sentence(later), "  ", "  ")),
    ...(others.length === 0 ? [] : put(also, "  ", "  ")),
    ...(keeping(finding) === "" ? [] : put(keeping(finding), "  ", "  ")),
    ...stopping(finding).flatMap((line) => put(line, "  ", "  ")),
  ];
}

/** Who else will stop, for want of what is kept meanwhile. */
function keeping({ keeps = [] }: Finding): string {
  if (keeps.length === 0) return "";
  const kept = [...new Set(keeps.map(({ who }) => who))].map((who) => {
    const locks = keeps.filter((one) => one.who === who);
    const words = locks.map(
      ({ what, since }) =>
        `${objectWords(what)}${since === undefined ? "" : ` (since step${glue}${since + 1})`}`,
    );
    return `${who} keeps ${listed(words)}`;
  });
  const what = keeps.length === 1 ? "it" : "one of these";
  const others = keeps.every(({ shared }) => shared) ? " exclusively" : exceptShared(keeps);
  return `Meanwhile ${listed(kept)}: whoever asks for ${what}${others} stops there, too.`;
}

/** Who only wants to share what is shared goes on. */
function exceptShared(keeps: NonNullable<Finding["keeps"]>): string {
  const shared = keeps.filter((one) => one.shared);
  const names = [...new Set(shared.map(({ what }) => objectWords(what)))];
  return names.length === 0 ? "" : `, of ${listed(names)} exclusively,`;
}

/** Whoever comes to these routines next. */
const stopping = ({ stops = [] }: Finding): string[] =>
  stops.map(({ routine, role, at, what, polls }) => {
    const place = at === undefined ? "" : ` (${at})`;
    const who = role === "callback" ? "each event" : "each request";
    return polls === true
      ? `${routine} asks for ${objectWords(what)}${place} until it gets it: ${who} that comes to that goes round for ever.`
      : `${routine} asks for ${objectWords(what)}${place}: ${who} that comes to that stands behind this.`;
  });

const comingBack = ({ polls }: Link): string =>
  `keeps coming back${polls?.everyUs === undefined ? "" : ` ${everyWords(polls.everyUs)}`} to`;

function verbOf(link: Link): string {
  if (link.polls !== undefined) return `${againWords(link)} at`;
  if (hangsByItself(link)) return hangsWords(link);
  return runsOn(link) ? "is at" : "waits at";
}

function doing({ steps, outcome }: Finding, link: Link, i: number): string {
  const { at, polls, wait } = link;
  const operation = operationWords(link);
  const step = polls === undefined ? stepOf(link, steps) : firstStepOf(link, steps);
  const verb = outcome === "livelock" && i === 0 ? comingBack(link) : verbOf(link);
  const does =
    isCall(link) || wait.kind === "irp"
      ? `${verb} ${operation}`
      : polls === undefined
        ? runsOn(link)
          ? standingWords(link)
          : operation
        : `${againWords(link)}, ${operation}`;
  const place = [
    ...(at === undefined ? [] : [at]),
    ...(step < 0 ? [] : [`since step${glue}${step + 1}`]),
  ];
  return place.length === 0 ? does : `${does} (${place.join(", ")})`;
}

/** "looks again every second" */
export const againWords = ({ polls }: Link): string =>
  `looks again ${polls?.everyUs === undefined ? "and again" : everyWords(polls.everyUs)}`;

/** Who could end the wait, and why not, as far as that is known. */
export function becauseOf(link: Link, next?: Link): string {
  const because = becauseWords(link, next);
  const { since, stands } = link.enders[link.follows ?? 0] ?? {};
  const begun = since === undefined ? because : `${because}, since step${glue}${since + 1}`;
  if (stands === "leftBehind") return `${begun}, and the code that took it has returned`;
  return stands === "pastRelease" ? `${begun}, and is past every release of it` : begun;
}

function waitingFor(link: Link, next: Link | undefined): string {
  const because = becauseOf(link, next);
  const why = because === "" ? "" : `: ${because}`;
  const isAt = isCall(link) || link.wait.kind === "irp";
  return `${isAt ? "for" : "waits for"} ${waitWords(link.wait)}${why}`;
}

/** The same of a signal that was lost: another may be due, from somebody who is still to come. */
const nobodyAgain = (finding: Finding, last: Link): string =>
  endOf(finding).kind === "open" && last.enders.length === 0
    ? `${nobodyWould(last)} again`
    : `the signal that it waits for is past`;

/** What the last one would need somebody to do, by the kind of thing that it waits for. */
export const nobodyWould = ({ wait, gone }: Link): string =>
  wait.kind === "completion" || wait.kind === "dialog"
    ? "nothing lets that APC in"
    : `nobody is ${isStillToCome(gone) ? "there" : "left"} who would ${endingVerb(wait)}`;

/** Whether somebody would do it whom an event or a program can bring. */
const isStillToCome = (gone: Link["gone"] = []): boolean =>
  gone.some(({ how }) => how === "event" || how === "asked");

function ending(finding: Finding): string {
  const { chain } = finding;
  const last = chain[chain.length - 1];
  const end = endOf(finding);
  if (end.kind === "circle") {
    if (end.at === undefined) {
      return "which closes the circle: it leads back to one of those above, so none of them can go on.";
    }
    const names = chain.slice(end.at).map(({ who }) => nameOf(who));
    const behind = chain.slice(0, end.at).map(({ who }) => nameOf(who));
    const tail = behind.length === 1 ? "stands behind it" : "stand behind it";
    const told =
      names.length === 1
        ? `which closes the circle: ${names[0]} waits for what only ${names[0]} itself could do${pastClause(last)}.`
        : `which closes the circle: ${[...names, names[0]].join(" → ")}. Each waits for the next, so none of them can go on${lastingOf(finding) === "for good" ? "" : " by itself"}.`;
    return behind.length === 0 ? told : `${told} ${listed(behind)} ${tail}.`;
  }
  if (hasEnded(last)) return "and what has ended does not come back.";
  if (runsOn(last) && chain.length === 1 && finding.outcome === "livelock") {
    return lastingOf(finding) === "for good"
      ? "and so it goes round, for ever."
      : "and so it goes round.";
  }
  if (runsOn(last)) {
    return "and that one is not blocked: it runs, without ever coming to what is waited for.";
  }
  const { past } = last;
  if (!end.nobody && past === undefined) {
    return last.enders.some(({ stands }) => stands === "notStarted")
      ? "and who would do that has not started, and does not start before the others go on."
      : "and there the chain ends.";
  }
  return `and ${nobodyNow(finding, last)}.`;
}

/** Who would have ended the wait, each with what became of him. */
function goneWords({ gone = [] }: Link): string[] {
  const kinds = [...new Set(gone.map(({ how, step }) => `${how} ${step}`))];
  return kinds.map((kind) => {
    const alike = gone.filter(({ how, step }) => `${how} ${step}` === kind);
    const [{ how, step }] = alike;
    const at = step === undefined ? "" : ` at step${glue}${step + 1}`;
    return `${listed(alike.map(({ who }) => who))} would${goneText[how](alike.length > 1, at)}`;
  });
}

const goneText: Readonly<Record<Gone["how"], (several: boolean, at: string) => string>> = {
  ended: (several) => ` have, and ${several ? "have" : "has"} ended`,
  notCreated: (several, at) =>
    at === ""
      ? `, and ${several ? "have" : "has"} not been created`
      : `, had its creation not failed${at}`,
  removed: (several, at) => ` have, and ${several ? "were" : "was"} removed${at}`,
  notRegistered: (several) => `, and ${several ? "are" : "is"} not registered`,
  vetoed: (_, at) => ` have, and its creation was vetoed${at}`,
  returned: () => " have, and has returned without",
  unloads: () => ", and runs only when the driver is unloaded",
  event: (several) => `, when an event calls ${several ? "them" : "it"}`,
  asked: (several) => `, and nobody asks for ${several ? "them" : "that"} here`,
};

/** Nobody would end the wait, and why that is not so from the beginning. */
export function nobodyNow(finding: Finding, last: Link): string {
  const { past } = last;
  const gone = goneWords(last);
  if (past === undefined)
    return gone.length === 0 ? nobodyWould(last) : `${nobodyWould(last)}: ${gone.join("; ")}`;
  const isCounted = last.wait.kind === "semaphore" || last.wait.kind === "rundown";
  const isOver = (past.kind === "cleared" || past.kind === "taken") && !isCounted;
  const nobody = isOver ? nobodyAgain(finding, last) : nobodyWould(last);
  return [`${nobody}: ${pastWords(past, last)}`, ...(isCounted ? gone : [])].join("; ");
}

/** The past of what only the one who waits for it would bring about himself. */
export function pastClause(last: Link): string {
  const { past } = last;
  return past === undefined ? "" : `; ${pastWords(past, last, waitWords(last.wait))}`;
}
