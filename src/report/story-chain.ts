/** The chain of waits, drawn to its end: who waits for whom, and why that never ends. */
import type { Finding, Link } from "../judge/finding.ts";
import { endOf, isNobody, nameOf, runsOn, stepOf } from "./story-names.ts";
import { lostSignal } from "./story-signal.ts";
import { glue, listed, type Page, type Style, wrap } from "./text.ts";

/** The chain as an arrow list. Every link is there, and how the last one ends. */
export function chainLines(page: Page, finding: Finding): string[] {
  const { bold, dim, red, yellow } = page.paint;
  const put = (text: string, first: string, rest: string, style?: Style): string[] =>
    wrap(text, page.width, { first, rest }).map((line) => {
      const said = line.slice(first.length);
      return line.slice(0, first.length) + (style?.(said) ?? said);
    });
  const links = finding.chain.flatMap((link, i) => [
    ...put(link.who, "  ", "  ", bold),
    ...put(doing(finding, link, i), "  │ ", "  │   "),
    ...(runsOn(link) ? [] : put(waitingFor(link), "  │ ", "  │   ")),
    `  ${dim("▼")}`,
  ]);
  return [...links, ...put(ending(finding), "  ", "  ", finding.possible ? yellow : red)];
}

/** Windows' own operations are phrases ("creates a process"); calls look like calls. */
const isCall = ({ operation }: Link): boolean => /^[A-Za-z]\w*\(/.test(operation);

function doing({ steps, outcome }: Finding, link: Link, i: number): string {
  const step = stepOf(link, steps);
  const verb = outcome === "livelock" && i === 0 ? "keeps coming back to" : "waits at";
  const does = isCall(link) ? `${verb} ${link.operation}` : link.operation;
  const place = [
    ...(link.at === undefined ? [] : [link.at]),
    ...(step < 0 ? [] : [`since step${glue}${step + 1}`]),
  ];
  return place.length === 0 ? does : `${does} (${place.join(", ")})`;
}

function waitingFor(link: Link): string {
  const why = link.because === "" || isNobody(link) ? "" : `: ${link.because}`;
  return `${isCall(link) ? "for" : "waits for"} ${link.what}${why}`;
}

/** What the last one would need somebody to do, by the kind of thing that it waits for. */
export function nobodyWould({ what }: Link): string {
  if (/^event \S+$/.test(what)) return "nobody is left who would set it";
  if (/^event /.test(what)) return "nobody is left who would set any of them";
  if (/\b(?:lock|mutex|resource|section)/i.test(what)) return "nobody is left who would release it";
  if (/^the reply\b/.test(what)) return "nobody is left who would send it";
  if (/^(?:KQUEUE|LIST_ENTRY|IO_CSQ|FLT_PORT) /.test(what)) {
    return "nobody is left who would put anything into it";
  }
  return "nobody is left who would end this wait";
}

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
    const one = behind.length === 1;
    const tail = one ? ` ${behind[0]} stands behind it.` : ` ${listed(behind)} stand behind it.`;
    const told =
      names.length === 1
        ? `which closes the circle: ${names[0]} waits for what only ${names[0]} itself could do.`
        : `which closes the circle: ${[...names, names[0]].join(" → ")}. Each waits for the next, so none of them can go on.`;
    return behind.length === 0 ? told : `${told}${tail}`;
  }
  if (runsOn(last)) {
    return "and that one is not blocked: it runs, without ever coming to what is waited for.";
  }
  if (!end.nobody) return "and there the chain ends.";
  const lost = lostSignal(finding, last);
  if (lost === undefined) return `and ${nobodyWould(last)}.`;
  const late =
    lost.wait < 0
      ? ""
      : `, and ${nameOf(last.who)} asks for it only from step${glue}${lost.wait + 1} on`;
  return `and ${nobodyWould(last)} again: it was set at step${glue}${lost.set + 1} and cleared at step${glue}${lost.cleared + 1}${late}.`;
}
